"""Page segmentation: the sheet of paper in a photograph that shows its surroundings."""

import numpy as np
from scipy.ndimage import (
    binary_dilation,
    binary_erosion,
    binary_fill_holes,
    distance_transform_edt,
    label,
)
from scipy.spatial import ConvexHull

from skmnist._pictures.background import find_threshold

_COARSE_SIDE = 96  # pixels: long side of the reduced picture, enough to see a page
_LEAST_SIDE = 8  # pixels: short side of the reduced picture; less cannot show a page
_EDGE = 3  # pixels of the reduced picture: how far the blur of an edge reaches
_LEAST_AREA, _MOST_AREA = 0.25, 0.95  # share of the picture that a page covers
_LEAST_CONVEXITY = 0.95  # share of the convex hull's area: a page has straight edges
# Share of the page's area without holes: ink may be dark, but it leaves no large hole.
_LEAST_FILL = 0.9
# Share of the step from surroundings to page: light reflected by a table is below it.
_REFLECTION = 2 / 3
_LEAST_STEP = 0.08  # brightness: least step from surroundings to page
# Least share of the step that falls within two pixels of a page's edge; shading is more
# gradual.
_SHARP = 0.6


def mask_page(gray):
    """Fill everything outside the page, if there is one, with the nearest paper.

    Parameters
    ----------
    gray : ndarray of shape (height, width), float32
        Brightness, from 0 to 1.

    Returns
    -------
    ndarray of shape (height, width), float32
        As if the page filled the picture; `gray` itself if no page is found.
    """
    step = -(-max(gray.shape) // _COARSE_SIDE)
    height, width = (n // step for n in gray.shape)
    if min(height, width) < _LEAST_SIDE:
        return gray
    blocks = gray[: height * step, : width * step].reshape(height, step, width, step)
    # The brighter pixels of a block are paper, not ink.
    coarse = np.quantile(blocks, 0.75, axis=(1, 3)).astype(np.float32)
    page = _find_page_mask(coarse)
    if page is None or not _has_writing(page, np.ptp(blocks, axis=(1, 3))):
        return gray
    rows, columns = distance_transform_edt(
        ~page, return_distances=False, return_indices=True
    )
    places = np.ix_(
        *(np.minimum(np.arange(n) // step, n // step - 1) for n in gray.shape)
    )
    return np.where(page[places], gray, coarse[rows, columns][places])


def _find_page_mask(coarse):
    """Return the mask of a bright page, without its edges, or None."""
    bright = coarse - coarse.min()
    above = bright > find_threshold(bright)
    if not above.any():
        return None
    # A table that reflects light may be nearly as bright as the page.
    levels = np.median(coarse[~above]), np.median(coarse[above])
    limit = levels[0] + _REFLECTION * (levels[1] - levels[0])
    labels, n_components = label(coarse > limit)
    if not n_components:
        return None
    bright = labels == np.bincount(labels.flat)[1:].argmax() + 1
    page = binary_fill_holes(bright)
    if bright.sum() < _LEAST_FILL * page.sum():  # the stroke of a 0
        return None
    # A page that leaves the picture has no edge there.
    inner = binary_erosion(page, iterations=_EDGE, border_value=1)
    outer = ~binary_dilation(page)
    fits = _LEAST_AREA <= page.mean() <= _MOST_AREA
    if not (fits and inner.any() and outer.any()):
        return None
    hull = ConvexHull(np.argwhere(page)).volume  # in two dimensions, the area
    if page.sum() < _LEAST_CONVEXITY * hull:
        return None
    step = np.median(coarse[inner]) - np.median(coarse[outer])
    return inner if _has_sharp_edge(coarse, page, step) else None


def _has_writing(page, contrast):
    """Return whether the page has at least as much contrast as its surroundings.

    If not, it is a bright wall beside a blackboard, or paper on a patterned cloth.
    """
    outside = contrast[binary_erosion(~page, iterations=_EDGE, border_value=1)]
    return not outside.size or _find_high(contrast[page]) >= _find_high(outside)


def _find_high(contrast):
    return np.quantile(contrast, 0.98)


def _has_sharp_edge(coarse, page, step):
    """Return whether most of the step falls within two pixels of the page's edge."""
    if step < _LEAST_STEP:
        return False
    padded = np.pad(coarse, 2, mode="edge")
    height, width = coarse.shape
    moved = [
        padded[2 + 2 * i : 2 + 2 * i + height, 2 + 2 * j : 2 + 2 * j + width]
        for i, j in ((-1, 0), (1, 0), (0, -1), (0, 1))
    ]
    fall = coarse - np.min(moved, axis=0)
    edge = page & ~binary_erosion(page, border_value=1)
    return np.median(fall[edge]) >= _SHARP * step
