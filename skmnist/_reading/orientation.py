"""Page orientation detection: by how probable the digits are each way up."""

import numpy as np

from skmnist._reading.page_layout import WIDEST, PageLayout

ORIENTATIONS = ("auto", "upright")
_UPRIGHT = np.log(100)  # log-odds: prior that a picture is upright


def orient_page(ink, classify, orientation="auto"):
    """Find the digits of a picture, turned so that they are upright.

    Parameters
    ----------
    ink : Ink
        Of the picture.
    classify : callable
        Accepts a list of drawings and returns the probabilities of the classes, of
        shape (n_drawings, n_classes).
    orientation : {"auto", "upright"}, default="auto"
        Whether to turn the picture if its digits are not upright.

    Returns
    -------
    page : PageLayout
        Of the picture, turned.
    probabilities : ndarray of shape (n_drawings, n_classes)
        Of the page's drawings, in reading order.
    n_turns : int
        By how many right angles it was turned, counterclockwise.
    """
    page, probabilities = _classify_page(ink, classify)
    doubt = _mean_negative_log_likelihood(probabilities)
    best = page, probabilities, 0
    # If the doubt is so small, no other orientation can beat the prior.
    if orientation == "upright" or len(probabilities) * doubt <= _UPRIGHT:
        return best
    # Half the doubt at most: letters are equally doubtful each way up.
    least = min(doubt / 2, doubt - _UPRIGHT / len(probabilities))
    for n_turns in (1, 2, 3):
        page, found = _classify_page(_rotate(ink, n_turns), classify)
        doubt = _mean_negative_log_likelihood(found)
        # A page that loses most of its digits when turned was upright before.
        if _count_upright(page) >= len(probabilities) / 2 and doubt < least:
            best, least = (page, found, n_turns), doubt
    return best


def _classify_page(ink, classify):
    """Return the layout of a page and the probabilities of its drawings."""
    page = PageLayout(ink)
    drawings = [page.cut_out(group) for row in page.rows for group in row]
    return page, classify(drawings) if drawings else np.empty((0, 0))


def _count_upright(page):
    """Return how many drawings are not too wide to be upright digits."""
    boxes = [page.find_box(group) for row in page.rows for group in row]
    return sum(
        right - left <= WIDEST * (bottom - top) for top, bottom, left, right in boxes
    )


def _mean_negative_log_likelihood(probabilities):
    """Return the mean negative log-likelihood of the most probable classes."""
    if not len(probabilities):
        return 0.0
    return -np.log(probabilities.max(axis=1)).mean()


def _rotate(ink, n_turns):
    planes = ("contrast", "foreground", "fine_contrast")
    turned = {name: np.rot90(getattr(ink, name), n_turns) for name in planes}
    return ink._replace(**turned)


def rotate_box_back(box, n_turns, shape):
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
