"""Reading: the digits that were read in a picture."""

from typing import Any, NamedTuple

# Okabe and Ito's colours, distinguishable with any kind of colour vision.
_CERTAIN, _UNCERTAIN = "#0072B2", "#D55E00"


class ReadDigit(NamedTuple):
    """One digit that was read."""

    label: Any  # the most probable class
    probability: float
    box: tuple  # left, top, right, bottom: in pixels of the picture, half open
    certain: bool  # whether the probability reaches the reader's `min_probability`


class Reading:
    """What was read in a picture.

    :meth:`NumberReader.read` returns it.

    Parameters
    ----------
    picture : ndarray of shape (height, width), float32
        The picture in grayscale, from 0 to 1, shrunk if it is large.
    size : tuple of (int, int)
        Height and width of the picture before it was shrunk; boxes are in its pixels.
    rows : list of list of ReadDigit
        The digits of each row, in reading order.
    turned : int, default=0
        By how many degrees the picture was turned counterclockwise to read it.

    Attributes
    ----------
    picture, size, rows, turned
        As given; the picture is not turned.
    text : str
        A character for each digit, "?" for uncertain ones; a newline between rows.
    digits : list of ReadDigit
        Each with `label`, `probability`, `box` (left, top, right, bottom) and
        `certain`, in reading order.
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
    def digits(self):
        """All digits, in reading order."""
        return [digit for row in self.rows for digit in row]

    @property
    def text(self):
        """The labels, rows separated by newlines."""
        return "\n".join(
            "".join(str(digit.label) if digit.certain else "?" for digit in row)
            for row in self.rows
        )

    def __repr__(self):
        return f"Reading({self.text!r})"

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
        from matplotlib.patches import Rectangle

        height, width = self.size
        if ax is None:
            import matplotlib.pyplot as plt

            side = 9 / max(height, width)
            _, ax = plt.subplots(
                figsize=(max(width * side, 2), max(height * side, 2)),
                layout="constrained",
            )
        ax.imshow(
            self.picture, cmap="gray", vmin=0, vmax=1, extent=(0, width, height, 0)
        )
        ax.set(xticks=[], yticks=[])
        for digit in self.digits:
            left, top, right, bottom = digit.box
            colour = _CERTAIN if digit.certain else _UNCERTAIN
            style = {"fill": False, "edgecolor": colour, "linewidth": 1.2}
            if not digit.certain:
                style["linestyle"] = "--"
            style |= box_kw or {}
            ax.add_patch(Rectangle((left, top), right - left, bottom - top, **style))
            label = str(digit.label) if digit.certain else f"{digit.label}?"
            style = {"color": "white", "fontsize": 8, "va": "bottom", "ha": "left"}
            style["bbox"] = {"facecolor": colour, "edgecolor": "none", "pad": 1}
            ax.text(left, top, label, **style | (text_kw or {}))
        self.ax_, self.figure_ = ax, ax.figure
        return self
