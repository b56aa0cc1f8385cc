"""Pens: how wide, how soft, how even and how dark a line is."""

import functools
from dataclasses import dataclass

import numpy as np

from detector.raster import blur, draw_segments

# Pixels: the side of the fields of grain, from which pieces are taken.
_FIELD_SIDE = 256
_FIELD_SEED = 20241


@dataclass
class Pen:
    """A pen.

    Parameters
    ----------
    width : float
        Of its line, in heights of a digit.
    least : float
        Width in pixels that its line has at least.
    softness : float
        Pixels over which the ink fades at a line's edge.
    nib : float
        How much a line's width depends on its direction, 0 to 1.
    nib_angle : float
        The direction of the thinnest line, radians.
    unevenness : float
        How much the width varies along a line, as a fraction of it.
    grain : float
        How much of the paper's grain shows in the ink, 0 to 1.
    field : int
        Which grain.
    """

    width: float
    least: float = 0.8
    softness: float = 1.0
    nib: float = 0.0
    nib_angle: float = 0.7
    unevenness: float = 0.0
    grain: float = 0.0
    field: int = 0

    def radius(self, height):
        """Return half the line's width in pixels, for digits of a height."""
        return max(self.width * height, self.least) / 2

    def draw(self, points, edges, height, rng):
        """Stroke lines.

        Parameters
        ----------
        points : ndarray of shape (n_points, 2), float32
            x and y, pixels.
        edges : ndarray of shape (n_edges, 2), integer
            The points that each line joins.
        height : float
            Of a digit, pixels.
        rng : numpy.random.Generator
            Draws where the grain lies.

        Returns
        -------
        alpha : ndarray of shape (h, w), float32
            Coverage.
        left, top : int
            Where its first pixel lies.
        """
        radius = self.radius(height)
        reach = int(np.ceil(1.5 * radius + self.softness)) + 1
        left, top = (np.floor(points.min(axis=0)) - reach).astype(int)
        right, bottom = (np.ceil(points.max(axis=0)) + reach).astype(int)
        alpha = np.zeros((bottom - top, right - left), np.float32)
        shifted = (points - (left, top)).astype(np.float32)
        radii = self._vary(points, edges, radius, height, rng)
        draw_segments(alpha, shifted, edges, radii, self.softness)
        if self.grain:
            alpha *= 1 - self.grain * take_grain(rng, alpha.shape, self.field)
        return alpha, int(left), int(top)

    def _vary(self, points, edges, radius, height, rng):
        """Return half the width of each line."""
        radii = np.full(len(edges), radius, np.float32)
        if self.nib:
            along = points[edges[:, 1]] - points[edges[:, 0]]
            angle = np.arctan2(along[:, 1], along[:, 0]) - self.nib_angle
            radii *= 1 - self.nib * np.cos(angle) ** 2
        if self.unevenness:
            place = points[edges[:, 0]] * (2 * np.pi / height)
            waves = rng.uniform(0.5, 1.5, 2), rng.uniform(0, 6.3)
            radii *= 1 + self.unevenness * np.sin(place @ waves[0] + waves[1])
        return np.maximum(radii, 0.25).astype(np.float32)


def draw_pen(rng):
    """Draw a pen at random.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws all of it.

    Returns
    -------
    Pen
        From a hairline to a felt pen.
    """
    kind = rng.choice(
        ["fine", "ball", "pencil", "felt", "marker", "nib", "chalk"],
        p=[0.2, 0.25, 0.15, 0.17, 0.1, 0.08, 0.05],
    )
    low, high = {
        "fine": (0.02, 0.05),
        "ball": (0.045, 0.1),
        "pencil": (0.035, 0.1),
        "felt": (0.09, 0.16),
        "marker": (0.14, 0.24),
        "nib": (0.05, 0.13),
        "chalk": (0.08, 0.17),
    }[kind]
    pen = Pen(
        width=float(np.exp(rng.uniform(np.log(low), np.log(high)))),
        least=float(rng.uniform(0.7, 1.4)),
        softness=float(rng.uniform(0.7, 1.6)),
        unevenness=float(rng.uniform(0, 0.25)),
        field=int(rng.integers(4)),
    )
    if kind == "nib":
        pen.nib, pen.nib_angle = rng.uniform(0.4, 0.8), rng.uniform(-1.2, -0.3)
    if kind in ("pencil", "chalk"):
        pen.grain = float(rng.uniform(0.3, 0.9))
    elif rng.random() < 0.3:
        pen.grain = float(rng.uniform(0, 0.4))
    return pen


def take_grain(rng, shape, field):
    """Take a piece of a field of grain.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws where.
    shape : tuple of int
        Rows and columns, 256 at most are taken and then repeated.
    field : int
        Which of four, from fine to coarse.

    Returns
    -------
    ndarray of shape (h, w), float32
        From 0 to 1.
    """
    grain = _make_fields()[field]
    rows = (np.arange(shape[0]) + rng.integers(_FIELD_SIDE)) % _FIELD_SIDE
    columns = (np.arange(shape[1]) + rng.integers(_FIELD_SIDE)) % _FIELD_SIDE
    return grain[rows[:, None], columns]


@functools.cache
def _make_fields():
    """Make four fields of grain, each twice as coarse as the one before."""
    rng = np.random.default_rng(_FIELD_SEED)
    fields = []
    for sigma in (0.5, 0.8, 1.4, 2.6):
        noise = rng.normal(size=(_FIELD_SIDE, _FIELD_SIDE)).astype(np.float32)
        noise = blur(noise, sigma)
        fields.append(np.clip(0.5 + 0.35 * noise / noise.std(), 0, 1))
    return fields
