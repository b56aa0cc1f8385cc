"""Random deformations of images: the compiled half of `augmentation`."""

import numpy as np

from skmnist._training.intrinsics import (
    compiled,
    mix,
    part_of_compiled,
    without_refcount,
)

_f32 = np.float32


def smoothing_basis(n, sigma):
    """Return how far each random point of a line moves each of n pixels.

    Parameters
    ----------
    n : int
        Number of pixels.
    sigma : float
        Standard deviation of the Gaussian, in pixels.

    Returns
    -------
    ndarray of shape (n, n_points), float32
        The squares of each row sum to 1: points of variance 1 move pixels by 1.
    """
    # Points are one standard deviation apart: sums of Gaussians that close are as even
    # as noise in every pixel. Two lie beyond each edge, where pixels would move less.
    points = np.arange(-2 * sigma, n - 1 + 3 * sigma, sigma)
    basis = np.exp(-((np.arange(n)[:, None] - points) ** 2) / (2 * sigma**2))
    return (basis / np.linalg.norm(basis, axis=1, keepdims=True)).astype(np.float32)


@compiled
def warp_images(x, rows, first, seed, limits, basis, out):
    """Write a copy of some images, most or all of them deformed.

    Parameters
    ----------
    x : ndarray of shape (n_samples, height * width)
        Images: uint8 or float32.
    rows : ndarray of int64
        Which of them.
    first : int
        Position of the first one in the epoch. What an image becomes depends on its
        position and the seed alone, however the epoch is divided.
    seed : ndarray of shape (2,), uint32
        The seed of the epoch.
    limits : ndarray of shape (7,), float32
        The limits of an Augmentation, without `elastic_sigma`.
    basis : tuple of two ndarray
        From `smoothing_basis`, for the rows of an image and for its columns.
    out : ndarray of shape (n, height * width)
        Filled in, in the dtype of `x`.
    """
    down, across = without_refcount(basis)
    rotation, scale, shear, shift, elastic, stroke, share = limits
    height, width = down.shape[0], across.shape[0]
    field = np.zeros((2, height, width), np.float32)
    points = np.empty((down.shape[1], across.shape[1]), np.float32)
    half_a_level = _f32(0.5) if x.itemsize == 1 else _f32(0)
    half = np.empty((height, across.shape[1]), np.float32)
    warped = np.empty((height, width), np.float32)
    for k in range(rows.shape[0]):
        key = mix(np.uint32(seed[0] + mix(np.uint32(first + k) ^ seed[1])))
        if _f32(0.5) * (_uniform(key, 7) + _f32(1)) >= share:
            out[k] = x[rows[k]]
            continue
        image = x[rows[k]].reshape(height, width)
        if elastic > 0:
            for axis in range(2):
                _draw_points(points, key, np.uint32(64 + 4096 * axis))
                _smooth(points, down, across, elastic, half, field[axis])
        matrix = _draw_matrix(key, rotation, scale, shear)
        move = shift * _uniform(key, 4), shift * _uniform(key, 5)
        _resample(image, matrix, move, field, warped)
        strength = stroke * _uniform(key, 6) if stroke > 0 else _f32(0)
        _write(warped, strength, half_a_level, out[k].reshape(height, width))


@part_of_compiled
def _draw_matrix(key, rotation, scale, shear):
    """Draw the matrix that takes positions in the result to those in the image."""
    angle = rotation * _uniform(key, 0)
    cos, sin = np.cos(angle), np.sin(angle)
    tall = (_f32(1) + scale) ** _uniform(key, 1)
    wide = (_f32(1) + scale) ** _uniform(key, 2)
    slant = shear * _uniform(key, 3)
    return (
        cos * tall + sin * slant * tall,
        sin * wide,
        -sin * tall + cos * slant * tall,
        cos * wide,
    )


@part_of_compiled
def _draw_points(points, key, start):
    """Fill with random numbers of mean 0 and variance 1."""
    at = start
    for i in range(points.shape[0]):
        for j in range(points.shape[1]):
            points[i, j] = _f32(1.7320508) * _uniform(key, at)
            at += np.uint32(1)


@part_of_compiled
def _smooth(points, down, across, strength, half, field):
    """Spread the points over the pixels, along one axis, then along the other."""
    half[:] = 0
    for i in range(half.shape[0]):
        for p in range(points.shape[0]):
            weight = strength * down[i, p]
            for q in range(points.shape[1]):
                half[i, q] += weight * points[p, q]
    for i in range(half.shape[0]):
        for j in range(field.shape[1]):
            total = _f32(0)
            for q in range(half.shape[1]):
                total += half[i, q] * across[j, q]
            field[i, j] = total


@part_of_compiled
def _resample(image, matrix, move, field, warped):
    """Interpolate each pixel where it comes from; edges are repeated outwards."""
    height, width = warped.shape
    middle_i, middle_j = _f32(height - 1) / _f32(2), _f32(width - 1) / _f32(2)
    last_i, last_j = _f32(height - 1), _f32(width - 1)
    for i in range(height):
        for j in range(width):
            a, b = _f32(i) - middle_i, _f32(j) - middle_j
            y = matrix[0] * a + matrix[1] * b + middle_i + move[0] + field[0, i, j]
            x = matrix[2] * a + matrix[3] * b + middle_j + move[1] + field[1, i, j]
            y, x = min(max(y, _f32(0)), last_i), min(max(x, _f32(0)), last_j)
            top, left = int(y), int(x)
            below, right = min(top + 1, height - 1), min(left + 1, width - 1)
            v, u = y - _f32(top), x - _f32(left)
            upper = _f32(image[top, left]) * (_f32(1) - u) + _f32(image[top, right]) * u
            lower = (
                _f32(image[below, left]) * (_f32(1) - u) + _f32(image[below, right]) * u
            )
            warped[i, j] = upper * (_f32(1) - v) + lower * v


@part_of_compiled
def _write(warped, strength, half_a_level, out):
    """Write the image, dilated or eroded in part, and rounded if it holds bytes."""
    height, width = warped.shape
    share = abs(strength)
    for i in range(height):
        for j in range(width):
            value = warped[i, j]
            if strength != 0:
                up, down = warped[max(i - 1, 0), j], warped[min(i + 1, height - 1), j]
                left, right = warped[i, max(j - 1, 0)], warped[i, min(j + 1, width - 1)]
                if strength > 0:
                    other = max(max(max(up, down), max(left, right)), value)
                else:
                    other = min(min(min(up, down), min(left, right)), value)
                value += share * (other - value)
            out[i, j] = value + half_a_level


@part_of_compiled
def _uniform(key, counter):
    """Return the number in [-1, 1) that belongs to a key and a counter."""
    bits = mix(np.uint32(key + np.uint32(counter) * np.uint32(0x9E3779B1)))
    return _f32(mix(bits) >> np.uint32(8)) / _f32(1 << 23) - _f32(1)
