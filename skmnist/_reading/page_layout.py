"""The layout of a page: which pieces of ink are digits, and the rows they stand in."""

import numpy as np
from scipy.ndimage import binary_dilation, label

from skmnist._pictures.binarization import EIGHT, measure_width
from skmnist._pictures.components import find_pieces
from skmnist._reading.form_fields import erase_form
from skmnist._reading.table_lines import erase_grids

# Width over height: 999 of 1,000 of MNIST's training images are narrower.
WIDEST = 1.7
# All in heights of what is written on the page.
_SMALL = 0.35  # dots, dashes and specks are smaller
_LARGE = 3  # shadows, edges and drawings are larger; a 9 with a long tail is 2.5
_GAP = 0.3  # between the parts of one digit, one above the other
_TALL = 1.3  # a digit, parts included
_LINE = 1.6  # thin and so high: a side of a table; ones may stand out among digits
_OVERLAP = 0.5  # share of the height, or the width, by which things stand side by side
_THIN = 0.25  # width over height of the lines between the boxes of a form
_BORDER = 1.5  # widths of the strokes, from the edge: what a border keeps within
_MOST = 0.9  # of a border's pixels; the others may be of what it meets
_TRACE = 1 / 3  # of the ink along strokes that is typical: less is no digit's
_BROKEN = 0.75  # parts of one digit that are linked so are lower than that
_LINK = 0.2  # of typical ink: what is so faint still links the parts of a digit
_SLENDER = 0.6  # of the strokes' width: what the pen that wrote did not draw


class Page:
    """Where the digits of a picture are, row by row.

    Parameters
    ----------
    ink : Ink
        Of the whole picture.

    Attributes
    ----------
    rows : list of list of ndarray of int
        For each row, from the top, and for each digit in it, from the left, the numbers
        of its pieces.
    pieces : Pieces
        All of the picture.
    width : float
        Of the strokes, in pixels.
    shape : tuple of (int, int)
        Height and width of the picture, in pixels.
    """

    def __init__(self, ink):
        self._ink, self.width = ink, ink.width
        self.shape = ink.mask.shape
        self.pieces, height = _erase_print(ink)
        kept = _find_written(self.pieces, height, ink.width)
        kept &= ~_find_borders(self.pieces, ink.width)
        links = _find_links(self.pieces, ink)
        groups = _join_parts(
            self.pieces, links, np.flatnonzero(kept), height, ink.width
        )
        groups = [g for g in groups if np.ptp(self.find_box(g)[:2]) >= _SMALL * height]
        groups = self._drop_traces(groups)
        self.rows = _find_rows(groups, [self.find_box(group) for group in groups])

    def find_box(self, group):
        """Return top, bottom, left and right of a group of pieces, half open."""
        return _bound(self.pieces.boxes[group])

    def find_corner(self, group):
        """Return the top and the left of what `cut_out` returns."""
        top, _, left, _ = self.find_box(group)
        return max(top - 1, 0), max(left - 1, 0)

    def cut_out(self, group):
        """Return the ink of a group of pieces, with its blurred outline."""
        _, bottom, _, right = self.find_box(group)
        top, left = self.find_corner(group)
        part = np.s_[top : bottom + 1, left : right + 1]
        own = self._find_own(group, part)
        strength = self._ink.fine[part] * binary_dilation(own, EIGHT)
        # Some are fainter than others on the same page.
        typical = np.median(strength[strength > strength.max() / 2])
        return np.minimum(strength / typical, 1)

    def _drop_traces(self, groups):
        """Drop what is so faint and thin that the pen did not leave it."""
        ink = []
        for group in groups:
            top, bottom, left, right = self.find_box(group)
            part = np.s_[top:bottom, left:right]
            own = self._find_own(group, part)
            strength = self._ink.strength[part][own].mean()
            ink.append(strength * measure_width(np.pad(own, 1)))
        least = _TRACE * np.median(ink) if groups else 0
        return [g for g, amount in zip(groups, ink, strict=True) if amount >= least]

    def _find_own(self, group, part):
        """Return where in a part of the picture the pieces of a group are."""
        return np.isin(self.pieces.labels[part], group + 1)


def _erase_print(ink):
    """Return the pieces that no form or table prints, and the height of most."""
    pieces, height = _erase_form(ink)
    # Lines through what is written leave only parts of it. So it is measured again
    # with all strokes across them, though some join two rows, and then erased anew.
    joined = erase_grids(ink.mask, height, np.inf)
    if joined is ink.mask:
        return pieces, height
    _, height = _erase_form(ink._replace(mask=joined))
    mask = erase_grids(ink.mask, height, _TALL * height)
    return _erase_form(ink._replace(mask=mask))


def _erase_form(ink):
    """Return the pieces that no form prints, and the height of most."""
    pieces = find_pieces(erase_form(ink), ink.strength)
    return pieces, _find_height(pieces, ink.width)


def _find_height(pieces, width):
    """Return the height of what is written: the median, large pieces counting more."""
    if not len(pieces.area):
        return 0.0
    thin = np.minimum(pieces.heights, pieces.widths) <= _THIN * pieces.sizes
    candidates = pieces.area >= width**2
    candidates &= ~(pieces.at_edge & thin)
    if not candidates.any():
        candidates = np.ones(len(pieces.area), bool)
    heights, area = pieces.heights[candidates], pieces.area[candidates]
    order = np.argsort(heights)
    total = np.cumsum(np.sqrt(area[order]))
    return heights[order][np.searchsorted(total, total[-1] / 2)]


