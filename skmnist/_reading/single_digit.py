"""The one digit of a picture, wherever it lies."""

from itertools import islice

import numpy as np
from PIL import Image

from skmnist._reading.cutting import cut_digits, find_largest_piece
from skmnist._reading.detection import detect
from skmnist._reading.margin import add_margin, flatten_paper
from skmnist._reading.orientation import POSSIBLE
from skmnist._reading.suppression import ALIKE, merge_scales

# Pixels: as in `make_levels`; a picture's only digit is no small part of it.
_LEAST_SIDE = 250
# Grey levels: blank paper varies less, and five are hardly visible.
_LEAST_CONTRAST = 5
# Median difference of neighbouring pixels, a standard deviation of the noise: ink that
# the detector does not know differs so much from paper. What Otsu's threshold takes for
# ink in noise alone differs by four.
_CLEAR = 6
# Digits that are tried in turn where only dark or only light ink is wanted.
_MOST_TRIED = 16
# Share of all ink: with less, a piece does not stand out.
_MAJORITY = 1 / 2
# Share of the side, margin included: a digit that reaches so near to all sides of its
# picture fills it; the detector's boxes are no more exact.
_NEAR = 1 / 20
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
    cuts : Cuts
        With one drawing.
    n_alike : int
        How many digits of about its size and in such ink the picture shows.

    Raises
    ------
    ValueError
        If the picture is blank, or nothing in it stands out.
    """
    if np.ptp(page) < _LEAST_CONTRAST:
        raise ValueError("there is no ink in it.")
    noise = np.median(np.abs(np.diff(page.astype(int), axis=1)))
    clear = _CLEAR * max(noise, 1)
    found = _cut_first(page, _find_boxes, polarity, clear)
    if found is None:
        found = _cut_first(flatten_paper(page), _find_ink, polarity, clear)
    if found is None:
        raise ValueError(f"it shows nothing like a digit{_NAMES[polarity]}.")
    return found


_NAMES = {"auto": "", "dark": " in dark ink", "light": " in light ink"}


def _cut_first(page, find, polarity, clear):
    """Return the first digit found that is wanted, and how many are alike; or None."""
    wide, margin = add_margin(page)
    boxes, certainties = find(wide)
    wide, boxes = _undo_stretch(wide, margin, boxes)
    pairs = zip(boxes, certainties, strict=True)
    for box, certainty in islice(pairs, _MOST_TRIED):
        cuts = cut_digits(wide, box[None])
        is_wanted = polarity == "auto" or cuts.is_light[0] == (polarity == "light")
        is_clear = certainty > 0.5 or cuts.ink[0] > clear
        if is_wanted and is_clear and (cuts.drawings > 0.5).any():
            alike = boxes[_find_alike(box, boxes) & (np.array(certainties) > 0.5)]
            if len(alike) > 1:  # other digits; a single one is cut out only once
                alike = alike[cut_digits(wide, alike).is_light == cuts.is_light]
            return cuts, len(alike)
    return None


def _find_alike(box, boxes):
    """Return which boxes have about the height of a box."""
    ratios = (boxes[:, 3] - boxes[:, 1]) / (box[3] - box[1])
    return (ratios < ALIKE) & (1 / ratios < ALIKE)


def _find_boxes(page):
    """Return boxes of digits and their probabilities, the most prominent first."""
    digits = merge_scales(detect(page, _LEAST_SIDE), POSSIBLE)
    if not len(digits):
        return digits.boxes, []
    size = np.array(page.shape[::-1])
    # What is at the border was cut off, or lies beside the digit.
    to_border = np.minimum(digits.centres, size - digits.centres) / size
    prominence = digits.heights * to_border.min(axis=1)
    order = np.argsort(-prominence * digits.certainties, kind="stable")
    return digits.boxes[order], digits.certainties[order]


def _find_ink(page):
    """Return the box of the largest piece of ink, which must stand out."""
    box, share = find_largest_piece(page)
    if share < _MAJORITY:
        raise ValueError(
            "it shows many things, and none stands out. NumberReader and `skmnist "
            "read` read pages of many digits."
        )
    return box[None], [0.0]


def _undo_stretch(page, margin, boxes):
    """Make a picture narrower whose digit was stretched to fill the square.

    A digit that was cropped and resized to a square has lost its aspect ratio.
    """
    height, width = page.shape
    border = [margin, margin, width - margin, height - margin]
    is_full = len(boxes) and np.abs(boxes[0] - border).max() <= _NEAR * width
    if height != width or not is_full:
        return page, boxes
    # Finer, to lose nothing.
    scale = 2 * _ASPECT, 2
    narrower = [round(scale[0] * width), 2 * height]
    image = Image.fromarray(page).resize(narrower, Image.Resampling.BICUBIC)
    return np.asarray(image), boxes * (scale * 2)
