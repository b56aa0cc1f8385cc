"""Cutting: digits found on a page, cut out and brought to MNIST's form."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import joblib
import numpy as np
from PIL import Image
from scipy.ndimage import binary_dilation, find_objects, gaussian_filter, label

from skmnist._data import mnist_form
from skmnist._reading.stroke_width import STROKE_WIDTHS, normalize_stroke_width

POLARITIES = ("auto", "dark", "light")  # of the ink
# Pixels: side of a cut, and long side of the digit in it: twice that in MNIST's form.
# What lies around it shows how light the paper is.
SIDE, _DIGIT = 64, 40
# Pixels of the cut: standard deviation of the smoothing, below half of the thinnest
# stroke. `python pretraining/measure_cuts.py` measures this and the next number.
_SMOOTHING = 0.7
# Pixels of the cut: how far around the box the paper is looked for, and ends of the
# digit. Farther away may lie other paper.
_RING = 6
# Share of the box's sides: what lies farther out is not the digit's.
_SLACK = 0.03
_LEVELS = 64  # histogram bins: more than the grey levels that noise leaves apart
# Share of the largest piece: smaller pieces are specks, or ends of what lies beside.
_SPECK = 0.05
# Digits cut at a time: their pixels fit a processor's cache.
_AT_ONCE = 32
_IN_PLANE = np.zeros((3, 3, 3), bool)
_IN_PLANE[1] = True

_Y, _X = (np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2) / SIDE
_PLANE = np.stack([np.ones_like(_X), _X, _Y], axis=-1).reshape(-1, 3)


class Cuts(NamedTuple):
    """Digits cut out of a page, all of one size."""

    contrast: np.ndarray  # (n, side, side) float32: 0 on paper, 1 for typical ink
    drawings: np.ndarray  # (n, side, side) float32: the same, of the digit only
    boxes: np.ndarray  # (n, 4) float: of the drawings' ink, in pixels of the page
    is_light: np.ndarray  # (n,) bool: whether the ink is lighter than the paper
    ink: np.ndarray  # (n,) float: grey levels between paper and typical ink


def cut_digits(page, boxes):
    """Cut digits out of a page.

    Paper is a plane of grey levels, fitted to what lies around the box, which allows
    for uneven light; ink is what differs from it by more than Otsu's threshold.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels, ink darker or lighter than paper.
    boxes : ndarray of shape (n_digits, 4)
        Left, top, right and bottom in pixels.

    Returns
    -------
    Cuts
        A drawing is blank where no ink is found.
    """
    if not len(boxes):
        blank = np.zeros((0, SIDE, SIDE), np.float32)
        return Cuts(blank, blank, boxes, np.zeros(0, bool), np.zeros(0))
    if len(boxes) <= _AT_ONCE:  # threads would take longer to start
        return _cut_some(page, boxes)
    blocks = np.array_split(boxes, -(-len(boxes) // _AT_ONCE))
    with ThreadPoolExecutor(joblib.cpu_count()) as pool:
        parts = pool.map(partial(_cut_some, page), blocks)
        return Cuts(*map(np.concatenate, zip(*parts, strict=True)))


def _cut_some(page, boxes):
    cuts, inside, around = _cut(page, boxes)
    contrast, *others = _find_contrast(cuts, inside, around)
    drawings = _select_pieces(contrast, inside, around)
    return Cuts(contrast, drawings, _measure(drawings, boxes), *others)


def as_rows(drawings, stroke_width=STROKE_WIDTHS):
    """Bring drawings to MNIST's form.

    Parameters
    ----------
    drawings : ndarray of shape (n_digits, side, side), float32
        Of `cut_digits`.
    stroke_width : tuple of (float, float) or None
        As in `normalize_stroke_width`.

    Returns
    -------
    ndarray of shape (n_digits, 784), uint8
        Blank where a drawing is blank.
    """
    rows = np.zeros((len(drawings), mnist_form.SIDE**2), np.uint8)
    for row, drawing in zip(rows, drawings, strict=True):
        if (drawing > 0.5).any():
            row[:] = normalize_stroke_width(drawing, stroke_width).ravel()
    return rows


def find_largest_piece(page):
    """Find the largest connected piece of ink on a page.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels.

    Returns
    -------
    box : ndarray of shape (4,), float
        Left, top, right and bottom in pixels.
    share : float
        Of all ink; 0 if there is none.
    """
    height, width = page.shape
    whole = np.array([[0, 0, width, height]], float)
    cuts, inside, around = _cut(page, whole)
    contrast, *_ = _find_contrast(cuts, inside, around)
    labels, n_pieces = label((contrast > 0.5) & inside, _IN_PLANE)
    if not n_pieces:
        return whole[0], 0.0
    areas = np.bincount(labels.ravel())[1:]
    _, rows, columns = find_objects(labels)[areas.argmax()]
    # The page lies in the middle of its cut.
    scale = max(height, width) / _DIGIT
    starts = scale * (np.array([columns.start, rows.start]) - SIDE / 2)
    stops = scale * (np.array([columns.stop, rows.stop]) - SIDE / 2)
    box = np.concatenate([starts, stops]) + np.tile([width / 2, height / 2], 2)
    return box, areas.max() / areas.sum()


def _measure(drawings, boxes):
    """Return the boxes of the drawings' ink; of blank ones, the boxes given."""
    is_ink = drawings > 0.5
    edges = np.empty((len(boxes), 4))
    for k, axis in enumerate((1, 2)):  # across, then down
        filled = is_ink.any(axis=axis)
        edges[:, k] = filled.argmax(axis=1)
        edges[:, k + 2] = SIDE - filled[:, ::-1].argmax(axis=1)
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    placed = np.tile(centres, 2) + (edges - SIDE / 2) * sides / _DIGIT
    return np.where(is_ink.any(axis=(1, 2))[:, None], placed, boxes)


