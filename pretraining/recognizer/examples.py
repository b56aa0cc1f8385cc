"""Examples: what the detector finds on drawn pages, and what it is."""

import multiprocessing
from functools import partial

import numpy as np
from detector.marks import CLASSES, IGNORED
from detector.page import draw_page
from PIL import Image

from skmnist._reading.detection import detect
from skmnist._reading.recognition import LONG_SIDE, N_PIXELS
from skmnist._reading.suppression import compare_boxes
from skmnist._reading.windows import cut_windows

# The class of what is no digit and no sign.
NOTHING = len(CLASSES)

# Pixels around a window of the recognizer, for windows that are a bit beside.
BORDER = 4

# Intersection over union: a box that agrees so far with a digit's is the digit's, one
# that agrees less far is nothing's; in between nobody can say.
_AGREES, _DIFFERS = 0.5, 0.3

# The share of the pages that are shrunk, and by how much at most: small digits are
# enlarged to the window.
_SHRUNK, _MOST_SHRUNK = 0.35, 2.0

# Probability: what the detector takes for a digit with less is not asked about.
_LEAST_DIGIT = 0.05

_CHUNK = 50  # pages


def draw_examples(material, seed, numbers, n_processes=1):
    """Draw pages, and cut out what the detector finds on them.

    Parameters
    ----------
    material : Material
        What is written with.
    seed : int
        Of all pages.
    numbers : range
        Of the pages.
    n_processes : int
        How many draw. The examples are the same for any number.

    Returns
    -------
    windows : ndarray of shape (n, side, side), uint8
        `N_PIXELS` and a border of `BORDER` wide.
    labels : ndarray of shape (n,), uint8
        Indices in `CLASSES`, or `NOTHING`.
    """
    chunks = [numbers[k : k + _CHUNK] for k in range(0, len(numbers), _CHUNK)]
    draw = partial(_draw_chunk, material, seed)
    with multiprocessing.get_context("fork").Pool(n_processes) as pool:
        drawn = list(pool.imap(draw, chunks))
    windows, labels = zip(*drawn, strict=True)
    return np.concatenate(windows), np.concatenate(labels)


def _draw_chunk(material, seed, numbers):
    pages = [_draw_page(material, seed, number) for number in numbers]
    windows, labels = zip(*pages, strict=True)
    return np.concatenate(windows), np.concatenate(labels)


def _draw_page(material, seed, number):
    """Return the windows and labels of a page."""
    page, boxes, labels = draw_page(material, seed, number)
    rng = np.random.default_rng([seed, number, 1])
    if rng.random() < _SHRUNK:
        page, boxes = _shrink(page, boxes, rng.uniform(1, _MOST_SHRUNK))
    # The page as it is: too large digits are nothing on it.
    _, things = next(iter(detect(page, 1)))
    found = things.take(things.certainties >= _LEAST_DIGIT).boxes
    names = name_boxes(found, boxes, labels)
    found, names = found[names != IGNORED], names[names != IGNORED]
    n_pixels = N_PIXELS + 2 * BORDER
    windows, _ = cut_windows(page, found, n_pixels, LONG_SIDE)
    return windows, names.astype(np.uint8)


def _shrink(page, boxes, factor):
    size = [round(n / factor) for n in page.shape[::-1]]
    image = Image.fromarray(page).resize(size, Image.Resampling.HAMMING)
    return np.asarray(image), boxes / factor


def name_boxes(found, boxes, labels):
    """Say what lies in boxes that were found on a page.

    Parameters
    ----------
    found : ndarray of shape (n_found, 4)
        Left, top, right and bottom, pixels.
    boxes, labels : ndarray of shape (n_marks, 4), ndarray of shape (n_marks,)
        Of `draw_page`.

    Returns
    -------
    ndarray of shape (n_found,)
        Indices in `CLASSES`, `NOTHING`, or `IGNORED` where nobody can say.
    """
    names = np.full(len(found), NOTHING)
    if not len(found) or not len(boxes):
        return names
    centres = (found[:, :2] + found[:, 2:]) / 2
    ignored = boxes[labels == IGNORED]
    lies_in = (centres[:, None] > ignored[:, :2]) & (centres[:, None] < ignored[:, 2:])
    names[lies_in.all(axis=2).any(axis=1)] = IGNORED
    known, labels = boxes[labels >= 0], labels[labels >= 0]
    if len(known):
        agreement = compare_boxes(found[:, None], known[None])[0]
        best, nearest = agreement.max(axis=1), agreement.argmax(axis=1)
        names[(best > _DIFFERS) & (best <= _AGREES)] = IGNORED
        names[best > _AGREES] = labels[nearest[best > _AGREES]]
    return names
