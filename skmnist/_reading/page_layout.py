"""Page layout: which connected components are digits, and their text lines."""

import numpy as np
from scipy.ndimage import binary_dilation

from skmnist._pictures.components import (
    EIGHT_CONNECTED,
    estimate_stroke_width,
    label_components,
)
from skmnist._reading.form_fields import remove_form_lines
from skmnist._reading.grouping import (
    LARGEST,
    TALLEST,
    bound_boxes,
    find_links,
    group_components,
    group_text_lines,
)
from skmnist._reading.table_lines import remove_table_lines

# Width over height: widest digit. 999 of 1,000 of MNIST's training images are narrower.
WIDEST = 1.7
_SMALL = 0.35  # text heights: smallest digit; dots, dashes and specks are smaller
# Text heights: thin things this tall are sides of a table. A 1 may be taller than other
# digits, but not this tall.
_LINE = 1.6
_THIN = 0.25  # width over height: lines between the boxes of a form are thinner
_BORDER = 1.5  # stroke widths: distance from the picture's edge that a border keeps
_MOST = 0.9  # share of a border's pixels within that; the rest may be what it meets
# Share of the page's median darkness times stroke width: drop groups with less.
_TRACE = 1 / 3
_SLENDER = 0.6  # stroke widths: thinner was not drawn with the same pen


class PageLayout:
    """Where the digits of a picture are, in text lines.

    Parameters
    ----------
    ink : Ink
        Of the whole picture.

    Attributes
    ----------
    rows : list of list of ndarray of int
        For each text line, from the top, and for each digit in it, from the left, the
        numbers of its components.
    components : Components
        All of the picture.
    stroke_width : float
        In pixels.
    shape : tuple of (int, int)
        Height and width of the picture, in pixels.
    """

    def __init__(self, ink):
        self._ink, self.stroke_width = ink, ink.stroke_width
        self.shape = ink.foreground.shape
        self.components, height = _remove_print(ink)
        kept = _find_written(self.components, height, ink.stroke_width)
        kept &= ~_find_borders(self.components, ink.stroke_width)
        links = find_links(self.components, ink)
        kept = np.flatnonzero(kept)
        groups = group_components(
            self.components, links, kept, height, ink.stroke_width
        )
        groups = [g for g in groups if np.ptp(self.find_box(g)[:2]) >= _SMALL * height]
        groups = self._drop_traces(groups)
        self.rows = group_text_lines(groups, [self.find_box(group) for group in groups])

    def find_box(self, group):
        """Return top, bottom, left and right of a group of components, half open."""
        return bound_boxes(self.components.boxes[group])

    def find_corner(self, group):
        """Return the top and the left of what `cut_out` returns."""
        top, _, left, _ = self.find_box(group)
        return max(top - 1, 0), max(left - 1, 0)

    def cut_out(self, group):
        """Return the contrast of a group of components, with its blurred outline."""
        _, bottom, _, right = self.find_box(group)
        top, left = self.find_corner(group)
        part = np.s_[top : bottom + 1, left : right + 1]
        own = self._find_own(group, part)
        contrast = self._ink.fine_contrast[part]
        contrast = contrast * binary_dilation(own, EIGHT_CONNECTED)
        # Some digits are fainter than others on the same page.
        typical = np.median(contrast[contrast > contrast.max() / 2])
        return np.minimum(contrast / typical, 1)

    def _drop_traces(self, groups):
        """Drop groups that are too faint and thin to be written by the pen."""
        amounts = []
        for group in groups:
            top, bottom, left, right = self.find_box(group)
            part = np.s_[top:bottom, left:right]
            own = self._find_own(group, part)
            darkness = self._ink.contrast[part][own].mean()
            amounts.append(darkness * estimate_stroke_width(np.pad(own, 1)))
        least = _TRACE * np.median(amounts) if groups else 0
        return [g for g, n in zip(groups, amounts, strict=True) if n >= least]

    def _find_own(self, group, part):
        """Return where in a part of the picture the components of a group are."""
        return np.isin(self.components.labels[part], group + 1)


def _remove_print(ink):
    """Return the components without forms and tables, and the text height."""
    components, height = _remove_form(ink)
    # Lines through the writing leave only parts of it. So the height is measured again
    # with all strokes across the lines, even if some of them join two text lines.
    joined = remove_table_lines(ink.foreground, height, np.inf)
    if joined is ink.foreground:
        return components, height
    _, height = _remove_form(ink._replace(foreground=joined))
    foreground = remove_table_lines(ink.foreground, height, TALLEST * height)
    return _remove_form(ink._replace(foreground=foreground))


def _remove_form(ink):
    """Return the components without forms, and the text height."""
    components = label_components(remove_form_lines(ink), ink.contrast)
    return components, _find_height(components, ink.stroke_width)


def _find_height(components, stroke_width):
    """Return the text height: the median, weighted by the root of the area."""
    if not len(components.area):
        return 0.0
    short_sides = np.minimum(components.heights, components.widths)
    thin = short_sides <= _THIN * components.sizes
    candidates = components.area >= stroke_width**2
    candidates &= ~(components.touches_border & thin)
    if not candidates.any():
        candidates = np.ones(len(components.area), bool)
    heights, area = components.heights[candidates], components.area[candidates]
    order = np.argsort(heights)
    total = np.cumsum(np.sqrt(area[order]))
    return heights[order][np.searchsorted(total, total[-1] / 2)]


def _find_written(components, height, stroke_width):
    """Return which components have the size of a digit or of a part of one."""
    small = components.sizes < 0.5 * _SMALL * height
    large = (components.heights > LARGEST * height) | (
        components.widths > 2 * LARGEST * components.heights
    )
    # Sides of tables and sheets, and dotted rules.
    thin = components.widths <= _THIN * components.heights
    slender = components.area < _SLENDER * stroke_width * components.heights
    high = components.heights >= _LINE * height
    line = thin & (high | components.touches_border | slender)
    return ~small & ~large & ~line


def _find_borders(components, stroke_width):
    """Return which components are lines of a cropped form or table.

    They stay close to the picture's edges, and turn a corner or are thinner than
    strokes.
    """
    height, width = components.labels.shape
    top, bottom, left, right = components.boxes.T
    corner = ((top == 0) | (bottom == height)) & ((left == 0) | (right == width))
    # Length of a line as wide as strokes, over height plus width of its box.
    around = components.area / (stroke_width * (components.heights + components.widths))
    borders = (corner & (around < 1)) | (around < _SLENDER)
    rows, columns = np.indices(components.labels.shape, sparse=True)
    depth = np.minimum(
        np.minimum(rows, height - 1 - rows), np.minimum(columns, width - 1 - columns)
    )
    for i in np.flatnonzero(borders):
        part = np.s_[top[i] : bottom[i], left[i] : right[i]]
        own = depth[part][components.labels[part] == i + 1]
        # Nearly all of it: a digit at the edge reaches farther into the picture.
        borders[i] = np.quantile(own, _MOST) < _BORDER * stroke_width
    # If they are most of the ink, they are closely cropped writing.
    is_framed = components.area[borders].sum() < components.area.sum() / 2
    return borders & is_framed
