"""Connected pieces of ink: where each lies, and which are ruled lines."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import (
    find_objects,
    label,
    maximum_filter1d,
    minimum_filter1d,
)

from skmnist._ink import EIGHT, find_edge_labels

# In sizes of what is written: a straight line that long is no stroke. The stem of a 4
# or a 9 may be twice as long as what remains without it.
_LONG_ROW, _LONG_COLUMN = 1.5, 3
_FLAT = 0.12  # height of a line over its length: seven degrees askew


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


def erase_rules(mask, strength):
    """Erase ruled lines, and leave the strokes that cross them.

    Parameters
    ----------
    mask : ndarray of shape (height, width), bool
        Where there is ink.
    strength : ndarray of shape (height, width)
        How much.

    Returns
    -------
    ndarray of shape (height, width), bool
        `mask` itself where there are none.
    """
    level, upright = _find_lines(mask), [line.T for line in _find_lines(mask.T)]
    if not (level[0].any() or upright[0].any()):
        return mask
    rest = mask & ~level[1] & ~upright[1]
    pieces = find_pieces(rest, strength)
    if not len(pieces.area):
        return mask
    size = _weigh_median(pieces.sizes, pieces.weight)
    erased = np.zeros_like(mask)
    for (line, bare), least in ((level, _LONG_ROW), (upright, _LONG_COLUMN)):
        found = find_pieces(line, strength * bare)
        # A bar without which there is little left was the digit's own.
        other = found.weight <= pieces.weight.max()
        erased |= bare & _select(found, other & (found.sizes >= least * size))
    return mask & ~erased


def _span(part):
    return part.start, part.stop


def _measure_depth(shape):
    """Return how far each pixel is from the nearest edge of the picture."""
    down, right = (np.minimum(np.arange(n), np.arange(n)[::-1]) + 0.5 for n in shape)
    return np.minimum(down[:, None], right)


def _find_lines(mask):
    """Return the level lines of at least half of the picture's width.

    And the same without the strokes that cross them.
    """
    width = mask.shape[1]
    # A pixel up and down, for lines that are askew.
    thick = np.pad(mask, ((1, 1), (0, 0)))
    thick = thick[:-2] | thick[1:-1] | thick[2:]
    if not _has_run(thick, max(width // 4, 3)):
        return np.zeros_like(mask), np.zeros_like(mask)
    thick = thick.view(np.uint8)
    long = minimum_filter1d(thick, max(width // 4, 3), axis=1, mode="constant")
    long = maximum_filter1d(long, max(width // 4, 3), axis=1)
    found = mask & long.astype(bool)
    pieces = find_pieces(found, found)
    flat = pieces.area / pieces.widths <= np.maximum(_FLAT * pieces.widths, 2)
    line = _select(pieces, flat & (pieces.widths >= width / 2))
    if not line.any():
        return line, line
    # Strokes that cross the line are higher than it is thick.
    thickness = np.median(line.sum(axis=0)[line.any(axis=0)])
    size = int(2 * thickness) + 2
    upright = minimum_filter1d(mask.view(np.uint8), size, axis=0, mode="constant")
    return line, line & ~maximum_filter1d(upright, size, axis=0).astype(bool)


def _has_run(mask, length):
    """Tell whether so many pixels in any row follow each other."""
    done = 1
    while done < length and mask.size:
        step = min(done, length - done)
        mask = mask[:, step:] & mask[:, :-step]
        done += step
    return mask.any()


def _select(pieces, chosen):
    """Return where the chosen pieces are."""
    return np.concatenate([[False], chosen])[pieces.labels]


def _weigh_median(values, weights):
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return values[order][np.searchsorted(total, total[-1] / 2)]
