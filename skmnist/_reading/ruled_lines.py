"""Ruled-line removal: straight or skewed lines under the writing."""

import numpy as np
from scipy.ndimage import find_objects, label, maximum_filter1d, minimum_filter1d

from skmnist._pictures.components import EIGHT_CONNECTED, label_components
from skmnist._reading.runs import find_vertical_runs, open_with_line

# Sizes of the writing: shortest horizontal and vertical line; strokes are shorter. The
# stem of a 4 or a 9 may be twice as long as what remains without it.
_LEAST_HORIZONTAL, _LEAST_VERTICAL = 1.5, 3
_FLAT = 0.12  # height over length of a line: it may be skewed by seven degrees
_SHORTEST = 7  # pixels: shortest run of a line, within which it may rise by one
# Number of components of about the usual size: a single digit falls into fewer.
_SEVERAL = 4
_NEAR = 3  # pixels: distance at which something touches a line
_WIDE_BAR = 1.5  # line thicknesses: widest side of a box
_BESIDE = 0.3  # share of a side's height: where it may touch what is beside it
_SLOPES = np.arange(1, 11) / 100  # slopes tried
# Pixels: long side of the reduced picture, enough to estimate the slope. In a picture
# half as large, a skewed line is hardly longer than wide.
_COARSE_SIDE = 256


def remove_ruled_lines(foreground, contrast):
    """Remove ruled lines, but keep the strokes that cross them.

    Parameters
    ----------
    foreground : ndarray of shape (height, width), bool
        Where the ink is.
    contrast : ndarray of shape (height, width)
        How strong it is.

    Returns
    -------
    ndarray of shape (height, width), bool
        `foreground` itself if it has no such lines.
    """
    horizontal = _find_lines(foreground)
    vertical = [line.T for line in _find_straight_lines(foreground.T)]
    if not (horizontal[0].any() or vertical[0].any()):
        return foreground
    rest = label_components(foreground & ~horizontal[1] & ~vertical[1], contrast)
    if not len(rest.area):
        return foreground
    # If little is left without a bar, the bar belongs to the digit. But several digits
    # side by side have no horizontal bar as long as all of them.
    size, heaviest = _find_size(rest), rest.mass.max()
    several = np.count_nonzero(rest.sizes >= size / 2) >= _SEVERAL
    most = rest.mass.sum() if several else heaviest
    columns = _select_lines(vertical, contrast, heaviest, _LEAST_VERTICAL * size)
    # The stem of a 4 is no ruled line; its length limits the length of the bar.
    rest = foreground & ~horizontal[1] & ~(vertical[1] & columns)
    size = _find_size(label_components(rest, contrast))
    rows = _select_lines(horizontal, contrast, most, _LEAST_HORIZONTAL * size)
    lines = rows | columns
    if not lines.any():
        return foreground
    bare = horizontal[1] & rows | vertical[1] & columns
    return foreground & ~(bare | _find_box_sides(foreground, lines))


def _select_lines(lines, contrast, most, least):
    """Return the lines that are long enough, but not heavier than the writing."""
    line, bare = lines
    found = label_components(line, contrast * bare)
    return found.select((found.mass <= most) & (found.sizes >= least))


def _find_box_sides(foreground, lines):
    """Return the vertical lines from line to line, between the boxes of a form."""
    # A pixel to either side, for skewed lines.
    others = (foreground & ~lines).view(np.uint8)
    thick = maximum_filter1d(others, 3, axis=1) & ~lines
    runs, top, bottom, column = find_vertical_runs(thick)
    near = maximum_filter1d(lines.view(np.uint8), 2 * _NEAR + 1, axis=0).astype(bool)
    between = near[top, column] & near[bottom - 1, column]
    sides = foreground & np.concatenate([[False], between])[runs]
    n_runs = np.count_nonzero(lines[:1]) + np.count_nonzero(lines[1:] & ~lines[:-1])
    widest = _WIDE_BAR * lines.sum() / n_runs  # in mean line thicknesses
    labels, _ = label(sides, EIGHT_CONNECTED)
    for i, (rows, columns) in enumerate(find_objects(labels), 1):
        beside = [
            foreground[rows, max(side, 0) : max(side + 2, 0)].any(axis=1).mean()
            for side in (columns.start - 3, columns.stop + 1)
        ]
        own = labels[rows, columns] == i
        # Touching its neighbours or wide, it is the stem of a digit.
        if max(beside) > _BESIDE or own.sum(axis=1).mean() > widest:
            sides[rows, columns] &= ~own
    return sides


