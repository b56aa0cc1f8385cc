"""Connected pieces of ink: where each lies."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import find_objects, label

from skmnist._pictures.binarization import EIGHT, find_edge_labels


class Pieces(NamedTuple):
    """Connected pieces of ink, numbered from 0."""

    labels: np.ndarray  # (height, width) int: 0 on paper, i + 1 on piece i
    boxes: np.ndarray  # (n, 4) int: top, bottom, left, right; half open
    area: np.ndarray  # (n,) number of pixels
    weight: np.ndarray  # (n,) ink, the more the farther from the picture's edge
    at_edge: np.ndarray  # (n,) bool: reaches the picture's edge

    @property
    def heights(self):
        """Heights, in pixels."""
        return self.boxes[:, 1] - self.boxes[:, 0]

    @property
    def widths(self):
        """Widths, in pixels."""
        return self.boxes[:, 3] - self.boxes[:, 2]

    @property
    def sizes(self):
        """Long sides, in pixels."""
        return np.maximum(self.heights, self.widths)

    def select(self, chosen):
        """Find where some of the pieces are.

        Parameters
        ----------
        chosen : ndarray of shape (n_pieces,), bool
            Whether it is one of them.

        Returns
        -------
        ndarray of shape (height, width), bool
            Where they are.
        """
        return np.concatenate([[False], chosen])[self.labels]


def find_pieces(mask, strength):
    """Find the connected pieces of ink.

    Parameters
    ----------
    mask : ndarray of shape (height, width), bool
        Where there is ink.
    strength : ndarray of shape (height, width)
        How much.

    Returns
    -------
    Pieces
        In the order of their first pixels, from the top.
    """
    labels, n_pieces = label(mask, EIGHT)
    spans = [(*_span(rows), *_span(columns)) for rows, columns in find_objects(labels)]
    inked = labels > 0
    found, weight = labels[inked], (strength * _measure_depth(mask.shape))[inked]
    at_edge = np.zeros(n_pieces + 1, bool)
    at_edge[find_edge_labels(labels)] = True
    return Pieces(
        labels,
        np.array(spans, int).reshape(-1, 4),
        np.bincount(found, minlength=n_pieces + 1)[1:],
        np.bincount(found, weight, minlength=n_pieces + 1)[1:],
        at_edge[1:],
    )


def _span(part):
    return part.start, part.stop


def _measure_depth(shape):
    """Return how far each pixel is from the nearest edge of the picture."""
    down, right = (np.minimum(np.arange(n), np.arange(n)[::-1]) + 0.5 for n in shape)
    return np.minimum(down[:, None], right)
