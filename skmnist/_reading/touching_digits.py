"""Touching digits taken apart, where that makes better digits of them."""

from functools import partial
from itertools import starmap

import numpy as np
from scipy.ndimage import binary_dilation, label

from skmnist._pictures.binarization import EIGHT

# The logarithm of width over height in MNIST's training images: mean and standard
# deviation, of each digit and of all but the ones. Ones have flags elsewhere, and are
# held to those of all, as other classes are.
_ALL = (-0.25, 0.26)
_ASPECTS = {
    "0": (-0.12, 0.22),
    "2": (-0.08, 0.24),
    "3": (-0.26, 0.23),
    "4": (-0.27, 0.23),
    "5": (-0.09, 0.29),
    "6": (-0.36, 0.23),
    "7": (-0.29, 0.23),
    "8": (-0.31, 0.24),
    "9": (-0.43, 0.21),
}
_WIDE = 1.1  # width over height: 95 of 100 of MNIST's training images are narrower
# What looks less like one digit, and is so wide for its height, may be two.
_PROBABLE, _TWO = 0.9, 0.7
_CUTS_PER_HEIGHT, _MOST_CUTS = 8, 16  # places to cut
_MOST_DIGITS = 8  # in widths of their height: what is longer is no row of digits
# What a cut must gain at least, in the logarithm of the probability: that two digits
# touch is unlikely, and more so along more ink.
_CUT_COST, _CROSSING_COST = 1, 2
# Levels of ink that are looked at by themselves: bands of tables, shadows and blurred
# bridges that tie digits together are fainter than strokes.
_LEVELS = (0.25, 0.5)
_PART = 0.4  # of the height: what is lower, at such a level, is no digit


def take_apart(ink, probability, width, classify, classes):
    """Return the digits in a drawing that may be of several.

    Parameters
    ----------
    ink : ndarray of shape (height, width), float32
        From 0 to 1.
    probability : ndarray of shape (n_classes,)
        Of the classes, taken for one digit.
    width : float
        Of the strokes, in pixels.
    classify : callable
        Takes a list of such drawings, returns the probabilities of the classes, of
        shape (n_drawings, n_classes).
    classes : ndarray of shape (n_classes,)
        Their labels.

    Returns
    -------
    list of (ndarray, ndarray)
        The ink of each digit, in the place where it was, and its probabilities.
    """
    if not _may_touch(ink, probability):
        return [(ink, probability)]
    names = [str(name).removesuffix(".0") for name in classes]
    aspects = [_ASPECTS.get(name, _ALL) for name in names]
    rate = partial(_rate, aspects)
    readings = [_split(ink, probability, width, classify, rate)]
    for level in _LEVELS:
        pieces = _find_pieces_above(ink, level)
        found = classify(pieces) if pieces else []
        reading = []
        for part in zip(pieces, found, strict=True):
            if _may_touch(*part):
                reading += _split(*part, width, classify, rate)
            else:
                reading.append(part)
        if reading:
            readings.append(reading)
    return max(readings, key=lambda reading: sum(starmap(rate, reading)))


def _find_pieces_above(ink, level):
    """Return what hangs together above a level of ink, from the left to the right."""
    strong = np.clip((ink - level) / (1 - level), 0, 1)
    labels, n_pieces = label(strong > 0.5, EIGHT)
    least = _PART * measure_ink(ink)[0]
    pieces = []
    for number in range(1, n_pieces + 1):
        rows, columns = np.nonzero(labels == number)
        if np.ptp(rows) + 1 >= least:
            own = strong * binary_dilation(labels == number, EIGHT)
            pieces.append((columns.min(), number, own))
    return [own for _, _, own in sorted(pieces, key=lambda piece: piece[:2])]


def _may_touch(ink, probability):
    """Tell a drawing that is wide, or that is no digit for sure."""
    height, width = measure_ink(ink)
    if width > _MOST_DIGITS * height:
        return False
    doubtful = probability.max() < _PROBABLE and width > _TWO * height
    return width > _WIDE * height or doubtful


