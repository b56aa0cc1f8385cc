"""Page orientation: which way up the most digits are found."""

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from skmnist._reading.detection import Things, detect
from skmnist._reading.suppression import keep_likely, merge_scales

ORIENTATIONS = ("auto", "upright")
# Probability of a digit anywhere, and of one beside another. By
# `python pretraining/measure_detection.py`, F1 is best for these, 0.903.
CERTAIN, POSSIBLE = 0.35, 0.25
# Probability: a page whose digits have it on average is upright. Two in five upright
# pages have it, and 5 % of those upside down; measured by the same script.
_CLEARLY = 0.65
# Factor, and number of digits: most pictures are upright, so a turned one must show
# more digits by both.
_TIMES, _DIGITS = 1.5, 1
# Heights of what is found: side of the square that is turned first. If its digits are
# not upright, the whole page is turned.
_SAMPLE = 20.0


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
    sample = _choose_sample(best)
    is_whole = sample.shape == page.shape
    upright = best if is_whole else _look(sample, 0)
    turned = max((_look(sample, n_turns) for n_turns in (1, 3, 2)), key=_count)
    if not _has_far_more(turned, upright):
        return best
    if not is_whole:
        turned = _look(page, turned.n_turns)
    return turned if _has_far_more(turned, best) else best


def _choose_sample(sheet):
    """Return the part of a page where most is found, as much as shows the way up."""
    things = Things.join([things for _, things in sheet.levels])
    side = _SAMPLE * np.median(things.heights)
    tree = cKDTree(things.centres)
    near = tree.query_ball_point(things.centres, side / 2, p=np.inf, return_length=True)
    middle = things.centres[near.argmax()]
    size = np.array(sheet.page.shape[::-1])
    # Within the page, so that pages up to this size are turned as a whole.
    left, top = np.clip(middle - side / 2, 0, np.maximum(size - side, 0)).astype(int)
    right, bottom = np.ceil([left + side, top + side]).astype(int)
    return sheet.page[top:bottom, left:right]


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


def _has_far_more(turned, upright):
    return _count(turned) > _TIMES * _count(upright) + _DIGITS


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
