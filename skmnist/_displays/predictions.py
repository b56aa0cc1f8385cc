"""Predicted labels and their confidences, validated."""

import numpy as np
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.multiclass import unique_labels

# Probability: how far rounding may take one out of [0, 1]. Those computed in float32
# may exceed 1 by 1e-7 or so.
_ROUNDING = 1e-6


def predict_with_confidence(estimator, X):
    """Return predicted labels and the probability of each.

    Parameters
    ----------
    estimator : estimator instance
        A fitted classifier.
    X : as `predict` of the estimator accepts it
        The samples.

    Returns
    -------
    y_pred : ndarray of shape (n_samples,)
        The predicted labels.
    confidence : ndarray of shape (n_samples,), float64, or None
        Their probabilities; None if the estimator has no `predict_proba`.
    """
    y_pred = np.asarray(estimator.predict(X))
    if not hasattr(estimator, "predict_proba"):
        return y_pred, None
    y_proba = np.asarray(estimator.predict_proba(X), dtype=np.float64)
    # Not the largest in a row: some estimators predict with a threshold of their own.
    columns = np.searchsorted(estimator.classes_, y_pred)
    return y_pred, y_proba[np.arange(len(columns)), columns]


def check_labels(y, name, n_samples):
    """Return labels as an array.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels of any type.
    name : str
        The name of the parameter, for the error message.
    n_samples : int
        The number of labels that there must be.

    Returns
    -------
    ndarray of shape (n_samples,)
        The labels.

    Raises
    ------
    ValueError
        If `y` has another length.
    """
    y = column_or_1d(y)
    if len(y) != n_samples:
        raise ValueError(
            f"`{name}` must hold a label for each of the {n_samples} samples, got "
            f"{len(y)}."
        )
    # scikit-learn distinguishes numbers and text by dtype; objects may be either.
    return np.asarray(y.tolist()) if y.dtype == object else y


def check_probabilities(values, name):
    """Refuse numbers that are not probabilities.

    Parameters
    ----------
    values : ndarray
        The numbers.
    name : str
        The name of the parameter, for the error message.

    Raises
    ------
    ValueError
        If a number is not in [0, 1].
    """
    low, high = values.min(), values.max()
    if low < -_ROUNDING or high > 1 + _ROUNDING:
        raise ValueError(
            f"`{name}` must hold probabilities, in [0, 1], got numbers from "
            f"{low:g} to {high:g}."
        )


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
        The confidence of each prediction, or a number for each class, whose maximum is
        used.

    Returns
    -------
    y_true : ndarray of shape (n_samples,)
        True labels.
    y_pred : ndarray of shape (n_samples,)
        Predicted labels.
    confidence : ndarray of shape (n_samples,), float64, or None
        The confidence of each prediction.

    Raises
    ------
    ValueError
        If there is no sample, lengths differ, text is mixed with numbers, or a
        confidence is not finite.
    """
    n_samples = len(y_true)
    if n_samples == 0:
        raise ValueError("`y_true` must hold at least one label, got none.")
    y_true = check_labels(y_true, "y_true", n_samples)
    y_pred = check_labels(y_pred, "y_pred", n_samples)
    unique_labels(y_true, y_pred)  # refuses text mixed with numbers
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
