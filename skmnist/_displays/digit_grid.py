"""DigitGridDisplay: images with their true and predicted labels."""

from textwrap import fill

from skmnist._data.images import as_images
from skmnist._displays.image_grid import count_cells, prepare_axes
from skmnist._displays.image_selection import (
    count_confusions,
    describe_selection,
    select_images,
)
from skmnist._displays.predictions import (
    check_labels,
    check_predictions,
    check_probabilities,
    predict_with_confidence,
)
from skmnist._displays.style import format_share, merge_style

# Inches: the size of a cell with a caption of one line, and of each further line.
_CELL_WIDTH, _CELL_HEIGHT, _LINE_HEIGHT = 1.4, 1.65, 0.18
_CAPTION_WIDTH = 16  # characters in a line, as many as fit above a cell

# Colour of wrong predictions, dark enough for text. Not the only sign: they also have
# a frame and the words "read as".
_WRONG = "#B34700"

# Probabilities that whole percents describe; closer to 0 and 1 there are decimals.
_WHOLE_PERCENTS = 0.01, 0.99


class DigitGridDisplay:
    """Grid of images with their true and predicted labels.

    Use :meth:`from_images`, :meth:`from_estimator` or :meth:`from_predictions` to
    create one. The caption "4 (98 %)" is a correct prediction with its probability;
    "4 read as 9 (98 %)" is a 4 that was predicted as a 9 with that probability.

    Parameters
    ----------
    images : ndarray of shape (n_samples, height, width)
        The images.
    y_true : ndarray of shape (n_samples,), default=None
        Their true labels. None shows no labels.
    y_pred : ndarray of shape (n_samples,), default=None
        The predicted labels. None shows no predictions.
    confidence : ndarray of shape (n_samples,), default=None
        The probability of each predicted label, in [0, 1]. None shows no probabilities.

    Attributes
    ----------
    axes_ : ndarray of shape (n_cells,) of matplotlib Axes
        The cells, row by row.
    figure_ : matplotlib Figure
        The figure with the axes.
    indices_ : ndarray of shape (n_shown,), int
        Indices of the images shown, in the order of the cells.
    im_ : list of matplotlib AxesImage
        The images shown.
    text_ : list of matplotlib Text
        Their captions.

    See Also
    --------
    sklearn.metrics.ConfusionMatrixDisplay : Counts of true and predicted labels.

    Examples
    --------
    >>> from sklearn.model_selection import train_test_split
    >>> from skmnist import DigitGridDisplay, MNISTClassifier, load_digits28
    >>> X, y = load_digits28(return_X_y=True)
    >>> display = DigitGridDisplay.from_images(X, y)
    >>> [text.get_text() for text in display.text_[:5]]
    ['0', '1', '2', '3', '4']

    The worst mistakes of a classifier:

    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> classifier = MNISTClassifier(epochs=3, random_state=0).fit(X_train, y_train)
    >>> display = DigitGridDisplay.from_estimator(
    ...     classifier, X_test, y_test, select="wrong"
    ... )

    The most frequent kind of mistake:

    >>> true, predicted, count = display.most_confused()[0]
    >>> display = display.plot(select=(true, predicted))
    >>> len(display.indices_) == count
    True
    """

    def __init__(self, images, *, y_true=None, y_pred=None, confidence=None):
        self.images = images
        self.y_true = y_true
        self.y_pred = y_pred
        self.confidence = confidence

    @classmethod
    def from_images(
        cls,
        images,
        y=None,
        *,
        select="first",
        axes=None,
        **plot_kw,
    ):
        """Draw images, with labels if given.

        Parameters
        ----------
        images : {array-like, sparse matrix, dataframe} of shape \
                (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, 1)
            Grey images in any real dtype and on any scale. Rows must come from square
            images.
        y : array-like of shape (n_samples,), default=None
            Their labels. None shows no labels.
        select : {"first", "random"}, default="first"
            Which images to show.
        axes : array-like of matplotlib Axes, default=None
            Where to draw, one Axes for each image. None makes a new figure.
        **plot_kw : dict
            Passed to :meth:`plot`: `n_rows`, `n_cols`, `random_state`, `image_kw` and
            `text_kw`.

        Returns
        -------
        DigitGridDisplay
            The display, drawn.

        Raises
        ------
        TypeError, ValueError
            If rows do not come from square images, `y` and `images` have different
            lengths, or `select`, `n_rows` or `n_cols` is not allowed.
        """
        images = as_images(images, "images")
        y = None if y is None else check_labels(y, "y", len(images))
        return cls(images, y_true=y).plot(axes, select=select, **plot_kw)

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        select="first",
        axes=None,
        **plot_kw,
    ):
        """Draw images with the predictions of a fitted classifier.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier. Probabilities are shown if it has `predict_proba`.
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features), \
                (n_samples, height, width) or (n_samples, height, width, 1)
            Images, as its `predict` accepts them. Rows must come from square images.
        y : array-like of shape (n_samples,)
            Their true labels.
        select : {"first", "random", "wrong"} or tuple of two labels, default="first"
            Which images to show. "wrong" selects the misclassified ones, the most
            confident first. `(true, predicted)` selects those with the label `true`
            that were predicted as `predicted`, in the same order.
        axes : array-like of matplotlib Axes, default=None
            Where to draw, one Axes for each image. None makes a new figure.
        **plot_kw : dict
            Passed to :meth:`plot`: `n_rows`, `n_cols`, `random_state`, `image_kw` and
            `text_kw`.

        Returns
        -------
        DigitGridDisplay
            The display, drawn.

        Raises
        ------
        TypeError, ValueError
            If rows do not come from square images, `y` and `X` do not match, or
            `select`, `n_rows` or `n_cols` is not allowed.
        """
        images = as_images(X, "X")
        y_pred, confidence = predict_with_confidence(estimator, X)
        return cls.from_predictions(
            images,
            y,
            y_pred,
            confidence=confidence,
            select=select,
            axes=axes,
            **plot_kw,
        )

    @classmethod
    def from_predictions(
        cls,
        images,
        y_true,
        y_pred,
        *,
        confidence=None,
        select="first",
        axes=None,
        **plot_kw,
    ):
        """Draw images with given predictions.

        Parameters
        ----------
        images : {array-like, sparse matrix, dataframe} of shape \
                (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, 1)
            Grey images in any real dtype and on any scale. Rows must come from square
            images.
        y_true : array-like of shape (n_samples,)
            Their true labels.
        y_pred : array-like of shape (n_samples,)
            The predicted labels.
        confidence : array-like of shape (n_samples,) or (n_samples, n_classes), \
                default=None
            The probability of each predicted label, in [0, 1], or of each class, of
            which the largest is used. None shows no probabilities.
        select : {"first", "random", "wrong"} or tuple of two labels, default="first"
            Which images to show, as in `from_estimator`. Without `confidence`, mistakes
            are in the order of `images`.
        axes : array-like of matplotlib Axes, default=None
            Where to draw, one Axes for each image. None makes a new figure.
        **plot_kw : dict
            Passed to :meth:`plot`: `n_rows`, `n_cols`, `random_state`, `image_kw` and
            `text_kw`.

        Returns
        -------
        DigitGridDisplay
            The display, drawn.

        Raises
        ------
        TypeError, ValueError
            If rows do not come from square images, lengths differ, `confidence` is not
            in [0, 1], or `select`, `n_rows` or `n_cols` is not allowed.
        """
        images = as_images(images, "images")
        y_true = check_labels(y_true, "y_true", len(images))
        y_true, y_pred, confidence = check_predictions(y_true, y_pred, confidence)
        if confidence is not None:
            check_probabilities(confidence, "confidence")
        display = cls(images, y_true=y_true, y_pred=y_pred, confidence=confidence)
        return display.plot(axes, select=select, **plot_kw)

    def plot(
        self,
        axes=None,
        *,
        select="first",
        n_rows=5,
        n_cols=5,
        random_state=None,
        image_kw=None,
        text_kw=None,
    ):
        """Draw some of the images.

        If no image is selected, for example by `select="wrong"` when all predictions
        are correct, a line of text says so.

        Parameters
        ----------
        axes : array-like of matplotlib Axes, default=None
            Where to draw, one Axes for each image. None makes a new figure.
        select : {"first", "random", "wrong"} or tuple of two labels, default="first"
            Which images to show, as in `from_estimator`. The last two need `y_pred`.
        n_rows, n_cols : int, default=5
            Size of the grid, at least 1. Empty rows are left out.
        random_state : int, RandomState instance or None, default=None
            Determines the images for `select="random"`.
        image_kw : dict, default=None
            Passed to matplotlib's `imshow`.
        text_kw : dict, default=None
            Passed to matplotlib's `set_title`, for the captions.

        Returns
        -------
        self : DigitGridDisplay
            The display.

        Raises
        ------
        TypeError, ValueError
            If `select`, `n_rows` or `n_cols` is not allowed.
        """
        n_cells = count_cells(axes, n_rows, n_cols)
        predictions = None
        if self.y_pred is not None:
            predictions = self.y_true, self.y_pred, self.confidence
        found = select_images(select, len(self.images), predictions, random_state)
        self.indices_ = found[:n_cells]
        captions = [self._caption(i) for i in self.indices_]
        n_lines = max((text.count("\n") for text in captions), default=0)
        cell_size = _CELL_WIDTH, _CELL_HEIGHT + n_lines * _LINE_HEIGHT
        self.axes_ = prepare_axes(axes, len(self.indices_), n_cols, cell_size=cell_size)
        self.figure_ = self.axes_[0].figure
        heading = describe_selection(select, len(found), len(self.images))
        if len(found) == 0:
            middle = self.axes_[len(self.axes_) // 2]
            middle.text(0.5, 0.5, heading, ha="center", va="center", fontsize=12)
        elif heading and axes is None:
            self.figure_.suptitle(heading)
        self._draw_images(image_kw)
        self._draw_captions(captions, text_kw)
        return self

    def most_confused(self, n_pairs=None):
        """Return the confusions of labels, the most frequent first.

        Parameters
        ----------
        n_pairs : int, default=None
            The most pairs of labels to return. None returns all.

        Returns
        -------
        list of tuple of (label, label, int)
            True label, predicted label and number of images. To show the images of a
            pair, use `plot(select=(true, predicted))`.

        Raises
        ------
        ValueError
            If there are no predictions.
        """
        if self.y_pred is None:
            raise ValueError("`y_pred` must be given to find mistakes, got None.")
        return count_confusions(self.y_true, self.y_pred)[:n_pairs]

    def _draw_images(self, image_kw):
        from matplotlib.image import AxesImage

        # One scale for all, so that a faint image looks faint.
        scale = {"vmin": float(self.images.min()), "vmax": float(self.images.max())}
        style = merge_style(AxesImage, {"cmap": "gray_r"} | scale, image_kw)
        self.im_ = [
            ax.imshow(self.images[i], **style)
            for ax, i in zip(self.axes_, self.indices_, strict=False)
        ]

    def _draw_captions(self, captions, text_kw):
        from matplotlib.text import Text

        self.text_ = []
        for ax, i, caption in zip(self.axes_, self.indices_, captions, strict=False):
            style = {"fontsize": 11}
            if self._is_wrong(i):
                style["color"] = _WRONG
                ax.spines[:].set(visible=True, color=_WRONG, linewidth=2)
            style = merge_style(Text, style, text_kw)
            self.text_.append(ax.set_title(caption, **style))

    def _is_wrong(self, i):
        return self.y_pred is not None and bool(self.y_true[i] != self.y_pred[i])

    def _caption(self, i):
        """Return the true label of an image, the predicted one and its probability."""
        if self.y_true is None:
            return ""
        caption = f"{self.y_true[i]}"
        if self._is_wrong(i):
            caption += f" read as {self.y_pred[i]}"
        if self.confidence is not None:
            share = self.confidence[i]
            # ">99 %" would hide how certain the worst mistakes are.
            low, high = _WHOLE_PERCENTS
            decimals = 2 if 0 < share < low or high < share < 1 else 0
            caption += f" ({format_share(share, decimals)})"
        return fill(caption, _CAPTION_WIDTH, break_on_hyphens=False)