def _find_written(pieces, height, width):
    """Tell what may be a digit, or a part of one, by its size."""
    small = np.maximum(pieces.heights, pieces.widths) < 0.5 * _SMALL * height
    large = (pieces.heights > _LARGE * height) | (
        pieces.widths > 2 * _LARGE * pieces.heights
    )
    # Sides of tables and sheets, and rules that are dotted.
    thin = pieces.widths <= _THIN * pieces.heights
    slender = pieces.area < _SLENDER * width * pieces.heights
    line = thin & ((pieces.heights >= _LINE * height) | pieces.at_edge | slender)
    return ~small & ~large & ~line


def _find_borders(pieces, width):
    """Tell the lines along which the picture was cut out of a form or a table.

    They keep close to its edges, and go around a corner or are thinner than strokes.
    """
    height, breadth = pieces.labels.shape
    top, bottom, left, right = pieces.boxes.T
    corner = ((top == 0) | (bottom == height)) & ((left == 0) | (right == breadth))
    # As wide as strokes, they are no longer than their box is high and wide.
    around = pieces.area / (width * (pieces.heights + pieces.widths))
    borders = (corner & (around < 1)) | (around < _SLENDER)
    rows, columns = np.indices(pieces.labels.shape, sparse=True)
    depth = np.minimum(
        np.minimum(rows, height - 1 - rows), np.minimum(columns, breadth - 1 - columns)
    )
    for i in np.flatnonzero(borders):
        part = np.s_[top[i] : bottom[i], left[i] : right[i]]
        own = depth[part][pieces.labels[part] == i + 1]
        # All of it: a digit at the edge reaches farther.
        borders[i] = np.quantile(own, _MOST) < _BORDER * width
    # Else what is written was cropped closely.
    is_framed = pieces.area[borders].sum() < pieces.area.sum() / 2
    return borders & is_framed


def _find_links(pieces, ink):
    """Return for each piece a number, the same for those that faint strokes link."""
    inked = pieces.labels > 0
    if (inked != ink.mask).any():
        return np.arange(len(pieces.area))  # across rules that were erased
    faint, _ = label(inked | (ink.strength > _LINK), EIGHT)
    links = np.zeros(len(pieces.area), int)
    links[pieces.labels[inked] - 1] = faint[inked]
    return links


def _join_parts(pieces, links, kept, height, width):
    """Join the parts of one digit: one above the other, nearly touching, or linked."""
    groups = [[i] for i in kept[np.argsort(pieces.boxes[kept, 2])]]
    while True:
        pair = _find_pair(pieces, links, groups, height, width)
        if pair is None:
            return [np.array(group) for group in groups]
        first, second = pair
        groups[first] += groups.pop(second)


def _find_pair(pieces, links, groups, height, width):
    """Return two groups that are one digit's, the first before the second."""
    if len(groups) < 2:
        return None
    boxes = np.array([_bound(pieces.boxes[group]) for group in groups])
    starts, stops = boxes[:, [0, 2]], boxes[:, [1, 3]]
    sizes = stops - starts
    for i in range(len(groups) - 1):
        others = np.s_[i + 1 :]
        joined = np.maximum(stops[i], stops[others]) - np.minimum(
            starts[i], starts[others]
        )
        gaps = np.maximum(starts[others] - stops[i], starts[i] - stops[others])
        overlap = -gaps[:, 1] / np.minimum(sizes[i, 1], sizes[others, 1])
        least = np.minimum(sizes[i, 0], sizes[others, 0])
        # One above the other; or a short one so close that it must have broken off.
        above = (overlap >= _OVERLAP) & (gaps[:, 0] <= _GAP * height)
        broken = (gaps <= width).all(axis=1) & (least < _OVERLAP * height)
        fits = (joined[:, 0] <= _TALL * height) & (joined[:, 1] <= _TALL * height)
        linked = links[[group[0] for group in groups[others]]] == links[groups[i][0]]
        largest = np.array([_LARGE, _TALL]) * height
        linked &= (least < _BROKEN * height) & (joined <= largest).all(axis=1)
        found = np.flatnonzero((above | broken) & fits | linked)
        if len(found):
            return i, i + 1 + found[0]
    return None


def _bound(boxes):
    """Return the box around several boxes."""
    low, high = boxes.min(axis=0), boxes.max(axis=0)
    return np.array([low[0], high[1], low[2], high[3]])


def _find_rows(groups, boxes):
    """Return the groups row by row, in reading order.

    Each goes to the row whose last digit to the left stands beside it, so that rows may
    rise or fall.
    """
    rows = []
    for i in np.argsort([box[2] for box in boxes]):
        top, bottom = boxes[i][:2]
        best, most = None, _OVERLAP
        for row in rows:
            last_top, last_bottom = boxes[row[-1]][:2]
            common = min(bottom, last_bottom) - max(top, last_top)
            share = common / min(bottom - top, last_bottom - last_top)
            if share >= most:
                best, most = row, share
        if best is None:
            rows.append([i])
        else:
            best.append(i)
    rows.sort(key=lambda row: np.mean([boxes[i][:2] for i in row]))
    return [[groups[i] for i in row] for row in rows]
