"""Frames: the boxes of forms and tables, drawn around what is written."""

import numpy as np
from scipy.ndimage import maximum_filter1d

from skmnist._pictures.components import find_pieces
from skmnist._reading.ruled_lines import erase_rules
from skmnist._reading.runs import find_straight

_HELD = 0.25  # of a frame's height: what it is drawn around is at least as high
_LEAST_SIDES = 3  # of four: one may have faded, or be beyond the picture
_SIDE = 0.7  # of a frame's height and width: straight strokes that long are its sides


def erase_form(ink):
    """Erase what a form prints: ruled lines, and frames around what is written.

    Parameters
    ----------
    ink : Ink
        Of a picture.

    Returns
    -------
    ndarray of shape (height, width), bool
        Where there is other ink, strokes grown together with lines included.
    """
    return _erase_frames(erase_rules(ink.mask, ink.strength), ink.strength)


def _erase_frames(mask, strength):
    """Return the mask without frames, and with what is written in them."""
    pieces = find_pieces(mask, strength)
    frames = np.flatnonzero(_find_holders(pieces)) if len(pieces.area) else []
    if not len(frames):
        return mask
    mask = mask.copy()
    for i in frames:
        top, bottom, left, right = pieces.boxes[i]
        own = pieces.labels[top:bottom, left:right] == i + 1
        mask[top:bottom, left:right] &= ~_find_sides(own)
    return mask


def _find_holders(pieces):
    """Tell the pieces around others."""
    starts, stops = pieces.boxes[:, ::2], pieces.boxes[:, 1::2]
    holders = np.zeros(len(starts), bool)
    for i in np.flatnonzero(pieces.heights >= np.median(pieces.heights)):
        inside = (starts > starts[i]).all(axis=1) & (stops < stops[i]).all(axis=1)
        holders[i] = (pieces.heights[inside] >= _HELD * pieces.heights[i]).any()
    return holders


def _find_sides(own):
    """Return the straight strokes along both axes, and what is at their edges.

    None, where less than three of them are near the four sides: it is a digit of
    several strokes, such as a 4, with one of them inside its box.
    """
    lengths = [max(int(_SIDE * n), 3) for n in own.shape]
    upright, level = (find_straight(own, n, axis) for axis, n in enumerate(lengths))
    ends = [_split_ends(level), _split_ends(upright.T)]
    if sum(end.any() for pair in ends for end in pair) < _LEAST_SIDES:
        return np.zeros_like(own)
    sides = maximum_filter1d(level | upright, 3, axis=0)
    return own & maximum_filter1d(sides, 3, axis=1)


def _split_ends(level):
    """Return the uppermost and the lowest quarter of the rows."""
    n_rows = -(-len(level) // 4)
    return level[:n_rows], level[-n_rows:]
