"""Table cells: which row and column of a table each digit and sign stands in."""

from typing import NamedTuple

import numpy as np

# Steepest rise of rows and slant of columns that is looked for: 17 degrees, more than
# a hand-held photograph of a page has.
_STEEPEST = 0.3
# Largest magnification at the table's edge, less that in its middle, as a share of it:
# opposite sides then differ by half.
_CONVERGENCE = 0.2
# Bins per digit height of the profiles: less than what digits are off their row.
_FINE = 4
# Smallest pitch of columns in digit heights: digits are no narrower on average.
_LEAST_PITCH = 0.6
_OFFSETS = 12  # per pitch: a digit is then at most 1/24 off its best place
# Digits: a smaller pitch must fit better by so much. Evenly filled columns fit half
# their pitch as well.
_TIE = 0.01
# Mean cosine of the digits' places in evenly spaced cells, 0 outside the table: most of
# the digits must fit, so that a table of uneven columns loses none.
_EVEN = 0.5
# Share of the ink's contrast: a dotted line darkens its pixels by so much on average.
_LINE = 0.2


class Mark(NamedTuple):
    """A digit or a sign on an upright page."""

    box: tuple  # left, top, right, bottom in pixels
    text: str
    number: int  # the same for all marks of one number


def arrange_cells(page, marks, n_rows=None, n_columns=None):
    """Arrange digits and signs in the cells of a table.

    Rows that rise and columns that slant, also by perspective, are straightened: the
    profile of digits over rows, and over columns, is made as sharp as possible. Columns
    are separated by gaps that all rows share, and by printed lines. If fewer or more
    are found than asked for, evenly spaced ones are fitted.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels.
    marks : list of Mark
        In reading order.
    n_rows, n_columns : int or None
        The table's size, if it is known.

    Returns
    -------
    list of list of str
        The text of each cell, row by row.
    """
    if not marks:
        return [[""] * (n_columns or 0) for _ in range(n_rows or 0)]
    boxes = np.array([mark.box for mark in marks], float)
    numbers = np.array([mark.number for mark in marks])
    size = float(np.median(boxes[:, 3] - boxes[:, 1]))
    boxes = boxes / size
    x, y = (boxes[:, :2] + boxes[:, 2:]).T / 2
    _, level = _straighten(x, y)
    ends = np.stack([level - 0.25, level + 0.25], axis=1)
    rows = _divide(ends, level, n_rows, 1)
    inside = np.flatnonzero(rows >= 0)
    place, _ = _straighten(x[inside], y[inside])
    half = (boxes[inside, 2] - boxes[inside, 0]) / 2
    ends = np.stack([place - half, place + half], axis=1)
    parts = _cut_at_lines(page, boxes[inside] * size, rows[inside], numbers[inside])
    columns = np.full(len(marks), -1)
    bounds = _bound(ends, parts)
    columns[inside] = _divide(bounds, place, n_columns, _LEAST_PITCH, ends)
    shape = n_rows or rows.max() + 1, n_columns or columns.max() + 1
    return _fill(marks, x, rows, columns, shape)


def _straighten(x, y):
    """Return x and y of the table, as if it were seen straight from above."""
    x, y = x - x.mean(), y - y.mean()
    level, row_bend = _align(y, x)
    place, column_bend = _align(x, y)
    # Where rows converge, the columns are narrower, too: by the same factor, squared.
    return place / (1 + row_bend * place), level / (1 + column_bend * level)


def _align(along, across):
    """Return places along an axis that are alike for what stands in one row or column.

    Also returns by how much more is magnified for each unit across.
    """
    reach = [max(float(np.abs(values).max()), 1.0) for values in (along, across)]
    slopes = _list_values(_STEEPEST, 1 / (_FINE * reach[1]))
    bends = _list_values(_CONVERGENCE, 1 / (_FINE * reach[0]))
    best, most = (along, 0.0), -1.0
    # Level rows win a tie.
    for bend in bends / reach[1]:
        for slope in slopes:
            moved = (along - slope * across) / (1 + bend * across)
            sharpness = _measure_sharpness(moved)
            if sharpness > most:
                best, most = (moved, bend), sharpness
    return best


def _list_values(largest, step):
    """Return evenly spaced values in both directions, the smallest first."""
    n = int(largest / step)
    return step * np.array(sorted(range(-n, n + 1), key=abs))


def _measure_sharpness(places):
    """Return how concentrated places are: the sum of squares of their profile."""
    bins = np.floor(_FINE * (places - places.min())).astype(int)
    profile = np.convolve(np.bincount(bins), [1, 2, 1])
    return float((profile**2).sum())


