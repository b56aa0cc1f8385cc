"""The input of the command line: files, folders, data sets and networks."""

import os
from pathlib import Path
from typing import Annotated

import typer

from skmnist._cli.options import Dataset
from skmnist._data.printable import printable
from skmnist._estimator.signature import is_saved_classifier

ReportOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        file_okay=False,
        rich_help_panel="Output",
        help="Write a report, an HTML page, to this folder.",
    ),
]


def fail(error):
    """Print an error that the user did not cause, and exit with status 1.

    Parameters
    ----------
    error : Exception or str
        Printed in full: if no mirror answers, it says what to do by hand.
    """
    lines = map(printable, str(error).split("\n"))
    typer.echo("Error: " + "\n".join(lines), err=True)
    raise typer.Exit(1) from None


def make_classifier(**params):
    """Return a classifier with these parameters, after checking them.

    Parameters
    ----------
    **params : dict
        Parameters of MNISTClassifier.

    Returns
    -------
    MNISTClassifier
        Not fitted.
    """
    from skmnist import MNISTClassifier
    from skmnist._estimator.parameters import check_parameters

    classifier = MNISTClassifier(**params)
    try:
        check_parameters(classifier)
    except (TypeError, ValueError) as error:
        raise typer.BadParameter(_name_options(str(error), params)) from None
    return classifier


def _name_options(text, params):
    """Return a text in which parameters have the names of their options."""
    for name in params:
        text = text.replace(f"`{name}`", f"--{name.replace('_', '-')}")
    return text


def check_folder(folder, option):
    """Refuse a folder that is missing, or that no file can be written to.

    Parameters
    ----------
    folder : Path
        The folder.
    option : str
        The option that names it.
    """
    from skmnist._data.files import try_folder

    fault = None if folder.is_dir() else "does not exist"
    if fault is None:
        try:
            try_folder(folder)
        except OSError as error:
            fault = f"cannot be written to: {error.strerror}"
    if fault is not None:
        raise typer.BadParameter(
            f"the folder '{folder}' {fault}.", param_hint=f"'{option}'"
        )


def check_file(path, option):
    """Refuse a file that cannot be written, before there is anything to write.

    Parameters
    ----------
    path : Path
        The file.
    option : str
        The option that names it.

    Returns
    -------
    bool
        Whether it will be a file: False for a FIFO or a device, which is written to.
    """
    from skmnist._data.files import is_stream

    try:
        stream = is_stream(path)
    except OSError as error:
        raise typer.BadParameter(
            f"'{path}' cannot be written: {error.strerror}.", param_hint=f"'{option}'"
        ) from None
    if not stream:
        check_folder(path.resolve().parent, option)
    return not stream


def check_new_folder(folder, option):
    """Refuse a folder that cannot be made, without making it yet.

    Parameters
    ----------
    folder : Path
        The folder, which may exist.
    option : str
        The option that names it.
    """
    parent = folder.absolute()
    while not os.path.lexists(parent):
        parent = parent.parent
    if not parent.is_dir():
        raise typer.BadParameter(
            f"the folder '{folder}' cannot be made: '{parent}' is not a folder.",
            param_hint=f"'{option}'",
        )
    check_folder(parent, option)


