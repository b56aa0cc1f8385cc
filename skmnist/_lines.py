"""Straight runs of ink: what lines are found by."""

import numpy as np
from scipy.ndimage import find_objects, label, maximum_filter1d, minimum_filter1d


def find_straight(mask, length, axis, slack=1):
    """Find where ink keeps on along an axis for so many pixels.

    Parameters
    ----------
    mask : ndarray of shape (height, width), bool
        Where there is ink.
    length : int
        In pixels.
    axis : {0, 1}
        Down or along.
    slack : int, default=1
        Pixels that it may be off to either side, for what is askew.

    Returns
    -------
    ndarray of shape (height, width), bool
        With the pixels to either side.
    """
    thick = maximum_filter1d(mask.view(np.uint8), 2 * slack + 1, axis=1 - axis)
    runs = minimum_filter1d(thick, length, axis=axis, mode="constant")
    if runs.any():
        runs = maximum_filter1d(runs, length, axis=axis)
    return runs.astype(bool)


def find_upright_runs(mask):
    """Find what hangs together along columns only.

    Parameters
    ----------
    mask : ndarray of shape (height, width), bool
        Where there is ink.

    Returns
    -------
    runs : ndarray of shape (height, width), int
        0 on paper, i + 1 on run i.
    top, bottom, column : ndarray of shape (n_runs,), int
        The rows from the top one to below the bottom one, and the column.
    """
    runs, _ = label(mask, [[0, 1, 0]] * 3)
    found = find_objects(runs)
    top = np.array([rows.start for rows, _ in found], int)
    bottom = np.array([rows.stop for rows, _ in found], int)
    column = np.array([columns.start for _, columns in found], int)
    return runs, top, bottom, column
