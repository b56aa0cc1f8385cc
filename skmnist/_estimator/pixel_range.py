"""Recognises pixels that are on another scale than they seem to be, or than in fit."""

import math
import sys
import warnings
from pathlib import Path

import numpy as np
import sklearn
from scipy.sparse import issparse

# Raw value: the maximum of 4-bit grey, the coarsest scale of pictures. Images that
# reach it and images that never exceed 1 are clearly on different scales.
_COARSEST_RANGE = 15

# Pixels: those of scikit-learn's 8 x 8 digits, the smallest images that are common.
# Shorter rows are not images, and any numbers may be right in them.
_FEWEST_PIXELS = 64

# Rows, evenly spaced, of which a scaler finds the median in `fit`, and which are looked
# at before each prediction: a mistake in the scale is in all rows.
_ROWS_IN_FIT, _ROWS_IN_CHECK = 1000, 16

# Share of the range by which interpolation may overshoot below 0.
_OVERSHOOT = 0.1

# Folders whose frames are not those of the user's program.
_INSIDE = str(Path(__file__).parents[1]), str(Path(sklearn.__file__).parent)

_INT8 = "They look like 8-bit images that were read as int8: pass X.view(np.uint8)"


class PixelRangeWarning(UserWarning):
    """Pixels on another scale than in `fit`, or than their dtype says.

    For example 0 to 1 instead of 0 to 255, ink and paper exchanged, negative pixels, or
    8-bit values in a 16-bit array.
    """


def warn_of(fault):
    """Warn of a fault, at the line of the user's program.

    Parameters
    ----------
    fault : str or None
        What `find_fault` or `find_contradiction` returned. None does nothing.
    """
    if fault is None:
        return
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_code.co_filename.startswith(_INSIDE):
        level, frame = level + 1, frame.f_back
    warnings.warn(fault, PixelRangeWarning, stacklevel=level)


def median_pixel(X):
    """Return the median of the pixels: the background, if there is one.

    Parameters
    ----------
    X : {ndarray, sparse matrix} of any shape
        Raw pixels.

    Returns
    -------
    float
        The median of at most 1,000 rows.
    """
    return float(np.median(spaced_rows(X, _ROWS_IN_FIT)))


