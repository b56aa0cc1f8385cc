"""Random deformations of images."""

import numpy as np

from kernel.intrinsics import add_rows, inlined, mix, part

_f32 = np.float32


@inlined
def warp_rows(images, rows, first, seed, limits, basis, space, out, levels):
    """Write a copy of some images, most or all of them deformed.

    Parameters
    ----------
    images : ndarray of shape (n_samples, height * width)
        Images: uint8 or float32.
    rows : ndarray of int64
        Which of them.
    first : int
        Position of the first one in the epoch. What an image becomes depends on its
        position and the seed alone, however the epoch is divided.
    seed : ndarray of shape (2,), uint32
        The seed of the epoch.
    limits : ndarray of shape (9,), float32
        The limits of an Augmentation, without `elastic_sigma`.
    basis : tuple of two ndarray
        From `smoothing_basis`: for the rows of an image, and the transpose of that for
        its columns.
    space : tuple of (field, points, half, warped, arange)
        Memory for one image: two displacements and a cloud for each pixel, random
        points, the points after one of two smoothings, the image before it is rounded,
        and the numbers 0, 1, 2, ... Rows are padded with zeros to whole vectors, as
        those of the second basis.
    out : ndarray of shape (n, height * width)
        Filled in, in the dtype of `images`.
    levels : tuple of (float, float)
        Of a pixel: the highest, and what is added for rounding, 0.5 for bytes and
        otherwise 0.
    """
    down, across = basis
    field, points, half, warped, arange = space
    rotation, scale, shear, shift = limits[0], limits[1], limits[2], limits[3]
    elastic, stroke, share = limits[4], limits[5], limits[6]
    background, noise = limits[7], limits[8]
    n_points = np.uint32(down.shape[1] * across.shape[0])
    for k in range(rows.shape[0]):
        image, warped_image = images[rows[k]], out[k]
        key = mix(np.uint32(seed[0] + mix(np.uint32(first + k) ^ seed[1])))
        if _share(key, 7) >= share:
            for j in range(image.shape[0]):
                warped_image[j] = image[j]
            continue
        for axis in range(3):
            if (background if axis == 2 else elastic) > 0:
                # Each axis has counters of its own, above those of `_uniform` below.
                start = np.uint32(64) + n_points * np.uint32(axis)
                _draw_points(points, across.shape[0], key, start)
                for i in range(down.shape[0]):
                    n_down, n_across = points.shape[0], across.shape[0]
                    add_rows(half[i], points, arange, down[i], 0, n_down, False)
                    add_rows(
                        field[axis, i], across, arange, half[i], 0, n_across, False
                    )
        matrix = _draw_matrix(key, rotation, scale, shear)
        move = shift * _uniform(key, 4), shift * _uniform(key, 5)
        _resample(image, matrix, move, elastic, field, warped)
        strength = stroke * _uniform(key, 6) if stroke > 0 else _f32(0)
        # Half of the images get no background, and half no noise.
        backdrop = background * max(_uniform(key, 8), _f32(0))
        light = backdrop, _uniform(key, 9), _share(key, 10), field[2]
        n_dots = noise * max(_uniform(key, 11), _f32(0))
        dots = n_dots, key, np.uint32(64) + n_points * np.uint32(3)
        _write(warped, strength, light, dots, levels, warped_image)


@part
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


@part
def _draw_points(points, width, key, start):
    """Fill with random numbers of mean 0 and variance 1."""
    at = start
    for i in range(points.shape[0]):
        for j in range(width):
            points[i, j] = _f32(1.7320508) * _uniform(key, at)
            at += np.uint32(1)


@part
def _resample(image, matrix, move, elastic, field, warped):
    """Interpolate each pixel where it comes from; edges are repeated outwards."""
    height, width = warped.shape
    middle_i, middle_j = _f32(height - 1) / _f32(2), _f32(width - 1) / _f32(2)
    last_i, last_j = _f32(height - 1), _f32(width - 1)
    for i in range(height):
        for j in range(width):
            a, b = _f32(i) - middle_i, _f32(j) - middle_j
            y = matrix[0] * a + matrix[1] * b + middle_i + move[0]
            x = matrix[2] * a + matrix[3] * b + middle_j + move[1]
            y, x = y + elastic * field[0, i, j], x + elastic * field[1, i, j]
            y, x = min(max(y, _f32(0)), last_i), min(max(x, _f32(0)), last_j)
            top, left = int(y), int(x)
            below, right = min(top + 1, height - 1), min(left + 1, width - 1)
            v, u = y - _f32(top), x - _f32(left)
            above, under = image[top * width :], image[below * width :]
            upper = _f32(above[left]) * (_f32(1) - u) + _f32(above[right]) * u
            lower = _f32(under[left]) * (_f32(1) - u) + _f32(under[right]) * u
            warped[i, j] = upper * (_f32(1) - v) + lower * v


@part
def _write(warped, strength, light, dots, levels, out):
    """Write the image: dilated or eroded in part, on a background, with noise."""
    height, width = warped.shape
    share = abs(strength)
    backdrop, level, unrest, cloud = light
    n_dots, key, counter = dots
    full, half_a_level = levels
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
            if backdrop > 0:
                bright = _f32(0.5) * (level + unrest * cloud[i, j] + _f32(1))
                bright = full * min(max(bright, _f32(0)), _f32(1))
                value += backdrop * (bright - value)
            if n_dots > 0:
                # One number decides whether the pixel is a dot, and how bright.
                drawn = _share(key, counter + np.uint32(i * width + j))
                if drawn < n_dots:
                    value = full * drawn / n_dots
            out[i * width + j] = value + half_a_level


@inlined
def _share(key, counter):
    """Return the number in [0, 1) that belongs to a key and a counter."""
    return _f32(0.5) * (_uniform(key, counter) + _f32(1))


@inlined
def _uniform(key, counter):
    """Return the number in [-1, 1) that belongs to a key and a counter."""
    bits = mix(np.uint32(key + np.uint32(counter) * np.uint32(0x9E3779B1)))
    return _f32(mix(bits) >> np.uint32(8)) / _f32(1 << 23) - _f32(1)
