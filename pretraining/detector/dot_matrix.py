"""Digits of a matrix of dots, as displays and printers show them."""

import numpy as np

from detector.skeletons import Skeleton

# Seven rows of five dots, from the top: each row's number in binary.
_ROWS = {
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
    "-": (0, 0, 0, 14, 0, 0, 0),
    ".": (0, 0, 0, 0, 0, 0, 4),
    "/": (1, 1, 2, 4, 8, 16, 16),
    ":": (0, 4, 4, 0, 4, 4, 0),
}
CHARACTERS = "".join(_ROWS)

# Heights of a digit from one dot's centre to the next.
PITCH = 1 / 6


def make_dots(character):
    """Return a character's dots.

    Parameters
    ----------
    character : str
        One of `CHARACTERS`.

    Returns
    -------
    Skeleton
        Its lines have no length: a pen makes a dot of each.
    """
    bits = np.array(_ROWS[character])[:, None] >> np.arange(4, -1, -1) & 1
    rows, columns = np.nonzero(bits)
    points = np.stack([columns, rows], axis=1).astype(np.float32) * PITCH
    dots = np.arange(len(points), dtype=np.int16)
    return Skeleton(points, np.stack([dots, dots], axis=1))
