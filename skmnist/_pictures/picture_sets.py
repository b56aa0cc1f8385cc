"""Sets of pictures, split into single pictures."""

import math
import os

import numpy as np
from scipy.sparse import issparse

_MIN_ROW_SIDE = 8  # pixels: least side of the square images in rows


def iterate_pictures(pictures):
    """Split a set of pictures into single ones, which are not checked here.

    Parameters
    ----------
    pictures : list, tuple, Series or ndarray of pictures, ndarray of shape \
            (n_samples, height, width) or (n_samples, height, width, n_channels), or \
            {array-like, sparse matrix, dataframe} of shape (n_samples, side * side)
        Pictures as for `load_picture`, or rows of square images of at least 8 x 8
        pixels.

    Returns
    -------
    list, tuple or ndarray
        One picture each.

    Raises
    ------
    TypeError
        If `pictures` has a type that cannot be a set.
    ValueError
        If it is empty, a single picture, or an array of neither numbers nor paths.
    """
    if not isinstance(pictures, (list, tuple)) or _is_row(pictures[:1]):
        # A table is never a single picture, so it may have as many rows as columns.
        is_table = issparse(pictures) or hasattr(pictures, "columns")
        pictures = _split_array(_join_pictures(pictures), is_table)
    if len(pictures) == 0:
        raise ValueError("`pictures` must hold at least one picture, got none.")
    return pictures


def _is_row(sample):
    """Return whether the only picture in `sample` is a row of numbers."""
    row = sample[0] if sample else None
    if isinstance(row, (list, tuple)):
        return len(row) > 0 and isinstance(row[0], (int, float, np.number))
    return len(getattr(row, "shape", ())) == 1


def _join_pictures(pictures):
    from PIL import Image

    if issparse(pictures):
        return pictures.toarray()
    if isinstance(pictures, (str, os.PathLike)):
        _refuse_single(f"'{os.fsdecode(pictures)}'")
    if isinstance(pictures, Image.Image) or hasattr(pictures, "read"):
        _refuse_single(type(pictures).__name__)
    if not isinstance(pictures, (list, tuple)) and not hasattr(pictures, "__array__"):
        found = type(pictures).__name__
        raise TypeError(f"`pictures` must be a list of pictures, got {found}.")
    try:
        return np.asarray(pictures)
    except ValueError:
        raise ValueError("`pictures` must have rows of the same length.") from None


def _refuse_single(found, hint=""):
    raise ValueError(
        f"`pictures` must be a set of pictures, got one, {found}: wrap it as [picture]"
        f"{hint}."
    )


def _split_array(array, is_table):
    """Return an array whose first axis counts the pictures, or a list of them."""
    if array.dtype.kind in "OUT" and array.shape[:1] == (array.size,):
        return array.ravel().tolist()  # or the only column of a table
    if array.dtype.kind not in "buif":
        raise ValueError(f"`pictures` must hold real numbers, got {array.dtype}.")
    if array.ndim == 2:
        n_samples, n_features = array.shape
        side = math.isqrt(n_features)
        is_square = side**2 == n_features and side >= _MIN_ROW_SIDE
        if is_square and (is_table or n_samples != n_features):
            return array.reshape(n_samples, side, side)
        hint = f", or rows as images of shape (n, {side}, {side})" if is_square else ""
        _refuse_single(f"of shape {array.shape}", hint)
    if array.ndim == 3 and array.shape[2] in range(1, 5):
        _refuse_single(f"of shape {array.shape}")
    if array.ndim != 3 and (array.ndim != 4 or array.shape[3] not in range(1, 5)):
        raise ValueError(
            "`pictures` must have the shape (n_samples, height, width) or (n_samples, "
            f"height, width, 1 to 4 channels), got {array.shape}."
        )
    return array
