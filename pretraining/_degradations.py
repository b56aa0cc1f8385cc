"""Degradations: low resolution, and remnants of ruled lines."""

import numpy as np
from _writing_styles import FINE, enlarge
from PIL import Image, ImageDraw

from skmnist._reading.stroke_width import normalize_stroke_width


def lower_resolution(images, rng):
    """Lower the resolution of digits, as in small pictures, then enlarge and sharpen.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
        Digits.
    rng : numpy.random.Generator
        Draws resolution, noise and sharpness.

    Returns
    -------
    ndarray of shape (n, 28, 28), uint8
        In MNIST's form.
    """
    return np.stack(
        [normalize_stroke_width(_lower_resolution(image, rng)) for image in images]
    )


def add_line_remnants(images, rng):
    """Add one or two remnants of a ruled line that was removed.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
        Digits.
    rng : numpy.random.Generator
        Draws number, place, length, width and darkness.

    Returns
    -------
    ndarray of shape (n, 28, 28), uint8
        In MNIST's form.
    """
    return np.stack(
        [normalize_stroke_width(_add_line_remnants(image, rng)) for image in images]
    )


def _lower_resolution(image, rng):
    # MNIST's digits are 20 pixels high; those in a small photograph half of that.
    side = int(rng.integers(13, 22))
    small = Image.fromarray(image).resize((side, side), Image.Resampling.BOX)
    small = np.asarray(small, np.float32) + rng.normal(
        0, rng.uniform(0, 12), (side,) * 2
    )
    size = (FINE * image.shape[0],) * 2
    large = Image.fromarray(small.astype(np.float32)).resize(
        size, Image.Resampling.BICUBIC
    )
    ink = np.asarray(large) / max(np.max(large), 1)
    paper, full = rng.uniform(0.05, 0.25), rng.uniform(0.5, 0.9)
    return np.pad(np.clip((ink - paper) / (full - paper), 0, 1), FINE)


def _add_line_remnants(image, rng):
    large = enlarge(image)
    ink = np.asarray(large) > 127
    rows = np.flatnonzero(ink.any(axis=1))
    height = np.ptp(rows)
    pen = ImageDraw.Draw(large)
    for _ in range(rng.integers(1, 3)):
        # Below the middle, because writing stands on lines. A bar at the top would turn
        # a 1 into a 7.
        row = rows.max() - max(rng.uniform(-0.3, 0.5), 0) * height
        row = rows[np.abs(rows - row).argmin()]
        start = np.array([rng.choice(np.flatnonzero(ink[row])), row])
        reach = rng.choice([-1, 1]) * rng.uniform(0.15, 0.45) * height
        stop = start + [reach, 0]
        pen.line(
            [tuple(start), tuple(stop)],
            fill=int(rng.uniform(130, 255)),
            width=int(rng.integers(2, 8)),
        )
    return np.asarray(large, np.float32) / 255
