"""Form-field removal: the boxes that forms print around the writing."""

import numpy as np
from scipy.ndimage import maximum_filter1d

from skmnist._pictures.components import label_components
from skmnist._reading.ruled_lines import remove_ruled_lines
from skmnist._reading.runs import open_with_line

# Share of a box's height: least height of the writing in it.
_LEAST_CONTENT = 0.25
_LEAST_SIDES = 3  # of the four: one may have faded or lie outside the picture
_SIDE = 0.7  # share of the box's height or width: shortest straight stroke of a side


def remove_form_lines(ink):
    """Remove what a form prints: ruled lines, and boxes around the writing.

    Parameters
    ----------
    ink : Ink
        Of a picture.

    Returns
    -------
    ndarray of shape (height, width), bool
        The foreground without them, but with strokes that have merged with lines.
    """
    foreground = remove_ruled_lines(ink.foreground, ink.contrast)
    return _remove_boxes(foreground, ink.contrast)


def _remove_boxes(foreground, contrast):
    """Return the foreground without boxes, but with the writing in them."""
    found = label_components(foreground, contrast)
    boxes = np.flatnonzero(_find_enclosing(found)) if len(found.area) else []
    if not len(boxes):
        return foreground
    foreground = foreground.copy()
    for i in boxes:
        top, bottom, left, right = found.boxes[i]
        own = found.labels[top:bottom, left:right] == i + 1
        foreground[top:bottom, left:right] &= ~_find_sides(own)
    return foreground


def _find_enclosing(found):
    """Return which components enclose another one of some height."""
    starts, stops = found.boxes[:, ::2], found.boxes[:, 1::2]
    enclosing = np.zeros(len(starts), bool)
    for i in np.flatnonzero(found.heights >= np.median(found.heights)):
        inside = (starts > starts[i]).all(axis=1) & (stops < stops[i]).all(axis=1)
        least = _LEAST_CONTENT * found.heights[i]
        enclosing[i] = (found.heights[inside] >= least).any()
    return enclosing


def _find_sides(own):
    """Return the straight strokes along both axes, with their blurred edges.

    Nothing if fewer than three of the four sides have one: then it is a digit of
    several strokes, such as a 4 with one stroke inside its bounding box.
    """
    lengths = [max(int(_SIDE * n), 3) for n in own.shape]
    vertical, horizontal = (
        open_with_line(own, n, axis) for axis, n in enumerate(lengths)
    )
    ends = [_split_ends(horizontal), _split_ends(vertical.T)]
    if sum(end.any() for pair in ends for end in pair) < _LEAST_SIDES:
        return np.zeros_like(own)
    sides = maximum_filter1d(horizontal | vertical, 3, axis=0)
    return own & maximum_filter1d(sides, 3, axis=1)


def _split_ends(mask):
    """Return the uppermost and the lowest quarter of the rows."""
    n_rows = -(-len(mask) // 4)
    return mask[:n_rows], mask[-n_rows:]