def _find_lines(foreground):
    """Return nearly horizontal lines of at least half of the picture's width.

    Also return them without the strokes that cross them.
    """
    slope = _estimate_skew(foreground)
    if not slope:
        return _find_straight_lines(foreground)
    drop = _measure_drop(slope, foreground.shape[1])
    lines = _find_straight_lines(_deskew(foreground, drop))
    columns = np.arange(foreground.shape[1])
    rows = np.arange(len(foreground))[:, None] + drop.max() - drop
    return tuple(line[rows, columns] for line in lines)


def _estimate_skew(foreground):
    """Return the slope along which most long lines run, 0 for none."""
    if max(foreground.shape) < _COARSE_SIDE / 2:
        return 0
    step = -(-max(foreground.shape) // _COARSE_SIDE)
    height, width = (n - n % step for n in foreground.shape)
    if not (height and width):
        return 0
    blocks = foreground[:height, :width]
    blocks = blocks.reshape(height // step, step, width // step, step)
    coarse = blocks.any(axis=(1, 3))
    found = find_objects(label(coarse, EIGHT_CONNECTED)[0])
    widths = [columns.stop - columns.start for _, columns in found]
    if max(widths, default=0) < coarse.shape[1] / 2:
        return 0
    best, most = 0, _count_line_pixels(coarse)
    for slope in (sign * slope for slope in _SLOPES for sign in (1, -1)):
        drop = _measure_drop(slope, coarse.shape[1])
        if not drop.any():
            continue
        n_pixels = _count_line_pixels(_deskew(coarse, drop))
        if n_pixels > most:
            best, most = slope, n_pixels
    return best


def _measure_drop(slope, width):
    """Return by how many pixels a sloping line is lower in each column."""
    drop = np.round(slope * np.arange(width)).astype(int)
    return drop - drop.min()


def _deskew(mask, drop):
    """Shear a mask: raise each column by its drop, with room above and below."""
    most = drop.max()
    padded = np.pad(mask, ((most, most), (0, 0)))
    rows = np.arange(len(mask) + most)[:, None] + drop
    return padded[rows, np.arange(mask.shape[1])]


def _count_line_pixels(mask):
    return np.count_nonzero(_find_horizontal_runs(mask))


def _find_horizontal_runs(mask):
    """Return runs of a quarter of the width, which may rise or fall by a pixel.

    Pictures of less than 28 pixels have none: every stroke would be a run.
    """
    length = mask.shape[1] // 4
    if length < _SHORTEST:
        return np.zeros_like(mask)
    return mask & open_with_line(mask, length, axis=1)


def _find_straight_lines(mask):
    """Return horizontal lines, and the same without the strokes that cross them."""
    runs = _find_horizontal_runs(mask)
    if not runs.any():
        return runs, runs
    found = label_components(runs, runs)
    flat = found.area / found.widths <= np.maximum(_FLAT * found.widths, 2)
    line = found.select(flat & (found.widths >= mask.shape[1] / 2))
    if not line.any():
        return line, line
    # Strokes that cross the line are higher than the line is thick.
    thickness = np.median(line.sum(axis=0)[line.any(axis=0)])
    size = int(2 * thickness) + 2
    vertical = minimum_filter1d(mask.view(np.uint8), size, axis=0, mode="constant")
    return line, line & ~maximum_filter1d(vertical, size, axis=0).astype(bool)


def _find_size(components):
    """Return the size of the writing: the median size, weighted by mass."""
    order = np.argsort(components.sizes)
    total = np.cumsum(components.mass[order])
    return components.sizes[order][np.searchsorted(total, total[-1] / 2)]
