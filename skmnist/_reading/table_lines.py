"""Table-line removal: lines of tables and squared paper, even if they are skewed."""

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from skmnist._pictures.components import label_components
from skmnist._reading.runs import find_vertical_runs, open_with_line

# Lengths are in text heights.
# Shortest line: even a digit twice as high as most has no longer straight stroke.
_LEAST_LENGTH = 2
_THICK = 0.5  # thickest line; shadows and blots are thicker
_LEAST_SIZE = 3  # height and width of the lowest table; digits on a line are smaller
_SLOPE = 1 / 40  # share of its length by which a line may rise or fall
# Ratio of the shortest line to the stretch around each part of a line that must be
# straight: over that stretch, lines rise or fall by at most a pixel.
_STRETCHES = 3


def remove_table_lines(foreground, height, tallest):
    """Remove horizontal and vertical lines that cross each other.

    Parameters
    ----------
    foreground : ndarray of shape (height, width), bool
        Where the ink is.
    height : float
        Text height, in pixels.
    tallest : float
        Height of the tallest digit, in pixels. Strokes on both sides of a line are not
        joined to something taller.

    Returns
    -------
    ndarray of shape (height, width), bool
        The foreground without the lines, but with strokes that cross them; `foreground`
        itself if there are no such lines.
    """
    horizontal, vertical = (
        _find_lines(foreground, _LEAST_LENGTH * height, axis) for axis in (1, 0)
    )
    if not (horizontal & vertical).any():
        return foreground
    # Near a skewed line, only what continues straight is part of the line.
    length = _LEAST_LENGTH / _STRETCHES * height
    near = [_find_lines(foreground, length, axis) for axis in (1, 0)]
    thin = foreground & ~_open_with_square(foreground, int(_THICK * height) | 1)
    horizontal, vertical = horizontal & near[0] & thin, vertical & near[1] & thin
    tables = _find_tables(horizontal, vertical, _LEAST_SIZE * height)
    if not tables.any():
        return foreground
    # With the pixels at their edges, which are blurred.
    horizontal = maximum_filter1d(horizontal & tables, 3, axis=0) & foreground
    vertical = maximum_filter1d(vertical & tables, 3, axis=1) & foreground
    rest = foreground & ~horizontal & ~vertical
    crossing = _find_crossing_strokes(horizontal & ~vertical, rest)
    crossing |= _find_crossing_strokes((vertical & ~horizontal).T, rest.T).T
    return rest | _drop_tall(crossing, rest, tallest)


def _find_lines(foreground, length, axis):
    """Return where the foreground has lines along an axis, or slightly skewed ones."""
    length = max(int(length), 3)
    return open_with_line(foreground, length, axis, max(round(_SLOPE * length), 1))


def _open_with_square(foreground, size):
    """Return where a square of `size` pixels fits in."""
    opened = foreground.view(np.uint8)
    for extremum in (minimum_filter1d, maximum_filter1d):
        for axis in (0, 1):
            opened = extremum(opened, size, axis=axis, mode="constant")
    return opened.astype(bool)


def _find_tables(horizontal, vertical, least):
    """Return the crossing lines that together are higher and wider than `least`."""
    found = label_components(horizontal | vertical, horizontal)
    crossings = found.labels[horizontal & vertical]
    n_crossings = np.bincount(crossings, minlength=len(found.area) + 1)[1:]
    is_large = np.minimum(found.heights, found.widths) > least
    return found.select((n_crossings > 0) & is_large)


def _find_crossing_strokes(horizontal, rest):
    """Return where horizontal lines have other ink on both sides."""
    runs, top, bottom, column = find_vertical_runs(horizontal)
    near = np.pad(maximum_filter1d(rest, 3, axis=1), ((1, 1), (0, 0)))
    crossing = near[top, column] & near[bottom + 1, column]
    return np.concatenate([[False], crossing])[runs]


def _drop_tall(crossing, rest, tallest):
    """Drop strokes across lines that would join something taller than a digit."""
    found = label_components(rest | crossing, rest)
    return crossing & found.select(found.heights <= tallest)