def spaced_rows(X, n_rows=_ROWS_IN_FIT):
    """Return at most `n_rows` rows, evenly spaced, as a dense array.

    Parameters
    ----------
    X : {ndarray, sparse matrix} of shape (n_samples, ...)
        Anything.
    n_rows : int, default=1000
        The most rows.

    Returns
    -------
    ndarray of shape (n, ...)
        A view, unless `X` is sparse.
    """
    rows = X[:: -(-X.shape[0] // n_rows)] if X.shape[0] > n_rows else X
    return rows.toarray() if issparse(rows) else rows


def find_fault(X, lowest, highest):
    """Find out whether pixels contradict their dtype.

    Parameters
    ----------
    X : {ndarray, sparse matrix} of any shape
        Raw pixels to fit on.
    lowest, highest : float
        Their range.

    Returns
    -------
    str or None
        What is wrong and what helps.
    """
    if math.prod(X.shape[1:]) < _FEWEST_PIXELS or highest <= 0:
        return None
    if X.dtype == np.uint16 and highest <= 255:
        white, remedy = 65535, "np.uint8"
    elif X.dtype == np.uint8 and highest == 1:
        white, remedy = 255, "bool"
    elif lowest < 0 and _are_wrapped(X, lowest, highest):
        return (
            f"The pixels of `X` reach from {lowest:g} to {highest:g}, and most are 0. "
            f"{_INT8}."
        )
    else:
        return None
    return (
        f"The pixels of `X` reach only {highest:g}, but white is {white} in the dtype "
        f"{X.dtype}: the network will see nearly black images. Pass X.astype({remedy})."
    )


def _are_wrapped(X, lowest, highest):
    """Return whether bright pixels became negative ones, as in int8."""
    if not -128 <= lowest < -100 or not 100 < highest <= 127:
        return False
    rows = spaced_rows(X)
    # Most pixels of an image are blank; those of other small integers are not.
    is_blank = np.count_nonzero(rows) < rows.size / 2
    return is_blank and np.array_equal(rows, np.trunc(rows))


def find_contradiction(X, scaler):
    """Find out whether pixels clearly contradict those seen in fit.

    Data with negative values are not pixels and not checked.

    Parameters
    ----------
    X : {ndarray, sparse matrix} of any shape
        Raw pixels.
    scaler : PixelScaler
        A fitted scaler.

    Returns
    -------
    str or None
        What is wrong and what helps.
    """
    seen = scaler.data_max_
    if scaler.data_min_ < 0 or 1 < seen < _COARSEST_RANGE or not math.prod(X.shape):
        return None
    rows = spaced_rows(X, _ROWS_IN_CHECK)
    are_images = math.prod(X.shape[1:]) >= _FEWEST_PIXELS
    if are_images and rows.dtype.kind not in "ub":
        found = _find_negative(rows, seen)
        if found:
            return found
    return _find_scale(X, rows, scaler) or (
        _find_polarity(rows, scaler) if are_images else None
    )


def _find_scale(X, rows, scaler):
    """Find pixels of a much larger or much smaller range."""
    seen, in_rows = scaler.data_max_, rows.max()
    # The usual case; searching all of a large X takes milliseconds.
    if seen > 1 and 1 < in_rows <= seen and scaler.scale_ < 65535:
        return None
    largest = float(in_rows if rows is X else X.max())
    if seen > 1 and 0 < largest <= 1:
        remedy = f"Multiply them by {scaler.scale_:g}"
    elif seen <= 1 and largest >= _COARSEST_RANGE:
        remedy = "Divide them by their full range (255 for 8-bit pictures)"
    elif scaler.scale_ == 65535 and seen > 255 >= largest > 1:
        remedy = "Multiply them by 257, if they are 8-bit values"
    elif X.dtype == np.uint16 and scaler.scale_ == 255 and largest > 255 * 15:
        remedy = "Divide them by 257, if they are 16-bit values"
    else:
        return None
    return (
        f"The pixels of `X` reach {largest:g} but those seen in fit reached {seen:g}: "
        f"they are on another scale. {remedy}, or fit on pixels of this scale."
    )


def _find_negative(rows, seen):
    """Find negative pixels that are no overshoot of an interpolation."""
    lowest = float(rows.min())
    if lowest >= 0:
        return None
    # Where the range is another one, too, an overshoot is measured by the new range.
    highest = float(rows.max())
    scale = highest if highest < seen / _COARSEST_RANGE else seen
    if lowest >= -_OVERSHOOT * scale and np.count_nonzero(rows < 0) <= rows.size / 2:
        return None
    is_int8 = (
        lowest >= -128
        and _COARSEST_RANGE < highest <= 127
        and np.array_equal(rows, np.trunc(rows))
    )
    remedy = _INT8 if is_int8 else "Pass raw pixels, not standardised ones"
    return (
        f"The pixels of `X` reach down to {lowest:.3g}, but those seen in fit were not "
        f"negative. {remedy}, or fit on pixels of this scale."
    )


def _find_polarity(rows, scaler):
    """Find images whose background is light where it was dark in fit, or reverse."""
    lowest, highest = scaler.data_min_, scaler.data_max_
    median = getattr(scaler, "data_median_", None)
    third = (highest - lowest) / 3
    if median is None or not third:
        return None
    # Whole numbers, if the range is wide: 8-bit pixels are compared as such.
    dark, light = lowest + third, highest - third
    if third > _COARSEST_RANGE:
        dark, light = round(dark), round(light)
    if median <= dark:
        opposite, kinds = rows > light, ("light", "dark")
    elif median >= light:
        opposite, kinds = rows < dark, ("dark", "light")
    else:
        return None
    if np.count_nonzero(opposite) <= rows.size / 2:
        return None
    # A picture of nothing has no polarity.
    flat = rows.reshape(len(rows), -1).astype(np.float32)
    has_ink = np.ptp(flat, axis=1) > (highest - lowest) / 2
    opposite = opposite.reshape(flat.shape)[has_ink]
    if np.count_nonzero(opposite) <= opposite.size / 2:
        return None
    return (
        f"The images of `X` have a {kinds[0]} background, but those seen in fit had a "
        f"{kinds[1]} one. Invert them: pass {lowest + highest:g} - X."
    )
