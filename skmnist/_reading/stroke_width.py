"""Strokes redrawn smoothly, as wide as MNIST's."""

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt

from skmnist._data.mnist_form import BOX, draw_on_field, keep_on_field

_FINE = 4  # pixels drawn for each pixel of the field
# Widths in pixels of the field, as measured here on MNIST's training images: the lower
# quartile and the 95th percentile. Thinner strokes fade when shrunk, thicker ones close
# loops.
WIDTHS = (2.3, 4.0)
_THINNEST = 1.5  # one in a hundred of MNIST's has thinner strokes


def redraw(strength, widths=WIDTHS):
    """Redraw one digit in MNIST's form, unless it has it already.

    Parameters
    ----------
    strength : ndarray of shape (height, width), float32
        How much ink there is, from 0 on paper to 1; half and more is drawn.
    widths : tuple of (float, float) or None, default=WIDTHS
        The range that the mean width of the strokes is brought to, in pixels of the
        field; None leaves it.

    Returns
    -------
    ndarray of shape (28, 28), uint8
        The digit.
    """
    mask = _enlarge_ink(strength)
    inside = distance_transform_edt(mask)
    # Across a stroke of width w, the distance to its sides is w / 4 on average. Pixels'
    # centres are half a pixel inside of the sides.
    width = (4 * inside[mask].mean() - 1) / _FINE
    grow = 0.0 if widths is None else np.clip(width, *widths) - width
    # Who leaves the range to us wants what MNIST has, and there are thinner strokes.
    fits = grow == 0 or (tuple(widths) == WIDTHS and width > _THINNEST)
    as_it_is = keep_on_field(strength) if fits else None
    if as_it_is is not None:
        return as_it_is
    return _draw(mask, inside, grow)


def _enlarge_ink(strength):
    """Return where the ink is, finer than it gets on the field."""
    inked = _crop(np.pad(strength, 2))
    fine = _enlarge(inked, _FINE * BOX / (max(inked.shape) - 4))
    # A line many times longer than wide is nowhere more than grey when shrunk.
    return np.pad(fine > min(0.5, fine.max() / 2), 1)


def _draw(mask, inside, grow):
    """Draw ink on the field, its strokes wider by so many pixels, or narrower."""
    grow *= _FINE / 2  # on either side
    if grow > 0:
        outside = distance_transform_edt(~np.pad(mask, int(grow) + 1))
        drawn = np.clip(1 + grow - outside, 0, 1)
    else:
        drawn = np.clip(grow + inside, 0, 1)
    drawn[drawn < 0.1] = 0  # would round to nothing at the ends of the box
    return draw_on_field(drawn[None])[0]


def _crop(strength):
    """Return the part with ink and two pixels around it."""
    rows, columns = (np.flatnonzero((strength > 0.5).any(axis)) for axis in (1, 0))
    return strength[rows[0] - 2 : rows[-1] + 3, columns[0] - 2 : columns[-1] + 3]


def _enlarge(strength, factor):
    """Enlarge smoothly, or shrink with every pixel counted."""
    size = [max(round(n * factor), 1) for n in strength.shape[::-1]]
    # Cubics swing on what is a handful of pixels.
    method = Image.Resampling.BICUBIC if factor < 8 else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(strength.astype(np.float32)).resize(size, method))
