"""What a camera or a scanner makes of a page."""

import io

import numpy as np
from PIL import Image

from detector.canvas import SIDE
from detector.raster import blur, warp

# Pixels: digits in fewer rows cannot be read.
_READABLE = 9


def tilt(canvas, rng):
    """Turn the page a little, and look at it from the side.

    Parameters
    ----------
    canvas : Canvas
        Its page and its marks are changed.
    rng : numpy.random.Generator
        Draws where the page's corners go.
    """
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * float(SIDE)
    angle = rng.normal(0, 0.05)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = SIDE / 2
    goals = (corners - middle) @ turn.T * rng.uniform(0.97, 1.06) + middle
    goals += rng.normal(0, 0.035 * SIDE, (4, 2))
    to_page = find_projection(goals, corners)
    canvas.page = warp(canvas.page, to_page, SIDE, SIDE)
    forward = np.linalg.inv(to_page)
    for mark in canvas.marks:
        mark.points = _map(forward, mark.points)


def scan(canvas, rng):
    """Take the page as it is, or a little coarser, or turned to a negative.

    Parameters
    ----------
    canvas : Canvas
        The page.
    rng : numpy.random.Generator
        Draws which.

    Returns
    -------
    picture : ndarray of shape (side, side), uint8
        Grey.
    clean : ndarray of shape (side, side), uint8
        The same without noise.
    noise : float
        Its standard deviation, grey levels.
    """
    page, coarsest = canvas.page, canvas.least_height() / _READABLE
    if rng.random() < 0.3 and coarsest > 1.2:
        page = _coarsen(page, rng.uniform(1.2, min(coarsest, 3.5)), rng)
    page = _develop(page * 255)
    page = 255 - page if rng.random() < 0.1 else page
    return page, page, 0.0


def expose(canvas, light, rng):
    """Photograph or scan the page.

    Parameters
    ----------
    canvas : Canvas
        The page.
    light : ndarray of shape (side, side), float32
        What falls on it.
    rng : numpy.random.Generator
        Draws blur, coarseness, tones, noise and compression.

    Returns
    -------
    picture, clean, noise
        See `scan`.
    """
    page = canvas.page * light
    height = canvas.least_height()
    if rng.random() < 0.55:
        page = blur(page, np.exp(rng.uniform(np.log(0.3), np.log(1.3))))
    if rng.random() < 0.22:
        coarsest = max(min(height / _READABLE, 3.5), 1.2)
        page = _coarsen(page, rng.uniform(1.2, coarsest), rng)
    if rng.random() < 0.025:
        page = _binarize(page)
    if rng.random() < 0.3:
        page = np.clip(page, 0, None) ** np.exp(rng.normal(0, 0.35))
    if rng.random() < 0.08:
        page = 0.5 + (page - page.mean()) * rng.uniform(0.25, 0.8)
    if rng.random() < 0.12:  # sharpened, as telephones do
        page = page + rng.uniform(0.3, 1.5) * (page - blur(page, rng.uniform(0.7, 1.5)))
    clean, noise = _develop(page * 255), 0.0
    picture = clean
    if rng.random() < 0.6:
        noise = np.exp(rng.uniform(np.log(0.7), np.log(9)))
        picture = _develop(page * 255 + _make_noise(rng, noise))
    if rng.random() < 0.3:
        picture = _compress(picture, int(rng.integers(20, 95)))
    if rng.random() < 0.1:
        return 255 - picture, 255 - clean, noise
    return picture, clean, noise


def _develop(page):
    return np.clip(np.round(page), 0, 255).astype(np.uint8)


def _binarize(page):
    """Leave black and white only."""
    page = page.astype(np.float32)
    around = blur(page, 24)
    is_dark_ink = np.mean(page < 0.8 * around) > np.mean(page > 1.25 * around)
    return np.float32(page > (0.85 if is_dark_ink else 1.2) * around)


def _coarsen(page, factor, rng):
    """Make the picture small and enlarge it again, as small pictures are."""
    picture = Image.fromarray(page.astype(np.float32))
    small = int(SIDE / factor)
    how = Image.Resampling
    picture = picture.resize((small, small), rng.choice([how.BOX, how.BILINEAR]))
    enlarge = [how.NEAREST, how.BILINEAR, how.BICUBIC, how.BICUBIC]
    picture = picture.resize((SIDE, SIDE), enlarge[int(rng.integers(4))])
    return np.array(picture, np.float32)


def _make_noise(rng, strength):
    noise = rng.standard_normal((SIDE, SIDE), np.float32)
    if rng.random() < 0.4:
        noise = blur(noise, rng.uniform(0.5, 1.2))
        noise /= noise.std()
    return strength * noise


def _compress(page, quality):
    file = io.BytesIO()
    Image.fromarray(page).save(file, "JPEG", quality=quality)
    return np.array(Image.open(file))


def find_projection(sources, goals):
    """Return the projective map that takes four points to four others."""
    rows, right = [], []
    for (x, y), (u, v) in zip(sources, goals, strict=True):
        rows += [
            [x, y, 1, 0, 0, 0, -u * x, -u * y],
            [0, 0, 0, x, y, 1, -v * x, -v * y],
        ]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(right)), 1).reshape(3, 3)


def _map(matrix, points):
    mapped = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return (mapped[:, :2] / mapped[:, 2:]).astype(np.float32)
