"""expected_calibration_error: how far probabilities are from the accuracy."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.multiclass import unique_labels

from skmnist._displays.predictions import check_labels

# Probabilities computed in float32 may exceed 1 by this much.
_ROUNDING = 1e-6


def expected_calibration_error(y_true, y_proba, *, n_bins=15, labels=None):
    """Return by how much the confidence of a classifier differs from its accuracy.

    Samples are put into bins by the probability of the label that is predicted, the
    most probable one. In each bin the mean of these probabilities is compared with the
    share of right predictions; the result is the mean of the absolute differences,
    weighted by the number of samples in the bin.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    y_proba : array-like of shape (n_samples, n_classes) or (n_samples,)
        Probabilities in [0, 1], a column for each label, as `predict_proba` returns
        them. Of shape (n_samples,) they are those of the second of two labels.
    n_bins : int, default=15
        Number of bins, all of the same width in [0, 1], at least 1. A probability on
        the border of two is in the lower one.
    labels : array-like of shape (n_classes,), default=None
        The label of each column, `classes_` of the classifier. None for the sorted
        labels of `y_true`, which then must have all of them.

    Returns
    -------
    float
        In [0, 1]; 0 for a classifier that is right exactly as often as it says.

    Raises
    ------
    TypeError
        If `n_bins` is not an int.
    ValueError
        If lengths or labels do not fit together, or a probability is not in [0, 1].

    See Also
    --------
    RiskCoverageDisplay : Accuracy when the least confident predictions are rejected.
    sklearn.calibration.CalibrationDisplay : Draws such bins, for whether predictions
        are right (`y_true`) and their probabilities (`y_prob`).

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
    y_proba = _check_probabilities(y_proba)
    y_true = check_labels(y_true, "y_true", len(y_proba))
    labels = _check_classes(labels, y_true, y_proba.shape[1])
    confidence = y_proba.max(axis=1)
    right = labels[y_proba.argmax(axis=1)] == y_true
    borders = np.linspace(0, 1, n_bins + 1)[1:-1]
    bins = np.digitize(confidence, borders, right=True)
    differences = np.bincount(bins, weights=confidence - right)
    return float(np.abs(differences).sum() / len(y_true))


def _check_probabilities(y_proba):
    """Return probabilities, float64 of shape (n_samples, n_classes)."""
    y_proba = check_array(
        y_proba, dtype=np.float64, ensure_2d=False, input_name="y_proba"
    )
    low, high = y_proba.min(), y_proba.max()
    if low < -_ROUNDING or high > 1 + _ROUNDING:
        raise ValueError(
            "`y_proba` must hold probabilities, in [0, 1], got numbers from "
            f"{low:g} to {high:g}."
        )
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
            "`labels` must have all labels of `y_true`, got "
            f"{labels.tolist()} without {np.setdiff1d(y_true, labels).tolist()}."
        )
    return labels
