"""Networks in files: which one a command uses, and where it saves a new one."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from skmnist._cli.inputs import check_file, check_model, fail
from skmnist._estimator.signature import is_saved_classifier

_SUFFIX = ".onnx"

# Ends of the names of files that hold networks, also of other programs: they are never
# pictures.
_SUFFIXES = (_SUFFIX, ".h5", ".hdf5", ".keras")

ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="The network: a file that train or search wrote.",
    ),
]


def choose_model(argument, option):
    """Return the file of a network that is given as an argument or as an option.

    Parameters
    ----------
    argument, option : Path or None
        The argument MODEL and the option --model.

    Returns
    -------
    Path or None
        None if neither is given.
    """
    if argument is not None and option is not None:
        raise typer.BadParameter(
            f"the network is given twice: '{argument}' and '{option}'.",
            param_hint="'--model'",
        )
    return argument if option is None else option


def take_model(arguments, option):
    """Return the file of the network to use, and the arguments that are pictures.

    Parameters
    ----------
    arguments : list of Path
        Pictures, with or without the file of a network before them.
    option : Path or None
        The option --model.

    Returns
    -------
    model : Path or None
        None if none is given.
    pictures : list of Path
        The other arguments.
    """
    first, *others = arguments
    named = option is None and _is_network(first)
    pictures = others if named else arguments
    for path in pictures:
        # It would be taken for a picture, and the others be read by another network.
        if _is_network(path):
            choose_model(path, option)
            raise typer.BadParameter(
                f"the network '{path}' must come before the pictures.",
                param_hint="'PICTURE...'",
            )
    if not named:
        if option is not None:
            check_model(option)
        return option, pictures
    # Unlike Path.is_file, these do not raise if a name is too long.
    if not os.path.isfile(first):
        fault = "is a directory" if os.path.isdir(first) else "does not exist"
        raise typer.BadParameter(f"File '{first}' {fault}.", param_hint="'MODEL'")
    if not pictures:
        raise typer.BadParameter(
            "at least one must follow the model.", param_hint="'PICTURE...'"
        )
    check_model(first)
    return first, pictures


def _is_network(path):
    """Return whether a file is a network, by its name or its content."""
    return path.suffix.lower() in _SUFFIXES or is_saved_classifier(path)


def check_out(path):
    """Refuse a file that a network cannot be saved to: before it is trained.

    Parameters
    ----------
    path : Path
        The option --out.

    Returns
    -------
    bool
        Whether it will be a file: False for a FIFO or a device, which may have any
        name.
    """
    is_file = check_file(path, "--out")
    if is_file and path.suffix.lower() != _SUFFIX:
        raise typer.BadParameter(
            f"must end in {_SUFFIX}, because networks are saved as ONNX, got '{path}'.",
            param_hint="'--out'",
        )
    return is_file


def save_network(classifier, path, otherwise="the network is lost."):
    """Save a network, elsewhere if it cannot be saved to this file.

    Parameters
    ----------
    classifier : MNISTClassifier
        Fitted.
    path : Path
        The option --out.
    otherwise : str, default="the network is lost."
        What to say if no other place takes it, either.
    """
    try:
        classifier.save(path)
    except ValueError as error:
        fail(error)
    except OSError as error:
        fault = f"'{path}' cannot be written: {error.strerror or error}"
        kept = _save_elsewhere(classifier, path)
        if kept is None:
            fail(f"{fault}; {otherwise}")
        fail(f"{fault}; the network is kept in '{kept}'.")


def _save_elsewhere(classifier, path):
    """Save a network to a new folder of the first place that takes it."""
    for find_place in (tempfile.gettempdir, Path.cwd, Path.home):
        with suppress(OSError, RuntimeError):
            folder = Path(tempfile.mkdtemp(prefix="skmnist-", dir=find_place()))
            kept = (folder / path.name).with_suffix(_SUFFIX)
            try:
                classifier.save(kept)
            except OSError:
                folder.rmdir()
                raise
            return kept
    return None
