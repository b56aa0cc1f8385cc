"""Connected components of the foreground, and the width of their strokes."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import find_objects, label

EIGHT_CONNECTED = np.ones((3, 3), bool)  # pixels also touch at their corners


class Components(NamedTuple):
    """Connected components of the foreground, numbered from 0."""

    labels: np.ndarray  # (height, width) int: 0 on paper, i + 1 on component i
    boxes: np.ndarray  # (n, 4) int: top, bottom, left, right; half open
    area: np.ndarray  # (n,) number of pixels
    mass: np.ndarray  # (n,) contrast, weighted by the distance to the picture's border
    touches_border: np.ndarray  # (n,) bool: reaches the picture's border

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
        """Return the mask of some of the components.

        Parameters
        ----------
        chosen : ndarray of shape (n_components,), bool
            Which components to include.

        Returns
        -------
        ndarray of shape (height, width), bool
            Where they are.
        """
        return np.concatenate([[False], chosen])[self.labels]


def label_components(foreground, contrast):
    """Label the 8-connected components of the foreground.

    Parameters
    ----------
    foreground : ndarray of shape (height, width), bool
        Where the ink is.
    contrast : ndarray of shape (height, width)
        How strong it is.

    Returns
    -------
    Components
        In the order of their first pixels, from the top.
    """
    labels, n_components = label(foreground, EIGHT_CONNECTED)
    spans = [(*_span(rows), *_span(columns)) for rows, columns in find_objects(labels)]
    labelled = labels > 0
    found = labels[labelled]
    mass = (contrast * _measure_border_distance(foreground.shape))[labelled]
    touches_border = np.zeros(n_components + 1, bool)
    touches_border[find_border_labels(labels)] = True
    return Components(
        labels,
        np.array(spans, int).reshape(-1, 4),
        np.bincount(found, minlength=n_components + 1)[1:],
        np.bincount(found, mass, minlength=n_components + 1)[1:],
        touches_border[1:],
    )


def _span(part):
    return part.start, part.stop


def _measure_border_distance(shape):
    """Return the distance of each pixel to the nearest border of the picture."""
    down, right = (np.minimum(np.arange(n), np.arange(n)[::-1]) + 0.5 for n in shape)
    return np.minimum(down[:, None], right)


def select_labels(labels, chosen):
    """Return the mask of some labels.

    Parameters
    ----------
    labels : ndarray of shape (height, width), int
        Labelled components; 0 on paper.
    chosen : ndarray of int
        The labels to include; 0 is ignored.

    Returns
    -------
    ndarray of shape (height, width), bool
        Where they are.
    """
    table = np.zeros(labels.max() + 1, bool)
    table[chosen] = True
    table[0] = False
    return table[labels]


def find_border_labels(labels):
    """Return the labels along the border of a picture.

    Parameters
    ----------
    labels : ndarray of shape (height, width), int
        Labelled components; 0 on paper.

    Returns
    -------
    ndarray of shape (n,), int
        Each once.
    """
    return np.unique(np.concatenate(border_sides(labels)))


def border_sides(picture):
    """Return the pixels along the border of a picture.

    Parameters
    ----------
    picture : ndarray of shape (height, width)
        The picture.

    Returns
    -------
    list of ndarray
        First row, last row, first column and last column.
    """
    return [picture[0], picture[-1], picture[:, 0], picture[:, -1]]


def estimate_stroke_width(foreground):
    """Estimate the mean stroke width: the area over half of the outline.

    Components that touch the picture's border are left out unless they make up nearly
    all of the foreground: they are shadows more often than strokes.

    Parameters
    ----------
    foreground : ndarray of shape (height, width), bool
        Where the ink is.

    Returns
    -------
    float
        In pixels.
    """
    inner = foreground
    if any(side.any() for side in border_sides(foreground)):
        labels, _ = label(foreground, EIGHT_CONNECTED)
        inner = foreground & ~select_labels(labels, find_border_labels(labels))
        if inner.sum() < 0.1 * foreground.sum():
            inner = foreground
    inner = np.pad(inner, 1)
    outline = sum(np.count_nonzero(np.diff(inner, axis=axis)) for axis in (0, 1))
    # Counting steps along both axes makes a slanted outline 4 / pi times too long, on
    # average.
    return 2 * inner.sum() / max(outline * np.pi / 4, 1)
