"""What is no single digit: parts of digits, and digits that touch.

A network that never saw them is sure of what it makes of them. Trained on them with
labels drawn at random it learns to doubt: Hendrycks et al., "Deep anomaly detection
with outlier exposure", ICLR 2019, of which random labels are the plainest form.
"""

import numpy as np

from skmnist._data.mnist_form import draw_on_field

SIDE = 28


def make_junk(images, n_images, rng):
    """Cut digits, and put several together.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
        Digits.
    n_images : int
        How many to make.
    rng : numpy.random.Generator
        Draws all there is to draw.

    Returns
    -------
    ndarray of shape (n_images, 28, 28), uint8
        In MNIST's form.
    """
    kinds = [_join_two, _join_two, _add_piece, _cut, _scribble]
    pictures = []
    while len(pictures) < n_images:
        picture = kinds[len(pictures) % len(kinds)](images, rng)
        if picture is not None:
            pictures.append(picture)
    return np.concatenate([draw_on_field(p[None] / 255.0) for p in pictures])


def _draw(images, rng):
    """Return a digit without the blank columns beside it."""
    image = images[rng.integers(len(images))]
    return image[:, image.any(axis=0)]


def _beside(left, right, overlap):
    """Put two pictures side by side, overlapping by some columns."""
    width = left.shape[1] + right.shape[1] - overlap
    both = np.zeros((SIDE, width), np.uint8)
    both[:, : left.shape[1]] = left
    part = both[:, width - right.shape[1] :]
    np.maximum(part, right, out=part)
    return np.pad(both, 4)


def _join_two(images, rng):
    """Put two digits side by side so that they touch."""
    left, right = _draw(images, rng), _draw(images, rng)
    narrower = min(left.shape[1], right.shape[1])
    return _beside(left, right, int(rng.integers(0, max(narrower // 3, 1) + 1)))


def _add_piece(images, rng):
    """Put a digit beside about half of another."""
    digit, other = _draw(images, rng), _draw(images, rng)
    width = int(other.shape[1] * rng.uniform(0.35, 0.65))
    if width < 5:
        return None
    if rng.random() < 0.5:
        return _beside(digit, other[:, :width], 1)
    return _beside(other[:, -width:], digit, 1)


def _cut(images, rng):
    """Halve a digit, more or less, that is no bare stroke."""
    digit = _draw(images, rng)
    if digit.shape[1] < 12:
        return None
    place = int(digit.shape[1] * rng.uniform(0.4, 0.6))
    part = digit[:, :place] if rng.random() < 0.5 else digit[:, place:]
    part = part[:, part.any(axis=0)]
    # What is left of many a digit is a bare stroke: a good 1.
    return np.pad(part, 4) if part.shape[1] >= 8 else None


def _scribble(images, rng):
    """Lay a digit over another, turned."""
    one, other = images[rng.integers(len(images), size=2)]
    return np.pad(np.maximum(one, np.rot90(other)), 4)