def _divide(ends, places, n, least_pitch, fine_ends=None):
    """Return the row or column of each mark, -1 outside the table."""
    found, gaps = _find_groups(ends)
    n_found = len(gaps) + 1
    if n is None or n_found == n:
        return found
    even, quality = _fit_even(places, n, least_pitch)
    if quality >= _EVEN or (n_found < n and fine_ends is None):
        return even
    if n_found < n:
        found, gaps = _find_groups(fine_ends)
        if len(gaps) + 1 < n:
            return even
    # The widest gaps separate; two numbers in a cell are closer together.
    is_border = np.zeros(len(gaps), bool)
    is_border[np.argsort(-gaps, kind="stable")[: n - 1]] = True
    return np.concatenate([[0], np.cumsum(is_border)])[found]


def _find_groups(ends):
    """Group intervals that overlap, and return the gaps between the groups."""
    order = np.argsort(ends[:, 0], kind="stable")
    reach = np.maximum.accumulate(ends[order, 1])
    steps = ends[order[1:], 0] - reach[:-1]
    groups = np.zeros(len(ends), int)
    groups[order[1:]] = np.cumsum(steps > 0)
    return groups, steps[steps > 0]


def _fit_even(places, n, least_pitch):
    """Fit n evenly spaced rows or columns, and return how well they fit.

    Of all pitches and offsets, the best has most marks near the middles of its cells:
    the sum of cosines is highest. With half the pitch the cells would reach half as
    far; with twice the pitch every second mark would lie between two cells.
    """
    if n == 1:
        return np.zeros(len(places), int), 1.0
    widest = max(float(np.ptp(places)), least_pitch)
    # No more would fit between the first mark and the last.
    n = min(n, int(widest / least_pitch) + 2)
    # From cell to cell, a pitch so near the true one adds up to 1/8 of it at the end.
    n_pitches = int(np.log(widest / least_pitch) * 4 * n) + 1
    best, most = np.zeros(len(places), int), -1.0
    for pitch in np.geomspace(widest, least_pitch, n_pitches):
        for offset in np.arange(_OFFSETS) / _OFFSETS:
            at = (places - places.min()) / pitch + offset
            cells = np.floor(at).astype(int)
            weights = -np.cos(2 * np.pi * at)
            sums = np.bincount(cells, weights, minlength=n)
            totals = np.convolve(sums, np.ones(n), "valid")
            # Of equal ones the last, whose empty cells are at the end.
            start = len(totals) - 1 - int(totals[::-1].argmax())
            if totals[start] > most + _TIE:
                most = totals[start]
                cells = cells - start
                is_in = (cells >= 0) & (cells < n)
                best = np.where(is_in, cells, -1)
    return best, most / len(places)


def _cut_at_lines(page, boxes, rows, numbers):
    """Return the numbers, those with a printed line between their marks divided."""
    order = np.lexsort((boxes[:, 0], rows))
    inks = [page[_window(box)] for box in boxes]
    inks = [ink for ink in inks if ink.size]
    contrast = float(np.median([np.ptp(ink) for ink in inks])) if inks else 0.0
    parts = np.zeros(len(boxes), int)
    for k in range(1, len(order)):
        before, after = order[k - 1], order[k]
        is_apart = (
            rows[before] != rows[after]
            or numbers[before] != numbers[after]
            or _measure_line(page, boxes[before], boxes[after]) > _LINE * contrast
        )
        parts[after] = parts[before] + is_apart
    return parts


def _window(box):
    """Return where a box of pixels is in the page."""
    left, top, right, bottom = (max(round(v), 0) for v in box)
    return np.s_[top:bottom, left:right]


def _measure_line(page, before, after):
    """Return the contrast of a vertical line between two boxes.

    A line is there above the digits and below them, too; the end of a stroke is not.
    """
    left, right = before[2], after[0]
    top, bottom = min(before[1], after[1]), max(before[3], after[3])
    beyond = (bottom - top) / 4
    contrasts = []
    for low, high in ((top - beyond, top), (top, bottom), (bottom, bottom + beyond)):
        strip = page[_window((left, low, right, high))]
        if strip.shape[0] < 2 or strip.shape[1] < 3:
            return 0.0
        means = strip.mean(axis=0)
        contrasts.append(np.abs(means - np.median(means)).max())
    return float(min(contrasts))


def _bound(ends, parts):
    """Return for each mark the ends of the part of a number that it belongs to."""
    low = np.full(parts.max() + 1, np.inf)
    high = -low
    np.minimum.at(low, parts, ends[:, 0])
    np.maximum.at(high, parts, ends[:, 1])
    return np.stack([low[parts], high[parts]], axis=1)


def _fill(marks, x, rows, columns, shape):
    """Return the texts of the cells."""
    cells = [[""] * shape[1] for _ in range(shape[0])]
    last = {}
    for k in np.argsort(x, kind="stable"):
        i, j = int(rows[k]), int(columns[k])
        if i < 0 or j < 0:
            continue
        if last.get((i, j), marks[k].number) != marks[k].number:
            cells[i][j] += " "
        cells[i][j] += marks[k].text
        last[i, j] = marks[k].number
    return cells
