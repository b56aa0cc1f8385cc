"""Windows: squares cut out of a page, brought to one size."""

import numpy as np
from PIL import Image


def cut_windows(page, boxes, n_pixels, long_side):
    """Cut a square around each box out of a page.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels.
    boxes : ndarray of shape (n_boxes, 4)
        Left, top, right and bottom in pixels.
    n_pixels : int
        Side of a window.
    long_side : int
        Of each box in its window, in pixels. The boxes lie in the middle.

    Returns
    -------
    windows : ndarray of shape (n_boxes, n_pixels, n_pixels), uint8
        Beyond the page's border, its last pixels are repeated.
    sides : ndarray of shape (n_boxes,)
        Of the squares, in pixels of the page.
    """
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) * n_pixels / long_side
    windows = np.empty((len(boxes), n_pixels, n_pixels), np.uint8)
    for window, (x, y), side in zip(windows, centres, sides, strict=True):
        window[:] = _cut_square(page, x - side / 2, y - side / 2, side, n_pixels)
    return windows, sides


def _cut_square(page, left, top, side, n_pixels):
    x, y = int(np.floor(left)), int(np.floor(top))
    n = int(np.ceil(side)) + 2
    rows = np.clip(np.arange(y, y + n), 0, len(page) - 1)
    columns = np.clip(np.arange(x, x + n), 0, page.shape[1] - 1)
    square = Image.fromarray(page[np.ix_(rows, columns)])
    box = left - x, top - y, left - x + side, top - y + side
    method = Image.Resampling.HAMMING if side > n_pixels else Image.Resampling.BICUBIC
    return np.asarray(square.resize((n_pixels, n_pixels), method, box))
