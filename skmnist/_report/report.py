"""The report on a trained network: one HTML page that needs no other file."""

from datetime import datetime
from html import escape
from importlib.resources import files
from string import Template
from typing import NamedTuple

from skmnist._data.files import replace_file
from skmnist._displays.evaluation import evaluate
from skmnist._report import prediction_sections as sections
from skmnist._report import training_sections as setup
from skmnist._report.figures import draw_confusion_matrix, draw_learning_curves, to_png
from skmnist._report.markup import (
    count,
    format_seconds,
    format_share,
    make_facts,
    make_paragraph,
)


class TrainingRun(NamedTuple):
    """What is known of a training that has just ended.

    Attributes
    ----------
    n_images, n_held_out : int
        How many images were trained on, and held out to validate on.
    accuracy : float
        On the images trained on.
    seconds : float
        How long it took.
    interrupted : bool
        Whether it was ended before its time.
    """

    n_images: int
    n_held_out: int
    accuracy: float
    seconds: float
    interrupted: bool


def write_report(folder, classifier, X, y, title, *, training=None, classes=None):
    """Write report.html, and its two main pictures, each once it is complete.

    Parameters
    ----------
    folder : Path
        Where to.
    classifier : MNISTClassifier
        Fitted.
    X : ndarray of shape (n_samples, n_features)
        Raw pixels of the test images.
    y : ndarray of shape (n_samples,)
        Their labels.
    title : str
        What it is about.
    training : TrainingRun, default=None
        How the network was trained. None where that is not known.
    classes : ndarray of shape (n_classes,), default=None
        What to call the labels of the classifier, where `y` has others for the same
        things. None for `classes_`.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    evaluation = evaluate(classifier, X, y, classes=classes)
    matrix = draw_confusion_matrix(evaluation.y_true, evaluation.y_pred)
    page = _compose(classifier, evaluation, matrix, title, training)
    contents = {"report.html": page.encode(), "confusion_matrix.png": to_png(matrix)}
    if setup.has_curves(classifier):
        curves = draw_learning_curves(classifier)
        contents["learning_curves.png"] = to_png(curves)
    for file, content in contents.items():
        replace_file(folder.resolve() / file, content)


def _compose(classifier, evaluation, matrix, title, training):
    """Return the page."""
    from skmnist import __version__  # the package imports this module first

    now = datetime.now().astimezone()
    body = [
        sections.show_mistakes(evaluation),
        sections.show_labels(evaluation, matrix),
        sections.show_calibration(classifier, evaluation),
        sections.show_coverage(evaluation),
        setup.show_training(classifier, training),
        setup.show_timings(evaluation),
        setup.show_configuration(classifier),
        setup.show_layers(classifier),
        setup.show_versions(),
    ]
    template = files("skmnist._report").joinpath("page.html")
    return Template(template.read_text(encoding="utf-8")).substitute(
        title=escape(title),
        date=now.isoformat(timespec="seconds"),
        day=f"{now:%Y-%m-%d %H:%M} {escape(now.tzname() or '')}",
        notices="\n".join(_notices(classifier, evaluation, training)),
        accuracy=escape(format_share(evaluation.accuracy)),
        verdict=make_paragraph(_verdict(evaluation)),
        tiles=_show_tiles(evaluation),
        sections="\n".join(body),
        version=escape(__version__),
    )


def _verdict(evaluation):
    """Return the accuracy in words."""
    n_images, n_wrong = len(evaluation.y_true), evaluation.n_wrong
    low, high = (format_share(bound, 1) for bound in evaluation.accuracy_interval)
    return (
        f"accuracy: {n_images - n_wrong:,} of {count(n_images, 'test image')} were "
        f"recognised. The 95\N{NO-BREAK SPACE}% confidence interval for so many images "
        f"is {low} to {high} (Wilson)."
    )


def _notices(classifier, evaluation, training):
    """Return what a reader must know before any figure."""
    notices = []
    if training is not None and training.interrupted:
        notices.append(
            f"The training was interrupted after {count(classifier.n_iter_, 'epoch')} "
            f"of {classifier.epochs:,}; the figures are those of what was learned."
        )
    if evaluation.unknown_labels:
        labels = ", ".join(map(str, evaluation.unknown_labels))
        notices.append(
            f"Some test images have labels that the network does not know: {labels}. "
            "They count as mistakes, and the likelihood is that of the impossible."
        )
    return [make_paragraph(text, "warning") for text in notices]


def _show_tiles(evaluation):
    tiles = {
        "Mistakes": f"{evaluation.n_wrong:,}",
        "Calibration error": format_share(evaluation.calibration_error),
        "Log-loss": f"{evaluation.negative_log_likelihood:.4f}",
        "Time per image": format_seconds(evaluation.seconds_per_image),
    }
    return make_facts(tiles.items(), "tiles")
