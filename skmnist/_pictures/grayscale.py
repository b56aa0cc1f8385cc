"""Grayscale conversion: one channel from the channels of a picture."""

import math

import numpy as np

_LUMINANCE = np.array([0.299, 0.587, 0.114])


def as_fractions(array):
    """Return 8-bit values as float32 from 0 to 1."""
    return np.divide(np.asarray(array), 255, dtype=np.float32)


def shrink(image, target):
    """Shrink a PIL image to a width and a height."""
    from PIL import Image

    # Not Lanczos, which leaves a halo around each stroke.
    filter_ = Image.Resampling.HAMMING
    shrunk = image.size != target
    return image.resize(target, filter_, reducing_gap=2.0) if shrunk else image


def scale_channels(array, levels, name):
    """Divide by the lowest of the levels that is not exceeded, or by the maximum."""
    low, high = array.min(), array.max()
    if not (low >= 0 and np.isfinite(high)):
        found = high if low >= 0 else low
        raise ValueError(f"{name} must hold finite, non-negative numbers, got {found}.")
    level = next((level for level in levels if high <= level), high)
    return np.true_divide(array, level).astype(np.float32, copy=False)


def to_gray(channels, target):
    """Shrink channels and combine them; colours must be premultiplied by opacity."""
    if channels.shape[1::-1] != target:
        from PIL import Image

        images = np.moveaxis(np.atleast_3d(channels), 2, 0)
        images = [shrink(Image.fromarray(image), target) for image in images]
        channels = np.stack([np.asarray(image) for image in images], axis=2)
    if channels.ndim == 2:
        return channels
    if channels.shape[2] in (2, 4):
        channels = _composite(channels[..., :-1], channels[..., -1:])
    gray = channels[..., 0]
    if (channels != channels[..., :1]).any():
        weights = _find_weights(channels)
        gray = channels @ weights - weights[weights < 0].sum()
    return np.clip(gray, 0, 1)


def _composite(colours, opacity):
    """Composite a drawing over white paper, or over black paper if it is light.

    A drawing in one colour is fully described by its opacity, which is returned.
    """
    if opacity.min() == 1:
        return colours
    total = max(opacity.sum(dtype=float), 1e-9)
    mean = colours.sum(axis=(0, 1), dtype=float) / total
    # 8-bit colours were rounded when they were multiplied, and again when shrunk.
    if np.abs(colours - mean * opacity).max() <= 2 / 255:
        return opacity
    to_luminance = _LUMINANCE if len(mean) == 3 else np.ones(1)
    is_dark = colours @ to_luminance < 0.5 * opacity[..., 0]
    is_light = (
        mean @ to_luminance > 0.5 and not (is_dark & (opacity[..., 0] > 0.5)).any()
    )
    return colours if is_light else colours + (1 - opacity)


def _find_weights(channels):
    """Return the colour weights of the first principal component.

    Yellow on white, for example, hardly differs in luminance, but it does in blue.
    """
    step = math.ceil(max(channels.shape[:2]) / 64)
    # Pixels are skipped, not averaged: averaging would thin the ink.
    sample = channels[::step, ::step].reshape(-1, 3)
    variances, directions = np.linalg.eigh(np.cov(sample, rowvar=False))
    weights = directions[:, -1] if variances[-1] > 1e-6 else _LUMINANCE
    weights = weights * np.copysign(1, weights @ _LUMINANCE) / np.abs(weights).sum()
    return weights.astype(np.float32)
