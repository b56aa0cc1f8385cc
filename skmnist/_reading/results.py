"""Reading: the numbers that were read in a picture."""

import io
from typing import Any, NamedTuple

import numpy as np

# Okabe and Ito's colours, distinguishable with any kind of colour vision.
_CERTAIN, _UNCERTAIN = "#0072B2", "#D55E00"
_LONG_SIDE = 9  # inches: of a new figure
_COLUMNS = ("row", "column", "text", "probability", "left", "top", "right", "bottom")


class ReadDigit(NamedTuple):
    """One digit that was read."""

    label: Any  # the most probable class
    probability: float
    box: tuple  # left, top, right, bottom: in pixels of the picture, half open
    certain: bool  # whether the probability reaches the reader's `min_probability`


class ReadNumber(NamedTuple):
    """One number that was read: digits, and the signs between them."""

    text: str  # a "?" for each uncertain digit
    probability: float  # that all its digits are right
    box: tuple  # left, top, right, bottom: in pixels of the picture, half open
    digits: tuple  # of ReadDigit


class Reading:
    """What was read in a picture.

    :meth:`skmnist.NumberReader.read` returns it. A notebook shows it as the picture,
    with a box around each digit.

    Parameters
    ----------
    picture : ndarray of shape (height, width), float32
        The picture in grayscale, from 0 to 1, shrunk if it is large.
    size : tuple of (int, int)
        Height and width of the picture before it was shrunk; boxes are in its pixels.
    rows : list of list of ReadNumber
        The numbers of each row, in reading order.
    turned : int, default=0
        By how many degrees the picture was turned counterclockwise to read it.

    Attributes
    ----------
    picture, size, rows, turned
        As given; the picture is not turned.
    text : str
        The numbers: a space between those of a row, a newline between rows, "?" for
        uncertain digits.
    numbers : list of ReadNumber
        Each with `text`, `probability`, `box` (left, top, right, bottom) and `digits`,
        in reading order.
    digits : list of ReadDigit
        Each with `label`, `probability`, `box` and `certain`, in reading order.
    ax_ : matplotlib Axes
        Where `plot` drew.
    figure_ : matplotlib Figure
        The figure that it is in.
    """

    def __init__(self, picture, size, rows, turned=0):
        self.picture = picture
        self.size = size
        self.rows = rows
        self.turned = turned

    @property
    def numbers(self):
        """All numbers, in reading order."""
        return [number for row in self.rows for number in row]

    @property
    def digits(self):
        """All digits, in reading order."""
        return [digit for number in self.numbers for digit in number.digits]

    @property
    def text(self):
        """The numbers, separated by spaces, and by newlines between rows."""
        return "\n".join(" ".join(number.text for number in row) for row in self.rows)

    def __repr__(self):
        return f"Reading({self.text!r})"

    def __str__(self):
        return self.text

    def to_frame(self):
        """Return the numbers as a table.

        Returns
        -------
        pandas.DataFrame
            A line for each number: `row` and `column`, counted from 0, `text`,
            `probability`, and its box: `left`, `top`, `right` and `bottom` in pixels.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        import pandas as pd

        lines = [
            (i, j, number.text, number.probability, *number.box)
            for i, row in enumerate(self.rows)
            for j, number in enumerate(row)
        ]
        return pd.DataFrame(lines, columns=list(_COLUMNS))

    def plot(self, ax=None, *, box_kw=None, text_kw=None):
        """Draw boxes and labels over the picture.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None makes a new figure.
        box_kw : dict, default=None
            Passed to matplotlib's `Rectangle`, for the boxes.
        text_kw : dict, default=None
            Passed to matplotlib's `text`, for the labels.

        Returns
        -------
        self : Reading
            With `ax_` and `figure_`.
        """
        height, width = self.size
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=self._figure_size(), layout="constrained")
        ax.imshow(
            self.picture, cmap="gray", vmin=0, vmax=1, extent=(0, width, height, 0)
        )
        ax.set(xticks=[], yticks=[])
        for digit in self.digits:
            _draw_digit(ax, digit, box_kw or {}, text_kw or {})
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _figure_size(self):
        """Return width and height in inches."""
        sides = _LONG_SIDE * np.divide(self.size[::-1], max(self.size))
        return [max(side, 2) for side in sides]

    def _repr_png_(self):
        from matplotlib.figure import Figure

        # Not pyplot's figure, which would be shown once more and be kept.
        figure = Figure(figsize=self._figure_size(), layout="constrained")
        Reading(self.picture, self.size, self.rows).plot(figure.subplots())
        content = io.BytesIO()
        figure.savefig(content, format="png")
        return content.getvalue()


def label_as_text(label):
    """Return a class as it is written: the float 3.0 is a 3."""
    is_whole = isinstance(label, float) and label.is_integer()
    return str(int(label) if is_whole else label)


def _draw_digit(ax, digit, box_kw, text_kw):
    from matplotlib.patches import Rectangle

    left, top, right, bottom = digit.box
    colour = _CERTAIN if digit.certain else _UNCERTAIN
    style = {"fill": False, "edgecolor": colour, "linewidth": 1.2}
    if not digit.certain:
        style["linestyle"] = "--"
    ax.add_patch(Rectangle((left, top), right - left, bottom - top, **style | box_kw))
    label = label_as_text(digit.label) + ("" if digit.certain else "?")
    style = {"color": "white", "fontsize": 8, "va": "bottom", "ha": "left"}
    style["bbox"] = {"facecolor": colour, "edgecolor": "none", "pad": 1}
    ax.text(left, top, label, **style | text_kw)
