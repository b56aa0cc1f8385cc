"""WeightsDisplay: the weights of a network's first layer, drawn as images."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmnist._data.images import square_shape
from skmnist._displays.image_grid import count_cells, prepare_axes
from skmnist._displays.style import merge_style

_CELL_SIZE = 1.2, 1.2  # inches: width and height


class WeightsDisplay:
    """Weights of a dense network's first layer, with an image for each unit.

    Use :meth:`from_estimator` to create one from a fitted classifier. Red weights are
    positive and blue ones negative. All images have the same colour scale.

    Parameters
    ----------
    weights : ndarray of shape (n_units, height, width)
        The weights of each unit.
    labels : array-like of shape (n_units,), default=None
        Captions of the units. None numbers them from 0.

    Attributes
    ----------
    axes_ : ndarray of shape (n_cells,) of matplotlib Axes
        The cells, row by row.
    figure_ : matplotlib Figure
        The figure with the axes.
    units_ : ndarray of shape (n_shown,), int
        Indices of the units shown, those with the largest norm first.
    im_ : list of matplotlib AxesImage
        Their images.
    text_ : list of matplotlib Text
        Their captions.
    colorbar_ : matplotlib Colorbar or None
        The colour bar; None if there is none.

    See Also
    --------
    sklearn.neural_network.MLPClassifier : Its weights can be drawn too.

    Examples
    --------
    >>> from skmnist import MNISTClassifier, WeightsDisplay, load_digits28
    >>> X, y = load_digits28(return_X_y=True)
    >>> classifier = MNISTClassifier(epochs=3, random_state=0).fit(X, y)
    >>> display = WeightsDisplay.from_estimator(classifier)
    >>> len(display.im_)
    25
    """

    def __init__(self, weights, *, labels=None):
        self.weights = weights
        self.labels = labels

    @classmethod
    def from_estimator(
        cls,
        estimator,
        *,
        n_rows=5,
        n_cols=5,
        axes=None,
        colorbar=True,
        image_kw=None,
        text_kw=None,
    ):
        """Draw the first layer of a fitted classifier.

        Parameters
        ----------
        estimator : MNISTClassifier or MLPClassifier
            Fitted, with a dense network, on images or on rows of square images. Without
            hidden layers, each unit is a class and has its label as caption.
        n_rows, n_cols : int, default=5
            Size of the grid, at least 1. Empty rows are left out.
        axes : array-like of matplotlib Axes, default=None
            Where to draw, one Axes for each unit. None makes a new figure.
        colorbar : bool, default=True
            Whether to draw a colour bar.
        image_kw : dict, default=None
            Passed to matplotlib's `imshow`.
        text_kw : dict, default=None
            Passed to matplotlib's `set_title`, for the captions.

        Returns
        -------
        WeightsDisplay
            The display, drawn.

        Raises
        ------
        TypeError, ValueError
            If the network is not dense, it was fitted on rows that do not come from
            square images, or `n_rows` or `n_cols` is not allowed.
        """
        check_is_fitted(estimator)
        kernels = getattr(estimator, "coefs_", None)
        if kernels is None or kernels[0].shape[0] != estimator.n_features_in_:
            raise ValueError(
                "`estimator` must be a single dense network, with a weight for each "
                f"pixel in its first layer, got {estimator!r}."
            )
        weights = kernels[0].T.reshape(-1, *_image_shape(estimator))
        labels = estimator.classes_ if len(kernels) == 1 else None
        # A network for two classes may have a single output.
        labels = None if labels is None or len(labels) != len(weights) else labels
        return cls(weights, labels=labels).plot(
            axes,
            n_rows=n_rows,
            n_cols=n_cols,
            colorbar=colorbar,
            image_kw=image_kw,
            text_kw=text_kw,
        )

    def plot(
        self,
        axes=None,
        *,
        n_rows=5,
        n_cols=5,
        colorbar=True,
        image_kw=None,
        text_kw=None,
    ):
        """Draw the units whose weights have the largest norm.

        Parameters
        ----------
        axes : array-like of matplotlib Axes, default=None
            Where to draw, one Axes for each unit. None makes a new figure.
        n_rows, n_cols : int, default=5
            Size of the grid, at least 1. Empty rows are left out.
        colorbar : bool, default=True
            Whether to draw a colour bar.
        image_kw : dict, default=None
            Passed to matplotlib's `imshow`.
        text_kw : dict, default=None
            Passed to matplotlib's `set_title`, for the captions.

        Returns
        -------
        self : WeightsDisplay
            The display.

        Raises
        ------
        TypeError, ValueError
            If `n_rows` or `n_cols` is not allowed.
        """
        from matplotlib.image import AxesImage
        from matplotlib.text import Text

        n_cells = count_cells(axes, n_rows, n_cols)
        norms = np.linalg.norm(self.weights, axis=(1, 2))
        self.units_ = np.argsort(-norms, kind="stable")[:n_cells]
        self.axes_ = prepare_axes(axes, len(self.units_), n_cols, cell_size=_CELL_SIZE)
        self.figure_ = self.axes_[0].figure
        largest = float(np.abs(self.weights[self.units_]).max())
        style = {"cmap": "RdBu_r", "vmin": -largest, "vmax": largest}
        style = merge_style(AxesImage, style, image_kw)
        text_style = merge_style(Text, {"fontsize": 11}, text_kw)
        self.im_, self.text_ = [], []
        for ax, unit in zip(self.axes_, self.units_, strict=False):
            self.im_.append(ax.imshow(self.weights[unit], **style))
            label = unit if self.labels is None else self.labels[unit]
            self.text_.append(ax.set_title(f"{label}", **text_style))
        self.colorbar_ = None
        if colorbar:
            self.colorbar_ = self.figure_.colorbar(
                self.im_[0], ax=list(self.axes_), label="Weight"
            )
        return self


def _image_shape(estimator):
    """Return the height and width of the images that a network was fitted on."""
    shape = getattr(estimator, "image_shape_", None)
    if shape is not None:
        return shape
    return square_shape(estimator.n_features_in_, "`estimator`", "must be fitted on")
