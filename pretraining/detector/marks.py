"""What stands on a page: the classes, and where each thing lies."""

from dataclasses import dataclass

import numpy as np

# What the detector knows: a point may be a comma, too.
CLASSES = "0123456789-./:"

# Labels outside the classes: left out of the loss, and treated as paper.
IGNORED, NOTHING = -1, -2

# Pixels: least and greatest height of digits to be found. In a pyramid whose scales
# differ by 1.5, each digit has such a height two or three times.
SMALLEST, LARGEST = 16, 54

# Pixels: digits below and above are nothing at this scale; heights in between are
# ignored, because nobody can say where a digit begins to be one.
TOO_SMALL, TOO_LARGE = 11, 84

# Letters and signs that look like digits: alone, their places are ignored; in words,
# the letters beside them show that they are none.
AMBIGUOUS = frozenset("OoQDCcIlijSsZzBbqgGpd|!()[]{}")


@dataclass
class Mark:
    """A thing on a page.

    Parameters
    ----------
    label : int
        The index in `CLASSES`, `IGNORED` or `NOTHING`.
    points : ndarray of shape (n, 2), float32
        x and y of points of its ink, the outermost among them, pixels.
    margin : float
        Pixels that the ink reaches beyond the points.
    """

    label: int
    points: np.ndarray
    margin: float = 0.0

    def box(self):
        """Return left, top, right, bottom in pixels."""
        low = self.points.min(axis=0) - self.margin
        high = self.points.max(axis=0) + self.margin
        return np.array([*low, *high], np.float32)


def is_word(text):
    """Return whether a text has letters enough that none of it looks like digits."""
    n_letters = sum(c.isalpha() for c in text)
    n_clear = sum(c.isalpha() and c not in AMBIGUOUS for c in text)
    return n_clear >= 2 and 3 * n_clear >= n_letters


def label_of(character, height, is_in_word=False):
    """Return the label of a character of a text.

    Parameters
    ----------
    character : str
        What is written.
    height : float
        Of the text's digits, pixels.
    is_in_word : bool
        Whether it stands among letters that are no digits.

    Returns
    -------
    int
        The index in `CLASSES`, `IGNORED` or `NOTHING`.
    """
    character = "." if character == "," else character
    if not TOO_SMALL <= height <= TOO_LARGE:
        return NOTHING
    if character in CLASSES:
        is_found = SMALLEST <= height <= LARGEST
        return CLASSES.index(character) if is_found else IGNORED
    is_ambiguous = character in AMBIGUOUS and not is_in_word
    return IGNORED if is_ambiguous else NOTHING
