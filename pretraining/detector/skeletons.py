"""Skeletons of digits and letters, which any pen can stroke."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from detector.raster import blur, thin

# Enlargement of an image before it is thinned: MNIST's digits are 20 pixels high, and
# the steps of their skeletons must not show at a page's resolution.
_ENLARGEMENT = 3

# The grey from which a pixel of an enlarged digit is inked: below a half, so that thin
# strokes are not broken.
_INKED = 95


@dataclass
class Skeleton:
    """Lines of a character.

    Parameters
    ----------
    points : ndarray of shape (n_points, 2), float32
        x and y, from a digit's top at 0 to the line it stands on at 1.
    edges : ndarray of shape (n_edges, 2), int16
        The points that each line joins.
    """

    points: np.ndarray
    edges: np.ndarray

    def width(self):
        """Return the width, in heights."""
        return float(self.points[:, 0].max())

    def add_line(self, start, stop, n_points=8, bend=0.0):
        """Return the skeleton with one more line, bent by a part of its length."""
        t = np.linspace(0, 1, n_points, dtype=np.float32)[:, None]
        start, stop = np.asarray(start), np.asarray(stop)
        aside = np.array([start[1] - stop[1], stop[0] - start[0]]) * bend
        line = (1 - t) * start + t * stop + 4 * t * (1 - t) * aside
        first = len(self.points)
        steps = np.arange(first, first + n_points, dtype=np.int16)
        return Skeleton(
            np.concatenate([self.points, line.astype(np.float32)]),
            np.concatenate([self.edges, np.stack([steps[:-1], steps[1:]], axis=1)]),
        )


def make_line(points):
    """Return a skeleton of one line through points, in heights of a digit."""
    points = np.asarray(points, np.float32)
    steps = np.arange(len(points), dtype=np.int16)
    return Skeleton(points, np.stack([steps[:-1], steps[1:]], axis=1))


def find_skeleton(image):
    """Thin a digit, and bring it to the height of 1.

    Parameters
    ----------
    image : ndarray of shape (h, w), uint8
        Ink high, about 20 pixels high.

    Returns
    -------
    Skeleton or None
        Standing on the line at 1; None where too little is left.
    """
    skeleton = trace(image)
    if skeleton is None:
        return None
    points = skeleton.points - skeleton.points.min(axis=0)
    # A wide digit is not enlarged to the others' height.
    points /= max(points[:, 1].max(), 0.7 * points[:, 0].max())
    points[:, 1] += 1 - points[:, 1].max()
    return Skeleton(points, skeleton.edges)


def trace(image):
    """Thin a character.

    Parameters
    ----------
    image : ndarray of shape (h, w), uint8
        Ink high, about 20 pixels high.

    Returns
    -------
    Skeleton or None
        In pixels of the image; None where too little is left.
    """
    image = np.pad(image, 2)
    size = [n * _ENLARGEMENT for n in image.shape[::-1]]
    large = Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)
    mask = (blur(np.asarray(large, np.float32), 1.0) > _INKED).astype(np.uint8)
    thin(mask)
    rows, columns = np.nonzero(mask)
    if len(rows) < 6:
        return None
    edges = _join_neighbours(mask, rows, columns)
    if len(edges) < 4:
        return None
    points = np.stack([columns, rows], axis=1).astype(np.float32) + 0.5
    points = _smooth(points, edges) / _ENLARGEMENT - 2
    return Skeleton(points, edges.astype(np.int16))


def crop(image):
    """Cut a picture to its ink.

    Parameters
    ----------
    image : ndarray of shape (h, w), uint8
        Ink high.

    Returns
    -------
    ndarray of shape (h', w'), uint8
        Where some pixel of a row or column is a good eighth inked.
    """
    inked = image > 32
    rows = np.flatnonzero(inked.any(axis=1))
    columns = np.flatnonzero(inked.any(axis=0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _join_neighbours(mask, rows, columns):
    """Return pairs of skeleton pixels that touch, corners only where no side does."""
    number = np.full((mask.shape[0] + 2, mask.shape[1] + 2), -1)
    number[rows + 1, columns + 1] = np.arange(len(rows))
    own, right = number[1:-1, 1:-1], number[1:-1, 2:]
    below, left = number[2:, 1:-1], number[1:-1, :-2]
    pairs = [(own, right), (own, below)]
    corner = np.where((right < 0) & (below < 0), number[2:, 2:], -1)
    pairs.append((own, corner))
    corner = np.where((left < 0) & (below < 0), number[2:, :-2], -1)
    pairs.append((own, corner))
    joined = [(a >= 0) & (b >= 0) for a, b in pairs]
    return np.concatenate(
        [
            np.stack([a[on], b[on]], axis=1)
            for (a, b), on in zip(pairs, joined, strict=True)
        ]
    )


def _smooth(points, edges):
    """Draw each point towards its neighbours; the ends of lines stay."""
    counts = np.bincount(edges.ravel(), minlength=len(points))
    inner = counts > 1
    for _ in range(4):
        total = points.copy()
        np.add.at(total, edges[:, 0], points[edges[:, 1]])
        np.add.at(total, edges[:, 1], points[edges[:, 0]])
        points = np.where(inner[:, None], total / (counts + 1)[:, None], points)
    return points.astype(np.float32)
