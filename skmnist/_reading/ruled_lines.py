"""Ruled lines, level or askew, erased from under what is written."""

import numpy as np
from scipy.ndimage import find_objects, label, maximum_filter1d, minimum_filter1d

from skmnist._pictures.binarization import EIGHT
from skmnist._pictures.components import find_pieces
from skmnist._reading.runs import find_straight, find_upright_runs

# In sizes of what is written: a straight line that long is no stroke. The stem of a 4
# or a 9 may be twice as long as what remains without it.
_LONG_ROW, _LONG_COLUMN = 1.5, 3
_FLAT = 0.12  # height of a line over its length, that far askew: seven degrees
_SHORTEST = 7  # pixels: a shorter run, which may rise by one, is no line
_SEVERAL = 4  # pieces of the size of most: more than one digit falls into
_NEAR = 3  # pixels: what ends so close to a rule touches it
_WIDE_BAR = 1.5  # thicknesses of the rules
_BESIDE = 0.3  # of a bar's height: where it may touch what is beside it
# Slopes tried, and pixels on the long side that are enough to tell. In a smaller
# picture a line that is askew is hardly longer than it is wide.
_SLOPES, _SCOUT = np.arange(1, 11) / 100, 256


def erase_rules(mask, strength):
    """Erase ruled lines, and leave the strokes that cross them.

    Parameters
    ----------
    mask : ndarray of shape (height, width), bool
        Where there is ink.
    strength : ndarray of shape (height, width)
        How much.

    Returns
    -------
    ndarray of shape (height, width), bool
        `mask` itself where there are none.
    """
    level, upright = _find_lines(mask), [line.T for line in _find_level_lines(mask.T)]
    if not (level[0].any() or upright[0].any()):
        return mask
    rest = find_pieces(mask & ~level[1] & ~upright[1], strength)
    if not len(rest.area):
        return mask
    # A bar without which there is little left was the digit's own; of several digits
    # side by side none has a level bar as long as all of them.
    size, heaviest = _measure_size(rest), rest.weight.max()
    several = np.count_nonzero(rest.sizes >= size / 2) >= _SEVERAL
    most = rest.weight.sum() if several else heaviest
    columns = _choose_rules(upright, strength, heaviest, _LONG_COLUMN * size)
    # The stem of a 4, which is no rule, tells how long its bar may be.
    rest = find_pieces(mask & ~level[1] & ~(upright[1] & columns), strength)
    rows = _choose_rules(level, strength, most, _LONG_ROW * _measure_size(rest))
    rules = rows | columns
    if not rules.any():
        return mask
    bare = level[1] & rows | upright[1] & columns
    return mask & ~(bare | _find_bars(mask, rules))


def _choose_rules(lines, strength, most, least):
    """Return where the lines are that are long enough, but not all there is."""
    line, bare = lines
    found = find_pieces(line, strength * bare)
    return found.select((found.weight <= most) & (found.sizes >= least))


def _find_bars(mask, rules):
    """Return the upright lines from rule to rule, between the boxes of a form."""
    # A pixel to either side, for lines that are askew.
    thick = maximum_filter1d((mask & ~rules).view(np.uint8), 3, axis=1) & ~rules
    runs, top, bottom, column = find_upright_runs(thick)
    near = maximum_filter1d(rules.view(np.uint8), 2 * _NEAR + 1, axis=0).astype(bool)
    between = near[top, column] & near[bottom - 1, column]
    bars = mask & np.concatenate([[False], between])[runs]
    n_runs = np.count_nonzero(rules[:1]) + np.count_nonzero(rules[1:] & ~rules[:-1])
    widest = _WIDE_BAR * rules.sum() / n_runs  # as thick as the rules
    labels, _ = label(bars, EIGHT)
    for i, (rows, columns) in enumerate(find_objects(labels), 1):
        beside = [
            mask[rows, max(side, 0) : max(side + 2, 0)].any(axis=1).mean()
            for side in (columns.start - 3, columns.stop + 1)
        ]
        own = labels[rows, columns] == i
        # Else it is the stem of a digit.
        if max(beside) > _BESIDE or own.sum(axis=1).mean() > widest:
            bars[rows, columns] &= ~own
    return bars


def _find_lines(mask):
    """Return the nearly level lines of at least half of the picture's width.

    And the same without the strokes that cross them.
    """
    slope = _find_slope(mask)
    if not slope:
        return _find_level_lines(mask)
    drop = _measure_drop(slope, mask.shape[1])
    lines = _find_level_lines(_raise_columns(mask, drop))
    columns = np.arange(mask.shape[1])
    rows = np.arange(len(mask))[:, None] + drop.max() - drop
    return tuple(line[rows, columns] for line in lines)


def _find_slope(mask):
    """Return the slope along which there are the most long lines, 0 for none."""
    if max(mask.shape) < _SCOUT / 2:
        return 0
    step = -(-max(mask.shape) // _SCOUT)
    height, width = (n - n % step for n in mask.shape)
    if not (height and width):
        return 0
    blocks = mask[:height, :width].reshape(height // step, step, width // step, step)
    scout = blocks.any(axis=(1, 3))
    found = find_objects(label(scout, EIGHT)[0])
    widths = [columns.stop - columns.start for _, columns in found]
    if max(widths, default=0) < scout.shape[1] / 2:
        return 0
    best, most = 0, _count_lines(scout)
    for slope in (sign * slope for slope in _SLOPES for sign in (1, -1)):
        drop = _measure_drop(slope, scout.shape[1])
        if not drop.any():
            continue
        n_lines = _count_lines(_raise_columns(scout, drop))
        if n_lines > most:
            best, most = slope, n_lines
    return best


def _measure_drop(slope, width):
    """Return by how many pixels each column of a sloping line lies lower."""
    drop = np.round(slope * np.arange(width)).astype(int)
    return drop - drop.min()


def _raise_columns(mask, drop):
    """Raise each column by so many pixels, with room above and below for the most."""
    most = drop.max()
    padded = np.pad(mask, ((most, most), (0, 0)))
    rows = np.arange(len(mask) + most)[:, None] + drop
    return padded[rows, np.arange(mask.shape[1])]


def _count_lines(mask):
    return np.count_nonzero(_find_runs(mask))


def _find_runs(mask):
    """Return where there are runs of a quarter of the width, a pixel up or down.

    There are none in pictures of less than 28 pixels, where all strokes would be runs.
    """
    length = mask.shape[1] // 4
    if length < _SHORTEST:
        return np.zeros_like(mask)
    return mask & find_straight(mask, length, axis=1)


def _find_level_lines(mask):
    found = _find_runs(mask)
    if not found.any():
        return found, found
    pieces = find_pieces(found, found)
    flat = pieces.area / pieces.widths <= np.maximum(_FLAT * pieces.widths, 2)
    line = pieces.select(flat & (pieces.widths >= mask.shape[1] / 2))
    if not line.any():
        return line, line
    # Strokes that cross the line are higher than it is thick.
    thickness = np.median(line.sum(axis=0)[line.any(axis=0)])
    size = int(2 * thickness) + 2
    upright = minimum_filter1d(mask.view(np.uint8), size, axis=0, mode="constant")
    return line, line & ~maximum_filter1d(upright, size, axis=0).astype(bool)


def _measure_size(pieces):
    """Return the size of what is written: the median of the pieces', by weight."""
    order = np.argsort(pieces.sizes)
    total = np.cumsum(pieces.weight[order])
    return pieces.sizes[order][np.searchsorted(total, total[-1] / 2)]
