"""Which way up a page is, by what its digits look most like."""

import numpy as np

from skmnist._reading.page_layout import WIDEST, Page

ORIENTATIONS = ("auto", "upright")
# The odds against a picture that is not upright: whoever takes one sees it.
_UPRIGHT = np.log(100)


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
    probabilities : ndarray of shape (n_drawings, n_classes)
        What its drawings look like, in reading order.
    n_turns : int
        By how many right angles it was turned, counterclockwise.
    """
    page, probabilities = _look(ink, classify)
    best, doubt = (page, probabilities, 0), _doubt(probabilities)
    # Where there is less doubt than that, no other way can be so much better.
    if orientation == "upright" or len(probabilities) * doubt <= _UPRIGHT:
        return best
    # Letters are as doubtful any way.
    least = min(doubt / 2, doubt - _UPRIGHT / len(probabilities))
    for n_turns in (1, 2, 3):
        page, found = _look(_turn(ink, n_turns), classify)
        # A page that keeps few of its digits when turned was not meant so.
        if _count_digits(page) >= len(probabilities) / 2 and _doubt(found) < least:
            best, least = (page, found, n_turns), _doubt(found)
    return best


def _look(ink, classify):
    """Return a page and the probabilities of its drawings."""
    page = Page(ink)
    drawings = [page.cut_out(group) for row in page.rows for group in row]
    return page, classify(drawings) if drawings else np.empty((0, 0))


def _count_digits(page):
    """Return how many drawings do not lie on their side."""
    boxes = [page.find_box(group) for row in page.rows for group in row]
    return sum(
        right - left <= WIDEST * (bottom - top) for top, bottom, left, right in boxes
    )


def _doubt(probabilities):
    """Return the mean negative log-probability of what drawings look most like."""
    if not len(probabilities):
        return 0.0
    return -np.log(probabilities.max(axis=1)).mean()


def _turn(ink, n_turns):
    planes = ("strength", "mask", "fine")
    turned = {name: np.rot90(getattr(ink, name), n_turns) for name in planes}
    return ink._replace(**turned)


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
