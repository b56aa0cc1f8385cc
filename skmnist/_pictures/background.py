"""Background estimation by morphological opening, and Otsu's threshold."""

import numpy as np
from scipy.ndimage import uniform_filter

from skmnist._pictures.components import border_sides, estimate_stroke_width

# Pixels: long side of the reduced picture, enough to see the lighting. From the second
# number on, every other pixel is enough: a digit's strokes are several pixels wide.
_COARSE_SIDE, _HALVED_SIDE = 400, 200
_LEAST_WINDOW = 9  # pixels: narrowest window
_TRIALS = 4  # rounds: how often a window is narrowed at most
_THUMBNAIL_SIDE = 32  # pixels: long side, enough to see where the light comes from
# Share of a close crop: least background. Shadows in its corners cover less.
_LEAST_BACKGROUND = 0.35
_SETTLED = 0.001  # brightness: change at which the plane is found, 1/4 of a grey level
_DOUBT = 0.75  # weight of each polarity or window that is less likely
_WINDOW = 6  # stroke widths: wider than crossing strokes, narrower than shadows
_LEVELS = 255  # histogram bins, as in an 8-bit picture


def find_polarity_and_window(gray, polarity):
    """Find the polarity and the window that show the ink best.

    Each candidate is binarized. The best has the sharpest outlines, while those of
    shadows are soft, and covers the least of the picture's border, where paper is.

    Parameters
    ----------
    gray : ndarray of shape (height, width), float32
        Brightness, from 0 to 1.
    polarity : {"auto", "dark", "light"}
        Whether the ink is darker or lighter than the paper.

    Returns
    -------
    is_dark : bool
        Whether the ink is darker than the paper.
    window : float
        Side of the window that `estimate_background` needs, in pixels.
    """
    longest = max(gray.shape)
    step = max(-(-longest // _COARSE_SIDE), 2 if longest >= _HALVED_SIDE else 1)
    coarse = gray[::step, ::step]
    longest = max(coarse.shape)
    is_small = longest / 8 < _LEAST_WINDOW
    thin = [
        slice(None, None, 1 if is_small else n // _THUMBNAIL_SIDE + 1)
        for n in coarse.shape
    ]
    expected = polarity
    if polarity == "auto":
        expected = _find_polarity(coarse[tuple(thin)], is_small)
    if is_small:
        # Such a small picture is a crop: evenly lit, and all outlines are sharp.
        is_dark = expected == "dark"
        bright = 1 - coarse if is_dark else coarse
        return is_dark, step * _narrow_window(bright, longest / 2)[1]
    slopes = [np.square(np.diff(coarse, axis=axis)) for axis in (0, 1)]
    settings, scores = [], []
    for is_dark in {"dark": [True], "light": [False]}.get(polarity, [True, False]):
        bright = 1 - coarse if is_dark else coarse
        # First windows: for a digit that fills the picture, and for a page.
        for n_parts in (2, 8):
            foreground, window = _narrow_window(bright, longest / n_parts)
            settings.append((is_dark, window * step))
            # Gaps between strokes, and the scraps of them that a narrow window leaves,
            # have outlines as sharp as the strokes.
            n_doubts = (is_dark != (expected == "dark")) + (n_parts > 2)
            scores.append(_score_outline(foreground, slopes) * _DOUBT**n_doubts)
    return settings[int(np.argmax(scores))]


def _find_polarity(gray, is_small):
    """Return whether dark or light pixels stand out from an evenly lit plane."""
    height, width = gray.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    plane = np.stack([np.ones(y.size), y.ravel(), x.ravel()], axis=1)
    values = gray.ravel().astype(float)
    residual = values - np.median(values)
    # Least absolute deviations by reweighted least squares: the paper has more pixels
    # than the ink, so the plane follows the paper.
    for _ in range(10):
        weighted = plane.T / (np.abs(residual) + 0.01)
        before = residual
        residual = values - plane @ np.linalg.solve(weighted @ plane, weighted @ values)
        if np.abs(residual - before).max() < _SETTLED:
            break
    if is_small:
        # The strokes of a close crop may cover half of it, but not its corners.
        bright = residual.reshape(height, width) > (residual.min() + residual.max()) / 2
        n_bright = np.count_nonzero(bright[np.ix_([0, -1], [0, -1])])
        share = np.count_nonzero(bright == (n_bright > 2)) / bright.size
        if n_bright != 2 and share > _LEAST_BACKGROUND:
            return "dark" if n_bright > 2 else "light"
    darker, brighter = np.minimum(residual, 0), np.maximum(residual, 0)
    return "dark" if np.square(darker).sum() > np.square(brighter).sum() else "light"


def _narrow_window(gray, window):
    """Return the foreground, and a window of a few stroke widths, at most `window`."""
    longest = max(gray.shape)
    for _ in range(_TRIALS):
        top_hat = gray - estimate_background(gray, window)
        foreground = top_hat > find_threshold(top_hat)
        stroke_width = estimate_stroke_width(foreground)
        narrower = max(_WINDOW * stroke_width, longest / 40, _LEAST_WINDOW)
        if narrower > 0.8 * window:
            break
        window = narrower
    return foreground, window


def _score_outline(foreground, slopes):
    """Return how much steep outline there is, less what lies on the picture's border.

    Slopes are squared, so that a shadow's long but less steep outline does not win.
    They are summed, so that a stroke wins over the holes that it encloses.
    """
    outlines = [np.diff(foreground, axis=axis) for axis in (0, 1)]
    steep = [s[o].sum() for s, o in zip(slopes, outlines, strict=True)]
    return sum(steep) * (1 - np.concatenate(border_sides(foreground)).mean())


def estimate_background(gray, window):
    """Estimate the background by a smoothed morphological opening.

    Parameters
    ----------
    gray : ndarray of shape (height, width), float32
        Brightness; the ink must be brighter than the paper.
    window : float
        Side of the square, in pixels. Bright things that are narrower disappear.

    Returns
    -------
    ndarray of shape (height, width), float32
        At most `gray`.
    """
    size = int(window) | 1
    background = gray
    for extremum in (np.minimum, np.maximum):
        for _ in range(2):  # along the columns, then along the rows
            background = _filter_columns(background, size, extremum).T
    return np.minimum(uniform_filter(background, size // 2 | 1, mode="nearest"), gray)


def _filter_columns(picture, size, extremum):
    """Return the minimum or maximum of `size` pixels, an odd number, of each column."""
    half = size // 2
    picture = np.concatenate(
        [picture[:1].repeat(half, 0), picture, picture[-1:].repeat(half, 0)]
    )
    # Doubling the covered length takes only log2(size) steps.
    covered = 1
    while covered < size:
        step = min(covered, size - covered)
        picture = extremum(picture[step:], picture[:-step])
        covered += step
    return picture


def find_threshold(contrast):
    """Return the middle between the means of Otsu's two classes.

    Parameters
    ----------
    contrast : ndarray of float32
        At least 0.

    Returns
    -------
    float
        The maximum if nothing is above 0.
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
    # If no value lies between the classes, all thresholds between them are equally
    # good, and argmax finds the lowest; hence the middle.
    best = np.argmax(n_low * n_high * (mean_high - mean_low) ** 2)
    return (mean_low[best] + mean_high[best]) / 2 * highest / _LEVELS
