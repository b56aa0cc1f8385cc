"""Grouping: connected components into digits, and digits into text lines."""

import numpy as np
from scipy.ndimage import label

from skmnist._pictures.components import EIGHT_CONNECTED

# All lengths are in text heights, the typical height of the writing on the page.
LARGEST = 3  # tallest digit: a 9 with a long tail is 2.5; shadows and drawings are more
TALLEST = 1.3  # height and width of most digits, all parts included
_GAP = 0.3  # largest gap between parts of one digit, one above the other
_OVERLAP = 0.5  # share of the smaller one: least overlap of two things side by side
_BROKEN = 0.75  # height of the lower of two parts that a faint stroke links
_LINK = 0.2  # contrast, where 1 is typical ink: least contrast of a linking stroke


def find_links(components, ink):
    """Find which components are linked by faint strokes.

    Parameters
    ----------
    components : Components
        Of the foreground without printed lines.
    ink : Ink
        Of the picture.

    Returns
    -------
    ndarray of shape (n_components,), int
        The same number for components that are linked.
    """
    labelled = components.labels > 0
    if (labelled != ink.foreground).any():
        # Lines were removed; what is left of them would link components.
        return np.arange(len(components.area))
    faint, _ = label(labelled | (ink.contrast > _LINK), EIGHT_CONNECTED)
    links = np.zeros(len(components.area), int)
    links[components.labels[labelled] - 1] = faint[labelled]
    return links


def group_components(components, links, kept, height, stroke_width):
    """Group the parts of each digit: one above the other, nearly touching, or linked.

    Parameters
    ----------
    components : Components
        Of the page.
    links : ndarray of shape (n_components,), int
        The same number for components that are linked.
    kept : ndarray of int
        The components that may be digits or parts of digits.
    height : float
        Text height, in pixels.
    stroke_width : float
        In pixels.

    Returns
    -------
    list of ndarray of int
        The components of each digit.
    """
    groups = [[i] for i in kept[np.argsort(components.boxes[kept, 2])]]
    while True:
        pair = _find_pair(components, links, groups, height, stroke_width)
        if pair is None:
            return [np.array(group) for group in groups]
        first, second = pair
        groups[first] += groups.pop(second)


def _find_pair(components, links, groups, height, stroke_width):
    """Return two groups that belong to one digit, the first before the second."""
    if len(groups) < 2:
        return None
    boxes = np.array([bound_boxes(components.boxes[group]) for group in groups])
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
        # One above the other, or a short part so close that it must have broken off.
        above = (overlap >= _OVERLAP) & (gaps[:, 0] <= _GAP * height)
        broken = (gaps <= stroke_width).all(axis=1) & (least < _OVERLAP * height)
        fits = (joined[:, 0] <= TALLEST * height) & (joined[:, 1] <= TALLEST * height)
        linked = links[[group[0] for group in groups[others]]] == links[groups[i][0]]
        largest = np.array([LARGEST, TALLEST]) * height
        linked &= (least < _BROKEN * height) & (joined <= largest).all(axis=1)
        found = np.flatnonzero((above | broken) & fits | linked)
        if len(found):
            return i, i + 1 + found[0]
    return None


def bound_boxes(boxes):
    """Return the bounding box of several boxes.

    Parameters
    ----------
    boxes : ndarray of shape (n, 4), int
        Top, bottom, left and right.

    Returns
    -------
    ndarray of shape (4,), int
        The same of all together.
    """
    low, high = boxes.min(axis=0), boxes.max(axis=0)
    return np.array([low[0], high[1], low[2], high[3]])


def group_text_lines(groups, boxes):
    """Group digits into text lines.

    Each digit joins the line whose last digit is beside it, so lines may rise or fall.

    Parameters
    ----------
    groups : list of ndarray of int
        The components of each digit.
    boxes : list of ndarray of shape (4,), int
        Top, bottom, left and right of each digit.

    Returns
    -------
    list of list of ndarray of int
        The groups line by line, in reading order.
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
