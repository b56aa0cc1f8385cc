"""Stroke-width normalization: digits redrawn with strokes as wide as MNIST's."""

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt

from skmnist._data.mnist_form import BOX, keep_mnist_form, to_mnist_form

_FINE = 4  # pixels drawn per pixel of the result
# Pixels of the result: range of mean stroke widths, the lower quartile and the 95th
# percentile of MNIST's training images, measured as here. Thinner strokes fade when
# shrunk, thicker ones close loops.
STROKE_WIDTHS = (2.3, 4.0)
_THINNEST = 1.5  # pixels of the result: only 1 % of MNIST's images have thinner strokes


def normalize_stroke_width(drawing, widths=STROKE_WIDTHS):
    """Redraw one digit in MNIST's form, unless it already has that form.

    Parameters
    ----------
    drawing : ndarray of shape (height, width), float32
        Contrast of the digit, from 0 on paper to 1; more than 0.5 is ink.
    widths : tuple of (float, float) or None, default=STROKE_WIDTHS
        The range that the mean stroke width is brought to, in pixels of the result;
        None leaves it.

    Returns
    -------
    ndarray of shape (28, 28), uint8
        The digit.
    """
    foreground = _enlarge_foreground(drawing)
    inside = distance_transform_edt(foreground)
    # Across a stroke of width w, the distance to its sides is w / 4 on average. Pixel
    # centres are half a pixel inside the sides.
    width = (4 * inside[foreground].mean() - 1) / _FINE
    grow = 0.0 if widths is None else np.clip(width, *widths) - width
    # By default the caller wants MNIST's form, and MNIST has thinner strokes too.
    fits = grow == 0 or (tuple(widths) == STROKE_WIDTHS and width > _THINNEST)
    as_it_is = keep_mnist_form(drawing) if fits else None
    if as_it_is is not None:
        return as_it_is
    return _draw(foreground, inside, grow)


def _enlarge_foreground(drawing):
    """Return the foreground at a higher resolution than the result's."""
    cropped = _crop(np.pad(drawing, 2))
    fine = _resize(cropped, _FINE * BOX / (max(cropped.shape) - 4))
    # A very long and thin line, when shrunk, is nowhere darker than grey.
    return np.pad(fine > min(0.5, fine.max() / 2), 1)


def _draw(foreground, inside, grow):
    """Draw a digit in MNIST's form, its strokes wider by `grow` pixels."""
    grow *= _FINE / 2  # on either side
    if grow > 0:
        outside = distance_transform_edt(~np.pad(foreground, int(grow) + 1))
        drawn = np.clip(1 + grow - outside, 0, 1)
    else:
        drawn = np.clip(grow + inside, 0, 1)
    drawn[drawn < 0.1] = 0  # at the ends of the box it would be rounded to nothing
    return to_mnist_form(drawn[None])[0]


def _crop(drawing):
    """Return the part with ink and two pixels around it."""
    rows, columns = (np.flatnonzero((drawing > 0.5).any(axis)) for axis in (1, 0))
    return drawing[rows[0] - 2 : rows[-1] + 3, columns[0] - 2 : columns[-1] + 3]


def _resize(drawing, factor):
    """Enlarge smoothly, or shrink with every pixel counted."""
    size = [max(round(n * factor), 1) for n in drawing.shape[::-1]]
    # Cubic interpolation overshoots in drawings of only a few pixels.
    method = Image.Resampling.BICUBIC if factor < 8 else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(drawing.astype(np.float32)).resize(size, method))
