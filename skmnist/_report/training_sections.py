"""The sections of a report on what the network is and where it comes from."""

import platform
from html import escape
from importlib.metadata import PackageNotFoundError, version

from joblib import cpu_count

from skmnist._report.figures import draw_learning_panels, to_svg
from skmnist._report.markup import (
    count,
    format_seconds,
    format_share,
    make_facts,
    make_pair,
    make_paragraph,
    make_picture,
    make_section,
    make_table,
)

_FIGURES = {
    "loss": "Last training loss",
    "accuracy": "Last training accuracy",
    "val_loss": "Last validation loss",
    "val_accuracy": "Last validation accuracy",
}

_PACKAGES = {
    "scikit-learn": "scikit-learn",
    "NumPy": "numpy",
    "TensorFlow": "tensorflow",
    "Keras": "keras",
    "ONNX Runtime": "onnxruntime",
}


def has_curves(classifier):
    """Return whether there is a history to draw.

    Parameters
    ----------
    classifier : MNISTClassifier
        Fitted; a file may have no history.

    Returns
    -------
    bool
        True where there is.
    """
    return all(classifier.history_.get(name) for name in ("loss", "accuracy"))


def show_training(classifier, training):
    """Show how the training went, as far as that is known.

    Parameters
    ----------
    classifier : MNISTClassifier
        Fitted.
    training : TrainingRun or None
        None where the classifier comes from a file.

    Returns
    -------
    str
        HTML, as of all functions here.
    """
    facts = make_facts(_training_facts(classifier, training).items())
    if not has_curves(classifier):
        text = "The network comes without a history of its training."
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
    facts = {}
    if training is not None:
        facts["Images"] = f"{training.n_images:,}"
        if training.n_held_out:
            facts["Held out for validation"] = f"{training.n_held_out:,} more"
        elif classifier.early_stopping or classifier.calibrate:
            share = format_share(classifier.validation_fraction, 0)
            facts["Held out for validation"] = f"{share} of them"
        facts["Accuracy on these images"] = format_share(training.accuracy)
        facts["Training time"] = format_seconds(training.seconds)
    facts["Epochs"] = f"{classifier.n_iter_:,}"
    if hasattr(classifier, "best_epoch_"):
        facts["Best epoch, whose weights were kept"] = f"{classifier.best_epoch_:,}"
    for name, title in _FIGURES.items():
        if classifier.history_.get(name):
            facts[title] = f"{classifier.history_[name][-1]:.4f}"
    return facts


def show_timings(evaluation):
    """Show how long predictions take.

    Parameters
    ----------
    evaluation : Evaluation
        With the times measured.

    Returns
    -------
    str
        HTML.
    """
    n_images = count(len(evaluation.y_true), "image")
    facts = {
        f"{n_images} at once": format_seconds(evaluation.batch_seconds),
        "Each of these": format_seconds(evaluation.seconds_per_image),
        "One image alone": format_seconds(evaluation.single_seconds),
        "Measured on": f"{platform.machine()}, {count(cpu_count(), 'processor')}",
    }
    return make_section("Prediction time", make_facts(facts.items()))


def show_configuration(classifier):
    """Show the parameters, first those that somebody has chosen.

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
        caption = "Other than by default"
        changed = make_table(header, rows, n_texts=3, caption=caption, css="table code")
    else:
        changed = make_paragraph("All parameters are those by default.")
    pairs = [(name, repr(value)) for name, value in params.items()]
    return make_section(
        "Configuration",
        changed,
        "<h3>All parameters</h3>",
        make_facts(pairs, "facts code"),
    )


def show_layers(classifier):
    """Show the table of the network's layers.

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


def show_versions():
    """Show which versions made the report.

    Returns
    -------
    str
        HTML.
    """
    from skmnist import __version__  # the package imports this module first

    facts = {"skmnist": __version__}
    facts |= {name: _find_version(package) for name, package in _PACKAGES.items()}
    facts["Python"] = platform.python_version()
    facts["Platform"] = platform.platform()
    return make_section("Versions that made this report", make_facts(facts.items()))


def _find_version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
