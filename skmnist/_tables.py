"""Tables: long straight lines that cross each other, erased though askew."""

import numpy as np
from scipy.ndimage import find_objects, label, maximum_filter1d, minimum_filter1d

from skmnist._ink import EIGHT

# All in heights of what is written.
_LONG = 2  # no stroke is straight for so long, be it of a digit twice as high as most
_THICK = 0.5  # thicker things are shadows and blots, not lines
_LARGE = 3  # a cell, and more than one of a form's boxes
_SLOPE = 1 / 40  # of its length, by which a line may rise or fall besides its thickness
_EDGE = 1  # pixels at the edge of a line that are its own


def erase_tables(mask, height, tallest):
    """Erase the lines of tables: level and upright ones that cross each other.

    Parameters
    ----------
    mask : ndarray of shape (height, width), bool
        Where there is ink.
    height : float
        Of what is written, in pixels.
    tallest : float
        Of one digit, in pixels: strokes that would be joined to more across a line
        are left apart.

    Returns
    -------
    ndarray of shape (height, width), bool
        Where there is other ink, strokes that cross the lines included; `mask` itself
        where there are no tables.
    """
    length = max(int(_LONG * height), 3)
    thin = mask & ~_open(mask, int(_THICK * height) | 1)
    level, upright = (_find_runs(thin, length, axis) for axis in (1, 0))
    tables = _find_crossing(level, upright, _LARGE * height)
    if not tables.any():
        return mask
    level, upright = _widen(level & tables), _widen((upright & tables).T).T
    rest = mask & ~level & ~upright
    across = _find_across(level & mask, rest)
    across |= _find_across((upright & mask).T, rest.T).T
    return rest | _keep_low(across, rest, tallest)


def _open(mask, size):
    """Return where a square of so many pixels fits in."""
    opened = mask.view(np.uint8)
    for extreme in (minimum_filter1d, maximum_filter1d):
        for axis in (0, 1):
            opened = extreme(opened, size, axis=axis, mode="constant")
    return opened.astype(bool)


def _find_runs(mask, length, axis):
    """Return where ink keeps on along an axis for so many pixels."""
    slack = 2 * max(round(_SLOPE * length), 1) + 1
    thick = maximum_filter1d(mask.view(np.uint8), slack, axis=1 - axis)
    runs = minimum_filter1d(thick, length, axis=axis, mode="constant")
    return mask & maximum_filter1d(runs, length, axis=axis).astype(bool)


def _find_crossing(level, upright, least):
    """Return where lines hang together that cross each other, larger than that."""
    labels, n_tables = label(level | upright, EIGHT)
    chosen = np.zeros(n_tables + 1, bool)
    chosen[labels[level & upright]] = True
    for i, part in enumerate(find_objects(labels), 1):
        chosen[i] &= max(span.stop - span.start for span in part) > least
    return chosen[labels]


def _widen(level):
    """Add to level lines what is at their edges."""
    return maximum_filter1d(level, 2 * _EDGE + 1, axis=0)


def _find_across(level, rest):
    """Return where level lines have other ink on both sides."""
    # What hangs together along columns only.
    runs, _ = label(level, [[0, 1, 0]] * 3)
    found = find_objects(runs)
    top = np.array([rows.start for rows, _ in found], int)
    bottom = np.array([rows.stop for rows, _ in found], int)
    column = np.array([columns.start for _, columns in found], int)
    near = np.pad(maximum_filter1d(rest, 3, axis=1), ((1, 1), (0, 0)))
    across = near[top, column] & near[bottom + 1, column]
    return np.concatenate([[False], across])[runs]


def _keep_low(across, rest, tallest):
    """Return what crosses the lines, but where it would join digits of two rows."""
    labels, n_pieces = label(rest | across, EIGHT)
    is_low = np.ones(n_pieces + 1, bool)
    for i, (rows, _) in enumerate(find_objects(labels), 1):
        is_low[i] = rows.stop - rows.start <= tallest
    return across & is_low[labels]
