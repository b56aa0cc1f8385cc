"""Text lines: digits side by side, the signs between them, and the spaces."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.spatial import cKDTree

from skmnist._reading.detection import N_DIGITS
from skmnist._reading.suppression import weigh

# All lengths are in heights of the digits.
# Share of the lower one's height that two digits of a line have in common.
_OVERLAP = 0.5
# Neighbours that show how a page's lines rise or fall; and the steepest.
_NEIGHBOUR, _STEEPEST = 2.5, 0.4
_FEWEST = 3  # pairs: a slope that two digits show may be chance
# Ratio of heights: digits of a line differ by less, even by a careless hand.
_ALIKE = 2.5
# Heights, deviations, heights: a number ends where a gap exceeds the usual one by both
# of the first two, and at any gap of the third. Lines of few digits say little: gaps as
# within numbers are counted with theirs.
_SPACE, _DEVIATIONS, _WIDE_SPACE = 0.25, 4, 2.0
_GAPS = (0.0, 0.25, 0.5)
# A sign belongs to digits so near to it.
_BESIDE = 1.0
# Probability of the signs to keep. From 0.3 to 0.45, F1 falls by 0.01, but half of the
# signs that are none go, by `python pretraining/measure_signs.py`.
_LEAST_SIGN = 0.45


@dataclass(frozen=True)
class Character:
    """A digit or a sign in a line.

    Parameters
    ----------
    box : ndarray of shape (4,)
        Left, top, right and bottom in pixels of the page.
    digit : int or None
        Its index among the digits; None for a sign.
    sign : str
        The sign; empty for a digit.
    probability : float
        Of the sign.
    """

    box: np.ndarray
    digit: int | None = None
    sign: str = ""
    probability: float = 1.0


def find_lines(digits, levels, classes):
    """Find the lines that digits stand in, and the numbers in them.

    Parameters
    ----------
    digits : Things
        On a page.
    levels : list of (float, Things)
        What was found at each scale, signs included.
    classes : str
        What each class stands for.

    Returns
    -------
    list of list of list of Character
        Lines from top to bottom, numbers from left to right, their characters.
    """
    slope = _find_slope(digits)
    lines = []
    for line in _join_digits(digits, slope):
        characters = [Character(digits.boxes[i], digit=int(i)) for i in line]
        height = float(np.median(digits.heights[line]))
        characters += _find_signs(digits.take(line), height, slope, levels, classes)
        characters.sort(key=lambda c: c.box[0] + c.box[2])
        lines.append(_split(_keep_signs(characters, height), height))
    return [line for line in lines if line]


def _find_slope(digits):
    """Return how much lines fall for each pixel to the right, as most neighbours do."""
    if len(digits) < 2:
        return 0.0
    k = min(6, len(digits))
    _, nearest = cKDTree(digits.centres).query(digits.centres, k=k)
    step = digits.centres[nearest[:, 1:]] - digits.centres[:, None]
    heights = digits.heights[:, None]
    across, down = step[..., 0] / heights, step[..., 1] / heights
    beside = (across > 0.2) & (across < _NEIGHBOUR)
    beside &= np.abs(down) < _STEEPEST * np.maximum(across, 1)
    if np.count_nonzero(beside) < _FEWEST:
        return 0.0
    return float(np.median(down[beside] / across[beside]))


def _join_digits(digits, slope):
    """Return the indices of each line's digits, from left to right."""
    x = digits.centres[:, 0]
    shift = slope * x
    tops, bottoms = digits.boxes[:, 1] - shift, digits.boxes[:, 3] - shift
    lines, bands = [], np.zeros((0, 2))
    for i in np.argsort(x, kind="stable"):
        band = np.array([tops[i], bottoms[i]])
        shares = _overlap(band, bands)
        best = shares.argmax() if len(shares) else 0
        if len(shares) and shares[best] > _OVERLAP:
            lines[best].append(i)
            # A line that rises is followed; one long digit does not lead away from it.
            bands[best] = (bands[best] + band) / 2
        else:
            lines.append([i])
            bands = np.vstack([bands, band])
    middles = (tops + bottoms) / 2
    order = np.argsort([np.median(middles[line]) for line in lines], kind="stable")
    return [np.array(lines[k]) for k in order]


