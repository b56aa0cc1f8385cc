"""Grain: how much a picture is smoothed, so that its noise is not taken for ink."""

import numpy as np

# Of so many parts of a picture one is finer than any stroke; on a page of many digits,
# whose strokes are finer too, it is so many pixels at most.
_FINEST, _COARSEST = 400, 2
# Of a picture's long side: a quarter of the width of the strokes of a digit that fills
# it, so that the most noise does not blur them away.
_QUARTER = 1 / 40
# Of the contrast: what may remain of the noise. The outermost of a million pixels, five
# standard deviations away, are still no ink then.
_REMAINDER = 1 / 100
_SAMPLE = 256  # pixels on a side, enough to measure noise on
_SECOND = np.array([1, -2, 1])  # difference: zero on slopes
_DEVIATION = 1.4826  # standard deviation of a normal distribution over its median one


def find_smoothing(shade):
    """Find how much to smooth a picture before ink is told from paper in it.

    Where the picture is noisy, a Gaussian of standard deviation s leaves 1 / (2 s
    sqrt(pi)) of the noise.

    Parameters
    ----------
    shade : ndarray of shape (height, width), float32
        How bright the pixels are.

    Returns
    -------
    float
        Standard deviation of a Gaussian, in pixels.
    """
    longest = max(shade.shape)
    contrast = max(np.ptp(shade), np.finfo(shade.dtype).tiny)
    remainder = measure_noise(shade) / (_REMAINDER * contrast)
    against_noise = min(remainder / (2 * np.sqrt(np.pi)), _QUARTER * longest)
    return min(max(longest / _FINEST, against_noise), _COARSEST)


def measure_noise(shade):
    """Measure the noise of a picture, as from a sensor or a coarse film.

    Immerkaer's mask [1]_ answers neither to even nor to slanted surfaces; the median
    of its answers, rather than their mean, leaves out strokes and their outlines.

    Parameters
    ----------
    shade : ndarray of shape (height, width), float32
        How bright the pixels are.

    Returns
    -------
    float
        Standard deviation, in units of `shade`; 0 where fewer than three pixels lie
        along a side.

    References
    ----------
    .. [1] J. Immerkaer, "Fast noise variance estimation", Computer Vision and Image
       Understanding 64(2), 1996, pp. 300-302.
    """
    height, width = shade.shape
    if min(height, width) < 3:
        return 0.0
    down, along = (max(n // _SAMPLE, 1) for n in shade.shape)
    answers = sum(
        _SECOND[i]
        * _SECOND[j]
        * shade[i : height - 2 + i : down, j : width - 2 + j : along]
        for i in range(3)
        for j in range(3)
    )
    gain = np.square(_SECOND).sum()  # of the mask, the outer product of two of them
    return float(_DEVIATION * np.median(np.abs(answers)) / gain)
