"""Which way up a page is, by what its digits look most like."""

import numpy as np

from skmnist._ink import Ink
from skmnist._layout import Page

ORIENTATIONS = ("auto", "upright")
# The odds against a picture that is not upright: whoever takes one sees it.
_UPRIGHT = np.log(100)
_MOST_DRAWINGS = 64  # enough to tell; a page may hold thousands


def find_page(ink, classify, orientation="auto"):
    """Find the digits of a picture, turned so that they are upright.

    Parameters
    ----------
    ink : Ink
        Of the picture.
    classify : callable
        Takes a list of drawings, returns the probabilities of the classes, of shape
        (n_drawings, n_classes).
    orientation : {"auto", "upright"}, default="auto"
        Whether to turn it where its digits are not upright.

    Returns
    -------
    page : Page
        Of the picture, turned.
    n_turns : int
        By how many right angles it was turned, counterclockwise.
    """
    page = Page(ink)
    n_drawings = sum(map(len, page.rows))
    if orientation == "upright" or not n_drawings:
        return page, 0
    pages, doubts = [page], [_doubt(page, classify)]
    # Where there is less doubt than that, no other way can be so much better.
    if n_drawings * doubts[0] > _UPRIGHT:
        pages += [Page(_turn(ink, n_turns)) for n_turns in (1, 2, 3)]
        doubts += [_doubt(page, classify) for page in pages[1:]]
    # A page that keeps few of its drawings when turned was not meant so.
    counts = np.array([sum(map(len, page.rows)) for page in pages])
    doubts = np.where(counts >= n_drawings / 2, doubts, np.inf)
    best = int(np.argmin(doubts))
    gain = n_drawings * (doubts[0] - doubts[best])
    # Letters are as doubtful either way.
    if gain <= _UPRIGHT or doubts[best] > doubts[0] / 2:
        best = 0
    return pages[best], best


def _doubt(page, classify):
    """Return the mean negative log-probability of what the drawings look most like."""
    groups = [group for row in page.rows for group in row]
    if not groups:
        return np.inf
    groups = groups[:: -(-len(groups) // _MOST_DRAWINGS)]
    probabilities = classify([page.cut_out(group) for group in groups])
    return -np.log(probabilities.max(axis=1)).mean()


def _turn(ink, n_turns):
    strength, mask = (np.rot90(a, n_turns) for a in (ink.strength, ink.mask))
    return Ink(strength, mask, ink.width)


def turn_back(box, n_turns, shape):
    """Return where a box of a turned page is in the picture.

    Parameters
    ----------
    box : tuple of int
        Left, top, right and bottom on the page, half open.
    n_turns : int
        By how many right angles the picture was turned, counterclockwise.
    shape : tuple of (int, int)
        Height and width of the page.

    Returns
    -------
    ndarray of shape (4,), int
        The same in the picture.
    """
    height, width = shape
    left, top, right, bottom = box
    for _ in range(n_turns):
        left, top, right, bottom = height - bottom, left, height - top, right
        height, width = width, height
    return np.array([left, top, right, bottom])
