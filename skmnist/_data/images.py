"""Images of any accepted shape, turned into rows of pixels."""

import math

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import validate_data

# Pixels stay in the dtypes that pictures come in; all else becomes float32, in which
# the network computes. float32 comes first: check_array converts to the first.
PIXEL_DTYPES = [np.float32, np.uint8, np.uint16, np.bool_]


def as_rows(estimator, X, y=None, *, reset, expected_shape=None):
    """Validate `X` (and `y`, where it is given) and return rows of pixels.

    Parameters
    ----------
    estimator : estimator instance
        Whose `n_features_in_` and `feature_names_in_` are set or compared.
    X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features), \
            (n_samples, height, width) or (n_samples, height, width, 1)
        Images, in any real dtype.
    y : array-like of shape (n_samples,), default=None
        Labels, only checked to be as many as the images.
    reset : bool
        True in `fit`: learn the number and the names of the features.
    expected_shape : tuple of (int, int), default=None
        Height and width that images must have; rows need not tell.

    Returns
    -------
    ndarray of shape (n_samples, n_features), or the pair of it and `y`
        The dtype is that of `X` for bool, uint8, uint16 and float32, else float32;
        nothing is copied that need not be.

    Raises
    ------
    ValueError
        For a single image, several colour channels, strings, NaN or infinity, complex
        numbers, or another shape, number or order of features than in `fit`.
    """
    shape = image_shape(X)
    if expected_shape is not None and shape not in (None, expected_shape):
        raise ValueError(
            f"`X` must hold images of shape {expected_shape} as in fit, got {shape}."
        )
    X = _flatten_images(X)
    if y is None and not reset and _are_plain_rows(estimator, X):
        return X
    _refuse_single_image(estimator, X, y, reset)
    options = {"accept_sparse": ["csr", "csc"], "dtype": PIXEL_DTYPES, "reset": reset}
    # What overflows float32 becomes infinite, for which validate_data has an error.
    with np.errstate(over="ignore"):
        if y is None and not reset:
            X = validate_data(estimator, X, **options)
        else:
            X, y = validate_data(estimator, X, y, **options)
    X = X.toarray() if issparse(X) else X
    return X if y is None else (X, y)


def image_shape(X):
    """Return the height and the width of a set of images.

    Parameters
    ----------
    X : as `X` of `as_rows`
        Images.

    Returns
    -------
    tuple of (int, int) or None
        None for rows.
    """
    shape = np.shape(X) if _is_list_of_images(X) else getattr(X, "shape", ())
    return tuple(shape[1:3]) if len(shape) > 2 else None


def square_shape(n_features, what):
    """Return the height and the width of square images that came as rows.

    Parameters
    ----------
    n_features : int
        Pixels in a row.
    what : str
        What needs them, for the error.

    Returns
    -------
    tuple of (int, int)
        Equal.

    Raises
    ------
    ValueError
        If the number is no square.
    """
    side = math.isqrt(n_features)
    if side * side != n_features:
        raise ValueError(
            f"{what} must get images, of shape (n_samples, height, width), or rows "
            f"whose number of pixels is a square, got rows of {n_features} features."
        )
    return side, side


def _is_list_of_images(X):
    return isinstance(X, (list, tuple)) and len(X) > 0 and np.ndim(X[0]) >= 2


def _are_plain_rows(estimator, X):
    """Tell rows in which validate_data would find nothing to check or to convert.

    For a single image it takes four times as long as the network.
    """
    return (
        type(X) is np.ndarray
        and X.dtype in (np.uint8, np.uint16, np.bool_)
        and X.ndim == 2
        and len(X) > 0
        and X.shape[1] == estimator.n_features_in_
        and not hasattr(estimator, "feature_names_in_")
    )


def _flatten_images(X):
    """Reshape (n, h, w) and (n, h, w, 1) to rows; leave everything else alone."""
    if _is_list_of_images(X):
        X = np.asarray(X)
    _refuse_strings(X)
    if not isinstance(X, np.ndarray) or X.ndim < 3:
        return X
    if X.ndim > 4 or (X.ndim == 4 and X.shape[3] != 1):
        raise ValueError(
            "`X` must have the shape (n_samples, n_features), (n_samples, height, "
            f"width) or (n_samples, height, width, 1), got {X.shape}."
        )
    return X.reshape(len(X), X.shape[1] * X.shape[2])


def _refuse_strings(X):
    """Refuse text also where it could be read as numbers: it is no picture."""
    if hasattr(X, "iloc") or hasattr(X, "head"):
        sample = np.asarray(X.head(1))  # a column holds text or it does not
    elif isinstance(X, (list, tuple)):
        sample = np.asarray(X[:1], dtype=object)
    else:
        sample = X
    if not isinstance(sample, np.ndarray) or sample.dtype.kind not in "USO":
        return
    text = next((v for v in sample.flat if isinstance(v, (str, bytes))), None)
    if text is not None:
        raise ValueError(
            f"`X` must hold numbers, one for each pixel, got strings, such as {text!r}."
        )


def _refuse_single_image(estimator, X, y, reset):
    """Say how to wrap one image, where `X` is one image and not a set of them."""
    shape = np.shape(X) if isinstance(X, np.ndarray) else getattr(X, "shape", ())
    if len(shape) != 2 or shape[0] != shape[1] or shape[0] < 2:
        return
    if reset:
        single = y is not None and np.size(y) == 1
    else:
        single = estimator.n_features_in_ == shape[0] * shape[1]
    if single:
        raise ValueError(
            f"`X` must be a set of images, got one image of shape {shape}: wrap it as "
            "X[None], which has the shape (1, height, width)."
        )
