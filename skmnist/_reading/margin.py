"""The margin: paper around a page, so that nothing lies at its border."""

import numpy as np

# Pixels: width of the margin, at most a third of the short side.
_WIDTH = 64
# Rounds in which the paper is fitted, each without the half that differs most: ink.
_ROUNDS = 3


def add_margin(page):
    """Add paper around a page.

    A digit that touches the border would otherwise seem to go on beyond it, or to end.
    The paper is the plane of grey levels that most pixels of the border lie in.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels.

    Returns
    -------
    page : ndarray of shape (height + 2 * width, width + 2 * width), uint8
        With its margin.
    width : int
        Of the margin, in pixels.
    """
    height, width = page.shape
    margin = min(_WIDTH, -(-min(height, width) // 3))
    plane = _fit_border(page)
    y, x = np.ogrid[-margin : height + margin, -margin : width + margin]
    wide = np.clip(np.rint(_evaluate(plane, y, x)), 0, 255).astype(np.uint8)
    wide[margin : margin + height, margin : margin + width] = page
    return wide, margin


def flatten_paper(page):
    """Take away the light that falls on a page, as its border shows it.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels.

    Returns
    -------
    ndarray of shape (height, width), uint8
        128 on paper.
    """
    y, x = np.ogrid[: page.shape[0], : page.shape[1]]
    offset, *slopes = _fit_border(page)
    light = _evaluate((offset - 128, *slopes), y, x)
    return np.clip(np.rint(page - light), 0, 255).astype(np.uint8)


def _fit_border(page):
    """Return offset and slopes of the plane through most of the border's pixels."""
    height, width = page.shape
    across, down = np.arange(width), np.arange(height)
    y = np.concatenate([0 * across, 0 * across + height - 1, down, down])
    x = np.concatenate([across, across, 0 * down, 0 * down + width - 1])
    level = page[y, x].astype(float)
    terms = np.stack([np.ones(len(x)), y, x], axis=1)
    plane = np.array([np.median(level), 0, 0])
    for _ in range(_ROUNDS):
        off = np.abs(terms @ plane - level)
        near = off <= np.median(off)
        plane = np.linalg.lstsq(terms[near], level[near], rcond=None)[0]
    return plane


def _evaluate(plane, y, x):
    """Return the plane's grey levels, of any size."""
    return plane[0] + plane[1] * y.astype(np.float32) + plane[2] * x.astype(np.float32)
