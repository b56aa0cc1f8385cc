"""Page orientation: which way up the most digits are found."""

from typing import NamedTuple

import numpy as np

from skmnist._reading.detection import Things, detect
from skmnist._reading.suppression import keep_likely, merge_scales

ORIENTATIONS = ("auto", "upright")
# Probability of a digit anywhere, and of one beside another. By
# `python pretraining/measure_detection.py`, F1 is best for 0.35 or 0.4 and 0.25, 0.927;
# the lower value loses fewer digits that stand alone.
CERTAIN, POSSIBLE = 0.35, 0.25
# Probability: a page whose digits have it on average is upright. Two in five upright
# pages have it, and 5 % of those upside down; measured by the same script.
_CLEARLY = 0.65
# Factor, and number of digits: most pictures are upright, so a turned one must show
# more digits by both.
_TIMES, _DIGITS = 1.5, 1


class Sheet(NamedTuple):
    """A page the right way up, and what was found on it."""

    page: np.ndarray  # (height, width) uint8
    n_turns: int  # by how many right angles it was turned, counterclockwise
    digits: Things
    levels: list  # of (float, Things): all that was found, by scale


def find_digits(page, orientation="auto"):
    """Find the digits on a page, turned so that they are upright.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels.
    orientation : {"auto", "upright"}, default="auto"
        Whether to turn the page if its digits are not upright.

    Returns
    -------
    Sheet
        The page and its digits.
    """
    best = _look(page, 0)
    if orientation == "upright" or _is_clear(best):
        return best
    least = _TIMES * _count(best) + _DIGITS
    for n_turns in (1, 3, 2):
        sheet = _look(page, n_turns)
        if _count(sheet) > least:
            best, least = sheet, _count(sheet)
    return best


def _look(page, n_turns):
    turned = np.ascontiguousarray(np.rot90(page, n_turns))
    levels = detect(turned)
    digits = keep_likely(merge_scales(levels, POSSIBLE), CERTAIN, POSSIBLE)
    return Sheet(turned, n_turns, digits, levels)


def _is_clear(sheet):
    """Return whether there is nothing, or digits that are clearly upright."""
    if not any(len(things) for _, things in sheet.levels):
        return True
    return len(sheet.digits) > 0 and sheet.digits.certainties.mean() > _CLEARLY


def _count(sheet):
    """Return how many digits there are, the doubtful ones counting less."""
    return np.sum(sheet.digits.certainties - POSSIBLE) / (1 - POSSIBLE)


def rotate_box_back(box, n_turns, shape):
    """Return where a box of a turned page is in the picture.

    Parameters
    ----------
    box : ndarray of shape (4,)
        Left, top, right and bottom on the page.
    n_turns : int
        By how many right angles the picture was turned, counterclockwise.
    shape : tuple of (int, int)
        Height and width of the page.

    Returns
    -------
    tuple of 4 numbers
        The same in the picture.
    """
    height, width = shape
    left, top, right, bottom = box
    for _ in range(n_turns):
        left, top, right, bottom = height - bottom, left, height - top, right
        height, width = width, height
    return left, top, right, bottom
