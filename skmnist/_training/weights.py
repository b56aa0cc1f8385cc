"""Sample weights and class weights: checked, and combined without overflow."""

from numbers import Real

import numpy as np
from sklearn.utils.validation import check_array

# The largest weight in partial_fit: squares of gradients must stay finite in float32.
_LARGEST_WEIGHT = 1e15


def check_sample_weight(sample_weight, n_samples):
    """Return sample weights as an array, or None.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,) or None
        Weights of the samples.
    n_samples : int
        The number of samples.

    Returns
    -------
    ndarray of shape (n_samples,), float64, or None
        The weights. Do not modify them: they may be the user's array.

    Raises
    ------
    ValueError
        If the shape is wrong, a weight is negative, NaN or infinite, or all are 0.
    """
    if sample_weight is None:
        return None
    try:
        with np.printoptions(threshold=10, edgeitems=1):
            weight = check_array(
                sample_weight,
                ensure_2d=False,
                allow_nd=True,
                dtype=np.float64,
                input_name="sample_weight",
            )
    except (TypeError, ValueError) as error:
        if "sample_weight" in str(error):
            raise
        raise ValueError(f"`sample_weight` must hold numbers: {error}") from error
    if weight.shape != (n_samples,):
        raise ValueError(
            f"`sample_weight` must have the shape ({n_samples},), one weight for each "
            f"row of `X`, got {weight.shape}."
        )
    if weight.min() < 0:
        raise ValueError(f"`sample_weight` must not be negative, got {weight.min():g}.")
    if not weight.any():
        raise ValueError(
            "`sample_weight` must hold at least one weight above zero, got only zeros."
        )
    return weight


def as_float(value):
    """Return a number as float.

    Parameters
    ----------
    value : object
        A real number, or anything else.

    Returns
    -------
    float
        Infinite if the number is too large; NaN if it is none.
    """
    try:
        return float(value) if isinstance(value, Real) else np.nan
    except OverflowError:
        return np.inf


def combine_weights(by_class, by_sample, indices, normalise):
    """Return the products of class weights and sample weights.

    Parameters
    ----------
    by_class : ndarray of shape (n_classes,), float64, or None
        The class weights.
    by_sample : ndarray of shape (n_samples,), float64, or None
        The sample weights.
    indices : ndarray of shape (n_samples,), int
        Class indices of the samples.
    normalise : bool
        Scale the products to a mean of 1.

    Returns
    -------
    ndarray of shape (n_samples,), float64, or None
        The products; None if there are no weights at all.

    Raises
    ------
    ValueError
        If a product is too large and not normalised.
    """
    given = [w for w in (by_class, by_sample) if w is not None]
    if not given:
        return None
    if normalise:
        # Powers of 2 change no digit, and neither products nor sums overflow.
        given = [np.ldexp(w, -np.frexp(w.max())[1]) for w in given]
    if by_class is not None:
        given[0] = given[0][indices]
    with np.errstate(over="ignore"):
        weight = given[0] if len(given) == 1 else given[0] * given[1]
    if normalise:
        return weight / weight.mean()
    if weight.max() > _LARGEST_WEIGHT:
        names = "`class_weight`" if by_sample is None else "`sample_weight`"
        raise ValueError(
            f"{names} must be at most {_LARGEST_WEIGHT:g} in partial_fit, which uses "
            f"weights as they are, got {weight.max():g}."
        )
    return weight
