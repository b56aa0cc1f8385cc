"""The sheet of paper in a photograph that also shows what it lies on."""

import numpy as np
from scipy.ndimage import (
    binary_dilation,
    binary_erosion,
    binary_fill_holes,
    distance_transform_edt,
    label,
)
from scipy.spatial import ConvexHull

from skmnist._pictures.binarization import find_threshold

# Pixels on the long side, enough to see a sheet; and on the short side, too few to.
_SCOUT, _NARROWEST = 96, 8
_EDGE = 3  # of these pixels: how far a sheet's edge may be felt
_LEAST, _MOST = 0.25, 0.95  # of the picture that a sheet covers
_CONVEX = 0.95  # of the area of its convex hull: a sheet has straight edges
_WHOLE = 0.9  # of its area: ink on it may be dark, but not a large hole
_GLARE = 2 / 3  # of the step from the desk to the sheet: what is no sheet yet
_LEAST_STEP = 0.08  # of white, from the desk to the sheet
# Of that step: what there is of it within two pixels, at a sheet's edge. Light falls
# off more gently.
_SHARP = 0.6


def clear_desk(shade):
    """Paint over what lies beyond the sheet of paper, where one is seen.

    Parameters
    ----------
    shade : ndarray of shape (height, width), float32
        How bright the pixels are, from 0 to 1.

    Returns
    -------
    ndarray of shape (height, width), float32
        As if the sheet went on; `shade` itself where there is none.
    """
    step = -(-max(shade.shape) // _SCOUT)
    height, width = (n // step for n in shade.shape)
    if min(height, width) < _NARROWEST:
        return shade
    blocks = shade[: height * step, : width * step].reshape(height, step, width, step)
    # The brighter pixels of a block are paper, not ink.
    scout = np.quantile(blocks, 0.75, axis=(1, 3)).astype(np.float32)
    sheet = _find_sheet(scout)
    if sheet is None or not _is_written_on(sheet, np.ptp(blocks, axis=(1, 3))):
        return shade
    rows, columns = distance_transform_edt(
        ~sheet, return_distances=False, return_indices=True
    )
    places = np.ix_(
        *(np.minimum(np.arange(n) // step, n // step - 1) for n in shade.shape)
    )
    return np.where(sheet[places], shade, scout[rows, columns][places])


def _find_sheet(scout):
    """Return where a bright sheet is, without its edges, or None."""
    bright = scout - scout.min()
    above = bright > find_threshold(bright)
    if not above.any():
        return None
    # Light that is reflected by a table comes close to a sheet's.
    levels = np.median(scout[~above]), np.median(scout[above])
    labels, n_pieces = label(scout > levels[0] + _GLARE * (levels[1] - levels[0]))
    if not n_pieces:
        return None
    bright = labels == np.bincount(labels.flat)[1:].argmax() + 1
    sheet = binary_fill_holes(bright)
    if bright.sum() < _WHOLE * sheet.sum():  # the stroke of a 0
        return None
    # A sheet that runs out of the picture has no edge there.
    inner = binary_erosion(sheet, iterations=_EDGE, border_value=1)
    outer = ~binary_dilation(sheet)
    if not (_LEAST <= sheet.mean() <= _MOST and inner.any() and outer.any()):
        return None
    hull = ConvexHull(np.argwhere(sheet)).volume  # in two dimensions, the area
    if sheet.sum() < _CONVEX * hull:
        return None
    step = np.median(scout[inner]) - np.median(scout[outer])
    return inner if _has_edge(scout, sheet, step) else None


def _is_written_on(sheet, contrast):
    """Tell whether there is more contrast on the sheet than beside it, as ink makes.

    Else it is a bright wall beside a blackboard, or paper on a patterned cloth.
    """
    beside = contrast[binary_erosion(~sheet, iterations=_EDGE, border_value=1)]
    return not beside.size or _find_high(contrast[sheet]) >= _find_high(beside)


def _find_high(contrast):
    return np.quantile(contrast, 0.98)


def _has_edge(scout, sheet, step):
    """Tell whether the brightness falls by most of a step within two pixels."""
    if step < _LEAST_STEP:
        return False
    padded = np.pad(scout, 2, mode="edge")
    height, width = scout.shape
    moved = [
        padded[2 + 2 * i : 2 + 2 * i + height, 2 + 2 * j : 2 + 2 * j + width]
        for i, j in ((-1, 0), (1, 0), (0, -1), (0, 1))
    ]
    fall = scout - np.min(moved, axis=0)
    edge = sheet & ~binary_erosion(sheet, border_value=1)
    return np.median(fall[edge]) >= _SHARP * step
