"""DigitGridDisplay: images with their labels and what they were taken for."""

from textwrap import fill

from skmnist._displays.image_grid import as_images, count_cells, prepare_axes
from skmnist._displays.image_selection import (
    count_confusions,
    describe_selection,
    select_images,
)
from skmnist._displays.predictions import (
    check_labels,
    check_predictions,
    predict_with_confidence,
)
from skmnist._displays.style import merge_style

_CELL_WIDTH, _CELL_HEIGHT, _LINE_HEIGHT = 1.4, 1.65, 0.18  # inches
_CAPTION_WIDTH = 16  # characters that fit over a cell

# Besides the colour, wrong predictions have a frame and the word "not".
_WRONG = "#B34700"


class DigitGridDisplay:
    """Grid of images with their labels, and with how a classifier read them.

    Use :meth:`from_images`, :meth:`from_estimator` or :meth:`from_predictions` to
    create one. A caption such as "4 (98 %)" is a right prediction and its probability;
    "4, not 9 (98 %)" is a 4 that was taken for a 9, with that probability.

    Parameters
    ----------
    images : ndarray of shape (n_samples, height, width)
        The images.
    y_true : ndarray of shape (n_samples,), default=None
        Their labels. None shows none.
    y_pred : ndarray of shape (n_samples,), default=None
        The predicted labels. None shows none.
    confidence : ndarray of shape (n_samples,), default=None
        The probability of each predicted label, in [0, 1]. None shows none.

    Attributes
    ----------
    axes_ : ndarray of shape (n_cells,) of matplotlib Axes
        The cells, row by row.
    figure_ : matplotlib Figure
        The figure that they are in.
    indices_ : ndarray of shape (n_shown,), int
        Which of the images are shown, in the order of the cells.
    im_ : list of matplotlib AxesImage
        The images shown.
    text_ : list of matplotlib Text
        Their captions.

    See Also
    --------
    sklearn.metrics.ConfusionMatrixDisplay : How often each digit is taken for which.

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

    And those of the commonest kind:

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
        """Draw images, with labels where there are any.

        Parameters
        ----------
        images : {array-like, sparse matrix, dataframe} of shape \
                (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, 1)
            Grey images in any real dtype, on any scale; rows are those of squares.
        y : array-like of shape (n_samples,), default=None
            Their labels.
        select : {"first", "random"}, default="first"
            Which images to show.
        axes : array-like of matplotlib Axes, default=None
            Where to draw, one for each image. None makes a new figure.
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
            If rows are not those of squares, `y` has another length than `images`, or
            `select`, `n_rows` or `n_cols` is not allowed.
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
        """Draw images and what a fitted classifier takes them for.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier. Probabilities are shown where it has `predict_proba`.
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features), \
                (n_samples, height, width) or (n_samples, height, width, 1)
            Images, as its `predict` takes them; rows are those of squares.
        y : array-like of shape (n_samples,)
            Their true labels.
        select : {"first", "random", "wrong"} or tuple of two labels, default="first"
            Which images to show. "wrong" are those that were not recognised, the most
            confident mistakes first; `(true, predicted)` those of the label `true`
            that were taken for `predicted`, in the same order.
        axes : array-like of matplotlib Axes, default=None
            Where to draw, one for each image. None makes a new figure.
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
            If rows are not those of squares, `y` does not fit to `X`, or `select`,
            `n_rows` or `n_cols` is not allowed.
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
        """Draw images and what they were taken for.

        Parameters
        ----------
        images : {array-like, sparse matrix, dataframe} of shape \
                (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, 1)
            Grey images in any real dtype, on any scale; rows are those of squares.
        y_true : array-like of shape (n_samples,)
            Their true labels.
        y_pred : array-like of shape (n_samples,)
            The predicted labels.
        confidence : array-like of shape (n_samples,) or (n_samples, n_classes), \
                default=None
            The probability of each predicted label, in [0, 1], or those of all labels,
            of which the largest counts. None shows none.
        select : {"first", "random", "wrong"} or tuple of two labels, default="first"
            Which images to show, as in `from_estimator`. Without `confidence` wrong
            ones are in the order of `images`.
        axes : array-like of matplotlib Axes, default=None
            Where to draw, one for each image. None makes a new figure.
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
            If rows are not those of squares, lengths differ, `confidence` is not in
            [0, 1], or `select`, `n_rows` or `n_cols` is not allowed.
        """
        images = as_images(images, "images")
        y_true = check_labels(y_true, "y_true", len(images))
        y_true, y_pred, confidence = check_predictions(y_true, y_pred, confidence)
        if confidence is not None and (confidence.min() < 0 or confidence.max() > 1):
            raise ValueError(
                "`confidence` must hold probabilities, in [0, 1], got numbers from "
                f"{confidence.min():g} to {confidence.max():g}."
            )
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

        Where no image is to be shown, such as for `select="wrong"` where all are
        right, the grid is a line that says so.

        Parameters
        ----------
        axes : array-like of matplotlib Axes, default=None
            Where to draw, one for each image. None makes a new figure.
        select : {"first", "random", "wrong"} or tuple of two labels, default="first"
            Which images to show, as in `from_estimator`. The last two need `y_pred`.
        n_rows, n_cols : int, default=5
            Size of the grid, at least 1. Rows that would be empty are left out.
        random_state : int, RandomState instance or None, default=None
            Draws the images for `select="random"`.
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
        """Return what was taken for what, the most frequent first.

        Parameters
        ----------
        n_pairs : int, default=None
            How many pairs of labels to return at most. None returns all.

        Returns
        -------
        list of tuple of (label, label, int)
            True label, predicted label and how often that was. The images of any pair
            are shown by `plot(select=(true, predicted))`.

        Raises
        ------
        ValueError
            If there are no predictions.
        """
        if self.y_pred is None:
            raise ValueError("`y_pred` must be given to tell mistakes, got None.")
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
        """Return the label of an image and what it was taken for, in words."""
        if self.y_true is None:
            return ""
        caption = f"{self.y_true[i]}"
        if self._is_wrong(i):
            caption += f", not {self.y_pred[i]}"
        if self.confidence is not None:
            caption += f" ({_percent(self.confidence[i])})"
        return fill(caption, _CAPTION_WIDTH, break_on_hyphens=False)


def _percent(probability):
    """Return whole percents; only certainty is 100 %."""
    percent = f"{probability:.0%}"
    percent = ">99%" if percent == "100%" and probability < 1 else percent
    return percent.replace("%", "\N{NO-BREAK SPACE}%")
