"""Recognition: what the things are that were detected, each looked at by itself.

A detector that has to look at a whole page knows each thing less well than a network
that looks at one thing: Girshick et al., "Rich feature hierarchies for accurate object
detection", CVPR 2014.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache

import joblib
import numpy as np

from skmnist._network.recognizer_session import RecognizerSession
from skmnist._reading.class_probabilities import combine
from skmnist._reading.windows import cut_windows

# Pixels: side of the recognizer's windows, and long side of what lies in the middle.
N_PIXELS, LONG_SIDE = 32, 20
# Exponents of the detector's probabilities and of the recognizer's, by
# `python pretraining/measure_classes.py`.
DETECTOR, RECOGNIZER = 1.2, 0.65
# Windows in one call: they stay in the processor's cache.
_BLOCK = 32


@lru_cache(1)
def _load_recognizer():
    return RecognizerSession()


def recognize_digits(page, found, weights=(DETECTOR, RECOGNIZER)):
    """Say which digits were found, and leave out what is none.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels.
    found : Things
        What the detector takes for digits.
    weights : tuple of (float, float), default=(DETECTOR, RECOGNIZER)
        Exponents of the detector's probabilities and of the recognizer's.

    Returns
    -------
    Things
        The digits, with the probabilities of both.
    """
    both = combine(look_again(page, found), weights)
    is_thing = both.argmax(axis=1) < both.shape[1] - 1
    return replace(found, probabilities=both[:, :-1]).take(is_thing)


def look_again(page, found):
    """Return what both networks say of things on a page.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels.
    found : Things
        What the detector takes for digits.

    Returns
    -------
    detected, recognized : ndarray of shape (n_things, n_classes + 1)
        Probabilities of the detector's classes, and of nothing.
    """
    nothing = 1 - found.probabilities.sum(axis=1, keepdims=True)
    return np.hstack([found.probabilities, nothing]), recognize(page, found.boxes)


def recognize(page, boxes):
    """Say what lies in boxes.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels.
    boxes : ndarray of shape (n_boxes, 4)
        Left, top, right and bottom in pixels.

    Returns
    -------
    ndarray of shape (n_boxes, n_classes + 1), float32
        Probabilities of the detector's classes, and of nothing.
    """
    blocks = [boxes[k : k + _BLOCK] for k in range(0, max(len(boxes), 1), _BLOCK)]
    with ThreadPoolExecutor(joblib.cpu_count()) as pool:
        found = pool.map(lambda block: _recognize_block(page, block), blocks)
        return np.concatenate(list(found))


def _recognize_block(page, boxes):
    windows, _ = cut_windows(page, boxes, N_PIXELS, LONG_SIDE)
    return _load_recognizer().run(windows)
