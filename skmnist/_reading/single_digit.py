"""The one digit of a picture: its main component and the parts close to it."""

import numpy as np
from scipy.ndimage import binary_dilation, zoom

from skmnist._pictures.components import (
    EIGHT_CONNECTED,
    border_sides,
    estimate_stroke_width,
    label_components,
)
from skmnist._reading.form_fields import remove_form_lines

# Share of the digit's size: largest vertical gap between its parts, and how far a part
# may stand out to a side. Horizontally, parts may be 1.5 stroke widths apart.
_GAP = 0.5
_SPECK = 0.02  # share of the main component's area; smaller parts are specks
# Limits of a plausible digit. Noise and patterns are beyond them; real digits
# (photographs, drawings, MNIST, USPS and Semeion) reach the second number.
_LEAST_SHARE = 0.4  # share of all ink; 0.46 if neighbours were cropped with the digit
_LONGEST = 6  # stroke length over size; 3.9
_THICKEST = 0.52  # stroke width over size: solidity check; a square has 0.64
_EDGE = 0.75  # share of the picture's edge; 0.6 if cropped on all sides
# Width over height: geometric mean of MNIST's training images, ink above a half.
_ASPECT = 0.72


def extract_digit(ink):
    """Return the one digit in a picture.

    The digit is the component with the largest mass, where pixels far from the
    picture's border count more. Parts close to it, such as the bar of a 5, belong to
    it.

    Parameters
    ----------
    ink : Ink
        Of a picture.

    Returns
    -------
    ndarray of shape (height, width), float32
        The digit's contrast, with its blurred outline.

    Raises
    ------
    ValueError
        If the picture only has ruled lines, or its ink is not a plausible digit.
    """
    components = label_components(remove_form_lines(ink), ink.contrast)
    if not components.mass.any():
        raise ValueError("it shows nothing like a digit.")
    # A digit cropped and stretched to a square has lost its aspect ratio, but has no
    # neighbours at the edges.
    chosen = _gather_parts(components, ink.stroke_width, at_border=True)
    is_stretched = _fills_square(np.isin(components.labels, chosen + 1))
    if not is_stretched:
        chosen = _gather_parts(components, ink.stroke_width, at_border=False)
    foreground = np.isin(components.labels, chosen + 1)
    share = components.mass[chosen].sum() / components.mass.sum()
    _check_plausibility(foreground, share)
    digit = ink.fine_contrast * binary_dilation(foreground, EIGHT_CONNECTED)
    if digit.max() <= 0.5:
        raise ValueError("its ink is far fainter than its lines.")
    return _undo_stretch(digit) if is_stretched else digit


def _check_plausibility(foreground, share):
    """Raise an error if noise, a pattern or a blot was chosen as the digit."""
    if share < _LEAST_SHARE:
        raise ValueError("it shows many things, and none stands out.")
    if np.concatenate(border_sides(foreground)).mean() > _EDGE:
        raise ValueError("its ink covers most of its edges.")
    stroke_width, size = _measure_strokes(foreground)
    if stroke_width > _THICKEST * size:
        raise ValueError("its ink is a blot without strokes.")
    if np.count_nonzero(foreground) > _LONGEST * stroke_width * size:
        raise ValueError("its ink is noise or a pattern of many lines.")


def is_solid(foreground):
    """Return whether ink is too thick for its size to be the strokes of a digit.

    Parameters
    ----------
    foreground : ndarray of shape (height, width), bool
        Where the ink is; not blank.

    Returns
    -------
    bool
        True if the mean stroke width is more than about half of the long side.
    """
    stroke_width, size = _measure_strokes(foreground)
    return bool(stroke_width > _THICKEST * size)


def _measure_strokes(foreground):
    """Return the stroke width and the long side of the foreground."""
    size = max(np.ptp(positions) + 1 for positions in np.nonzero(foreground))
    return estimate_stroke_width(foreground), size


def _fills_square(foreground):
    """Return whether a digit fills a square picture from edge to edge."""
    is_square = len(foreground) == len(foreground.T)
    return is_square and all(side.any() for side in border_sides(foreground))


def _undo_stretch(contrast):
    """Make a digit narrower that was stretched to fill a square picture."""
    height, width = contrast.shape
    narrower = (2 * height, round(2 * _ASPECT * width))  # finer, to lose nothing
    scale = np.divide(narrower, contrast.shape)
    return zoom(contrast, scale, order=1, grid_mode=True, mode="grid-constant")


def _gather_parts(components, stroke_width, at_border):
    """Return the main component and, step by step, those close to it."""
    main = components.mass.argmax()
    chosen = np.arange(len(components.area)) == main
    least = max(_SPECK * components.area[main], stroke_width**2 / 2)
    candidates = (at_border | ~components.touches_border) & ~chosen
    candidates &= components.area >= least
    lows, highs = components.boxes[:, ::2], components.boxes[:, 1::2]
    while True:
        starts, stops = lows[chosen].min(axis=0), highs[chosen].max(axis=0)
        size = (stops - starts).max()
        gaps = np.maximum(lows - stops, starts - highs)
        beyond = np.maximum(starts[1] - lows[:, 1], highs[:, 1] - stops[1])
        near = (gaps[:, 0] <= _GAP * size) & (gaps[:, 1] <= 1.5 * stroke_width)
        found = candidates & near & (beyond <= _GAP * size) & ~chosen
        if not found.any():
            return np.flatnonzero(chosen)
        chosen |= found
