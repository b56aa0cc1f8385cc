"""The figures of a report.

They are created without pyplot, which would keep them open and might need a screen.
"""

import io

import numpy as np

from skmnist._displays.calibration_error import find_bins
from skmnist._displays.digit_grid import DigitGridDisplay
from skmnist._displays.risk_coverage import RiskCoverageDisplay
from skmnist._displays.style import BLUE
from skmnist._displays.training_history import TrainingHistoryDisplay

# Bins of the reliability diagram: the default of `expected_calibration_error`, whose
# value stands beside it.
N_BINS = 15

# Inches: width and height of a plot, small so that its text is legible on a phone.
_PANEL = 4.6, 3.2
_TILE = 1.12  # inches: side of a digit, 4 pixels for each of its 28
_TILE_DPI = 100  # pixels per inch, for whole pixels
# The confusion matrix: cells of correct predictions, numbers that are 0, and the share
# of the most frequent mistake above which a cell is so dark that its number is white.
_CORRECT, _NOTHING, _DARK = "0.92", "0.75", 0.6

_PNG_DPI = 200  # pixels per inch, sharp in print


def _make_figure(width, height):
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def to_svg(figure):
    """Return a figure as SVG with a transparent background.

    Parameters
    ----------
    figure : matplotlib Figure
        The figure.

    Returns
    -------
    bytes
        The content of the file.
    """
    file = io.BytesIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return file.getvalue()


def to_png(figure, dpi=_PNG_DPI):
    """Return a figure as PNG.

    Parameters
    ----------
    figure : matplotlib Figure
        The figure.
    dpi : int, default=200
        Pixels per inch.

    Returns
    -------
    bytes
        The content of the file.
    """
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi)
    return file.getvalue()


def draw_confusion_matrix(y_true, y_pred):
    """Draw the confusion matrix, coloured by the mistakes.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n_samples,)
        True and predicted labels.

    Returns
    -------
    matplotlib Figure
        The figure.
    """
    from sklearn.metrics import ConfusionMatrixDisplay
    from sklearn.utils.multiclass import unique_labels

    labels = unique_labels(y_true, y_pred)
    width = max(6, 0.5 * len(labels) + 1)
    figure = _make_figure(width, width - 1)
    display = ConfusionMatrixDisplay.from_predictions(
        y_true,
        y_pred,
        # matplotlib would typeset text between dollars as a formula.
        display_labels=[str(label).replace("$", r"\$") for label in labels],
        ax=figure.subplots(),
        cmap="Oranges",
        values_format="d",
        im_kw={"interpolation": "none"},  # sharp at any size, also as SVG
    )
    _colour_mistakes(display)
    return figure


def _colour_mistakes(display):
    """Colour a confusion matrix by its mistakes, which the diagonal would outshine."""
    import matplotlib as mpl
    from matplotlib.ticker import MaxNLocator

    counts = display.confusion_matrix
    is_correct = np.eye(len(counts), dtype=bool)
    most = max(np.where(is_correct, 0, counts).max(), 1)
    image = display.im_
    image.set_data(np.ma.masked_array(counts, is_correct))
    image.set_clim(0, most)
    image.set_cmap(mpl.colormaps["Oranges"].with_extremes(bad=_CORRECT))
    image.colorbar.set_label("Mistakes")
    image.colorbar.locator = MaxNLocator(integer=True, min_n_ticks=1)
    for text, n, correct in zip(
        display.text_.flat, counts.flat, is_correct.flat, strict=True
    ):
        is_dark = not correct and n > _DARK * most
        text.set_color("white" if is_dark else "black" if n else _NOTHING)


def draw_learning_curves(classifier):
    """Draw loss and accuracy by epoch, side by side.

    Parameters
    ----------
    classifier : MNISTClassifier
        With a history.

    Returns
    -------
    matplotlib Figure
        The figure.
    """
    figure = _make_figure(7, 3)
    TrainingHistoryDisplay.from_estimator(classifier, axes=figure.subplots(1, 2))
    return figure


def draw_learning_panels(classifier):
    """Draw loss and accuracy by epoch, in two separate figures.

    Parameters
    ----------
    classifier : MNISTClassifier
        With a history.

    Returns
    -------
    list of matplotlib Figure
        Loss and accuracy.
    """
    figures = [_make_figure(*_PANEL) for _ in range(2)]
    axes = [figure.subplots() for figure in figures]
    TrainingHistoryDisplay.from_estimator(classifier, axes=axes)
    return figures


def draw_mistakes(evaluation, n_images):
    """Draw the most confident mistakes.

    Parameters
    ----------
    evaluation : Evaluation
        The predictions.
    n_images : int
        The most mistakes to draw.

    Returns
    -------
    list of (str, bytes)
        Caption and PNG of each mistake, the most confident first.
    """
    from matplotlib.figure import Figure

    n_images = min(n_images, evaluation.n_wrong)
    figures = [Figure(figsize=(_TILE, _TILE)) for _ in range(n_images)]
    display = DigitGridDisplay.from_predictions(
        evaluation.images,
        evaluation.y_true,
        evaluation.y_pred,
        confidence=evaluation.confidence,
        select="wrong",
        axes=[figure.add_axes((0, 0, 1, 1)) for figure in figures],
        image_kw={"interpolation": "nearest"},
        text_kw={"visible": False},  # the page shows the captions as text
    )
    for ax in display.axes_:
        ax.spines[:].set_visible(False)
    captions = [text.get_text().replace("\n", " ") for text in display.text_]
    pictures = [to_png(figure, _TILE_DPI) for figure in figures]
    return list(zip(captions, pictures, strict=True))


def draw_calibration(evaluation):
    """Draw a reliability diagram, with the number of images in each bin below.

    Parameters
    ----------
    evaluation : Evaluation
        The predictions.

    Returns
    -------
    matplotlib Figure
        The figure.
    """
    from sklearn.calibration import CalibrationDisplay

    width, height = _PANEL
    figure = _make_figure(width, height + 1)
    top, bottom = figure.subplots(2, sharex=True, height_ratios=[3, 1])
    CalibrationDisplay.from_predictions(
        evaluation.correct.astype(int),
        evaluation.confidence,
        n_bins=N_BINS,
        pos_label=1,
        ax=top,
        color=BLUE,
    )
    top.set(xlabel="", ylabel="Accuracy")
    top.get_legend().remove()
    counts = np.bincount(find_bins(evaluation.confidence, N_BINS), minlength=N_BINS)
    left = np.arange(N_BINS) / N_BINS
    bottom.bar(left, counts, 1 / N_BINS, align="edge", color=BLUE)
    bottom.set_yscale("log")
    bottom.set(xlabel="Probability of the prediction", ylabel="Images", xlim=(0, 1))
    bottom.set_ylim(0.7, None)
    return figure


def draw_risk_coverage(evaluation):
    """Draw the share of errors over the share of images kept.

    Parameters
    ----------
    evaluation : Evaluation
        The predictions.

    Returns
    -------
    RiskCoverageDisplay
        The display; `figure_` is its figure.
    """
    return RiskCoverageDisplay.from_predictions(
        evaluation.y_true,
        evaluation.y_pred,
        evaluation.confidence,
        ax=_make_figure(*_PANEL).subplots(),
    )
