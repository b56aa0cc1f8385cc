"""What pictures do to digits: coarse pixels, and what is left of ruled lines."""

import numpy as np
from _styles import FINE, enlarge
from PIL import Image, ImageDraw

from skmnist._reading.stroke_width import redraw


def coarsen(images, rng):
    """Make digits as coarse as in small pictures, then large and sharp again.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
        Digits.
    rng : numpy.random.Generator
        Draws how coarse, how uneven and how sharp.

    Returns
    -------
    ndarray of shape (n, 28, 28), uint8
        In MNIST's form.
    """
    return np.stack([redraw(_coarsen(image, rng)) for image in images])


def add_remains(images, rng):
    """Add what is left of a ruled line that was erased: a piece of it, or two.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
        Digits.
    rng : numpy.random.Generator
        Draws how many, where, how long, how wide and how dark.

    Returns
    -------
    ndarray of shape (n, 28, 28), uint8
        In MNIST's form.
    """
    return np.stack([redraw(_add_remains(image, rng)) for image in images])


def _coarsen(image, rng):
    # MNIST's digits are 20 pixels high; those of a small photograph half of that.
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


def _add_remains(image, rng):
    large = enlarge(image)
    ink = np.asarray(large) > 127
    rows = np.flatnonzero(ink.any(axis=1))
    height = np.ptp(rows)
    pen = ImageDraw.Draw(large)
    for _ in range(rng.integers(1, 3)):
        # Below the middle, where what is written stands on lines: a bar at the top
        # would make a 7 of a 1.
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
