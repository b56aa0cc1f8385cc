"""Out-of-distribution samples: parts of digits, and digits that touch.

A network that has never seen such images assigns them high probabilities. Training on
them with random labels lowers these. This is the simplest form of outlier exposure:
Hendrycks et al., "Deep anomaly detection with outlier exposure", ICLR 2019.
"""

import numpy as np

from skmnist._data.mnist_form import to_mnist_form

SIDE = 28


def make_out_of_distribution(images, n_images, rng):
    """Cut digits, and join several.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
        Digits.
    n_images : int
        How many to make.
    rng : numpy.random.Generator
        Source of all random choices.

    Returns
    -------
    ndarray of shape (n_images, 28, 28), uint8
        In MNIST's form.
    """
    kinds = [_join_two, _join_two, _add_part, _cut, _scribble]
    pictures = []
    while len(pictures) < n_images:
        picture = kinds[len(pictures) % len(kinds)](images, rng)
        if picture is not None:
            pictures.append(picture)
    return np.concatenate([to_mnist_form(p[None] / 255.0) for p in pictures])


def _draw_digit(images, rng):
    """Return a random digit without the blank columns on either side."""
    image = images[rng.integers(len(images))]
    return image[:, image.any(axis=0)]


def _place_side_by_side(left, right, overlap):
    """Place two images side by side, overlapping by some columns."""
    width = left.shape[1] + right.shape[1] - overlap
    both = np.zeros((SIDE, width), np.uint8)
    both[:, : left.shape[1]] = left
    part = both[:, width - right.shape[1] :]
    np.maximum(part, right, out=part)
    return np.pad(both, 4)


def _join_two(images, rng):
    """Place two digits side by side so that they touch."""
    left, right = _draw_digit(images, rng), _draw_digit(images, rng)
    narrower = min(left.shape[1], right.shape[1])
    overlap = int(rng.integers(0, max(narrower // 3, 1) + 1))
    return _place_side_by_side(left, right, overlap)


def _add_part(images, rng):
    """Place a digit beside about half of another."""
    digit, other = _draw_digit(images, rng), _draw_digit(images, rng)
    width = int(other.shape[1] * rng.uniform(0.35, 0.65))
    if width < 5:
        return None
    if rng.random() < 0.5:
        return _place_side_by_side(digit, other[:, :width], 1)
    return _place_side_by_side(other[:, -width:], digit, 1)


def _cut(images, rng):
    """Return about half of a digit that is more than a single stroke."""
    digit = _draw_digit(images, rng)
    if digit.shape[1] < 12:
        return None
    place = int(digit.shape[1] * rng.uniform(0.4, 0.6))
    part = digit[:, :place] if rng.random() < 0.5 else digit[:, place:]
    part = part[:, part.any(axis=0)]
    # Half of many digits is a single stroke, which is a good 1.
    return np.pad(part, 4) if part.shape[1] >= 8 else None


def _scribble(images, rng):
    """Draw a digit over another one that is turned."""
    one, other = images[rng.integers(len(images), size=2)]
    return np.pad(np.maximum(one, np.rot90(other)), 4)
