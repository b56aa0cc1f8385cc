"""Touching-digit segmentation, where the parts are more probable digits.

A drawing is over-segmented along many cut paths; a search then finds the most probable
sequence of parts.
"""

from functools import partial
from itertools import starmap

import numpy as np
from scipy.ndimage import binary_dilation, label

from skmnist._pictures.components import EIGHT_CONNECTED

# Logarithm of width over height: mean and standard deviation in MNIST's training
# images, for all digits but 1 and for each digit. A 1 may have a flag in other hands,
# so it uses the numbers for all, as do classes that are not digits.
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
_WIDE = 1.1  # width over height: 95 % of MNIST's training images are narrower
# Probability, and width over height: less like one digit, and wider, may be two.
_PROBABLE, _TWO = 0.9, 0.7
_CUTS_PER_HEIGHT, _MOST_CUTS = 8, 16  # cut paths tried: per text height, and at most
_MOST_DIGITS = 8  # width over height: anything longer is not a row of digits
# Log-probability: least gain by a cut, and more for each stroke width of ink that it
# crosses, squared. Touching digits are rare, and rarer the more ink they share.
_CUT_COST, _CROSSING_COST = 1, 2
# Contrast: levels at which the drawing is also split into components. Table lines,
# shadows and blurred bridges that connect digits are fainter than strokes.
_LEVELS = (0.25, 0.5)
_PART = (
    0.4  # share of the drawing's height: lower components at such levels are dropped
)


def split_touching_digits(drawing, probability, stroke_width, classify, classes):
    """Return the digits in a drawing, which may show several.

    Parameters
    ----------
    drawing : ndarray of shape (height, width), float32
        Contrast, from 0 to 1.
    probability : ndarray of shape (n_classes,)
        Of the classes, if the drawing is one digit.
    stroke_width : float
        In pixels.
    classify : callable
        Accepts a list of such drawings and returns the probabilities of the classes, of
        shape (n_drawings, n_classes).
    classes : ndarray of shape (n_classes,)
        Their labels.

    Returns
    -------
    list of (ndarray, ndarray)
        The drawing of each digit, in the place where it was, and its probabilities.
    """
    if not _may_touch(drawing, probability):
        return [(drawing, probability)]
    names = [str(name).removesuffix(".0") for name in classes]
    aspects = [_ASPECTS.get(name, _ALL) for name in names]
    rate = partial(_log_likelihood, aspects)
    readings = [_find_best_cuts(drawing, probability, stroke_width, classify, rate)]
    for level in _LEVELS:
        components = _find_components_above(drawing, level)
        found = classify(components) if components else []
        reading = []
        for part in zip(components, found, strict=True):
            if _may_touch(*part):
                reading += _find_best_cuts(*part, stroke_width, classify, rate)
            else:
                reading.append(part)
        if reading:
            readings.append(reading)
    return max(readings, key=lambda reading: sum(starmap(rate, reading)))


def _find_components_above(drawing, level):
    """Return the connected components above a level, from left to right."""
    strong = np.clip((drawing - level) / (1 - level), 0, 1)
    labels, n_components = label(strong > 0.5, EIGHT_CONNECTED)
    least = _PART * measure_size(drawing)[0]
    components = []
    for number in range(1, n_components + 1):
        rows, columns = np.nonzero(labels == number)
        if np.ptp(rows) + 1 >= least:
            own = strong * binary_dilation(labels == number, EIGHT_CONNECTED)
            components.append((columns.min(), number, own))
    components.sort(key=lambda component: component[:2])
    return [own for _, _, own in components]


def _may_touch(drawing, probability):
    """Return whether a drawing is so wide or doubtful that it may show two digits."""
    height, width = measure_size(drawing)
    if width > _MOST_DIGITS * height:
        return False
    doubtful = probability.max() < _PROBABLE and width > _TWO * height
    return width > _WIDE * height or doubtful


def _find_best_cuts(drawing, probability, stroke_width, classify, rate):
    """Cut a drawing into the most probable digits."""
    paths = _find_cut_paths(drawing)
    last = len(paths) - 1
    parts = {(0, last): drawing}
    for i in range(last):
        for j in range(i + 1, last + 1):
            part = _keep_between(drawing, paths[i], paths[j])
            if (part > 0.5).any() and (i, j) != (0, last):
                parts[i, j] = part
    found = classify(list(parts.values())[1:]) if len(parts) > 1 else []
    probabilities = dict(zip(parts, [probability, *found], strict=True))
    costs = [_find_cut_cost(drawing, path, stroke_width) for path in paths]
    # Dynamic programming: the best reading to the left of each cut path.
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


def measure_size(drawing):
    """Return the height and the width of the ink in a drawing.

    Parameters
    ----------
    drawing : ndarray of shape (height, width), float32
        Contrast, from 0 to 1; more than 0.5 is ink.

    Returns
    -------
    tuple of (int, int)
        In pixels.
    """
    foreground = drawing > 0.5
    return tuple(
        np.ptp(np.flatnonzero(foreground.any(axis=axis))) + 1 for axis in (1, 0)
    )


def _log_likelihood(aspects, drawing, probability):
    """Return the log-likelihood that a drawing is one digit."""
    height, width = measure_size(drawing)
    best = probability.argmax()
    usual, spread = aspects[best]
    # A narrow drawing is not unusual: it may be a 1.
    beyond = max(np.log(width / height) - usual, 0) / spread
    return np.log(max(probability[best], 1e-9)) - beyond**2 / 2


def _find_cut_cost(drawing, path, stroke_width):
    """Return the cost of a cut path; the two ends of the drawing are free."""
    if np.ptp(path) == 0 and path[0] in (0, drawing.shape[1]):
        return 0.0
    columns = np.clip(path, 0, drawing.shape[1] - 1)
    crossed = drawing[np.arange(len(drawing)), columns].sum()
    return _CUT_COST + _CROSSING_COST * (crossed / stroke_width) ** 2


def _keep_between(drawing, left, right):
    """Return the drawing between two cut paths."""
    columns = np.arange(drawing.shape[1])
    return drawing * ((columns >= left[:, None]) & (columns < right[:, None]))


def _find_cut_paths(drawing):
    """Return the paths along which to cut a drawing, of shape (n_paths, height).

    A path holds, for each row, the first column to its right. The first path is before
    all columns, the last one after them.
    """
    height, width = drawing.shape
    n_cuts = min(int(_CUTS_PER_HEIGHT * width / height), _MOST_CUTS)
    starts = np.linspace(0, width, n_cuts + 2)[1:-1].round().astype(int)
    paths = [_find_cut_path(drawing, start) for start in starts]
    return np.unique([np.zeros(height, int), *paths, np.full(height, width)], axis=0)


def _find_cut_path(drawing, start):
    """Return the path near a column that crosses the least ink, by dynamic programming.

    It may deviate from the column by a quarter of the height.
    """
    height, width = drawing.shape
    reach = max(height // 4, 1)
    left, right = max(start - reach, 0), min(start + reach + 1, width)
    band = drawing[:, left:right] + 0.01  # where there is no ink, prefer the shortest
    cost, steps = band[0], np.zeros(band.shape, int)
    for i in range(1, height):
        padded = np.pad(cost, 1, constant_values=np.inf)
        choices = np.stack([padded[1:-1], padded[:-2] + 0.005, padded[2:] + 0.005])
        steps[i] = np.array([0, -1, 1])[choices.argmin(axis=0)]
        cost = choices.min(axis=0) + band[i]
    path = np.full(height, cost.argmin())
    for i in range(height - 1, 0, -1):
        path[i - 1] = path[i] + steps[i, path[i]]
    return path + left
