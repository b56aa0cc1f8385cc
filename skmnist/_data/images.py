"""Images of any accepted shape, as rows of pixels or as a stack of images."""

import math
import os

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from skmnist._data.labels import as_labels

# Dtypes that pixels keep: those of pictures, and float32, in which the network
# computes. All others become float32, which comes first because check_array converts to
# the first.
PIXEL_DTYPES = [np.float32, np.uint8, np.uint16, np.bool_]

_SHAPES = (
    "(n_samples, n_features), (n_samples, height, width), (n_samples, height, width, "
    "1) or (n_samples, 1, height, width)"
)
_NORMALIZER_HINT = (
    "DigitNormalizer().transform(pictures) makes such rows of pictures, and "
    "NumberReader().read(picture) reads several digits."
)


def as_rows(estimator, X, y=None, *, reset, expected_shape=None):
    """Validate `X` (and `y` if given) and return rows of pixels.

    Parameters
    ----------
    estimator : estimator instance
        Its `n_features_in_` and `feature_names_in_` are set or compared.
    X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features), \
            (n_samples, height, width[, 1]) or (n_samples, 1, height, width)
        Images, in any real dtype. Whatever has the method `__array__` is an array:
        tensors of any library, HDF5 datasets, Dask arrays.
    y : array-like of shape (n_samples,), default=None
        Labels.
    reset : bool
        True in `fit`: set the number and the names of the features.
    expected_shape : tuple of (int, int), default=None
        Height and width that images must have; not checked if `X` has rows.

    Returns
    -------
    ndarray of shape (n_samples, n_features), or a tuple of it and `y`
        The dtype of `X` if it is bool, uint8, uint16 or float32, otherwise float32.
        Copied only if necessary.

    Raises
    ------
    ValueError
        If `X` is a single image or a picture file, has several colour channels,
        contains strings, NaN, infinity or complex numbers, or differs from `fit` in the
        shape, number or order of its features; or `y` is one-hot or has missing labels.
    """
    if y is None and not reset and _are_plain_rows(estimator, X):
        return X
    X, y = _as_array(X), as_labels(y, "y")
    _refuse_single_image(estimator, X, y, reset)
    shape = image_shape(X)
    if expected_shape is not None and shape not in (None, expected_shape):
        raise ValueError(
            f"`X` must hold images of shape {expected_shape} as in fit, got {shape}."
        )
    X = _flatten_images(X)
    options = {"accept_sparse": ["csr", "csc"], "dtype": PIXEL_DTYPES, "reset": reset}
    # Numbers that overflow float32 become infinite, and validate_data refuses those.
    # Those that underflow become 0, also where the user has NumPy raise for that. Error
    # messages may hold the array, which need not be printed in full.
    with (
        np.errstate(over="ignore", under="ignore"),
        np.printoptions(threshold=10, edgeitems=1),
    ):
        if y is None and not reset:
            X = validate_data(estimator, X, **options)
        else:
            X, y = validate_data(estimator, X, y, **options)
    X = X.toarray() if issparse(X) else X
    return X if y is None else (X, y)


def as_images(images, name):
    """Validate images of any accepted shape and return them as a stack of images.

    Parameters
    ----------
    images : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features), \
            (n_samples, height, width[, 1]) or (n_samples, 1, height, width)
        Images in any real dtype; rows must come from square images.
    name : str
        The name of the parameter, for error messages.

    Returns
    -------
    ndarray of shape (n_samples, height, width)
        The images, in their dtype.

    Raises
    ------
    ValueError
        If `images` has another shape, or NaN, infinity or complex numbers.
    """
    with np.printoptions(threshold=10, edgeitems=1):  # as in `as_rows`
        images = check_array(
            images, accept_sparse=True, allow_nd=True, ensure_2d=False, input_name=name
        )
    images = images.toarray() if issparse(images) else images
    if images.ndim == 2:
        shape = square_shape(images.shape[1], f"`{name}`", "must hold")
        return images.reshape(-1, *shape)
    _check_image_axes(images.shape, name)
    return images.reshape(len(images), *_height_and_width(images.shape))


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
    shape = _shape(X)
    return _height_and_width(shape) if len(shape) > 2 else None


def square_shape(n_features, subject, verb="must get"):
    """Return the height and the width of square images that are given as rows.

    Parameters
    ----------
    n_features : int
        Pixels in a row.
    subject : str
        What needs the images, for the error message.
    verb : str, default="must get"
        What `subject` must do with them, for the error message.

    Returns
    -------
    tuple of (int, int)
        Twice the same side.

    Raises
    ------
    ValueError
        If `n_features` is not a square number.
    """
    side = math.isqrt(n_features)
    if side * side != n_features:
        raise ValueError(
            f"{subject} {verb} images, of shape (n_samples, height, width), or rows "
            f"whose number of pixels is a square, got rows of {n_features} features."
        )
    return side, side