def _overlap(band, bands):
    """Return the shares of the lower of two bands that both have, 0 if not alike."""
    shared = np.minimum(band[1], bands[:, 1]) - np.maximum(band[0], bands[:, 0])
    sides = np.ptp(band), np.ptp(bands, axis=1)
    low = np.minimum(*sides)
    return np.where(np.maximum(*sides) < _ALIKE * low, shared / low, 0)


def _find_signs(digits, height, slope, levels, classes):
    """Return the signs of a line, from the levels that show its digits well.

    As of a digit, the probability of a sign is the mean over these levels.
    """
    known = [things for scale, things in levels if weigh(np.array(height * scale)) == 1]
    found = []
    for things in known:
        signs = things.take(things.probabilities.argmax(axis=1) >= N_DIGITS)
        for k in np.flatnonzero(_belong(signs, digits, height, slope)):
            kind = int(signs.probabilities[k].argmax())
            share = float(signs.probabilities[k, kind]) / len(known)
            found.append(Character(signs.boxes[k], None, classes[kind], share))
    found.sort(key=lambda sign: -sign.probability)
    kept = []
    for sign in found:
        same = [k for k, other in enumerate(kept) if _is_same(sign, other, height)]
        if not same:
            kept.append(sign)
        elif kept[same[0]].sign == sign.sign:
            total = kept[same[0]].probability + sign.probability
            kept[same[0]] = replace(kept[same[0]], probability=total)
    return [sign for sign in kept if sign.probability > _LEAST_SIGN]


def _belong(signs, digits, height, slope):
    """Return which signs stand in a line, beside its digits."""
    x, y = signs.centres.T
    step = x[:, None] - digits.centres[:, 0]
    nearest = np.abs(step).argmin(axis=1)
    rows = np.arange(len(signs))
    middle = digits.centres[nearest, 1] + slope * step[rows, nearest]
    left, _, right, _ = digits.boxes.T
    beside = np.maximum(left - x[:, None], x[:, None] - right)
    # A point may hang below the line. A stroke in a digit is part of it.
    return (
        (np.abs(y - middle) < 0.9 * height)
        & (beside.min(axis=1) < _BESIDE * height)
        & (beside.min(axis=1) > -height / 10)
    )


def _is_same(first, second, height):
    """Return whether two signs are one, seen on two levels."""
    apart = first.box[:2] + first.box[2:] - second.box[:2] - second.box[2:]
    return np.abs(apart).max() / 2 < height / 4


def _keep_signs(characters, height):
    """Leave out signs that have no digit where it would have to be."""
    kept = []
    for k, character in enumerate(characters):
        if character.sign:
            before = _is_beside(characters, k - 1, k, height)
            after = _is_beside(characters, k, k + 1, height)
            if not (after and (before or character.sign == "-")):
                continue
        kept.append(character)
    return kept


def _is_beside(characters, first, second, height):
    """Return whether two characters stand side by side and one is a digit."""
    if first < 0 or second >= len(characters):
        return False
    pair = characters[first], characters[second]
    gap = pair[1].box[0] - pair[0].box[2]
    return any(c.digit is not None for c in pair) and gap < _BESIDE * height


def _split(characters, height):
    """Split the characters of a line into numbers."""
    if not characters:
        return []
    gaps = [
        (after.box[0] - before.box[2]) / height
        for before, after in pairwise(characters)
    ]
    # Digits of one number may stand far apart, as in the boxes of a form.
    known = np.concatenate([gaps, _GAPS])
    usual = np.median(known)
    space = max(_SPACE, _DEVIATIONS * np.median(np.abs(known - usual)))
    least = min(usual + space, _WIDE_SPACE)
    numbers = [characters[:1]]
    for gap, character in zip(gaps, characters[1:], strict=True):
        if gap > least:
            numbers.append([])
        numbers[-1].append(character)
    return numbers
