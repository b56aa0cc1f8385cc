"""write_report: the test results of a network, as one HTML page."""

from datetime import datetime
from html import escape
from importlib.resources import files
from string import Template
from typing import NamedTuple

from skmnist._data.files import replace_file
from skmnist._displays.evaluation import evaluate
from skmnist._displays.style import PERCENT, format_share
from skmnist._report import prediction_sections, training_sections
from skmnist._report.figures import draw_confusion_matrix, draw_learning_curves, to_png
from skmnist._report.markup import (
    as_html,
    format_count,
    format_seconds,
    make_facts,
    make_paragraph,
)


class TrainingRun(NamedTuple):
    """The facts about a training run that the classifier does not store.

    Attributes
    ----------
    n_images, n_held_out : int
        The numbers of training images and of further images held out for validation.
    accuracy : float
        On the training images.
    seconds : float
        Duration.
    interrupted : bool
        Whether training was stopped early by the user.
    """

    n_images: int
    n_held_out: int
    accuracy: float
    seconds: float
    interrupted: bool


def write_report(folder, classifier, X, y, title, *, training=None, classes=None):
    """Write report.html and its two main figures, each atomically.

    Parameters
    ----------
    folder : Path
        The folder to write to.
    classifier : MNISTClassifier
        Fitted.
    X : ndarray of shape (n_samples, n_features)
        Raw pixels of the test images.
    y : ndarray of shape (n_samples,)
        Their labels.
    title : str
        The heading of the page.
    training : TrainingRun, default=None
        How the network was trained. None if that is not known.
    classes : ndarray of shape (n_classes,), default=None
        The classifier's labels as they are called in `y`. None for `classes_`.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    evaluation = evaluate(classifier, X, y, classes=classes)
    matrix = draw_confusion_matrix(evaluation.y_true, evaluation.y_pred)
    page = _compose(classifier, evaluation, matrix, title, training)
    contents = {"report.html": page.encode(), "confusion_matrix.png": to_png(matrix)}
    if training_sections.has_curves(classifier):
        curves = draw_learning_curves(classifier)
        contents["learning_curves.png"] = to_png(curves)
    for file, content in contents.items():
        replace_file(folder / file, content)


def _compose(classifier, evaluation, matrix, title, training):
    """Return the page."""
    from skmnist import __version__  # the package imports this module first

    now = datetime.now().astimezone()
    body = [
        prediction_sections.make_mistakes_section(evaluation),
        prediction_sections.make_labels_section(evaluation, matrix),
        prediction_sections.make_calibration_section(classifier, evaluation),
        prediction_sections.make_rejection_section(evaluation),
        training_sections.make_training_section(classifier, training),
        training_sections.make_timing_section(evaluation),
        training_sections.make_configuration_section(classifier),
        training_sections.make_layers_section(classifier),
        training_sections.make_versions_section(),
    ]
    template = files("skmnist._report").joinpath("page.html")
    return Template(template.read_text(encoding="utf-8")).substitute(
        title=as_html(title),
        date=now.isoformat(timespec="seconds"),
        day=f"{now:%Y-%m-%d %H:%M} {escape(now.tzname() or '')}",
        notices="\n".join(_notices(classifier, evaluation, training)),
        accuracy=escape(format_share(evaluation.accuracy)),
        verdict=make_paragraph(_verdict(evaluation)),
        tiles=_make_tiles(evaluation),
        sections="\n".join(body),
        version=escape(__version__),
    )


def _verdict(evaluation):
    """Return the sentences below the accuracy."""
    n_images, n_wrong = len(evaluation.y_true), evaluation.n_wrong
    low, high = (format_share(bound, 1) for bound in evaluation.accuracy_interval)
    return (
        f"accuracy: {n_images - n_wrong:,} of {format_count(n_images, 'test image')} "
        f"classified correctly. The 95{PERCENT} confidence interval of the accuracy is "
        f"{low} to {high} (Wilson)."
    )


def _notices(classifier, evaluation, training):
    """Return warnings that a reader needs before the results."""
    notices = []
    if training is not None and training.interrupted:
        done, wanted = classifier.n_iter_, format_count(classifier.epochs, "epoch")
        if classifier.n_estimators > 1:
            done = classifier.n_estimators_
            wanted = format_count(classifier.n_estimators, "network")
        notices.append(
            f"Training was interrupted after {done:,} of {wanted}. All results are for "
            "what was trained so far."
        )
    if evaluation.unknown_labels:
        labels = ", ".join(map(str, evaluation.unknown_labels))
        notices.append(
            f"Some test images have labels that the network does not know: {labels}. "
            "They count as mistakes and make the log-loss infinite."
        )
    return [make_paragraph(text, "warning") for text in notices]


def _make_tiles(evaluation):
    """Return the main results, each in a box."""
    tiles = {
        "Mistakes": f"{evaluation.n_wrong:,}",
        "Calibration error": format_share(evaluation.calibration_error),
        "Log-loss": f"{evaluation.negative_log_likelihood:.4f}",
        "Time per image": format_seconds(evaluation.seconds_per_image),
    }
    return make_facts(tiles.items(), "tiles")