def _shape(X):
    """Return the shape of a set of images, or () if only a conversion would show it."""
    if isinstance(X, (list, tuple)):
        is_set = len(X) > 0 and np.ndim(X[0]) > 0
        return (len(X), *np.shape(X[0])) if is_set else ()
    if not hasattr(X, "shape") and hasattr(X, "__array__"):
        return np.shape(np.asarray(X))
    return tuple(getattr(X, "shape", ()))


def _height_and_width(shape):
    """Return the two axes of images; the axis of the channel comes last or second."""
    channel_is_second = len(shape) == 4 and shape[1] == 1 != shape[3]
    return tuple(shape[2:4] if channel_is_second else shape[1:3])


def _is_list_of_images(X):
    return isinstance(X, (list, tuple)) and len(X) > 0 and np.ndim(X[0]) >= 2


def _as_array(X):
    """Convert arrays of other libraries to NumPy's; return anything else unchanged."""
    if isinstance(X, np.ndarray):
        if X.ndim == 1 and X.dtype.kind in "SUO":
            _refuse_pictures(X)
        return X
    _refuse_pictures(X)
    # Tables have the method, too, but validate_data reads their names and dtypes.
    is_table = any(hasattr(X, name) for name in ("columns", "iloc", "__dataframe__"))
    if is_table or issparse(X) or not hasattr(X, "__array__"):
        return X
    return np.asarray(X)


def _refuse_pictures(X):
    """Refuse pictures and their paths, which DigitNormalizer accepts."""
    is_set = isinstance(X, (list, tuple, np.ndarray)) and len(X) > 0
    first = X[0] if is_set else X
    # Pillow's classes, which this wing does not import. A list of them may hold images
    # of digits, as torchvision's data sets do.
    if type(X).__module__.split(".")[0] == "PIL":
        got = f"an object of PIL.{type(X).__name__}"
    elif isinstance(first, (str, bytes, os.PathLike)):
        got = f"strings, such as {first!r:.60}" if is_set else f"{first!r:.60}"
    elif hasattr(first, "read"):
        got = "files" if is_set else "a file"
    else:
        return
    raise ValueError(
        f"`X` must hold numbers, one for each pixel, got {got}: {_NORMALIZER_HINT}"
    )


def _are_plain_rows(estimator, X):
    """Return whether validate_data would find nothing to check or to convert.

    Validating a single image takes four times as long as predicting it.
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
    """Reshape images with or without a channel axis to rows; leave anything else."""
    if _is_list_of_images(X):
        X = _stack(X)
    _refuse_strings(X)
    if not isinstance(X, np.ndarray) or X.ndim < 3:
        return X
    _check_image_axes(X.shape, "X")
    return X.reshape(len(X), math.prod(X.shape[1:]))


def _stack(images):
    """Return a list of images as one array."""
    shapes = sorted({np.shape(image) for image in images})
    if len(shapes) > 1:
        raise ValueError(
            f"`X` must hold images of one shape, got {shapes[0]} and {shapes[1]}: "
            f"{_NORMALIZER_HINT}"
        )
    return np.stack([np.asarray(image) for image in images])


def _check_image_axes(shape, name):
    """Refuse shapes other than those of images with at most one channel."""
    if len(shape) != 3 and (len(shape) != 4 or 1 not in (shape[1], shape[3])):
        raise ValueError(f"`{name}` must have the shape {_SHAPES}, got {shape}.")


def _refuse_strings(X):
    """Refuse strings, also those that could be converted to numbers."""
    if hasattr(X, "iloc") or hasattr(X, "head"):
        sample = np.asarray(X.head(1))  # all values of a column have the same type
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
    """Refuse one image in place of a set of images, and say how to wrap it."""
    shape = _shape(X)
    is_square = len(shape) == 2 or (len(shape) == 3 and shape[2] == 1)
    if not is_square or shape[0] != shape[1] or shape[0] < 2:
        return
    if reset:
        single = y is not None and np.size(y) == 1
    else:
        single = estimator.n_features_in_ == shape[0] * shape[1]
    if single:
        raise ValueError(
            f"`X` must be a set of images, got one image of shape {shape}: wrap it as "
            f"X[None], which has the shape {(1, *shape)}."
        )
