"""Evaluation: the predictions for test images, and the metrics of a classifier."""

import time
import warnings
from statistics import median
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest

from skmnist._data.images import as_images
from skmnist._displays.calibration_error import expected_calibration_error
from skmnist._displays.image_selection import count_confusions

# Images that are predicted one by one to time a single prediction. Enough for a median.
_SINGLE_IMAGES = 20


class Evaluation(NamedTuple):
    """The predictions of a classifier for test images, and its metrics.

    Attributes
    ----------
    images : ndarray of shape (n_samples, height, width)
        The images.
    y_true, y_pred : ndarray of shape (n_samples,)
        True and predicted labels.
    confidence : ndarray of shape (n_samples,), float64
        Probability of the predicted label.
    negative_log_likelihood : float
        Mean over the images; infinite if there are unknown labels.
    calibration_error : float
        The expected calibration error.
    unknown_labels : list
        Labels of test images that the classifier was not trained on.
    batch_seconds : float
        Time to predict all images in one call.
    single_seconds : float
        Time to predict a single image, the median of several.
    """

    images: np.ndarray
    y_true: np.ndarray
    y_pred: np.ndarray
    confidence: np.ndarray
    negative_log_likelihood: float
    calibration_error: float
    unknown_labels: list
    batch_seconds: float
    single_seconds: float

    @property
    def correct(self):
        """Whether each prediction is correct, ndarray of shape (n_samples,), bool."""
        return self.y_true == self.y_pred

    @property
    def n_wrong(self):
        """Number of wrong predictions."""
        return int((~self.correct).sum())

    @property
    def accuracy(self):
        """Share of correct predictions."""
        return float(self.correct.mean())

    @property
    def accuracy_interval(self):
        """Wilson's 95 % confidence interval of the accuracy, a tuple of two floats."""
        result = binomtest(int(self.correct.sum()), len(self.correct))
        interval = result.proportion_ci(method="wilson")
        return float(interval.low), float(interval.high)

    @property
    def seconds_per_image(self):
        """Time for each image, if all are predicted in one call."""
        return self.batch_seconds / len(self.y_true)

    @property
    def label_counts(self):
        """True labels with the number of their images, as a list of pairs."""
        labels, counts = np.unique(self.y_true, return_counts=True)
        return list(zip(labels.tolist(), counts.tolist(), strict=True))

    @property
    def confusions(self):
        """Pairs of true and predicted label with their count, most frequent first."""
        return count_confusions(self.y_true, self.y_pred)


def evaluate(classifier, X, y, *, classes=None):
    """Predict test images, and measure accuracy, calibration and speed.

    Parameters
    ----------
    classifier : MNISTClassifier
        Fitted.
    X : ndarray of shape (n_samples, n_features)
        Raw pixels, at least one row.
    y : ndarray of shape (n_samples,)
        Their labels.
    classes : ndarray of shape (n_classes,), default=None
        The classifier's labels as they are called in `y`. None for `classes_`.

    Returns
    -------
    Evaluation
        The predictions and metrics.
    """
    classes = classifier.classes_ if classes is None else classes
    with warnings.catch_warnings():
        # About the scale of the pixels; the caller's own predictions warn already.
        warnings.simplefilter("ignore")
        classifier.predict_log_proba(X[:1])  # the first call creates the session
        started = time.perf_counter()
        log_proba = classifier.predict_log_proba(X)
        batch_seconds = time.perf_counter() - started
        single_seconds = _time_single(classifier, X)
    log_proba, labels = _with_unknown_labels(log_proba, classes, y)
    proba = np.exp(log_proba).clip(max=1)
    columns = np.searchsorted(labels, y)
    return Evaluation(
        images=as_images(X, "X"),
        y_true=y,
        y_pred=labels[log_proba.argmax(axis=1)],
        confidence=proba.max(axis=1),
        negative_log_likelihood=float(-log_proba[np.arange(len(y)), columns].mean()),
        calibration_error=expected_calibration_error(y, proba, labels=labels),
        unknown_labels=np.setdiff1d(y, classes).tolist(),
        batch_seconds=batch_seconds,
        single_seconds=single_seconds,
    )


def _time_single(classifier, X):
    """Return the median number of seconds that the prediction of one image takes."""
    seconds = []
    for i in range(min(len(X), _SINGLE_IMAGES)):
        started = time.perf_counter()
        classifier.predict_proba(X[i : i + 1])
        seconds.append(time.perf_counter() - started)
    return median(seconds)


def _with_unknown_labels(log_proba, classes, y):
    """Add labels of `y` that the classifier does not know, with probability 0."""
    labels = np.concatenate([classes, np.setdiff1d(y, classes)])
    n_unknown = len(labels) - len(classes)
    never = np.full((len(log_proba), n_unknown), -np.inf)
    order = np.argsort(labels, kind="stable")
    return np.hstack([log_proba, never])[:, order], labels[order]
