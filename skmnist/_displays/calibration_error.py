"""expected_calibration_error: how far probabilities differ from the accuracy."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.multiclass import unique_labels

from skmnist._displays.predictions import check_labels, check_probabilities


def expected_calibration_error(y_true, y_proba, *, n_bins=15, labels=None):
    """Return how much the confidence of a classifier differs from its accuracy.

    The confidence of a sample is the largest of its probabilities, and that label is
    the prediction. Samples are binned by confidence. In each bin the mean confidence is
    compared with the accuracy. The result is the mean of the absolute differences,
    weighted by the number of samples in the bins.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    y_proba : array-like of shape (n_samples, n_classes) or (n_samples,)
        Probabilities in [0, 1], with a column for each label, as `predict_proba`
        returns them. With shape (n_samples,), those of the second of two labels.
    n_bins : int, default=15
        Number of bins of equal width in [0, 1], at least 1. A confidence on the border
        of two bins belongs to the lower one.
    labels : array-like of shape (n_classes,), default=None
        The label of each column: `classes_` of the classifier. None uses the sorted
        labels of `y_true`, which must then contain all labels.

    Returns
    -------
    float
        In [0, 1]; 0 if in each bin the accuracy equals the mean confidence.

    Raises
    ------
    TypeError
        If `n_bins` is not an int.
    ValueError
        If lengths or labels do not match, or a probability is not in [0, 1].

    See Also
    --------
    RiskCoverageDisplay : Accuracy when the least confident predictions are rejected.
    sklearn.calibration.CalibrationDisplay : Draws such bins, given whether predictions
        are correct (`y_true`) and their probabilities (`y_prob`).

    References
    ----------
    M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining well calibrated
    probabilities using Bayesian binning", AAAI 2015.

    C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural
    networks", ICML 2017.

    Examples
    --------
    >>> from skmnist import expected_calibration_error
    >>> y_proba = [[0.75, 0.25], [0.75, 0.25], [0.75, 0.25], [0.25, 0.75]]
    >>> expected_calibration_error([0, 0, 1, 1], y_proba)
    0.0
    >>> expected_calibration_error([0, 0, 1, 0], y_proba)
    0.25
    """
    if not isinstance(n_bins, Integral) or isinstance(n_bins, bool):
        raise TypeError(f"`n_bins` must be an int, got {n_bins!r}.")
    if n_bins < 1:
        raise ValueError(f"`n_bins` must be at least 1, got {n_bins}.")
    y_proba = _arrange_columns(y_proba)
    y_true = check_labels(y_true, "y_true", len(y_proba))
    labels = _check_classes(labels, y_true, y_proba.shape[1])
    confidence = y_proba.max(axis=1)
    correct = labels[y_proba.argmax(axis=1)] == y_true
    bins = find_bins(confidence, n_bins)
    differences = np.bincount(bins, weights=confidence - correct)
    return float(np.abs(differences).sum() / len(y_true))


def find_bins(confidence, n_bins):
    """Return the bin of each confidence.

    Parameters
    ----------
    confidence : ndarray of shape (n_samples,)
        In [0, 1].
    n_bins : int
        Number of bins of equal width.

    Returns
    -------
    ndarray of shape (n_samples,), int
        From 0 to `n_bins - 1`. A confidence on the border of two bins belongs to the
        lower one.
    """
    borders = np.linspace(0, 1, n_bins + 1)[1:-1]
    return np.digitize(confidence, borders, right=True)


def _arrange_columns(y_proba):
    """Return probabilities with a column for each class, float64."""
    y_proba = check_array(
        y_proba, dtype=np.float64, ensure_2d=False, input_name="y_proba"
    )
    check_probabilities(y_proba, "y_proba")
    if y_proba.ndim == 1:
        y_proba = np.stack([1 - y_proba, y_proba], axis=1)
    return y_proba


def _check_classes(labels, y_true, n_classes):
    """Return the label of each column."""
    given = labels is not None
    labels = check_labels(labels, "labels", len(labels)) if given else np.unique(y_true)
    if len(labels) != n_classes:
        raise ValueError(
            f"`labels` must name the label of each of the {n_classes} columns of "
            f"`y_proba`, got {len(labels)} labels{'' if given else ' in `y_true`'}."
        )
    if len(unique_labels(y_true, labels)) > len(np.unique(labels)):
        raise ValueError(
            "`labels` must contain all labels of `y_true`, got "
            f"{labels.tolist()} without {np.setdiff1d(y_true, labels).tolist()}."
        )
    return labels
