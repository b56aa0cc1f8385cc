"""Suppression: one digit from what was found of it on several scales."""

import numpy as np
from scipy.spatial import cKDTree

from skmnist._reading.detection import N_DIGITS, Things
from skmnist._reading.pyramid import LARGEST, SMALLEST, STEP

# Intersection over union: boxes of one digit on two scales agree at least so far.
_SAME = 0.4
# Intersection over the smaller box: what lies in a digit is part of it.
_INSIDE = 0.65
# Ratio of heights: digits of one number differ by less.
ALIKE = 1.5
# Nearest boxes of another scale among which a digit's own is sought.
_N_NEAREST = 4


def merge_scales(levels, least):
    """Weigh what was found on all scales, and keep each digit once.

    A digit must be seen on every scale where its height is one that the detector knows:
    its probability is the mean over these. The stroke of a larger digit looks like a
    one on some scales only.

    Parameters
    ----------
    levels : list of (float, Things)
        Scales, and what was found there.
    least : float
        Probability of the digits to keep.

    Returns
    -------
    Things
        Digits, the most probable first.
    """
    found = [(scale, things.take(_is_digit(things))) for scale, things in levels]
    things = Things.join([_average(things, found) for _, things in found])
    order = np.argsort(-things.certainties, kind="stable")
    order = order[things.certainties[order] >= least]
    return _suppress(things.take(order))


def keep_likely(digits, certain, possible):
    """Keep digits that are certain, and possible ones beside them.

    Faint digits are found among clear ones, as edges are by hysteresis: Canny, "A
    computational approach to edge detection", IEEE TPAMI 8(6), 1986, section VI.

    Parameters
    ----------
    digits : Things
        Without duplicates.
    certain, possible : float
        Least probability of digits anywhere, and of those beside a kept one.

    Returns
    -------
    Things
        The digits that are kept.
    """
    digits = digits.take(digits.certainties >= possible)
    kept = digits.certainties >= certain
    waiting = np.flatnonzero(kept)
    while len(waiting):
        first, waiting = waiting[0], waiting[1:]
        found = np.flatnonzero(~kept & _is_beside(digits, first))
        kept[found] = True
        waiting = np.concatenate([waiting, found])
    return digits.take(kept)


def _is_beside(digits, index):
    """Return which digits may stand in one number with a digit."""
    box, height = digits.boxes[index], digits.heights[index]
    low, high = np.minimum(digits.heights, height), np.maximum(digits.heights, height)
    shared = np.minimum(digits.boxes[:, 3], box[3])
    shared = shared - np.maximum(digits.boxes[:, 1], box[1])
    gap = np.maximum(digits.boxes[:, 0] - box[2], box[0] - digits.boxes[:, 2])
    return (high < ALIKE * low) & (shared > low / 2) & (gap < high)


def _is_digit(things):
    return things.probabilities.argmax(axis=1) < N_DIGITS


def _average(things, found):
    """Average a level's digits over all scales: their probabilities and their boxes.

    Boxes as in weighted boxes fusion: Solovyev, Wang and Gabruseva, Image and Vision
    Computing 107, 2021. One scale alone may see a part of a wide digit.
    """
    probabilities = np.zeros_like(things.probabilities, dtype=float)
    boxes = np.zeros_like(things.boxes)
    weights, shares = np.zeros((2, len(things)))
    for scale, others in found:
        seen = things if others is things else _find_same(things, others)
        weight = weigh(things.heights * scale)
        share = weight * seen.certainties
        probabilities += weight[:, None] * seen.probabilities
        boxes += share[:, None] * seen.boxes
        weights += weight
        shares += share
    known = shares > 0
    boxes[known] /= shares[known, None]
    boxes[~known] = things.boxes[~known]
    return Things(boxes, probabilities / np.maximum(weights, 1)[:, None])


def weigh(heights):
    """Return how far the detector can be trusted with digits of a height.

    Not at all a step of the pyramid outside the heights that it knows: another level
    shows the digit better.
    """
    outside = np.maximum(SMALLEST / heights, heights / LARGEST)
    return np.clip((STEP - outside) / (STEP - 1), 0, 1)


def _find_same(things, others):
    """Return the digits as others show them: of probability 0 where they do not."""
    if not len(things) or not len(others):
        return Things(things.boxes, np.zeros_like(things.probabilities))
    k = min(_N_NEAREST, len(others))
    _, nearest = cKDTree(others.centres).query(things.centres, k=np.arange(1, k + 1))
    agreement = compare_boxes(things.boxes[:, None], others.boxes[nearest])[0]
    best = agreement.argmax(axis=1)
    rows = np.arange(len(things))
    is_same = agreement[rows, best] > _SAME
    same = others.take(nearest[rows, best])
    return Things(same.boxes, same.probabilities * is_same[:, None])


def compare_boxes(a, b):
    """Return intersection over union, and intersection over the smaller area."""
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    shared = np.clip(sides, 0, None).prod(axis=-1)
    areas = [(box[..., 2:] - box[..., :2]).prod(axis=-1) for box in (a, b)]
    return shared / (areas[0] + areas[1] - shared), shared / np.minimum(*areas)


def _suppress(things):
    """Keep of all boxes of one digit the first."""
    left = np.arange(len(things))
    kept = []
    boxes = things.boxes
    while len(left):
        first, left = left[0], left[1:]
        kept.append(first)
        union, inside = compare_boxes(boxes[first], boxes[left])
        left = left[~((union > _SAME) | (inside > _INSIDE))]
    return things.take(np.array(kept, int))
