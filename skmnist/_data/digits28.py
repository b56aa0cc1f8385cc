"""scikit-learn's handwritten digits in MNIST's form."""

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d
from sklearn.datasets import load_digits
from sklearn.utils import Bunch, check_scalar

from skmnist._data.mnist_form import to_mnist_form

_ZOOM = 6  # fine enough for smooth edges once scaled to the box

_DESCR = """\
scikit-learn's handwritten digits, described below, redrawn on 28 x 28 pixels as MNIST
was made: ink high (255) on 0, 20 pixels long, centre of mass in the middle.

"""


def load_digits28(*, as_frame=False, return_X_y=False):
    """Load scikit-learn's 1,797 handwritten digits in MNIST's form; no download.

    The 8 x 8 pictures are redrawn as pen strokes, then scaled and centred as MNIST
    was: 20 pixels on the long side, the centre of mass in the middle of 28 x 28.

    Parameters
    ----------
    as_frame : bool, default=False
        If True, `data` is a pandas DataFrame and `target` a Series.
    return_X_y : bool, default=False
        If True, return `(data, target)` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes that :func:`fetch_mnist` describes; here `data` has the
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


def as_bunch(images, target, descr, as_frame, return_X_y):
    """Return what scikit-learn's loaders return."""
    check_scalar(as_frame, "as_frame", (bool, np.bool_))
    check_scalar(return_X_y, "return_X_y", (bool, np.bool_))
    n_samples, height, width = images.shape
    data, target, frame = images.reshape(n_samples, -1), target.astype(np.int64), None
    feature_names = [f"pixel_{i}_{j}" for i in range(height) for j in range(width)]
    target_names = np.unique(target)
    if as_frame:
        import pandas as pd

        data = pd.DataFrame(data, columns=feature_names, copy=False)
        target = pd.Series(target, name="target")
        frame = pd.concat([data, target], axis=1)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        frame=frame,
        images=images,
        feature_names=feature_names,
        target_names=target_names,
        DESCR=descr,
    )


def _redraw(shares):
    """Redraw coarse pictures as pen strokes, scaled and centred as MNIST was.

    `shares`, of shape (n_samples, size, size), is the share of ink in each pixel.
    """
    return to_mnist_form(_find_ink(shares))


def _find_ink(shares):
    """Enlarge pictures of the share of ink, and tell ink from paper."""
    size = shares.shape[1]
    # A share is the mean over a pixel, so the spline has to run through their sums.
    sums = np.vstack([np.zeros(size), np.eye(size).cumsum(axis=0)])
    spline = CubicSpline(np.arange(size + 1), sums, bc_type="clamped")
    enlarge = _ZOOM * np.diff(spline(np.arange(size * _ZOOM + 1) / _ZOOM), axis=0)
    blur = gaussian_filter1d(enlarge, _ZOOM, axis=0, mode="constant")
    # Compared with what surrounds them, faint strokes stay whole and small holes open.
    return enlarge @ shares @ enlarge.T > 0.2 + 0.8 * (blur @ shares @ blur.T)
