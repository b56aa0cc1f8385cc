"""One case: an input made from a seed, what is done with it, and how that ends."""

import sys
import traceback
import warnings

import numpy as np
from typer.testing import CliRunner

from skmnist import (
    DigitNormalizer,
    MNISTClassifier,
    NumberReader,
    PixelScaler,
    load_pretrained,
)
from skmnist._cli.app import app
from skmnist._data.printable import printable
from tests.fuzz.arrays import make_array, make_labels, make_weights
from tests.fuzz.model_files import make_model_file
from tests.fuzz.pictures import make_picture

KINDS = ("model", "picture", "array")

# Share of the cases of each kind.
_SHARES = (0.45, 0.35, 0.2)

# The errors that a user may get.
_CLEAR = (ValueError, TypeError, OSError)

_LONGEST = 2000  # characters of a message


def warm_up():
    """Compile the training kernel, which takes longer than a case may."""
    rows = np.eye(4)
    for dtype in ("u1", "f4"):
        MNISTClassifier((3,), epochs=1).fit(rows.astype(dtype), [0, 1, 0, 1])


def choose_kind(seed, index):
    """Return the kind of a case, and its source of randomness."""
    rng = np.random.default_rng([seed, index])
    return KINDS[rng.choice(len(KINDS), p=_SHARES)], rng


def run_case(seed, index, folder, verbose=False):
    """Run a case in an empty folder.

    Parameters
    ----------
    seed, index : int
        Determine the case.
    folder : Path
        An empty folder.
    verbose : bool, default=False
        Print what the case raised or printed, for the hunt of a fault.

    Returns
    -------
    str
        "result", "error" if a user would understand it, or what else happened.
    """
    kind, rng = choose_kind(seed, index)
    run = {"model": _run_model, "picture": _run_picture, "array": _run_array}[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return run(rng, folder, verbose) or "result"
        except Exception as error:
            if verbose:
                traceback.print_exc()
            if isinstance(error, _CLEAR):
                return _judge_message(str(error))
            return f"exception {type(error).__name__}"


def _run_model(rng, folder, verbose):
    path = folder / "model.onnx"
    path.write_bytes(make_model_file(rng, folder))
    (folder / "base.onnx").unlink(missing_ok=True)
    if rng.random() < 0.4:
        classifier = MNISTClassifier.load(path)
        rows = rng.integers(0, 256, (3, 784), dtype=np.uint8)
        return _judge_numbers(classifier.predict_proba(rows))
    if rng.random() < 0.5:
        return _run_command(verbose, "info", path)
    picture = folder / "picture.png"
    picture.write_bytes(make_picture(np.random.default_rng(0), folder)[1])
    command = str(rng.choice(["predict", "read"]))
    return _run_command(verbose, command, path, picture)


def _run_picture(rng, folder, verbose):
    name, content = make_picture(rng, folder)
    path = folder / name
    path.write_bytes(content)
    match rng.integers(4):
        case 0:
            DigitNormalizer().transform([path])
        case 1:
            NumberReader().read(path).text  # noqa: B018
        case 2:
            place = path if rng.random() < 0.5 else folder
            return _run_command(verbose, "predict", place)
        case _:
            options = ["--json"] if rng.random() < 0.3 else []
            return _run_command(verbose, "read", *options, path)


def _run_array(rng, folder, verbose):
    array = make_array(rng)
    match rng.integers(6):
        case 0:
            DigitNormalizer().transform([array])
        case 1:
            NumberReader().read(array).text  # noqa: B018
        case 2:
            return _judge_numbers(load_pretrained("dense").predict_proba(array))
        case 3:
            return _judge_numbers(PixelScaler().fit_transform(array))
        case _:
            return _fit(rng, array)


def _fit(rng, array):
    n = len(array) if np.ndim(array) else 1
    classifier = MNISTClassifier(
        (3,), epochs=2, random_state=0, batch_norm=bool(rng.integers(2))
    )
    weight = make_weights(rng, n)
    classifier.fit(array, make_labels(rng, n), sample_weight=weight)
    numbers = [*classifier.coefs_, *classifier.history_["loss"]]
    return _judge_numbers(*numbers, classifier.predict_proba(array))


def _run_command(verbose, *args):
    """Run a command of the command line, and judge its end and what it printed."""
    result = CliRunner().invoke(app, [*map(str, args)])
    if verbose:
        sys.stderr.write(f"{args}\n{result.output!r}\n")
        traceback.print_exception(result.exception)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        return f"exception {type(result.exception).__name__}"
    for line in (result.stdout + result.stderr).split("\n"):
        if printable(line) != line:
            return "unescaped output"
    if args[0] != "info" and "nan" in result.stdout.split():
        return "not finite"
    if result.exit_code == 0:
        return "result"
    lines = result.stderr.splitlines()
    starts = "Error: ", "Warning: ", "No digits"
    known = all(line.startswith(starts) for line in lines)
    return _judge_message(result.stderr) if lines and known else "unclear error"


def _judge_message(text):
    return "error" if text and len(text) < _LONGEST else "unclear error"


def _judge_numbers(*arrays):
    for array in arrays:
        array = array.toarray() if hasattr(array, "toarray") else np.asarray(array)
        if not np.isfinite(array).all():
            return "not finite"
    return "result"
