"""The sections of a report on the network, its training and its environment."""

import platform
from html import escape

from joblib import cpu_count

from skmnist._displays.style import format_share
from skmnist._report.figures import draw_learning_panels, to_svg
from skmnist._report.markup import (
    format_count,
    format_seconds,
    make_facts,
    make_pair,
    make_paragraph,
    make_picture,
    make_section,
    make_table,
)
from skmnist._show_versions import find_versions

_FINAL_METRICS = {
    "loss": "Final training loss",
    "accuracy": "Final training accuracy",
    "val_loss": "Final validation loss",
    "val_accuracy": "Final validation accuracy",
}


def has_curves(classifier):
    """Return whether a classifier has learning curves to draw.

    Parameters
    ----------
    classifier : MNISTClassifier
        Fitted. One loaded from a file may have no history.

    Returns
    -------
    bool
        Whether its history has both loss and accuracy.
    """
    return all(classifier.history_.get(name) for name in ("loss", "accuracy"))


def make_training_section(classifier, training):
    """Return the section on the training, with what is known about it.

    Parameters
    ----------
    classifier : MNISTClassifier
        Fitted.
    training : TrainingRun or None
        None if the classifier comes from a file.

    Returns
    -------
    str
        HTML.
    """
    facts = make_facts(_training_facts(classifier, training).items())
    if not has_curves(classifier):
        text = "This network has no training history."
        return make_section("Training", make_paragraph(text), facts)
    mark = ""
    if hasattr(classifier, "best_epoch_"):
        mark = f" The best epoch, {classifier.best_epoch_}, is marked."
    panels = draw_learning_panels(classifier)
    pictures = [
        make_picture(to_svg(panel), "svg+xml", f"{name} by epoch.{mark}")
        for panel, name in zip(panels, ("Loss", "Accuracy"), strict=True)
    ]
    return make_section("Training", make_pair(*pictures), facts)


def _training_facts(classifier, training):
    """Return names and values, as far as they are known."""
    facts = {}
    if training is not None:
        facts["Images"] = f"{training.n_images:,}"
        if training.n_held_out:
            facts["Held out for validation"] = f"{training.n_held_out:,} more"
        elif classifier.early_stopping or classifier.calibrate:
            share = format_share(classifier.validation_fraction, 0)
            facts["Held out for validation"] = f"{share} of them"
        facts["Accuracy on the training images"] = format_share(training.accuracy)
        facts["Training time"] = format_seconds(training.seconds)
    if classifier.n_estimators_ > 1:
        facts["Networks"] = f"{classifier.n_estimators_:,}"
    facts["Epochs"] = f"{classifier.n_iter_:,}"
    if hasattr(classifier, "best_epoch_"):
        facts["Best epoch (its weights were kept)"] = f"{classifier.best_epoch_:,}"
    for name, title in _FINAL_METRICS.items():
        if classifier.history_.get(name):
            facts[title] = f"{classifier.history_[name][-1]:.4f}"
    return facts


def make_timing_section(evaluation):
    """Return the section on how long predictions take.

    Parameters
    ----------
    evaluation : Evaluation
        The measured times.

    Returns
    -------
    str
        HTML.
    """
    n_images = format_count(len(evaluation.y_true), "image")
    facts = {
        f"{n_images} in one call": format_seconds(evaluation.batch_seconds),
        "Each image of that call": format_seconds(evaluation.seconds_per_image),
        "A single image": format_seconds(evaluation.single_seconds),
        "Measured on": f"{platform.machine()}, {format_count(cpu_count(), 'CPU')}",
    }
    return make_section("Prediction time", make_facts(facts.items()))


def make_configuration_section(classifier):
    """Return the section on the parameters, changed ones first.

    Parameters
    ----------
    classifier : MNISTClassifier
        Fitted.

    Returns
    -------
    str
        HTML.
    """
    params = classifier.get_params(deep=False)
    defaults = type(classifier)().get_params(deep=False)
    rows = [
        (name, repr(value), repr(defaults[name]))
        for name, value in params.items()
        if repr(value) != repr(defaults[name])
    ]
    if rows:
        header = ["Parameter", "Value", "Default"]
        caption = "Changed from the defaults"
        changed = make_table(header, rows, n_texts=3, caption=caption, css="table code")
    else:
        changed = make_paragraph("All parameters have their default values.")
    pairs = [(name, repr(value)) for name, value in params.items()]
    return make_section(
        "Configuration",
        changed,
        "<h3>All parameters</h3>",
        make_facts(pairs, "facts code"),
    )


def make_layers_section(classifier):
    """Return the section with the table of the network's layers.

    Parameters
    ----------
    classifier : MNISTClassifier
        Fitted.

    Returns
    -------
    str
        HTML.
    """
    return make_section("Layers", f"<pre>{escape(classifier.summary())}</pre>")


def make_versions_section():
    """Return the section on the versions that the report was made with.

    Returns
    -------
    str
        HTML.
    """
    facts = find_versions()
    facts["python"] = platform.python_version()
    facts["machine"] = platform.platform()
    return make_section("Versions", make_facts(facts.items()))
