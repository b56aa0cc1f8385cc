"""A grid of small images: the images, and the axes to draw them in."""

from math import isqrt
from numbers import Integral

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array


def as_images(images, name):
    """Return images of any accepted shape as they are drawn.

    Parameters
    ----------
    images : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features), \
            (n_samples, height, width) or (n_samples, height, width, 1)
        Images in any real dtype; rows are those of squares.
    name : str
        The name of the parameter, for errors.

    Returns
    -------
    ndarray of shape (n_samples, height, width)
        The images.

    Raises
    ------
    ValueError
        If they have another shape, or are not finite numbers.
    """
    images = check_array(
        images, accept_sparse=True, allow_nd=True, ensure_2d=False, input_name=name
    )
    images = images.toarray() if issparse(images) else images
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim == 3:
        return images
    if images.ndim != 2:
        raise ValueError(
            f"`{name}` must have the shape (n_samples, n_features), (n_samples, "
            f"height, width) or (n_samples, height, width, 1), got {images.shape}."
        )
    side = isqrt(images.shape[1])
    if side * side != images.shape[1]:
        raise ValueError(
            f"`{name}` must hold images, or rows of as many pixels as a square has, "
            f"got rows of {images.shape[1]}."
        )
    return images.reshape(-1, side, side)


def count_cells(axes, n_rows, n_cols):
    """Return how many images there is room for.

    Parameters
    ----------
    axes : array-like of matplotlib Axes or None
        The user's own axes.
    n_rows, n_cols : int
        The size of the grid that is made where there are none.

    Returns
    -------
    int
        The number of axes, or that of the grid's cells.

    Raises
    ------
    TypeError
        If `n_rows` or `n_cols` is not an int.
    ValueError
        If it is below 1.
    """
    for name, value in (("n_rows", n_rows), ("n_cols", n_cols)):
        if not isinstance(value, Integral) or isinstance(value, bool):
            raise TypeError(f"`{name}` must be an int, got {value!r}.")
        if value < 1:
            raise ValueError(f"`{name}` must be at least 1, got {value}.")
    return n_rows * n_cols if axes is None else np.size(axes)


def prepare_axes(axes, n_images, n_cols, *, cell_size):
    """Return axes without a frame or ticks, new ones where the user has none.

    Parameters
    ----------
    axes : array-like of matplotlib Axes or None
        The user's own axes.
    n_images : int
        How many images are to be drawn; a new grid has no more rows than they take.
    n_cols : int
        How many of them in a row.
    cell_size : tuple of (float, float)
        Width and height of a cell in inches.

    Returns
    -------
    ndarray of shape (n_cells,) of matplotlib Axes
        Row by row.
    """
    if axes is None:
        import matplotlib.pyplot as plt

        n_rows = max(-(-n_images // n_cols), 1)
        width, height = cell_size
        _, axes = plt.subplots(
            n_rows,
            n_cols if n_images else 1,
            figsize=(n_cols * width, n_rows * height),
            layout="constrained",
        )
    axes = np.ravel(axes)
    for ax in axes:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    return axes
