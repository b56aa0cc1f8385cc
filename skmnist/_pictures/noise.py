"""Noise: impulses removed, and Gaussian noise estimated to know how much to smooth."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import label, median_filter

# Standard deviation of the smoothing: at least the long side over the first number, but
# at most the second, in pixels. Strokes are wider, even on a page of many digits.
_FINEST, _COARSEST = 400, 2
# Share of the short side: the most that noise may raise it to, a quarter of the stroke
# width of a digit that fills the picture. More would blur its strokes away.
_QUARTER = 1 / 40
# Share of the contrast: how much noise may remain. The outermost of a million pixels,
# five standard deviations away, is then still not taken for ink.
_REMAINDER = 1 / 100
_SMALLEST = 20  # pixels: least side. A digit covers most of a smaller picture
_SAMPLE = 256  # pixels: side from which a sample is enough to estimate noise
# Ratio: standard deviation of a normal distribution over its median deviation.
_DEVIATION = 1.4826
# Share of isolated pixels from which they are noise. Drawings and photographs have up
# to 0.0015, clean crops of 16 x 16 two of 196. Salt and pepper on a twentieth of the
# pixels makes 0.006 in 99 of 100 of MNIST's images, and 0.015 in half of them.
_NOISY = 0.0055
# Share of the contrast: least mean difference of an impulse from its eight neighbours.
# Two of them may be impulses as well, or the stroke that it touches.
_LEAST_DIFFERENCE = 5 / 8
# Pixels: area of the smallest part that is kept, and long side from which smaller ones
# are removed. In smaller pictures, the loop of a digit may be that small.
_LEAST_AREA, _LARGE = 4, 56
# The offsets of the eight neighbours of a pixel, in circular order.
_NEIGHBOURS = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))


class NoiseEstimate(NamedTuple):
    """How noisy a picture is, and how much to smooth it."""

    smoothing: float  # pixels: standard deviation of the Gaussian to smooth with
    residual: float  # brightness: standard deviation of the noise after that


def estimate_noise(gray):
    """Estimate how much to smooth a picture before it is binarized.

    Parameters
    ----------
    gray : ndarray of shape (height, width), float32
        Brightness.

    Returns
    -------
    NoiseEstimate
        Of the picture.
    """
    contrast = max(np.ptp(gray), np.finfo(gray.dtype).tiny)
    sigma = estimate_sigma(gray)
    # A Gaussian of standard deviation s leaves 1 / (2 s sqrt(pi)) of noise that is
    # independent from pixel to pixel, unless it is too narrow to reach the next pixel.
    weakened = 2 * np.sqrt(np.pi)
    wanted = sigma / (_REMAINDER * contrast) / weakened
    against_noise = min(wanted, _QUARTER * min(gray.shape))
    smoothing = min(max(max(gray.shape) / _FINEST, against_noise), _COARSEST)
    residual = sigma / max(weakened * smoothing, 1)
    return NoiseEstimate(float(smoothing), float(residual))


def estimate_sigma(gray):
    """Estimate noise that is independent from pixel to pixel, like a sensor's.

    Immerkaer's mask [1]_ is zero on even and on slanted surfaces. The median of its
    responses, unlike their mean, is not affected by strokes and their outlines.

    Parameters
    ----------
    gray : ndarray of shape (height, width), float32
        Brightness.

    Returns
    -------
    float
        Standard deviation, in units of `gray`; 0 if a side has less than 20 pixels,
        because strokes then cover too large a part.

    References
    ----------
    .. [1] J. Immerkaer, "Fast noise variance estimation", Computer Vision and Image
       Understanding 64(2), 1996, pp. 300-302.
    """
    if min(gray.shape) < _SMALLEST:
        return 0.0
    responses = np.diff(np.diff(gray, 2, axis=0), 2, axis=1)
    down, along = (max(n // _SAMPLE, 1) for n in gray.shape)
    gain = 6  # of the mask: the norm of the outer product of 1, -2, 1 with itself
    return float(_DEVIATION * np.median(np.abs(responses[::down, ::along])) / gain)


def remove_impulse_noise(gray):
    """Replace isolated pixels by the median around them, if there are many.

    Parameters
    ----------
    gray : ndarray of shape (height, width), float32
        Brightness.

    Returns
    -------
    ndarray of shape (height, width), float32
        `gray` itself if there are few.
    """
    if min(gray.shape) < 3:
        return gray
    contrast = gray.max() - gray.min()
    n_isolated = _count_isolated(gray, contrast / 2)
    if n_isolated < _NOISY * (gray.shape[0] - 2) * (gray.shape[1] - 2):
        return gray
    neighbours = np.stack(_find_neighbours(np.pad(gray, 1, mode="reflect")))
    difference = np.abs(neighbours - gray)
    is_alike = difference < contrast / 2
    # A stroke one pixel wide continues on both sides, straight or slightly curved.
    is_stroke = np.any(
        is_alike & (np.roll(is_alike, 3, axis=0) | np.roll(is_alike, 4, axis=0)), axis=0
    )
    is_impulse = difference.mean(axis=0) > _LEAST_DIFFERENCE * contrast
    median = median_filter(gray, 3)
    gray = np.where(is_impulse & ~is_stroke, median, gray)
    return _remove_dots(gray, median) if max(gray.shape) >= _LARGE else gray


def _remove_dots(gray, median):
    """Fill in what remains of the dots that a dithered grey is made of."""
    bright = gray > (gray.min() + gray.max()) / 2
    for side in (bright, ~bright):
        labels, _ = label(side)  # 4-connected: dots may touch at their corners
        small = side & (np.bincount(labels.ravel()) < _LEAST_AREA)[labels]
        gray = np.where(small, median, gray)
    return gray


def _count_isolated(gray, half):
    """Count pixels brighter, or darker, than all eight neighbours by `half`."""
    neighbours = _find_neighbours(gray)
    highest = np.maximum.reduce(neighbours)
    lowest = np.minimum.reduce(neighbours)
    middle = gray[1:-1, 1:-1]
    return np.count_nonzero((middle > highest + half) | (middle < lowest - half))


def _find_neighbours(gray):
    """Return the eight neighbours of all pixels but those at the border."""
    height, width = gray.shape
    return [gray[i : height - 2 + i, j : width - 2 + j] for i, j in _NEIGHBOURS]
