"""Grids: the lines of tables and squared paper, erased though they are askew."""

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from skmnist._pictures.components import find_pieces
from skmnist._reading.runs import find_straight, find_upright_runs

# All in heights of what is written.
_LONG = 2  # a digit twice as high as most has no straight stroke that is longer
_THICK = 0.5  # thicker things are shadows and blots, not lines
_LEAST = 3  # high and wide: no digit is, and nothing that stands on a line
_SLOPE = 1 / 40  # of its length, by which a line may rise or fall besides its thickness
_NEARBY = 3  # times as short: over that, lines rise and fall by a pixel or less


def erase_grids(mask, height, tallest):
    """Erase level and upright lines that cross each other.

    Parameters
    ----------
    mask : ndarray of shape (height, width), bool
        Where there is ink.
    height : float
        Of what is written, in pixels.
    tallest : float
        Of one digit, in pixels: strokes that would be joined to something taller
        across a line are left apart.

    Returns
    -------
    ndarray of shape (height, width), bool
        Where there is other ink, strokes that cross the lines included; `mask` itself
        where there are no such lines.
    """
    level, upright = (_find_straight(mask, _LONG * height, axis) for axis in (1, 0))
    if not (level & upright).any():
        return mask
    # What is near a line that is askew is the line's only if it goes straight on.
    near = [_find_straight(mask, _LONG / _NEARBY * height, axis) for axis in (1, 0)]
    thin = mask & ~_find_thick(mask, int(_THICK * height) | 1)
    level, upright = level & near[0] & thin, upright & near[1] & thin
    grids = _find_grids(level, upright, _LEAST * height)
    if not grids.any():
        return mask
    # With the pixels at their edges, which are blurred.
    level = maximum_filter1d(level & grids, 3, axis=0) & mask
    upright = maximum_filter1d(upright & grids, 3, axis=1) & mask
    rest = mask & ~level & ~upright
    across = _find_strokes(level & ~upright, rest)
    across |= _find_strokes((upright & ~level).T, rest.T).T
    return rest | _drop_tall(across, rest, tallest)


def _find_straight(mask, length, axis):
    """Return where ink keeps on along an axis, or very nearly so."""
    length = max(int(length), 3)
    return find_straight(mask, length, axis, max(round(_SLOPE * length), 1))


def _find_thick(mask, size):
    """Return where a square of so many pixels fits in."""
    opened = mask.view(np.uint8)
    for extreme in (minimum_filter1d, maximum_filter1d):
        for axis in (0, 1):
            opened = extreme(opened, size, axis=axis, mode="constant")
    return opened.astype(bool)


def _find_grids(level, upright, least):
    """Return where lines cross that together are higher and wider than the least."""
    found = find_pieces(level | upright, level)
    crossing = np.bincount(found.labels[level & upright], minlength=len(found.area) + 1)
    is_large = np.minimum(found.heights, found.widths) > least
    return found.select((crossing[1:] > 0) & is_large)


def _find_strokes(level, rest):
    """Return where level lines have other ink on both sides."""
    runs, top, bottom, column = find_upright_runs(level)
    near = np.pad(maximum_filter1d(rest, 3, axis=1), ((1, 1), (0, 0)))
    across = near[top, column] & near[bottom + 1, column]
    return np.concatenate([[False], across])[runs]


def _drop_tall(across, rest, tallest):
    """Drop the strokes across lines that would join what is taller than a digit."""
    found = find_pieces(rest | across, rest)
    return across & found.select(found.heights <= tallest)
