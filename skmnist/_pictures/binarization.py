"""Ink told from paper: either polarity, uneven light and speckle removed."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import (
    gaussian_filter,
    label,
    uniform_filter,
)

from skmnist._pictures.faint_lines import fade_bands
from skmnist._pictures.noise import find_grain
from skmnist._pictures.speckle import remove_speckle

POLARITIES = ("auto", "dark", "light")  # of the ink
EIGHT = np.ones((3, 3), bool)  # pixels touch also at their corners
# Pixels on the long side, enough to see how a picture is lit, and from how many on
# every other one is enough for that: a digit's strokes are several pixels wide then.
_SCOUT, _COARSE = 400, 200
_LEAST_WINDOW, _TRIALS = 9, 4
_THUMBNAIL = 32  # pixels on the long side, enough to see where the light comes from
_LEAST_PAPER = 0.35  # of a close crop; shadows in its corners cover less
_SETTLED = 0.001  # of white: a quarter of a grey level of 255
_DOUBT = 0.75  # weight of a polarity, or a window, that is not the one to expect
# Of the contrast, from pixel to pixel, or over as much as the ink is smoothed: what is
# softer is a shadow, not the blurriest ink.
_SOFTEST = 0.04
_LEVELS = 255  # of contrast told apart, as in a picture of one byte a pixel
_WINDOW = 6  # stroke widths: wider than strokes that cross, narrower than shadows
_FAINT = 1 / 3  # of the typical ink: what still is ink where it continues a stroke
_LEAST_CONTRAST = 0.02  # of white: five grey levels of 255, seen on no blank paper
# Standard deviations of the noise: the outermost of thousands of pixels are four away.
_LEAST_SIGNAL = 4
_SHARPER = 1 / 2  # of the smoothing: shape needs less than telling ink from grain does
_PLAIN = 1 / 8  # of a pixel: a Gaussian, cut off at four times that, is one pixel


class Ink(NamedTuple):
    """What is written in a picture."""

    strength: np.ndarray  # (height, width) float32: 0 on paper, 1 where ink is typical
    mask: np.ndarray  # (height, width) bool: where there is ink
    width: float  # of the strokes, in pixels
    fine: np.ndarray  # as `strength`, less smoothed: the shape of the strokes


def find_ink(shade, polarity="auto", grain=None):
    """Find the ink in a picture.

    Paper is what remains where the picture is opened with a window of a few stroke
    widths, which are found by doing it again; ink is what Otsu's threshold [1]_ and
    hysteresis [2]_ then part from it. Level bands that are fainter than strokes are no
    ink. All this is done on the picture smoothed, so that grain is no ink and faint
    strokes hang together; what is drawn of the ink later is smoothed less.

    Parameters
    ----------
    shade : ndarray of shape (height, width), float32
        How bright the pixels are, from 0 to 1.
    polarity : {"auto", "dark", "light"}, default="auto"
        Whether the ink is darker or lighter than the paper.
    grain : Grain, default=None
        Of the picture; None measures it. What was enlarged has it from before.

    Returns
    -------
    Ink
        Of the shape of `shade`.

    Raises
    ------
    ValueError
        If there is no ink.

    References
    ----------
    .. [1] N. Otsu, "A threshold selection method from gray-level histograms", IEEE
       Transactions on Systems, Man, and Cybernetics 9(1), 1979, pp. 62-66.
    .. [2] J. Canny, "A computational approach to edge detection", IEEE Transactions on
       Pattern Analysis and Machine Intelligence 8(6), 1986, p. 687.
    """
    shade = remove_speckle(shade)
    grain = find_grain(shade) if grain is None else grain
    smooth = _smooth(shade, grain.smoothing)
    is_dark, window = _find_setting(smooth, polarity)
    if is_dark:
        shade, smooth = 1 - shade, 1 - smooth
    paper = _estimate_paper(smooth, window)
    contrast = smooth - paper
    threshold = find_threshold(contrast)
    above = contrast > threshold
    if not above.any() or threshold < _LEAST_CONTRAST / 2:
        raise ValueError("there is no ink in it: it is blank, or too faint to tell.")
    typical = np.median(contrast[above])
    if typical < _LEAST_SIGNAL * grain.noise:
        raise ValueError("there is no ink in it, only noise.")
    strength = fade_bands(np.minimum(contrast / typical, 1))
    above &= strength > 0
    labels, _ = label(strength > min(_FAINT, threshold / typical), EIGHT)
    mask = _select_labels(labels, labels[above])
    fine, blur = strength, _SHARPER * grain.smoothing
    if grain.smoothing >= _PLAIN:
        sharp = _smooth(shade, blur)
        fine = fade_bands(np.clip((sharp - paper) / typical, 0, 1))
        mask = _clear_edges(mask, fine > _FAINT)
    if _measure_sharpness(fine, mask) < _SOFTEST / max(blur, 1):
        raise ValueError("there is no ink in it, only shadows.")
    return Ink(strength, mask, measure_width(mask), fine)


def _clear_edges(mask, sharp):
    """Clear the edges of a mask where only smoothing brought ink to them."""
    cleared = mask & sharp
    cleared[1:-1, 1:-1] = mask[1:-1, 1:-1]
    return cleared


def _smooth(shade, deviation):
    return shade if deviation < _PLAIN else gaussian_filter(shade, deviation)


def _measure_sharpness(strength, mask):
    """Return the mean step from pixel to pixel across the outline of the ink."""
    steps = [
        np.abs(np.diff(strength, axis=axis))[np.diff(mask, axis=axis)]
        for axis in (0, 1)
    ]
    steps = np.concatenate(steps)
    return steps.mean() if steps.size else 0.0


def _find_setting(shade, polarity):
    """Return whether the ink is dark, and the window through which it shows best.

    Of the ways tried, that is the one whose ink has the sharpest outline, where a
    shadow's is soft, and covers least of the picture's edge, which paper does.
    """
    longest = max(shade.shape)
    step = max(-(-longest // _SCOUT), 2 if longest >= _COARSE else 1)
    scout = shade[::step, ::step]
    longest = max(scout.shape)
    is_small = longest / 8 < _LEAST_WINDOW
    thin = [
        slice(None, None, 1 if is_small else n // _THUMBNAIL + 1) for n in scout.shape
    ]
    expected = polarity
    if polarity == "auto":
        expected = _find_polarity(scout[tuple(thin)], is_small)
    if is_small:
        # So small a picture was cut out and is evenly lit, and all outlines are sharp.
        is_dark = expected == "dark"
        bright = 1 - scout if is_dark else scout
        return is_dark, step * _narrow_window(bright, longest / 2)[1]
    slopes = [np.square(np.diff(scout, axis=axis)) for axis in (0, 1)]
    settings, scores = [], []
    for is_dark in {"dark": [True], "light": [False]}.get(polarity, [True, False]):
        bright = 1 - scout if is_dark else scout
        # For a digit that fills the picture; and for a page, to begin with.
        for n_parts in (2, 8):
            mask, window = _narrow_window(bright, longest / n_parts)
            settings.append((is_dark, window * step))
            # The gaps between strokes have outlines as sharp as the strokes, and so
            # have the scraps of them that a narrow window leaves.
            n_doubts = (is_dark != (expected == "dark")) + (n_parts > 2)
            scores.append(_rate(mask, slopes) * _DOUBT**n_doubts)
    return settings[int(np.argmax(scores))]


def _find_polarity(shade, is_small):
    """Tell whether dark or light pixels stand out from an evenly lit plane."""
    height, width = shade.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    plane = np.stack([np.ones(y.size), y.ravel(), x.ravel()], axis=1)
    values = shade.ravel().astype(float)
    residual = values - np.median(values)
    # Least absolute deviations, by reweighting: the paper, having more pixels than the
    # ink, draws the plane to itself.
    for _ in range(10):
        weighted = plane.T / (np.abs(residual) + 0.01)
        before = residual
        residual = values - plane @ np.linalg.solve(weighted @ plane, weighted @ values)
        if np.abs(residual - before).max() < _SETTLED:
            break
    if is_small:
        # The strokes of a close crop may cover half of it, but leave the corners to the
        # paper.
        bright = residual.reshape(height, width) > (residual.min() + residual.max()) / 2
        n_bright = np.count_nonzero(bright[np.ix_([0, -1], [0, -1])])
        share = np.count_nonzero(bright == (n_bright > 2)) / bright.size
        if n_bright != 2 and share > _LEAST_PAPER:
            return "dark" if n_bright > 2 else "light"
    darker, brighter = np.minimum(residual, 0), np.maximum(residual, 0)
    return "dark" if np.square(darker).sum() > np.square(brighter).sum() else "light"


def _narrow_window(shade, window):
    """Return the ink and a window of a few of its strokes' widths, `window` or less."""
    longest = max(shade.shape)
    for _ in range(_TRIALS):
        contrast = shade - _estimate_paper(shade, window)
        mask = contrast > find_threshold(contrast)
        narrower = max(_WINDOW * measure_width(mask), longest / 40, _LEAST_WINDOW)
        if narrower > 0.8 * window:
            break
        window = narrower
    return mask, window


