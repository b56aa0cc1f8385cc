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
    if axis == 0:
        return find_straight(mask.T, length, 1, slack).T
    thick = maximum_filter1d(mask.view(np.uint8), 2 * slack + 1, axis=0)
    if not _has_run(thick, length):
        return np.zeros_like(mask)
    runs = minimum_filter1d(thick, length, axis=1, mode="constant")
    return maximum_filter1d(runs, length, axis=1).astype(bool)


def _has_run(mask, length):
    """Tell whether so many pixels in any row follow each other."""
    done = 1
    while done < length and mask.size:
        step = min(done, length - done)
        mask = mask[:, step:] & mask[:, :-step]
        done += step
    return mask.any()


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