def _cut(page, boxes):
    """Return squares around boxes, and which pixels lie in and around the boxes."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) * SIDE / _DIGIT
    cuts = np.empty((len(boxes), SIDE, SIDE), np.float32)
    for cut, (x, y), side in zip(cuts, centres, sides, strict=True):
        cut[:] = _cut_square(page, x - side / 2, y - side / 2, side)
    size = (boxes[:, 2:] - boxes[:, :2]) / sides[:, None]
    half = (0.5 + _SLACK) * size[:, ::-1, None, None]
    inside, around = (
        (np.abs(_Y) <= half[:, 0] + ring) & (np.abs(_X) <= half[:, 1] + ring)
        for ring in (0, _RING / SIDE)
    )
    return cuts, inside, around & ~inside


def _cut_square(page, left, top, side):
    """Return a square of the page; beyond its border, the last pixels are repeated."""
    x, y = int(np.floor(left)), int(np.floor(top))
    n = int(np.ceil(side)) + 2
    rows = np.clip(np.arange(y, y + n), 0, len(page) - 1)
    columns = np.clip(np.arange(x, x + n), 0, page.shape[1] - 1)
    square = Image.fromarray(page[np.ix_(rows, columns)])
    box = left - x, top - y, left - x + side, top - y + side
    method = Image.Resampling.HAMMING if side > SIDE else Image.Resampling.BICUBIC
    return np.asarray(square.resize((SIDE, SIDE), method, box))


def _find_contrast(cuts, inside, around):
    """Return pixels, 0 on paper to 1 for ink, which ink is light, and its levels."""
    pixels = gaussian_filter(cuts, (0, _SMOOTHING, _SMOOTHING)).reshape(len(cuts), -1)
    is_in = inside.reshape(len(cuts), -1)
    around = around.reshape(len(cuts), -1)
    difference = pixels - _fit_paper(pixels, around)
    # Once more without the half that differs most: it may be ink.
    off = np.ma.array(np.abs(difference), mask=~around)
    middle = np.ma.median(off, axis=1).filled(0)[:, None]
    difference = pixels - _fit_paper(pixels, (off <= middle).filled(False))
    light, dark = (
        (np.clip(sign * difference, 0, None) ** 2 * is_in).sum(axis=1)
        for sign in (1, -1)
    )
    is_light = light > dark
    contrast = np.clip(np.where(is_light[:, None], difference, -difference), 0, None)
    ink = 2 * _find_thresholds(contrast, is_in)
    # Less than a grey level is no ink.
    contrast = np.minimum(contrast / np.maximum(ink, 1)[:, None], 1)
    return contrast.reshape(cuts.shape).astype(np.float32), is_light, ink


def _fit_paper(pixels, is_paper):
    """Fit a plane to each picture's paper."""
    weights = is_paper.astype(np.float32)
    left = np.einsum("np,pi,pj->nij", weights, _PLANE, _PLANE, optimize=True)
    right = (weights * pixels) @ _PLANE
    # With too few pixels the paper is level.
    left += np.diag([1e-3, 10, 10])
    return np.linalg.solve(left, right[..., None])[..., 0] @ _PLANE.T


def _find_thresholds(contrast, is_in):
    """Return the middle between the means of Otsu's two classes, for each cut."""
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
    return middle * highest / _LEVELS


def _select_pieces(contrast, inside, around):
    """Return the drawings of the digits, without what lies beside them."""
    is_ink = contrast > 0.5
    labels, n_pieces = label(is_ink & inside, _IN_PLANE)
    areas = np.bincount(labels.ravel(), minlength=n_pieces + 1)
    # Where each piece begins; the border of a cut belongs to none.
    places = np.unique(labels, return_index=True)[1]
    cut_of = places // SIDE**2
    wholes, _ = label(is_ink, _IN_PLANE)
    whole_areas = np.bincount(wholes.ravel())[wholes.ravel()[places]]
    # The largest piece is the digit, even if it touches what lies beside it.
    largest = np.zeros(len(contrast), int)
    np.maximum.at(largest, cut_of[1:], areas[1:])
    keeps = (areas >= _SPECK * largest[cut_of]) & (2 * areas >= whole_areas)
    keeps |= areas == largest[cut_of]
    keeps[0] = False
    # A piece that ends beside the box is whole; one that goes on is cut at the box.
    goes_on = np.zeros(wholes.max() + 1, bool)
    goes_on[wholes[~(inside | around)]] = True
    is_whole = np.zeros(len(goes_on), bool)
    is_whole[wholes.ravel()[places[keeps]]] = True
    kept = keeps[labels] | (is_whole & ~goes_on)[wholes]
    # The outline of the ink, too, but nothing of another piece.
    return contrast * (kept | (binary_dilation(kept, _IN_PLANE) & ~is_ink))
