"""Detection: what the detector finds on a page, at all scales together."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import joblib
import numpy as np
from scipy.ndimage import maximum_filter

from skmnist._network.detector_session import DetectorSession
from skmnist._reading.pyramid import LEAST_SIDE, find_parts, make_levels, widen

N_DIGITS = 10
# Probability: fainter peaks are not kept. Half of what a digit needs, because its
# probability is the mean of two or three scales.
_LEAST_PEAK = 0.15
# Ratio of probabilities: what looks like a one and like a slash is a slash only if that
# is so much likelier: in most writing, slanted ones are far more frequent. By `python
# pretraining/measure_signs.py`, this costs nothing for digits and F1 0.006 for signs.
_SLASH_OVER_ONE = 2.0


@dataclass(frozen=True)
class Things:
    """Digits and signs on a page."""

    boxes: np.ndarray  # (n, 4) float: left, top, right and bottom in pixels of the page
    probabilities: np.ndarray  # (n, n_classes) float

    def take(self, index):
        """Return some of them."""
        return Things(self.boxes[index], self.probabilities[index])

    @staticmethod
    def join(parts):
        """Return the things of several parts, one after the other."""
        return Things(
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.probabilities for part in parts]),
        )

    def __len__(self):
        return len(self.boxes)

    @property
    def heights(self):
        """Heights in pixels of the page."""
        return self.boxes[:, 3] - self.boxes[:, 1]

    @property
    def centres(self):
        """X and y of the boxes' centres."""
        return (self.boxes[:, :2] + self.boxes[:, 2:]) / 2

    @property
    def certainties(self):
        """Probability of the likeliest digit."""
        return self.probabilities[:, :N_DIGITS].max(axis=1)


@lru_cache(1)
def _load_detector():
    return DetectorSession()


def get_classes():
    """Return a character for each class."""
    return _load_detector().classes


def detect(page, least_side=LEAST_SIDE):
    """Look at a page at all scales.

    Parameters
    ----------
    page : ndarray of shape (height, width), uint8
        Grey levels.
    least_side : int, default=LEAST_SIDE
        As in `make_levels`.

    Returns
    -------
    list of (float, Things)
        For each level its scale and what was found there, the largest level first. A
        thing is found on several levels.
    """
    with ThreadPoolExecutor(joblib.cpu_count()) as pool:
        return [
            (scale, _look(level, scale, pool))
            for scale, level in make_levels(page, least_side)
        ]


def _look(level, scale, pool):
    """Return what is found on a level."""
    found = pool.map(lambda part: _look_at_part(level, part), find_parts(level))
    blank = np.zeros((0, 4)), np.zeros((0, len(_load_detector().classes)))
    boxes, probabilities = map(np.concatenate, zip(blank, *found, strict=True))
    x, y, width, height = boxes.T / scale
    corners = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    slash = get_classes().index("/")
    is_one = probabilities[:, slash] < _SLASH_OVER_ONE * probabilities[:, 1]
    probabilities[is_one, slash] = 0
    return Things(np.stack(corners, axis=1), probabilities)


def _look_at_part(level, part):
    """Return the boxes and the probabilities of the peaks in a part of a level."""
    detector = _load_detector()
    around = widen(part, level.shape)
    heat, boxes = detector.run(np.ascontiguousarray(level[around]))
    highest = heat.max(axis=0)
    is_peak = (highest > _LEAST_PEAK) & (highest == maximum_filter(highest, 3))
    rows, columns = np.nonzero(is_peak)
    # What lies around the part belongs to other parts.
    y = (rows + 0.5) * detector.stride + around[0].start
    x = (columns + 0.5) * detector.stride + around[1].start
    is_inside = (part[0].start <= y) & (y < part[0].stop)
    is_inside &= (part[1].start <= x) & (x < part[1].stop)
    rows, columns = rows[is_inside], columns[is_inside]
    boxes = boxes[:, rows, columns].T
    boxes[:, :2] += [around[1].start, around[0].start]
    return boxes, heat[:, rows, columns].T
