"""DigitStages: the steps from a picture to MNIST's form."""

import io

import numpy as np

_SIZE = 9, 2.6  # inches: of a new figure

_TITLES = {
    "picture": "Picture",
    "ink": "Ink",
    "digit": "Digit",
    "result": "As MNIST's",
}


class DigitStages:
    """A picture, its ink, its digit, and the image for a classifier.

    :meth:`skmnist.DigitNormalizer.explain` returns it. A notebook shows the stages side
    by side.

    Parameters
    ----------
    picture : ndarray of shape (height, width), float32
        The picture in grayscale, from 0 to 1, shrunk if it is large.
    ink : ndarray of shape (side, side), float32
        The part of the picture around the digit: 0 on paper, up to 1 on ink.
    digit : ndarray of shape (side, side), float32
        The part of the ink that belongs to the digit.
    result : ndarray of shape (28, 28), uint8
        The digit in MNIST's form.
    hint : str, default=None
        What reads the picture as a whole, if it shows several digits.

    Attributes
    ----------
    axes_ : ndarray of shape (4,) of matplotlib Axes
        The axes of the four stages.
    figure_ : matplotlib Figure
        The figure that they are in.

    Examples
    --------
    >>> from skmnist import DigitNormalizer, load_digits28
    >>> stages = DigitNormalizer().explain(load_digits28().images[0])
    >>> stages.result.shape
    (28, 28)
    """

    def __init__(self, picture, ink, digit, result, hint=None):
        self.picture = picture
        self.ink = ink
        self.digit = digit
        self.result = result
        self.hint = hint

    def __repr__(self):
        sizes = (
            f"{name}={height}x{width}"
            for name in _TITLES
            for height, width in [getattr(self, name).shape]
        )
        return f"DigitStages({', '.join(sizes)})"

    def plot(self, *, axes=None, image_kw=None):
        """Draw the stages side by side.

        Parameters
        ----------
        axes : array-like of four matplotlib Axes, default=None
            Where to draw. None makes a new figure.
        image_kw : dict, default=None
            Passed to matplotlib's `imshow`.

        Returns
        -------
        self : DigitStages
            With `axes_` and `figure_`.
        """
        if axes is None:
            import matplotlib.pyplot as plt

            _, axes = plt.subplots(1, len(_TITLES), figsize=_SIZE)
        self.axes_ = np.asarray(axes).ravel()
        self.figure_ = self.axes_[0].figure
        for ax, (name, title) in zip(self.axes_, _TITLES.items(), strict=True):
            image = getattr(self, name)
            style = {"cmap": "gray", "vmin": 0, "vmax": 255 if name == "result" else 1}
            ax.imshow(image, **style | (image_kw or {}))
            ax.set(title=title, xticks=[], yticks=[])
        return self

    def _repr_png_(self):
        from matplotlib.figure import Figure

        # Not pyplot's figure, which would be shown once more and be kept.
        figure = Figure(figsize=_SIZE)
        stages = DigitStages(self.picture, self.ink, self.digit, self.result, self.hint)
        stages.plot(axes=figure.subplots(1, len(_TITLES)))
        content = io.BytesIO()
        figure.savefig(content, format="png")
        return content.getvalue()
