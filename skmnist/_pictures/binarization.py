"""Binarization: ink of either polarity separated from unevenly lit paper."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter, label

from skmnist._pictures.background import (
    estimate_background,
    find_polarity_and_window,
    find_threshold,
)
from skmnist._pictures.components import (
    EIGHT_CONNECTED,
    estimate_stroke_width,
    select_labels,
)
from skmnist._pictures.faint_lines import suppress_faint_lines
from skmnist._pictures.noise import estimate_noise, remove_impulse_noise

POLARITIES = ("auto", "dark", "light")  # of the ink
# Contrast per pixel, or per standard deviation of the smoothing if that is longer:
# softest outline of ink. Shadows are softer, the blurriest ink is not.
_LEAST_SHARPNESS = 0.04
_FAINT = 1 / 3  # contrast, where 1 is typical ink: ink that continues a stroke
_LEAST_CONTRAST = 0.02  # brightness: five grey levels of 255; blank paper has less
# Standard deviations of the noise: least contrast of ink. The outermost of thousands of
# pixels of noise are four away.
_LEAST_SIGNAL = 4
_SHARPER = 1 / 2  # share of the smoothing: finding ink needs more than showing shape
# Pixels: least standard deviation with any effect. A narrower Gaussian, cut off at four
# of them, is a single pixel.
_LEAST_SMOOTHING = 1 / 8


class Ink(NamedTuple):
    """The foreground of a picture."""

    contrast: np.ndarray  # (height, width) float32: 0 on paper, 1 for typical ink
    foreground: np.ndarray  # (height, width) bool
    stroke_width: float  # mean, in pixels
    fine_contrast: np.ndarray  # like `contrast`, less smoothed: the shape of strokes


def binarize(gray, polarity="auto", noise=None):
    """Separate the ink in a picture from the paper.

    The background is estimated by opening the picture with a window of a few stroke
    widths, which are found iteratively. The rest, the white top-hat, is binarized by
    Otsu's threshold [1]_ with hysteresis [2]_. Horizontal lines fainter than strokes
    are suppressed. All this is done on a smoothed picture, so that noise is not taken
    for ink and faint strokes stay connected; digits are drawn later from a picture that
    is smoothed less.

    Parameters
    ----------
    gray : ndarray of shape (height, width), float32
        Brightness, from 0 to 1.
    polarity : {"auto", "dark", "light"}, default="auto"
        Whether the ink is darker or lighter than the paper.
    noise : NoiseEstimate, default=None
        None estimates it here. For an enlarged picture, pass the estimate from before.

    Returns
    -------
    Ink
        Of the shape of `gray`.

    Raises
    ------
    ValueError
        If the picture holds no ink.

    References
    ----------
    .. [1] N. Otsu, "A threshold selection method from gray-level histograms", IEEE
       Transactions on Systems, Man, and Cybernetics 9(1), 1979, pp. 62-66.
    .. [2] J. Canny, "A computational approach to edge detection", IEEE Transactions on
       Pattern Analysis and Machine Intelligence 8(6), 1986, p. 687.
    """
    gray = remove_impulse_noise(gray)
    noise = estimate_noise(gray) if noise is None else noise
    smooth = _smooth(gray, noise.smoothing)
    is_dark, window = find_polarity_and_window(smooth, polarity)
    if is_dark:
        gray, smooth = 1 - gray, 1 - smooth
    background = estimate_background(smooth, window)
    top_hat = smooth - background
    threshold = find_threshold(top_hat)
    above = top_hat > threshold
    if not above.any() or threshold < _LEAST_CONTRAST / 2:
        raise ValueError("there is no ink in it: it is blank, or too faint to tell.")
    typical = np.median(top_hat[above])
    if typical < _LEAST_SIGNAL * noise.residual:
        raise ValueError("there is no ink in it, only noise.")
    contrast = suppress_faint_lines(np.minimum(top_hat / typical, 1))
    above &= contrast > 0
    labels, _ = label(contrast > min(_FAINT, threshold / typical), EIGHT_CONNECTED)
    foreground = select_labels(labels, labels[above])
    fine_contrast, blur = contrast, _SHARPER * noise.smoothing
    if noise.smoothing >= _LEAST_SMOOTHING:
        sharp = _smooth(gray, blur)
        fine_contrast = np.clip((sharp - background) / typical, 0, 1)
        fine_contrast = suppress_faint_lines(fine_contrast)
        foreground = _clear_border(foreground, fine_contrast > _FAINT)
    sharpness = _measure_sharpness(fine_contrast, foreground)
    if sharpness < _LEAST_SHARPNESS / max(blur, 1):
        raise ValueError("there is no ink in it, only shadows.")
    stroke_width = estimate_stroke_width(foreground)
    return Ink(contrast, foreground, stroke_width, fine_contrast)


def _clear_border(foreground, sharp):
    """Clear the picture's border where only the smoothing brought ink to it."""
    cleared = foreground & sharp
    cleared[1:-1, 1:-1] = foreground[1:-1, 1:-1]
    return cleared


def _smooth(gray, deviation):
    return gray if deviation < _LEAST_SMOOTHING else gaussian_filter(gray, deviation)


def _measure_sharpness(contrast, foreground):
    """Return the mean step from pixel to pixel across the outline of the ink."""
    steps = [
        np.abs(np.diff(contrast, axis=axis))[np.diff(foreground, axis=axis)]
        for axis in (0, 1)
    ]
    steps = np.concatenate(steps)
    return steps.mean() if steps.size else 0.0
