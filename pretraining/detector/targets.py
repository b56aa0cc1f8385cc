"""Targets: what the network is to answer for a page.

Zhou, Wang, Krähenbühl, "Objects as points", 2019 (arXiv 1904.07850): a map for each
class, with a peak at each centre; beside it the logarithm of the box's width and
height, and where in its cell the centre lies.
"""

import numpy as np

from detector.canvas import SIDE
from detector.marks import CLASSES, IGNORED

# Pixels: the side of a cell of the maps.
STRIDE = 4
CELLS = SIDE // STRIDE

# Channels of a target: the classes' heat; how much a cell counts for it; logarithms of
# width and height; x and y of the centre, seen from the cell's middle, in cells;
# whether the cell has a box.
N_CLASSES = len(CLASSES)
WEIGHT, SIZE, OFFSET, HAS_BOX = N_CLASSES, N_CLASSES + 1, N_CLASSES + 3, N_CLASSES + 5
N_CHANNELS = N_CLASSES + 6

# The standard deviation of a peak, as a fraction of the box's side, and its least, in
# cells: a point has a peak, too.
_SPREAD, _LEAST_SPREAD = 1 / 7, 0.5

# Pixels: the least width and height that are distinguished.
_LEAST_SIZE = 2.0

_ROWS, _COLUMNS = np.mgrid[0:CELLS, 0:CELLS].astype(np.float32)


def make_target(boxes, labels):
    """Make a page's target.

    Parameters
    ----------
    boxes : ndarray of shape (n_marks, 4), float32
        Left, top, right and bottom, pixels.
    labels : ndarray of shape (n_marks,)
        Indices in `CLASSES`, or `IGNORED`.

    Returns
    -------
    ndarray of shape (CELLS, CELLS, N_CHANNELS), float32
        The channels named above.
    """
    target = np.zeros((CELLS, CELLS, N_CHANNELS), np.float32)
    target[..., WEIGHT] = 1
    for box in boxes[labels == IGNORED]:
        left, top = np.floor(box[:2] / STRIDE).astype(int)
        right, bottom = np.ceil(box[2:] / STRIDE).astype(int)
        target[top:bottom, left:right, WEIGHT] = 0
    nearest = np.full((CELLS, CELLS), np.inf, np.float32)
    for box, label in zip(boxes, labels, strict=True):
        if label != IGNORED:
            _add_box(target, nearest, box, label)
    return target


def _add_box(target, nearest, box, label):
    """Add a digit's peak, its size and its centre."""
    size = np.maximum(box[2:] - box[:2], _LEAST_SIZE)
    x, y = (box[:2] + box[2:]) / 2 / STRIDE
    column, row = min(int(x), CELLS - 1), min(int(y), CELLS - 1)
    wide, high = np.maximum(size / STRIDE * _SPREAD, _LEAST_SPREAD)
    square = ((_COLUMNS - column) / wide) ** 2 + ((_ROWS - row) / high) ** 2
    heat = np.exp(-square / 2)
    np.maximum(target[..., label], heat, out=target[..., label])
    np.maximum(target[..., WEIGHT], heat > 0.5, out=target[..., WEIGHT])
    # Each cell around has the box of the nearest centre.
    around = np.s_[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
    dx, dy = x - 0.5 - _COLUMNS[around], y - 0.5 - _ROWS[around]
    distance = dx**2 + dy**2
    closer = distance < nearest[around]
    nearest[around][closer] = distance[closer]
    part = target[around]
    part[closer, SIZE : SIZE + 2] = np.log(size)
    part[..., OFFSET][closer] = dx[closer]
    part[..., OFFSET + 1][closer] = dy[closer]
    part[closer, HAS_BOX] = 1
