"""Writing styles that are rare in MNIST, drawn onto its own digits.

MNIST's writers are American: a 1 is a single stroke, a 7 or a 0 is rarely crossed.
"""

import numpy as np
from PIL import Image, ImageDraw

from skmnist._data.mnist_form import to_mnist_form

FINE = 4  # pixels drawn per pixel of MNIST's
_MARGIN = 12  # MNIST's pixels: room around a digit to draw in


def flag_ones(images, rng, *, feet):
    """Add a flag to ones, as common in Europe, and a foot to some of them.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
        Ones.
    rng : numpy.random.Generator
        Draws lengths, angles and widths.
    feet : float
        Share of ones that also get a line at the bottom.

    Returns
    -------
    ndarray of shape (n, 28, 28), uint8
        In MNIST's form.
    """
    return _to_images([_flag(image, rng, rng.random() < feet) for image in images])


def cross_sevens(images, rng):
    """Cross sevens in the middle of the stem.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
        Sevens.
    rng : numpy.random.Generator
        Draws lengths, slopes and places.

    Returns
    -------
    ndarray of shape (n, 28, 28), uint8
        In MNIST's form.
    """
    return _to_images([_cross(image, rng) for image in images])


def slash_zeros(images, rng):
    """Draw a slash through zeros.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
        Zeros.
    rng : numpy.random.Generator
        Draws its length.

    Returns
    -------
    ndarray of shape (n, 28, 28), uint8
        In MNIST's form.
    """
    return _to_images([_slash(image, rng) for image in images])


def _to_images(pictures):
    return np.concatenate([to_mnist_form(p[None] / 255.0) for p in pictures])


def _flag(image, rng, with_foot):
    canvas = _Canvas(image)
    top, bottom = canvas.end_of_ink(0), canvas.end_of_ink(-1)
    height = np.linalg.norm(bottom - top)
    # Degrees below the horizontal, to the left. The flag keeps away from the stroke and
    # slopes down; with a horizontal flag, the digit would be a 7.
    stroke = np.degrees(np.arctan2(*(bottom - top)[::-1] * (1, -1)))
    angle = np.radians(rng.uniform(28, max(min(62, stroke - 22), 30)))
    flag = np.array([-np.cos(angle), np.sin(angle)])
    # Most flags begin at the top; in some hands they meet the stroke far below.
    start = top + (bottom - top) * max(rng.uniform(-0.3, 0.35), 0)
    canvas.draw(start, start + flag * height * rng.uniform(0.2, 0.9), rng)
    if with_foot:
        reach, tilt = height * rng.uniform(0.15, 0.4, 2), rng.uniform(-0.1, 0.1)
        along = np.array([1, tilt])
        canvas.draw(bottom - reach[0] * along, bottom + reach[1] * along, rng)
    return canvas.as_array()


def _cross(image, rng):
    canvas = _Canvas(image)
    top, bottom = canvas.end_of_ink(0), canvas.end_of_ink(-1)
    height = bottom[1] - top[1]
    middle = canvas.middle_of_row(top[1] + height * rng.uniform(0.45, 0.65))
    along = np.array([1, rng.uniform(-0.35, 0.15)])
    reach = height * rng.uniform(0.15, 0.4, 2)
    canvas.draw(middle - reach[0] * along, middle + reach[1] * along, rng)
    return canvas.as_array()


def _slash(image, rng):
    canvas = _Canvas(image)
    rows, columns = canvas.box()
    beyond = rng.uniform(-0.1, 0.15)
    reach = np.array([columns[1] - columns[0], rows[0] - rows[1]]) * (0.5 + beyond)
    middle = np.array([np.mean(columns), np.mean(rows)])
    canvas.draw(middle - reach, middle + reach, rng, 0.7)
    return canvas.as_array()


def enlarge(image):
    """Enlarge a digit smoothly, with room around it to draw in.

    Parameters
    ----------
    image : ndarray of shape (28, 28), uint8
        A digit.

    Returns
    -------
    PIL.Image.Image
        In grayscale, `FINE` pixels for each of the image's.
    """
    padded = np.pad(image, _MARGIN)
    size = [n * FINE for n in padded.shape[::-1]]
    return Image.fromarray(padded).resize(size, Image.Resampling.BICUBIC)


class _Canvas:
    """A digit enlarged, with room around it, to draw strokes of its own width on."""

    def __init__(self, image):
        self._picture = enlarge(image)
        self._ink = np.asarray(self._picture) > 127
        # The area of the ink over half of its outline.
        inside = self._ink.sum()
        outline = (np.diff(self._ink, axis=0) != 0).sum()
        outline += (np.diff(self._ink, axis=1) != 0).sum()
        self._width = 2.4 * inside / outline

    def end_of_ink(self, which):
        """Return the middle (x, y) of the first row with ink, or of the last."""
        row = np.flatnonzero(self._ink.any(axis=1))[which]
        return self.middle_of_row(row + (1 if which == 0 else -1) * self._width / 2)

    def middle_of_row(self, row):
        """Return the middle (x, y) of the longest run of ink in the nearest row."""
        inked = np.flatnonzero(self._ink.any(axis=1))
        row = inked[np.abs(inked - row).argmin()]
        inked = np.flatnonzero(self._ink[row])
        runs = np.split(inked, np.flatnonzero(np.diff(inked) > 1) + 1)
        return np.array([max(runs, key=len).mean(), row])

    def box(self):
        """Return the first and the last row with ink, and the same of columns."""
        inked = (np.flatnonzero(self._ink.any(axis=axis)) for axis in (1, 0))
        return [(where[0], where[-1]) for where in inked]

    def draw(self, start, stop, rng, width=1.0):
        """Draw a slightly bent stroke with round ends."""
        width *= self._width * rng.uniform(0.75, 1.15)
        bend = rng.normal(0, 0.06) * np.array([start[1] - stop[1], stop[0] - start[0]])
        pen = ImageDraw.Draw(self._picture)
        for t in np.linspace(0, 1, 60):
            x, y = (1 - t) * start + t * stop + 4 * t * (1 - t) * bend
            box = x - width / 2, y - width / 2, x + width / 2, y + width / 2
            pen.ellipse(box, fill=255)

    def as_array(self):
        """Return the picture."""
        return np.asarray(self._picture)
