"""The one digit of a picture, chosen among the pieces of ink."""

import numpy as np
from scipy.ndimage import binary_dilation, zoom

from skmnist._pictures.binarization import EIGHT, measure_width
from skmnist._pictures.components import find_pieces
from skmnist._reading.form_fields import erase_form

# Of a digit's size: how far above or below it its parts may lie, and stand out to a
# side. To the side of it they may be away by the width of the stroke only.
_GAP = 0.5
_SPECK = 0.02  # of the digit's ink
# Limits, and what the real digits come to that they were held against (photographs,
# drawings, MNIST, USPS and Semeion): noise and patterns are beyond.
_LEAST_SHARE = 0.4  # of the ink; 0.46, where neighbours were cropped with the digit
_LONGEST = 6  # length of the stroke over the digit's size; 3.9
_THICKEST = 0.52  # width of the stroke over the digit's size; a square's is 0.64
_EDGE = 0.75  # of the picture's edge; 0.6, cropped on all sides
# Width over height: the geometric mean of MNIST's training images, of ink above a half.
_ASPECT = 0.72


def choose_digit(ink):
    """Return what belongs to the one digit in a picture.

    The digit is the piece with the most ink, each pixel weighed by how far it is from
    the picture's edge; parts close to it, such as the bar of a 5, are its own.

    Parameters
    ----------
    ink : Ink
        Of a picture.

    Returns
    -------
    ndarray of shape (height, width), float32
        The digit's ink, with its blurred outline.

    Raises
    ------
    ValueError
        If there are ruled lines only, or what there is looks like no digit.
    """
    pieces = find_pieces(erase_form(ink), ink.strength)
    if not pieces.weight.any():
        raise ValueError("there is nothing like a digit in it.")
    # Who crops a digit and scales it to a square loses how wide it was, but leaves no
    # neighbours at the edges.
    chosen = _gather_parts(pieces, ink.width, at_edge=True)
    is_stretched = _fills_square(np.isin(pieces.labels, chosen + 1))
    if not is_stretched:
        chosen = _gather_parts(pieces, ink.width, at_edge=False)
    mask = np.isin(pieces.labels, chosen + 1)
    _check_form(mask, pieces.weight[chosen].sum() / pieces.weight.sum())
    digit = ink.fine * binary_dilation(mask, EIGHT)
    if digit.max() <= 0.5:
        raise ValueError("what is in it is far fainter than its lines.")
    return _undo_stretch(digit) if is_stretched else digit


def _check_form(mask, share):
    """Raise where noise, a pattern or a blot was taken for a digit."""
    edge = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if share < _LEAST_SHARE:
        raise ValueError("none of many things in it stands out.")
    if edge.mean() > _EDGE:
        raise ValueError("what is in it goes beyond its edges.")
    width, size = _measure(mask)
    if width > _THICKEST * size:
        raise ValueError("what is in it is a blot without strokes.")
    if np.count_nonzero(mask) > _LONGEST * width * size:
        raise ValueError("what is in it is noise, or a pattern of many lines.")


def is_blot(mask):
    """Tell whether ink is too thick for its size to be the strokes of a digit.

    Parameters
    ----------
    mask : ndarray of shape (height, width), bool
        Where there is ink: some.

    Returns
    -------
    bool
        Whether the mean width of the strokes is more than about half of the long side.
    """
    width, size = _measure(mask)
    return bool(width > _THICKEST * size)


def _measure(mask):
    """Return the width of the strokes, and the long side of what is inked."""
    size = max(np.ptp(positions) + 1 for positions in np.nonzero(mask))
    return measure_width(mask), size


def _fills_square(mask):
    """Tell whether a digit fills a square picture from edge to edge."""
    edges = [mask[0], mask[-1], mask[:, 0], mask[:, -1]]
    return len(mask) == len(mask.T) and all(edge.any() for edge in edges)


def _undo_stretch(strength):
    """Make a digit narrower that was stretched to fill a square picture."""
    height, width = strength.shape
    narrower = (2 * height, round(2 * _ASPECT * width))  # finer, to lose nothing
    scale = np.divide(narrower, strength.shape)
    return zoom(strength, scale, order=1, grid_mode=True, mode="grid-constant")


def _gather_parts(pieces, width, at_edge):
    """Return the main piece and, step by step, those close to it."""
    main = pieces.weight.argmax()
    chosen = np.arange(len(pieces.area)) == main
    least = max(_SPECK * pieces.area[main], width**2 / 2)
    candidates = (at_edge | ~pieces.at_edge) & (pieces.area >= least) & ~chosen
    while True:
        boxes = pieces.boxes[chosen]
        starts, stops = boxes[:, ::2].min(axis=0), boxes[:, 1::2].max(axis=0)
        size = (stops - starts).max()
        gaps = np.maximum(pieces.boxes[:, ::2] - stops, starts - pieces.boxes[:, 1::2])
        beyond = np.maximum(
            starts[1] - pieces.boxes[:, 2], pieces.boxes[:, 3] - stops[1]
        )
        near = (gaps[:, 0] <= _GAP * size) & (gaps[:, 1] <= 1.5 * width)
        found = candidates & near & (beyond <= _GAP * size) & ~chosen
        if not found.any():
            return np.flatnonzero(chosen)
        chosen |= found