def make_folder(folder, option):
    """Create a folder if it is missing, and check that it is writable.

    Parameters
    ----------
    folder : Path
        The folder.
    option : str
        The option that names it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(
            f"the folder '{folder}' cannot be made: {error.strerror}.",
            param_hint=f"'{option}'",
        ) from None
    check_folder(folder, option)


def load_data(dataset, console, *subsets):
    """Load a data set.

    Parameters
    ----------
    dataset : Dataset
        Which one; "auto" is MNIST if available, otherwise scikit-learn's digits.
    console : rich.console.Console
        Where a download is shown.
    *subsets : {"train", "test"}
        The parts to load.

    Returns
    -------
    name : str
        Name of the data set.
    *pairs : tuple of (X, y)
        One for each subset.
    """
    from skmnist._cli.console import busy

    if dataset != Dataset.digits:
        try:
            with busy(console, "Loading MNIST (11 MB, downloaded once) ..."):
                from skmnist import fetch_mnist

                pairs = [fetch_mnist(subset=s, return_X_y=True) for s in subsets]
            return "MNIST", *pairs
        except (OSError, ValueError) as error:
            if dataset == Dataset.mnist:
                fail(error)
            typer.echo(
                f"MNIST is not available: {printable(_describe_failure(error))}.\n"
                "Using scikit-learn's 1,797 digits instead. For MNIST, run 'skmnist "
                "fetch' with a network connection, or set SKMNIST_DATA to a folder "
                "that holds it.",
                err=True,
            )
    return "scikit-learn's digits", *map(_load_digits, subsets)


def _describe_failure(error):
    """Return why MNIST could not be loaded, in a few words."""
    local = os.environ.get("SKMNIST_DATA")
    if local and isinstance(error, FileNotFoundError):
        return f"the folder '{local}', which SKMNIST_DATA names, does not hold it"
    reason, *mirrors = str(error).split("\n")
    hint = " (is there a network connection?)" if mirrors else ""
    return reason.rstrip(".:") + hint


def _load_digits(subset):
    from sklearn.model_selection import train_test_split

    from skmnist import load_digits28

    X, y = load_digits28(return_X_y=True)
    # Always the same split: a saved network must not be tested on its training images.
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=0
    )
    return (X_train, y_train) if subset == "train" else (X_test, y_test)


def mnist_folder(data_home=None):
    """Return where `fetch_mnist` reads its files.

    Parameters
    ----------
    data_home : path-like, default=None
        As given to `fetch_mnist`.

    Returns
    -------
    str
        The folder, with a note if it comes from SKMNIST_DATA.
    """
    from skmnist._data.cache import find_cache

    local = os.environ.get("SKMNIST_DATA")
    if local and data_home is None:
        return f"{Path(local).expanduser()} (SKMNIST_DATA)"
    return str(find_cache(data_home)[0])


def describe_missing_mnist():
    """Return where `fetch_mnist` found no files, and what to do.

    Returns
    -------
    str
        One line.
    """
    from skmnist._data.cache import describe_cache, find_cache, find_obstacle

    cache = find_cache()
    obstacle = find_obstacle(cache[0])
    if os.environ.get("SKMNIST_DATA") or obstacle is None:
        return f"none in {mnist_folder()}; see 'skmnist fetch'"
    return f"none. {describe_cache(*cache, obstacle)}"


def choose_parameters(context, recipe, given):
    """Return the parameters of a recipe, overridden by the options that were typed.

    Parameters
    ----------
    context : typer.Context
        Of the command; it knows which options were typed.
    recipe : str or None
        Name of the recipe.
    given : dict
        The values of the options, by name.

    Returns
    -------
    dict
        Parameters of MNISTClassifier.
    """
    from skmnist import RECIPES

    if recipe is None:
        return given
    if recipe not in RECIPES:
        raise typer.BadParameter(
            f"must be one of {', '.join(RECIPES)}, got {recipe!r}.",
            param_hint="'--recipe'",
        )
    typed = {
        name: value
        for name, value in given.items()
        if context.get_parameter_source(name).name != "DEFAULT"
    }
    return {"random_state": given["random_state"]} | RECIPES[recipe] | typed


def check_model(path):
    """Refuse a file that is no network, before anything heavy is imported.

    Parameters
    ----------
    path : Path
        The file, from the argument MODEL or the option --model.
    """
    # What cannot be looked into now, such as a FIFO, is refused when it is loaded.
    can_look = os.path.isfile(path) and os.access(path, os.R_OK)
    if can_look and not is_saved_classifier(path):
        raise typer.BadParameter(
            f"'{path}' is not a network saved by skmnist.", param_hint="'MODEL'"
        )


def load_model(path):
    """Read a classifier.

    Parameters
    ----------
    path : Path
        The file, from the argument MODEL or the option --model.

    Returns
    -------
    MNISTClassifier
        Fitted.
    """
    check_model(path)
    from skmnist import MNISTClassifier

    try:
        return MNISTClassifier.load(path)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="'MODEL'") from None


def predict_digits(classifier, X):
    """Return the digits that a classifier predicts, as int.

    Parameters
    ----------
    classifier : MNISTClassifier
        Its labels may also be strings, "0" to "9", as in OpenML's copy of MNIST.
    X : ndarray of shape (n_samples, n_features)
        Raw pixels.

    Returns
    -------
    ndarray of shape (n_samples,), int
        The digits.
    """
    try:
        classifier.classes_.astype(int)
    except ValueError:
        raise typer.BadParameter(
            f"its labels must be digits, got {classifier.classes_.tolist()!r:.200}.",
            param_hint="'MODEL'",
        ) from None
    try:
        return classifier.predict(X).astype(int)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="'MODEL'") from None
