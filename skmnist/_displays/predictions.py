"""Predictions: the labels, and how sure a classifier is of each."""

import numpy as np
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.multiclass import unique_labels


def predict_with_confidence(estimator, X):
    """Return the predictions, and the probability that the estimator gives to each.

    Parameters
    ----------
    estimator : estimator instance
        A fitted classifier.
    X : as the estimator takes it
        The samples.

    Returns
    -------
    y_pred : ndarray of shape (n_samples,)
        The labels.
    confidence : ndarray of shape (n_samples,), float64, or None
        Their probabilities; None where the estimator has no `predict_proba`.
    """
    y_pred = np.asarray(estimator.predict(X))
    if not hasattr(estimator, "predict_proba"):
        return y_pred, None
    y_proba = np.asarray(estimator.predict_proba(X), dtype=np.float64)
    # Not the largest of a row: some estimators predict by a threshold of their own.
    columns = np.searchsorted(estimator.classes_, y_pred)
    return y_pred, y_proba[np.arange(len(columns)), columns]


def check_labels(y, name, n_samples):
    """Return labels as an array.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels of any kind.
    name : str
        The name of the parameter, for the error.
    n_samples : int
        How many there must be.

    Returns
    -------
    ndarray of shape (n_samples,)
        The labels.

    Raises
    ------
    ValueError
        If there are more or fewer.
    """
    y = column_or_1d(y)
    if len(y) != n_samples:
        raise ValueError(
            f"`{name}` must hold a label for each of the {n_samples} samples, got "
            f"{len(y)}."
        )
    # Columns of objects hold numbers or text, which scikit-learn tells by the dtype.
    return np.asarray(y.tolist()) if y.dtype == object else y


def check_predictions(y_true, y_pred, confidence=None):
    """Return labels and confidences as arrays.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    y_pred : array-like of shape (n_samples,)
        Predicted labels.
    confidence : array-like of shape (n_samples,) or (n_samples, n_classes), \
            default=None
        How sure each prediction is, or a number for each class, of which the largest
        counts.

    Returns
    -------
    y_true : ndarray of shape (n_samples,)
        True labels.
    y_pred : ndarray of shape (n_samples,)
        Predicted labels.
    confidence : ndarray of shape (n_samples,), float64, or None
        How sure each prediction is.

    Raises
    ------
    ValueError
        If there is no sample, lengths differ, text is mixed with numbers or a
        confidence is not finite.
    """
    n_samples = len(y_true)
    if n_samples == 0:
        raise ValueError("`y_true` must hold at least one label, got none.")
    y_true = check_labels(y_true, "y_true", n_samples)
    y_pred = check_labels(y_pred, "y_pred", n_samples)
    unique_labels(y_true, y_pred)  # raises for text mixed with numbers
    if confidence is not None:
        confidence = check_array(
            confidence, dtype=np.float64, ensure_2d=False, input_name="confidence"
        )
        if len(confidence) != n_samples:
            raise ValueError(
                f"`confidence` must hold a number for each of the {n_samples} samples, "
                f"got {len(confidence)}."
            )
        confidence = confidence.max(axis=1) if confidence.ndim == 2 else confidence
    return y_true, y_pred, confidence
