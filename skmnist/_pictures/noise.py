"""Grain: how much a picture is smoothed, so that its noise is not taken for ink."""

from typing import NamedTuple

import numpy as np

# Of so many parts of a picture one is finer than any stroke. On a page of many digits,
# whose strokes are finer too, it is so many pixels at most.
_FINEST, _COARSEST = 400, 2
# Of a picture's short side: a quarter of the width of the strokes of a digit that fills
# it, so that the most noise does not blur them away.
_QUARTER = 1 / 40
# Of the contrast: what is to be left of the noise. The outermost of a million pixels,
# five standard deviations away, are still no ink then.
_REMAINDER = 1 / 100
_SMALLEST = 20  # pixels on a side: a digit covers most of a smaller picture
_SAMPLE = 256  # pixels on a side at least, enough to measure noise on
_DEVIATION = 1.4826  # standard deviation of a normal distribution over its median one


class Grain(NamedTuple):
    """What is finer than strokes in a picture."""

    smoothing: float  # standard deviation of a Gaussian that clears it, in pixels
    noise: float  # standard deviation of what that leaves, in units of brightness


def find_grain(shade):
    """Find how much to smooth a picture before ink is told from paper in it.

    Parameters
    ----------
    shade : ndarray of shape (height, width), float32
        How bright the pixels are.

    Returns
    -------
    Grain
        Of the picture.
    """
    contrast = max(np.ptp(shade), np.finfo(shade.dtype).tiny)
    noise = measure_noise(shade)
    # A Gaussian of standard deviation s leaves 1 / (2 s sqrt(pi)) of noise that is
    # independent from pixel to pixel, unless it is too narrow to reach any other.
    weakened = 2 * np.sqrt(np.pi)
    wanted = noise / (_REMAINDER * contrast) / weakened
    against_noise = min(wanted, _QUARTER * min(shade.shape))
    smoothing = min(max(max(shade.shape) / _FINEST, against_noise), _COARSEST)
    return Grain(float(smoothing), float(noise / max(weakened * smoothing, 1)))


def measure_noise(shade):
    """Measure noise that is independent from pixel to pixel, as a sensor's is.

    Immerkaer's mask [1]_ answers neither to even nor to slanted surfaces; the median
    of its answers, rather than their mean, leaves out strokes and their outlines.

    Parameters
    ----------
    shade : ndarray of shape (height, width), float32
        How bright the pixels are.

    Returns
    -------
    float
        Standard deviation, in units of `shade`; 0 for pictures of less than 20 pixels
        on a side, where strokes are too large a part to leave out.

    References
    ----------
    .. [1] J. Immerkaer, "Fast noise variance estimation", Computer Vision and Image
       Understanding 64(2), 1996, pp. 300-302.
    """
    if min(shade.shape) < _SMALLEST:
        return 0.0
    answers = np.diff(np.diff(shade, 2, axis=0), 2, axis=1)
    down, along = (max(n // _SAMPLE, 1) for n in shade.shape)
    gain = 6  # of the mask: the norm of the outer product of 1, -2, 1 with itself
    return float(_DEVIATION * np.median(np.abs(answers[::down, ::along])) / gain)
