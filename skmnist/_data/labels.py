"""Labels of any container, as an array."""

from contextlib import suppress

import numpy as np


def as_labels(y, name):
    """Return labels as an array of the dtype in which they will be predicted.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or None
        Labels. pandas' nullable integers and booleans become NumPy's, where
        scikit-learn would make floats of them.
    name : str
        The name of the parameter, for error messages.

    Returns
    -------
    array-like of shape (n_samples,) or None
        The labels; what is not known to need a conversion is unchanged.

    Raises
    ------
    ValueError
        If a label is missing, or the labels are one-hot.
    """
    _refuse_one_hot(y, name)
    if getattr(y, "ndim", 1) == 2 and hasattr(y, "iloc") and y.shape[1] == 1:
        return np.reshape(as_labels(y.iloc[:, 0], name), (-1, 1))
    dtype = getattr(y, "dtype", None)
    # Only pandas' nullable and Arrow dtypes name a dtype of NumPy's.
    if hasattr(dtype, "numpy_dtype"):
        if y.isna().any():
            raise ValueError(
                f"`{name}` must hold a label for each row, but {y.isna().sum()} of "
                f"{len(y)} are missing."
            )
        return y.to_numpy(dtype=dtype.numpy_dtype)
    is_foreign = hasattr(y, "__array__") and not hasattr(y, "iloc")
    return np.asarray(y) if is_foreign else y


def _refuse_one_hot(y, name):
    """Refuse a matrix of probabilities, such as one-hot labels."""
    shape = np.shape(y[:1]) if isinstance(y, (list, tuple)) else getattr(y, "shape", ())
    if len(shape) != 2 or shape[1] < 2:
        return
    values = np.asarray(y)
    with suppress(TypeError, ValueError):
        values = values.astype(np.float64)
    if values.dtype != np.float64 or values.min() < 0:
        return
    if np.allclose(values.sum(axis=1), 1):
        array = name if isinstance(y, np.ndarray) else f"np.asarray({name})"
        raise ValueError(
            f"`{name}` must hold one label for each row, got one-hot labels of shape "
            f"{values.shape}: pass `{array}.argmax(axis=1)`."
        )
