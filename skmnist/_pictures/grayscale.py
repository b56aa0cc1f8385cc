"""One plane of grey from the planes of a picture."""

import math

import numpy as np

_LUMINANCE = np.array([0.299, 0.587, 0.114])


def as_shares(array):
    """Return 8 bits as float32 in [0, 1]."""
    return np.divide(np.asarray(array), 255, dtype=np.float32)


def shrink(image, target):
    """Shrink a PIL image to a width and a height."""
    from PIL import Image

    # Not Lanczos, which leaves a halo around each stroke.
    filter_ = Image.Resampling.HAMMING
    shrunk = image.size != target
    return image.resize(target, filter_, reducing_gap=2.0) if shrunk else image


def scale_planes(array, levels, name):
    """Divide by the first of the levels that nothing exceeds, else by the maximum."""
    low, high = array.min(), array.max()
    if not (low >= 0 and np.isfinite(high)):
        found = high if low >= 0 else low
        raise ValueError(f"{name} must hold finite numbers from 0 on, got {found}.")
    level = next((level for level in levels if high <= level), high)
    return np.true_divide(array, level).astype(np.float32, copy=False)


def find_shade(planes, target):
    """Shrink planes, the colours multiplied by the opacity, and make them one."""
    if planes.shape[1::-1] != target:
        from PIL import Image

        channels = np.moveaxis(np.atleast_3d(planes), 2, 0)
        channels = [shrink(Image.fromarray(channel), target) for channel in channels]
        planes = np.stack([np.asarray(channel) for channel in channels], axis=2)
    if planes.ndim == 2:
        return planes
    if planes.shape[2] in (2, 4):
        planes = _lay_on_paper(planes[..., :-1], planes[..., -1:])
    shade = planes[..., 0]
    if (planes != planes[..., :1]).any():
        weights = _find_weights(planes)
        shade = planes @ weights - weights[weights < 0].sum()
    return np.clip(shade, 0, 1)


def _lay_on_paper(colours, opacity):
    """Lay a drawing on white paper, or on black paper if it is light.

    A drawing of one colour is all in its opacity, which is returned.
    """
    if opacity.min() == 1:
        return colours
    total = max(opacity.sum(dtype=float), 1e-9)
    mean = colours.sum(axis=(0, 1), dtype=float) / total
    # Colours of 8 bits were rounded when multiplied, and once more when shrunk.
    if np.abs(colours - mean * opacity).max() <= 2 / 255:
        return opacity
    to_luminance = _LUMINANCE if len(mean) == 3 else np.ones(1)
    is_dark = colours @ to_luminance < 0.5 * opacity[..., 0]
    is_light = (
        mean @ to_luminance > 0.5 and not (is_dark & (opacity[..., 0] > 0.5)).any()
    )
    return colours if is_light else colours + (1 - opacity)


def _find_weights(planes):
    """Return the share of each colour in the grey that varies most.

    Yellow on white differs little in luminance, but all the more in blue.
    """
    step = math.ceil(max(planes.shape[:2]) / 64)
    # Pixels are left out, not averaged, which would thin the ink.
    sample = planes[::step, ::step].reshape(-1, 3)
    variances, directions = np.linalg.eigh(np.cov(sample, rowvar=False))
    weights = directions[:, -1] if variances[-1] > 1e-6 else _LUMINANCE
    weights = weights * np.copysign(1, weights @ _LUMINANCE) / np.abs(weights).sum()
    return weights.astype(np.float32)
