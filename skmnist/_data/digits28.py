"""load_digits28: scikit-learn's handwritten digits in MNIST's form."""

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d
from sklearn.datasets import load_digits

from skmnist._data.bunch import as_bunch
from skmnist._data.mnist_form import to_mnist_form

# Subpixels along a side of each pixel. Enough for smooth edges after the normalization.
_ZOOM = 6

_DESCR = """\
scikit-learn's handwritten digits, described below, in MNIST's form: redrawn on 28 x 28
pixels, from 0 for blank to 255 for ink, 20 pixels on the longer side, with the centre
of mass in the middle.

"""


def load_digits28(*, as_frame=False, return_X_y=False):
    """Load scikit-learn's 1,797 handwritten digits in MNIST's form, without a download.

    The 8 x 8 images are redrawn as pen strokes, then normalized as MNIST was: scaled to
    20 pixels on the longer side, with the centre of mass in the middle of 28 x 28.

    Parameters
    ----------
    as_frame : bool, default=False
        If True, `data` is a pandas DataFrame and `target` a Series.
    return_X_y : bool, default=False
        If True, return `(data, target)` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes that :func:`fetch_mnist` describes. Here `data` has the
        shape (1797, 784), `images` (1797, 28, 28) and `target` (1797,).
    (data, target) : tuple if `return_X_y` is True
        As above.

    Raises
    ------
    TypeError
        If a parameter is not a bool.

    See Also
    --------
    fetch_mnist : The digits that these are made to resemble.
    sklearn.datasets.load_digits : The same digits on 8 x 8 pixels.

    Examples
    --------
    >>> from skmnist import load_digits28
    >>> load_digits28().images.shape
    (1797, 28, 28)
    """
    digits = load_digits()
    images = _redraw(digits.images / digits.images.max())
    descr = _DESCR + digits.DESCR
    return as_bunch(images, digits.target, descr, as_frame, return_X_y)


def _redraw(images):
    """Redraw square images in [0, 1] as pen strokes in MNIST's form."""
    return to_mnist_form(_binarize(images))


def _binarize(images):
    """Enlarge square images in [0, 1] and separate the strokes from the background."""
    size = images.shape[1]
    # A pixel is the mean over its area, so the spline interpolates cumulative sums.
    sums = np.vstack([np.zeros(size), np.eye(size).cumsum(axis=0)])
    spline = CubicSpline(np.arange(size + 1), sums, bc_type="clamped")
    enlarge = _ZOOM * np.diff(spline(np.arange(size * _ZOOM + 1) / _ZOOM), axis=0)
    blur = gaussian_filter1d(enlarge, _ZOOM, axis=0, mode="constant")
    # A local threshold keeps faint strokes whole and small holes open.
    return enlarge @ images @ enlarge.T > 0.2 + 0.8 * (blur @ images @ blur.T)
