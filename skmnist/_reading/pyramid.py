"""The pyramid: a page at several scales, and the parts of it worth looking at."""

from itertools import pairwise

import numpy as np
from PIL import Image
from scipy.ndimage import uniform_filter

# Pixels: heights of the digits that the detector was trained to find. The same numbers
# as in `pretraining/detector/marks.py`.
SMALLEST, LARGEST = 16, 54
# Ratio of one scale to the next: each digit has such a height on two or three scales.
STEP = 1.5
# Pixels: side of the square whose area smaller pictures are enlarged to, and the
# largest factor. They cost little, and their digits may be a few pixels high.
LEAST_SIDE, _MOST_ENLARGED = 500, 4
# Pixels: long and short side of the smallest level. On a smaller one, a digit that
# fills the page is lower than `SMALLEST`.
_LEAST_LONG, _LEAST_SHORT = 24, 12
# Grey levels: what differs less from its surroundings is blank. The detector takes
# it for noise, too: `CONTRAST_FLOOR` in `pretraining/detector/network.py`.
_BLANK = 4
# Pixels that are averaged before that is measured, as in the detector: noise vanishes,
# the thinnest stroke that it finds does not. And the side of the surroundings.
_POOL, _WINDOW = 4, 17
# Pixels: height and width of the parts that a large page is cut into, so that memory is
# bounded, at some 40 MB for each processor; and how far around a part the detector must
# see: the highest digit, and some paper.
_PART, _AROUND = 512, 64


def make_levels(page, least_side=LEAST_SIDE):
    """Scale a page so that each digit has a height that the detector knows.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels.
    least_side : int, default=LEAST_SIDE
        Pixels: smaller pages are enlarged to the area of such a square.

    Yields
    ------
    scale : float
        Pixels of the level for each pixel of the page.
    level : ndarray of shape (level_height, level_width), uint8
        The page, the largest level first.
    """
    image = Image.fromarray(page)
    height, width = page.shape
    scale = min(max(least_side / np.sqrt(page.size), 1.0), _MOST_ENLARGED)
    while True:
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        is_small = max(size) < _LEAST_LONG or min(size) < _LEAST_SHORT
        if is_small and scale < 1:
            return
        if size != image.size:
            method = Image.Resampling.HAMMING if scale < 1 else Image.Resampling.BICUBIC
            image = image.resize(size, method)
        yield scale, np.asarray(image)
        if is_small:
            return
        # Each level is made from the one before it; enlarged ones from the page.
        scale /= STEP
        if scale > 1 / STEP:
            image = Image.fromarray(page)


def find_parts(level):
    """Find the parts of a level that are not blank.

    Parameters
    ----------
    level : ndarray of shape (height, width), uint8
        Grey levels.

    Returns
    -------
    list of tuple of slice
        Rows and columns of each part. They do not overlap, and all ink is in one.
    """
    height, width = level.shape
    has_ink = _find_ink(level)
    parts = []
    for top in range(0, height, _PART):
        bottom = min(top + _PART, height)
        cells = has_ink[top // _POOL : -(-bottom // _POOL)]
        for start, stop in _join_runs(cells.any(axis=0)):
            rows = np.flatnonzero(cells[:, start:stop].any(axis=1))
            part = (
                slice(top + rows[0] * _POOL, min(top + (rows[-1] + 1) * _POOL, bottom)),
                slice(start * _POOL, min(stop * _POOL, width)),
            )
            parts.append(part)
    return parts


def widen(part, shape):
    """Return a part with its surroundings, cut at the border of the level."""
    return tuple(
        slice(max(s.start - _AROUND, 0), min(s.stop + _AROUND, n))
        for s, n in zip(part, shape, strict=True)
    )


def _find_ink(level):
    """Return which squares of pixels differ from their surroundings."""
    missing = [(0, -n % _POOL) for n in level.shape]
    squares = np.pad(level, missing, mode="edge")
    n_rows, n_columns = squares.shape[0] // _POOL, squares.shape[1] // _POOL
    squares = squares.reshape(n_rows, _POOL, n_columns, _POOL)
    coarse = squares.sum(axis=(1, 3), dtype=np.uint16).astype(np.float32) / _POOL**2
    surroundings = uniform_filter(coarse, _WINDOW, mode="nearest")
    return np.abs(coarse - surroundings) > _BLANK


def _join_runs(has_ink):
    """Yield start and stop of the columns with ink; narrow gaps are not worth a cut."""
    columns = np.flatnonzero(has_ink)
    if not len(columns):
        return
    cuts = np.flatnonzero(np.diff(columns) > 2 * _AROUND // _POOL)
    starts = columns[np.r_[0, cuts + 1]]
    stops = columns[np.r_[cuts, len(columns) - 1]] + 1
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        # Wide runs are cut into equal parts.
        n_parts = -(-(stop - start) * _POOL // _PART)
        edges = np.linspace(start, stop, n_parts + 1).round().astype(int).tolist()
        yield from pairwise(edges)