def _split(ink, probability, width, classify, rate):
    """Cut a drawing into the digits that are the most probable, as `take_apart`."""
    seams = _find_seams(ink)
    last = len(seams) - 1
    parts = {(0, last): ink}
    for i in range(last):
        for j in range(i + 1, last + 1):
            part = _keep_between(ink, seams[i], seams[j])
            if (part > 0.5).any() and (i, j) != (0, last):
                parts[i, j] = part
    found = classify(list(parts.values())[1:]) if len(parts) > 1 else []
    probabilities = dict(zip(parts, [probability, *found], strict=True))
    costs = [_rate_seam(ink, seam, width) for seam in seams]
    # The best way to read what is left of each seam, from the first to the last.
    best = [(0.0, [])]
    for j in range(1, last + 1):
        options = [
            (
                best[i][0] + rate(parts[i, j], probabilities[i, j]) - costs[i],
                [*best[i][1], (i, j)],
            )
            for i in range(j)
            if (i, j) in parts
        ]
        best.append(max(options, default=(-np.inf, [])))
    return [(parts[span], probabilities[span]) for span in best[last][1]]


def measure_ink(ink):
    """Return the height and the width of a drawing.

    Parameters
    ----------
    ink : ndarray of shape (height, width), float32
        From 0 to 1; half and more is inked.

    Returns
    -------
    tuple of (int, int)
        In pixels.
    """
    inked = ink > 0.5
    return tuple(np.ptp(np.flatnonzero(inked.any(axis=axis))) + 1 for axis in (1, 0))


def _rate(aspects, ink, probability):
    """Return how probable it is that a drawing is a digit, as a logarithm."""
    height, width = measure_ink(ink)
    best = probability.argmax()
    usual, spread = aspects[best]
    # Narrow ones are not held to be unusual: there are ones.
    beyond = max(np.log(width / height) - usual, 0) / spread
    return np.log(max(probability[best], 1e-9)) - beyond**2 / 2


def _rate_seam(ink, seam, width):
    """Return what it costs to cut along a seam, nothing at either end."""
    if np.ptp(seam) == 0 and seam[0] in (0, ink.shape[1]):
        return 0.0
    crossed = ink[np.arange(len(ink)), np.clip(seam, 0, ink.shape[1] - 1)].sum()
    return _CUT_COST + _CROSSING_COST * (crossed / width) ** 2


def _keep_between(ink, left, right):
    """Return the ink between two seams."""
    columns = np.arange(ink.shape[1])
    return ink * ((columns >= left[:, None]) & (columns < right[:, None]))


def _find_seams(ink):
    """Return the seams along which a drawing may be cut, of shape (n_seams, height).

    A seam holds, for each row, the first column to its right. The first is before all
    columns, the last one after them.
    """
    height, width = ink.shape
    n_cuts = min(int(_CUTS_PER_HEIGHT * width / height), _MOST_CUTS)
    starts = np.linspace(0, width, n_cuts + 2)[1:-1].round().astype(int)
    seams = [_follow(ink, start) for start in starts]
    return np.unique([np.zeros(height, int), *seams, np.full(height, width)], axis=0)


def _follow(ink, start):
    """Return the seam near a column that crosses the least ink, row by row.

    It may leave the column by a quarter of the height.
    """
    height, width = ink.shape
    reach = max(height // 4, 1)
    left, right = max(start - reach, 0), min(start + reach + 1, width)
    band = ink[:, left:right] + 0.01  # the shortest, where there is no ink
    cost, steps = band[0], np.zeros(band.shape, int)
    for i in range(1, height):
        padded = np.pad(cost, 1, constant_values=np.inf)
        choices = np.stack([padded[1:-1], padded[:-2] + 0.005, padded[2:] + 0.005])
        steps[i] = np.array([0, -1, 1])[choices.argmin(axis=0)]
        cost = choices.min(axis=0) + band[i]
    seam = np.full(height, cost.argmin())
    for i in range(height - 1, 0, -1):
        seam[i - 1] = seam[i] + steps[i, seam[i]]
    return seam + left
