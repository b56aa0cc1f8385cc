"""The pictures of a report, each a matplotlib Figure of its own.

None is made through pyplot, which would keep them and might ask for a screen.
"""

import io

import numpy as np

from skmnist._displays.digit_grid import DigitGridDisplay
from skmnist._displays.risk_coverage import RiskCoverageDisplay
from skmnist._displays.training_history import TrainingHistoryDisplay

# As many as `expected_calibration_error` takes, so that the picture shows its bins.
_N_BINS = 15

_PANEL = 4.6, 3.2  # inches; large letters where a phone shows the whole width
_TILE = 1.12  # inches: 4 pixels for each of 28
_TILE_DPI = 100
_PNG_DPI = 200

_BLUE = "#0072B2"


def _make_figure(width, height):
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def to_svg(figure):
    """Return a figure as SVG without a background.

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
        Pixels in an inch.

    Returns
    -------
    bytes
        The content of the file.
    """
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi)
    return file.getvalue()


def draw_confusion_matrix(y_true, y_pred):
    """Draw how often each label is taken for which.

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
    ConfusionMatrixDisplay.from_predictions(
        y_true,
        y_pred,
        # Between dollars matplotlib reads formulas.
        display_labels=[str(label).replace("$", r"\$") for label in labels],
        ax=figure.subplots(),
        cmap="Blues",
        values_format="d",
        im_kw={"interpolation": "none"},  # sharp at any size, as SVG too
    )
    return figure


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
    """Draw loss and accuracy by epoch, each in a figure of its own.

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
        Predictions, some of them wrong.
    n_images : int
        How many to draw at most.

    Returns
    -------
    list of (str, bytes)
        Caption and PNG of each, the most confident first.
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
        text_kw={"visible": False},  # the page has them beside the picture
    )
    for ax in display.axes_:
        ax.spines[:].set_visible(False)
    captions = [text.get_text().replace("\n", " ") for text in display.text_]
    pictures = [to_png(figure, _TILE_DPI) for figure in figures]
    return list(zip(captions, pictures, strict=True))


def draw_calibration(evaluation):
    """Draw how often predictions of a confidence are right, and how many there are.

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
        evaluation.right.astype(int),
        evaluation.confidence,
        n_bins=_N_BINS,
        pos_label=1,
        ax=top,
        color=_BLUE,
    )
    top.set(xlabel="", ylabel="Share of right predictions")
    top.get_legend().remove()
    borders = np.linspace(0, 1, _N_BINS + 1)
    # A confidence on the border of two bins is in the lower one.
    bins = np.digitize(evaluation.confidence, borders[1:-1], right=True)
    counts = np.bincount(bins, minlength=_N_BINS)
    bottom.bar(borders[:-1], counts, 1 / _N_BINS, align="edge", color=_BLUE)
    bottom.set_yscale("log")
    bottom.set(xlabel="Probability of the prediction", ylabel="Images", xlim=(0, 1))
    bottom.set_ylim(0.7, None)
    return figure


def draw_risk_coverage(evaluation):
    """Draw the share of errors over the share of images answered.

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
