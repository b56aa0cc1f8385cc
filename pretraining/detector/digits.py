"""MNIST's digits as skeletons, and other ways to write them."""

import numpy as np

from detector.skeletons import Skeleton, crop, find_skeleton

# Degrees: the bar of a seven falls or rises by less, and a flag that is as flat is told
# from it by the other sevens of its page.
_FLATTEST = 38

# Heights of a digit: ones that are wider, once straightened, are hardly legible.
_WIDEST_ONE = 0.6


class Digits:
    """Images and skeletons of digits.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
        MNIST's, ink high.
    labels : ndarray of shape (n,)
        What they show.
    """

    def __init__(self, images, labels):
        self.crops, self.skeletons = [], []
        places = [[] for _ in range(10)]
        for image, label in zip(images, labels, strict=True):
            cut = crop(image)
            skeleton = find_skeleton(cut)
            if skeleton is None:
                continue
            skeleton = _straighten(skeleton, 0.85 if label == 1 else 0.6)
            if label == 1 and skeleton.width() > _WIDEST_ONE:
                continue
            places[label].append(len(self.crops))
            self.crops.append(cut)
            self.skeletons.append(skeleton)
        self._places = [np.array(place) for place in places]

    def choose(self, digit, rng):
        """Return the number of one of the images of a digit."""
        return int(rng.choice(self._places[digit]))


class Manner:
    """Habits that MNIST's American writers seldom have: flagged ones, crossed sevens.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws it.
    """

    def __init__(self, rng):
        is_european = rng.random() < 0.4
        self.flags_ones = is_european and rng.random() < 0.8
        self.foots_ones = rng.random() < (0.25 if self.flags_ones else 0.08)
        # Degrees. A flag as flat as the bar of a seven belongs to hands that cross
        # their sevens.
        self.flag_angle = rng.uniform(16, 65)
        is_flat = self.flags_ones and self.flag_angle < _FLATTEST
        crosses = 1.0 if is_flat else 0.7 if is_european else 0.12
        self.crosses_sevens = rng.random() < crosses
        self.hooks_sevens = rng.random() < 0.18
        self.slashes_zeros = rng.random() < 0.05
        self.opens_zeros = rng.random() < 0.12
        self.opens_loops = rng.random() < 0.15
        self.tails_nines = rng.random() < 0.22
        self.flag_length = rng.uniform(0.2, 0.65 if is_flat else 1.0)

    def change(self, skeleton, digit, rng):
        """Rewrite a digit with these habits.

        Parameters
        ----------
        skeleton : Skeleton
            MNIST's.
        digit : int
            What it is.
        rng : numpy.random.Generator
            Draws lengths and places.

        Returns
        -------
        Skeleton
            The same, or with lines added or left out.
        """
        if digit == 1:
            is_bare = skeleton.width() < 0.25
            if is_bare and self.flags_ones:
                skeleton = _flag(skeleton, self.flag_length, self.flag_angle, rng)
            if is_bare and self.foots_ones:
                skeleton = _foot(skeleton, rng)
        elif digit == 7:
            if self.crosses_sevens:
                skeleton = _cross(skeleton, rng)
            if self.hooks_sevens:
                skeleton = _hook(skeleton, rng)
        elif digit == 9 and self.tails_nines:
            skeleton = _tail(skeleton, rng)
        elif digit == 0 and self.slashes_zeros:
            skeleton = _slash(skeleton, rng)
        elif digit == 0 and self.opens_zeros:
            skeleton = _open(skeleton, rng)
        if digit in (8, 9) and self.opens_loops and rng.random() < 0.7:
            skeleton = _leave_gap(skeleton, rng)
        return _begin_at_zero(skeleton)


def _straighten(skeleton, share):
    """Take out a share of a digit's slant: a hand slants all its digits alike."""
    points = skeleton.points.copy()
    x, y = (points - points.mean(axis=0)).T
    points[:, 0] -= share * np.mean(x * y) / np.mean(y * y) * (points[:, 1] - 1)
    return _begin_at_zero(Skeleton(points, skeleton.edges))


def _begin_at_zero(skeleton):
    """Move a digit so that it begins at x = 0."""
    points = skeleton.points - (skeleton.points[:, 0].min(), 0)
    return Skeleton(points.astype(np.float32), skeleton.edges)


def _flag(one, length, angle, rng):
    """Add the line from the top down to the left, clear of the stem."""
    top = one.points[one.points[:, 1].argmin()]
    angle = np.radians(np.clip(angle + rng.normal(0, 6), 8, 68))
    length = length * rng.uniform(0.8, 1.2)
    stop = top + length * np.array([-np.cos(angle), np.sin(angle)])
    return one.add_line(top, stop, bend=rng.normal(0, 0.06))


def _foot(one, rng):
    """Add a line at the bottom."""
    bottom = one.points[one.points[:, 1].argmax()]
    left, right = rng.uniform(0.12, 0.35, 2)
    tilt = rng.uniform(-0.06, 0.06)
    return one.add_line(bottom - (left, tilt), bottom + (right, tilt))


def _cross(seven, rng):
    """Add the line across the stem."""
    height = rng.uniform(0.42, 0.78)
    on_stem = seven.points[np.abs(seven.points[:, 1] - height).argmin()]
    left, right = rng.uniform(0.12, 0.35), rng.uniform(0.02, 0.32)
    tilt = rng.uniform(-0.06, 0.14)
    return seven.add_line(
        on_stem - (left, -tilt), on_stem + (right, -tilt), bend=rng.normal(0, 0.05)
    )


def _hook(seven, rng):
    """Add the short line at the left end of the bar."""
    upper = seven.points[seven.points[:, 1] < 0.35]
    end = upper[upper[:, 0].argmin()]
    stop = end + (rng.uniform(-0.08, 0.05), rng.uniform(0.1, 0.32))
    return seven.add_line(end, stop)


def _tail(nine, rng):
    """Draw the stem further down, and to the left."""
    bottom = nine.points[nine.points[:, 1].argmax()]
    left, drop = rng.uniform(0.05, 0.55), rng.uniform(0.1, 0.5)
    return nine.add_line(bottom, bottom + (-left, drop), bend=rng.uniform(0, 0.5))


def _slash(zero, rng):
    """Add a stroke through the zero."""
    left, right = zero.points[:, 0].min(), zero.points[:, 0].max()
    top, bottom = zero.points[:, 1].min(), zero.points[:, 1].max()
    beyond = rng.uniform(-0.08, 0.12) * np.array([right - left, bottom - top])
    return zero.add_line(
        np.array([left, bottom]) + beyond * (-1, 1),
        np.array([right, top]) + beyond * (1, -1),
        n_points=12,
    )


def _open(zero, rng):
    """Leave out a piece near the top."""
    middle = zero.points.mean(axis=0)
    away = zero.points[zero.edges[:, 0]] - middle
    angle = np.arctan2(away[:, 0], -away[:, 1])
    place, half = rng.normal(0.25, 0.25), rng.uniform(0.1, 0.5)
    return Skeleton(zero.points, zero.edges[np.abs(angle - place) > half])


def _leave_gap(digit, rng):
    """Leave out a short piece near the top, where a loop is not closed."""
    middles = digit.points[digit.edges].mean(axis=1)
    is_high = middles[:, 1] < middles[:, 1].min() + 0.2
    top = middles[rng.choice(np.flatnonzero(is_high))]
    away = np.abs(middles - top).max(axis=1)
    return Skeleton(digit.points, digit.edges[away > rng.uniform(0.03, 0.09)])
