"""Cutting: digits found on a page, each brought to MNIST's form."""

import numpy as np
from PIL import Image
from scipy.ndimage import binary_dilation, label

from skmnist._data.mnist_form import SIDE
from skmnist._reading.stroke_width import STROKE_WIDTHS, normalize_stroke_width

POLARITIES = ("auto", "dark", "light")  # of the ink
# Pixels: side of a cut, and long side of the digit in it: twice that in MNIST's form.
# What lies around it shows how light the paper is.
_CUT, _DIGIT = 64, 40
# Share of the box's sides: the detector's boxes are a few pixels wrong.
_SLACK = 0.08
# Rounds in which paper and ink are told apart; the paper hardly changes after two.
_ROUNDS = 3
_LEVELS = 64  # histogram bins: more than the grey levels that noise leaves apart
# Share of the largest piece: smaller pieces are specks, or ends of what lies beside the digit.
_SPECK = 0.05
_IN_PLANE = np.zeros((3, 3, 3), bool)
_IN_PLANE[1] = True

_Y, _X = (np.mgrid[:_CUT, :_CUT] - (_CUT - 1) / 2) / _CUT
_PLANE = np.stack([np.ones_like(_X), _X, _Y], axis=-1).reshape(-1, 3)


def cut_digits(page, boxes, stroke_width=STROKE_WIDTHS):
    """Cut digits out of a page and bring them to MNIST's form.

    Paper is a plane of grey levels, which allows for uneven light; ink is what differs
    from it by more than Otsu's threshold.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels, ink darker or lighter than paper.
    boxes : ndarray of shape (n_digits, 4)
        Left, top, right and bottom in pixels.
    stroke_width : tuple of (float, float) or None
        As in `normalize_stroke_width`.

    Returns
    -------
    rows : ndarray of shape (n_digits, 784), uint8
        Blank where no ink is found.
    is_light : ndarray of shape (n_digits,), bool
        Whether the ink is lighter than the paper.
    """
    rows = np.zeros((len(boxes), SIDE * SIDE), np.uint8)
    if not len(boxes):
        return rows, np.zeros(0, bool)
    cuts, inside = _cut(page, boxes)
    contrast, is_light = _find_contrast(cuts, inside)
    for row, drawing in zip(rows, _select_pieces(contrast, inside), strict=True):
        if (drawing > 0.5).any():
            row[:] = normalize_stroke_width(drawing, stroke_width).ravel()
    return rows, is_light


def _cut(page, boxes):
    """Return squares around boxes, scaled, and which pixels lie in the boxes."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) * _CUT / _DIGIT
    cuts = np.empty((len(boxes), _CUT, _CUT), np.float32)
    for cut, (x, y), side in zip(cuts, centres, sides, strict=True):
        cut[:] = _cut_square(page, x - side / 2, y - side / 2, side)
    size = (boxes[:, 2:] - boxes[:, :2]) / sides[:, None]
    half = (0.5 + _SLACK) * size[:, ::-1, None, None]
    inside = (np.abs(_Y) <= half[:, 0]) & (np.abs(_X) <= half[:, 1])
    return cuts, inside


def _cut_square(page, left, top, side):
    """Return a square of the page; beyond its border, the last pixels are repeated."""
    x, y = int(np.floor(left)), int(np.floor(top))
    n = int(np.ceil(side)) + 2
    rows = np.clip(np.arange(y, y + n), 0, len(page) - 1)
    columns = np.clip(np.arange(x, x + n), 0, page.shape[1] - 1)
    square = Image.fromarray(page[np.ix_(rows, columns)])
    box = left - x, top - y, left - x + side, top - y + side
    method = Image.Resampling.HAMMING if side > _CUT else Image.Resampling.BICUBIC
    return np.asarray(square.resize((_CUT, _CUT), method, box))


def _find_contrast(cuts, inside):
    """Return pixels as 0 on paper to 1 for typical ink, and which ink is light."""
    n_cuts = len(cuts)
    pixels = cuts.reshape(n_cuts, -1)
    is_in = inside.reshape(n_cuts, -1)
    is_paper = ~is_in
    # A digit as wide as its cut leaves no paper at the sides.
    for _ in range(_ROUNDS):
        difference = pixels - _fit_paper(pixels, is_paper)
        masses = [
            (np.clip(sign * difference, 0, None) ** 2 * is_in).sum(axis=1)
            for sign in (1, -1)
        ]
        sign = np.where(masses[0] > masses[1], 1, -1)[:, None]
        contrast = np.clip(difference * sign, 0, None)
        threshold, ink = _split(contrast, is_in)
        is_paper = np.abs(difference) < threshold[:, None]
    contrast /= np.maximum(ink, 1e-6)[:, None]
    return contrast.reshape(cuts.shape), sign[:, 0] > 0


def _fit_paper(pixels, is_paper):
    """Fit a plane to each picture's paper."""
    weights = is_paper.astype(np.float32)
    left = np.einsum("np,pi,pj->nij", weights, _PLANE, _PLANE, optimize=True)
    right = (weights * pixels) @ _PLANE
    # With too few pixels the paper is level.
    left += np.diag([1e-3, 10, 10])
    return np.linalg.solve(left, right[..., None])[..., 0] @ _PLANE.T


def _split(contrast, is_in):
    """Return Otsu's threshold for each picture, and twice it: the ink's contrast."""
    highest = (contrast * is_in).max(axis=1)
    level = contrast * (_LEVELS - 1e-3) / np.maximum(highest, 1e-6)[:, None]
    level = np.minimum(level, _LEVELS - 1).astype(np.int64)
    level += _LEVELS * np.arange(len(contrast))[:, None]
    count = np.bincount(level[is_in], minlength=_LEVELS * len(contrast))
    count = count.reshape(-1, _LEVELS)
    total = count * (np.arange(_LEVELS) + 0.5)
    n_low, low = count.cumsum(axis=1), total.cumsum(axis=1)
    n_high, high = n_low[:, -1:] - n_low, low[:, -1:] - low
    means = low / np.maximum(n_low, 1), high / np.maximum(n_high, 1)
    best = np.argmax(n_low * n_high * (means[1] - means[0]) ** 2, axis=1)
    rows = np.arange(len(contrast))
    middle = (means[0][rows, best] + means[1][rows, best]) / 2
    threshold = middle * highest / _LEVELS
    return threshold, 2 * threshold


def _select_pieces(contrast, inside):
    """Return the drawings of the digits, without what lies beside them."""
    contrast = np.minimum(contrast, 1)
    is_ink = contrast > 0.5
    labels, n_pieces = label(is_ink & inside, _IN_PLANE)
    areas = np.bincount(labels.ravel(), minlength=n_pieces + 1)
    places = np.unique(labels, return_index=True)[1]
    if not labels.min() == 0:
        places = np.r_[0, places]
    cut_of = places // _CUT**2
    wholes, _ = label(is_ink, _IN_PLANE)
    whole_areas = np.bincount(wholes.ravel())[wholes.ravel()[places]]
    # The largest piece is the digit, even if it touches what lies beside it.
    largest = np.zeros(len(contrast), int)
    np.maximum.at(largest, cut_of[1:], areas[1:])
    keeps = (areas >= _SPECK * largest[cut_of]) & (2 * areas >= whole_areas)
    keeps |= areas == largest[cut_of]
    keeps[0] = False
    kept = keeps[labels]
    # The outline of the ink, too, but nothing of another piece.
    return contrast * (kept | (binary_dilation(kept, _IN_PLANE) & ~is_ink))
