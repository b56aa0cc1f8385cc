"""The one digit of a picture, wherever it lies."""

import numpy as np
from PIL import Image

from skmnist._reading.cutting import cut_digits, find_largest_piece
from skmnist._reading.detection import N_DIGITS, detect
from skmnist._reading.margin import add_margin
from skmnist._reading.suppression import merge_scales

# Grey levels: blank paper varies less, and five are hardly visible.
_LEAST_CONTRAST = 5
# Digits that are tried in turn where only dark or only light ink is wanted.
_MOST_TRIED = 16
# Share of all ink: with less, a piece does not stand out.
_MAJORITY = 1 / 2
# Share of the side: a digit that reaches so near to all sides fills its picture.
_NEAR = 1 / 16
# Width over height: geometric mean of MNIST's training images, ink above a half.
_ASPECT = 0.72


def extract_digit(page, polarity="auto"):
    """Cut out the one digit of a picture.

    Of several, it is the largest, most central and most probable one. Where the
    detector finds none, it is the largest piece of ink, if most of the ink is in it.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels.
    polarity : {"auto", "dark", "light"}, default="auto"
        Whether its ink is darker or lighter than the paper.

    Returns
    -------
    Cuts
        With one drawing.

    Raises
    ------
    ValueError
        If the picture is blank, or nothing in it stands out.
    """
    if np.ptp(page) < _LEAST_CONTRAST:
        raise ValueError("there is no ink in it.")
    page, _ = add_margin(_undo_stretch(page))
    boxes = _find_boxes(page)
    if not len(boxes):
        boxes = _find_ink(page)
    for box in boxes:
        cuts = cut_digits(page, box[None])
        is_wanted = polarity == "auto" or cuts.is_light[0] == (polarity == "light")
        if is_wanted and (cuts.drawings > 0.5).any():
            return cuts
    raise ValueError(f"it shows nothing like a digit{_NAMES[polarity]}.")


_NAMES = {"auto": "", "dark": " in dark ink", "light": " in light ink"}


def _find_boxes(page):
    """Return the boxes of the digits that the detector finds, the likeliest first."""
    digits = merge_scales(detect(page), least=0)
    if not len(digits):
        return digits.boxes
    size = np.array(page.shape[::-1])
    # What is at the border was cut off, or lies beside the digit.
    to_border = np.minimum(digits.centres, size - digits.centres) / size
    prominence = digits.heights * to_border.min(axis=1)
    certainty = digits.probabilities[:, :N_DIGITS].max(axis=1)
    order = np.argsort(-prominence * certainty, kind="stable")
    return digits.boxes[order[:_MOST_TRIED]]


def _find_ink(page):
    """Return the box of the largest piece of ink, if it stands out."""
    box, share = find_largest_piece(page)
    if share < _MAJORITY:
        raise ValueError(
            "it shows many things, and none stands out. NumberReader and `skmnist "
            "read` read pages of many digits."
        )
    return box[None]


def _undo_stretch(page):
    """Make a picture narrower whose digit was stretched to fill the square.

    A digit that was cropped and resized to a square has lost its aspect ratio.
    """
    height, width = page.shape
    if height != width:
        return page
    box, share = find_largest_piece(page)
    margins = np.abs(box - [0, 0, width, height])
    if share < _MAJORITY or margins.max() > _NEAR * width:
        return page
    # Finer, to lose nothing.
    narrower = round(2 * _ASPECT * width), 2 * height
    return np.asarray(Image.fromarray(page).resize(narrower, Image.Resampling.BICUBIC))