def _rate(mask, slopes):
    """Return how much of steep outline there is, less where at the picture's edge.

    Squared, a long outline that is half as steep, a shadow's, does not make up for it;
    added, the outlines of a stroke are more than those of the holes it encloses.
    """
    edge = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    outlines = [np.diff(mask, axis=axis) for axis in (0, 1)]
    steep = [s[o].sum() for s, o in zip(slopes, outlines, strict=True)]
    return sum(steep) * (1 - edge.mean())


def _estimate_paper(shade, window):
    """Return the picture without what is bright and narrower than the window."""
    size = int(window) | 1
    paper = shade
    for extreme in (np.minimum, np.maximum):
        for _ in range(2):  # down, then along
            paper = _slide(paper, size, extreme).T
    return np.minimum(uniform_filter(paper, size // 2 | 1, mode="nearest"), shade)


def _slide(picture, size, extreme):
    """Return the extreme of so many pixels, an odd number, around each one, down."""
    half = size // 2
    picture = np.concatenate(
        [picture[:1].repeat(half, 0), picture, picture[-1:].repeat(half, 0)]
    )
    # Doubling what has been seen takes fewer steps than there are pixels to see.
    seen = 1
    while seen < size:
        step = min(seen, size - seen)
        picture = extreme(picture[step:], picture[:-step])
        seen += step
    return picture


def find_threshold(contrast):
    """Return the value half way between Otsu's two classes.

    Parameters
    ----------
    contrast : ndarray of float32
        At least 0.

    Returns
    -------
    float
        The highest, where there are no two.
    """
    highest = contrast.max()
    if highest <= 0:
        return highest
    levels = (contrast * (_LEVELS / highest)).astype(np.uint8).ravel()
    count = np.bincount(levels, minlength=_LEVELS + 1)
    total = count * (np.arange(_LEVELS + 1) + 0.5)
    n_low, low = count.cumsum()[:-1], total.cumsum()[:-1]
    n_high, high = levels.size - n_low, total.sum() - low
    mean_low, mean_high = low / np.maximum(n_low, 1), high / np.maximum(n_high, 1)
    # Where no value lies between the classes any threshold between them is the best,
    # and the one found is the lowest.
    best = np.argmax(n_low * n_high * (mean_high - mean_low) ** 2)
    return (mean_low[best] + mean_high[best]) / 2 * highest / _LEVELS


def measure_width(mask):
    """Measure the width of strokes: their area over half of their outline.

    What reaches the edge of the picture is left out where there is anything else: it
    is a shadow more often than a stroke.

    Parameters
    ----------
    mask : ndarray of shape (height, width), bool
        Where there is ink.

    Returns
    -------
    float
        In pixels.
    """
    inner = mask
    if any(edge.any() for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1])):
        labels, _ = label(mask, EIGHT)
        inner = mask & ~_select_labels(labels, find_edge_labels(labels))
        if inner.sum() < 0.1 * mask.sum():
            inner = mask
    inner = np.pad(inner, 1)
    outline = sum(np.count_nonzero(np.diff(inner, axis=axis)) for axis in (0, 1))
    # Steps along both axes make a slanted outline 4 / pi times as long on average.
    return 2 * inner.sum() / max(outline * np.pi / 4, 1)


def _select_labels(labels, chosen):
    """Return where the chosen pieces are; paper, 0, is none."""
    table = np.zeros(labels.max() + 1, bool)
    table[chosen] = True
    table[0] = False
    return table[labels]


def find_edge_labels(labels):
    """Return the labels found at the edge of a picture.

    Parameters
    ----------
    labels : ndarray of shape (height, width), int
        Pieces of ink.

    Returns
    -------
    ndarray of shape (n,), int
        Each once.
    """
    edge = [labels[0], labels[-1], labels[:, 0], labels[:, -1]]
    return np.unique(np.concatenate(edge))
