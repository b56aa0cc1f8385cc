"""Straight runs of foreground pixels, which lines are found by."""

import numpy as np
from scipy.ndimage import find_objects, label, maximum_filter1d, minimum_filter1d


def open_with_line(mask, length, axis, tolerance=1):
    """Open a mask with a straight line element along an axis.

    Parameters
    ----------
    mask : ndarray of shape (height, width), bool
        The foreground.
    length : int
        Of the line, in pixels.
    axis : {0, 1}
        0 for vertical lines, 1 for horizontal ones.
    tolerance : int, default=1
        By how many pixels to either side a skewed line may deviate.

    Returns
    -------
    ndarray of shape (height, width), bool
        The lines, thicker by the tolerance on either side.
    """
    if axis == 0:
        return open_with_line(mask.T, length, 1, tolerance).T
    thick = maximum_filter1d(mask.view(np.uint8), 2 * tolerance + 1, axis=0)
    if not _has_run(thick, length):
        return np.zeros_like(mask)
    runs = minimum_filter1d(thick, length, axis=1, mode="constant")
    return maximum_filter1d(runs, length, axis=1).astype(bool)


def _has_run(mask, length):
    """Return whether any row has a run of at least `length` pixels."""
    done = 1
    while done < length and mask.size:
        step = min(done, length - done)
        mask = mask[:, step:] & mask[:, :-step]
        done += step
    return mask.any()


def find_vertical_runs(mask):
    """Label the vertical runs of a mask.

    Parameters
    ----------
    mask : ndarray of shape (height, width), bool
        The foreground.

    Returns
    -------
    runs : ndarray of shape (height, width), int
        0 on paper, i + 1 on run i.
    top, bottom, column : ndarray of shape (n_runs,), int
        The rows of each run, half open, and its column.
    """
    runs, _ = label(mask, [[0, 1, 0]] * 3)
    found = find_objects(runs)
    top = np.array([rows.start for rows, _ in found], int)
    bottom = np.array([rows.stop for rows, _ in found], int)
    column = np.array([columns.start for _, columns in found], int)
    return runs, top, bottom, column
