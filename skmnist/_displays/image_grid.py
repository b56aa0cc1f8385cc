"""The axes of a grid of small images."""

from numbers import Integral

import numpy as np


def count_cells(axes, n_rows, n_cols):
    """Return how many images fit into a grid.

    Parameters
    ----------
    axes : array-like of matplotlib Axes or None
        The user's axes.
    n_rows, n_cols : int
        The size of the grid if `axes` is None.

    Returns
    -------
    int
        The number of axes, or the number of cells of the grid.

    Raises
    ------
    TypeError
        If `n_rows` or `n_cols` is not an int.
    ValueError
        If `n_rows` or `n_cols` is less than 1.
    """
    for name, value in (("n_rows", n_rows), ("n_cols", n_cols)):
        if not isinstance(value, Integral) or isinstance(value, bool):
            raise TypeError(f"`{name}` must be an int, got {value!r}.")
        if value < 1:
            raise ValueError(f"`{name}` must be at least 1, got {value}.")
    return n_rows * n_cols if axes is None else np.size(axes)


def prepare_axes(axes, n_images, n_cols, *, cell_size):
    """Return axes without frames and ticks: the user's axes, or new ones.

    Parameters
    ----------
    axes : array-like of matplotlib Axes or None
        The user's axes. None makes a new figure.
    n_images : int
        The number of images to draw. A new grid has no empty rows.
    n_cols : int
        The number of columns of a new grid.
    cell_size : tuple of (float, float)
        Width and height of a cell of a new grid, in inches.

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
