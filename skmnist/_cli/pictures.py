"""skmnist predict and skmnist read: recognise the digits in pictures."""

import io
import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from skmnist._cli.inputs import check_folder, fail
from skmnist._cli.networks import ModelOption, take_model
from skmnist._data.printable import printable

# Pictures: the most that need no progress bar. They take a few seconds.
_FEW_PICTURES = 20

_MNIST_SHAPE = (28, 28)

_Arguments = Annotated[
    list[Path],
    typer.Argument(
        metavar="[MODEL] PICTURE...",
        show_default=False,
        help="Pictures, or folders of pictures. To use a network of your own, put the "
        "file that train wrote before them, or use --model; by default the pretrained "
        "network that comes with skmnist is used.",
    ),
]


def predict(
    arguments: _Arguments,
    model: ModelOption = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON, with all probabilities.")
    ] = False,
):
    """Recognise the digit in each picture: a photo, scan or drawing of any size."""
    from skmnist import load_pretrained
    from skmnist._cli.console import make_console, print_predictions

    classifier, arguments = take_model(arguments, model)
    classifier = load_pretrained() if classifier is None else classifier
    paths, faults = _list_pictures(arguments)
    console = make_console()
    rows = _process_all(console, _make_loader(classifier), paths, faults)
    if rows or json:
        print_predictions(console, classifier, rows, json)
    raise typer.Exit(2 if faults else 0)


def read(
    arguments: _Arguments,
    model: ModelOption = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print JSON, with the position of each number and digit."
        ),
    ] = False,
    csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV, with a line for each number.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Save a copy of the picture with its digits marked, as PNG, PDF or "
            "another format of matplotlib. For a single picture only.",
        ),
    ] = None,
    min_probability: Annotated[
        float,
        typer.Option(min=0, max=1, help='Print less probable digits as "?".'),
    ] = 0.5,
):
    """Read all digits in each picture, row by row; of a TIFF, page by page."""
    from skmnist._cli.console import make_console, print_readings

    if json and csv:
        raise typer.BadParameter("cannot be used with --json.", param_hint="'--csv'")
    classifier, arguments = take_model(arguments, model)
    reader = make_reader(classifier, min_probability)
    paths, faults = _list_pictures(arguments)
    for fault in faults:
        _print_fault(fault)
    if out is not None:
        _check_out(out, paths)
    readings = _read_all(reader, paths, faults, out)
    form = "json" if json else "csv" if csv else "text"
    print_readings(make_console(), readings, form, name_all=len(paths) > 1)
    raise typer.Exit(2 if faults else 0)


def _read_all(reader, paths, faults, out):
    """Yield the path, the number from 1 and the reading of each page, once it is read.

    Errors are printed, and added to `faults`.
    """
    for path in paths:
        try:
            pages = reader.read_pages(path) if out is None else [reader.read(path)]
            for page, reading in enumerate(pages, start=1):
                if out is not None:
                    _draw(out, reading)
                if not reading.text:
                    where = f"'{printable(path)}'"
                    where = where if page == 1 else f"page {page} of {where}"
                    typer.echo(f"No digits found in {where}.", err=True)
                yield path, page, reading
        except (OSError, ValueError) as error:
            faults.append(str(error))
            _print_fault(faults[-1])


def _print_fault(fault):
    typer.echo(f"Error: {printable(' '.join(fault.splitlines()))}", err=True)


def _find_shape(classifier):
    """Return the height and the width of the images a classifier was trained on."""
    side = round(classifier.n_features_in_**0.5)
    return classifier.image_shape_ or (side, side)


def _list_pictures(arguments):
    """Return the files that the arguments name, and messages for empty folders."""
    paths, faults = [], []
    for path in arguments:
        try:
            found = _search_folder(path) if os.path.isdir(path) else [path]
        except OSError as error:
            faults.append(f"the folder '{path}' cannot be read: {error.strerror}.")
            continue
        paths += found
        if not found:
            faults.append(f"the folder '{path}' holds no pictures.")
    return paths, faults


def _search_folder(folder):
    """Return the pictures in a folder in natural order, without hidden files."""
    from PIL import Image

    # Photos of phones that Pillow cannot read are named, not passed over.
    suffixes = {".heic", ".heif"} | {
        suffix
        for suffix, name in Image.registered_extensions().items()
        if name in Image.OPEN
    }
    pictures = (
        path
        for path in folder.iterdir()
        if path.suffix.lower() in suffixes
        and not path.name.startswith(".")
        and path.is_file()
    )
    return sorted(pictures, key=_find_order)


def _find_order(path):
    """Return a key that sorts page2 before page10."""
    parts = re.split(r"([0-9]+)", path.name)
    # Not as int, which refuses thousands of digits.
    parts[1::2] = [
        (len(number), number) for part in parts[1::2] for number in [part.lstrip("0")]
    ]
    return parts, path.name


def _make_loader(classifier):
    """Return a function that loads a picture as a row of pixels for a classifier."""
    shape = _find_shape(classifier)
    if shape != _MNIST_SHAPE:
        return lambda path: _load_unchanged(path, *shape)
    from skmnist import DigitNormalizer

    normalizer = DigitNormalizer()
    return lambda path: normalizer.explain(path).result.reshape(-1)


def _load_unchanged(path, height, width):
    """Return the grey levels of a picture that must have this size."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as picture:
            if picture.size == (width, height):
                return np.asarray(picture.convert("L")).reshape(-1)
            size = picture.size
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"'{path}' cannot be read as a picture: {error}") from None
    raise ValueError(
        f"'{path}' must have {width}x{height} pixels, got {size[0]}x{size[1]}."
    )


def make_reader(classifier, min_probability=0.5):
    """Return a reader, once its classifier is known to be one for MNIST's form.

    Parameters
    ----------
    classifier : MNISTClassifier or None
        Fitted. None uses the networks that come with the package.
    min_probability : float, default=0.5
        As for NumberReader.

    Returns
    -------
    NumberReader
        With this classifier.
    """
    from skmnist import NumberReader

    # The detector and the pretrained network decide together.
    if classifier is None:
        return NumberReader(min_probability=min_probability)
    height, width = _find_shape(classifier)
    if (height, width) != _MNIST_SHAPE:
        raise typer.BadParameter(
            f"must be trained on images of 28x28 pixels, got {width}x{height}.",
            param_hint="'MODEL'",
        )
    return NumberReader(classifier, min_probability=min_probability)


def _check_out(out, paths):
    """Refuse a file that the marked picture cannot be written to."""
    from matplotlib.backend_bases import FigureCanvasBase

    formats = FigureCanvasBase.get_supported_filetypes()
    check_folder(out.absolute().parent, "--out")
    if out.suffix[1:].lower() not in formats:
        fault = f"must end in one of .{', .'.join(sorted(formats))}, got '{out}'."
    elif len(paths) > 1:
        fault = f"is for a single picture, got {len(paths)}."
    elif paths and out.resolve() == paths[0].resolve():
        fault = f"must not be the picture itself, got '{out}'."
    else:
        return
    raise typer.BadParameter(fault, param_hint="'--out'")


def _draw(path, reading):
    """Write a picture with the digits found in it marked."""
    from matplotlib.figure import Figure

    from skmnist._data.files import replace_file

    sides = [9 * side / max(reading.size) for side in reversed(reading.size)]
    # Not pyplot's: it would need a screen.
    figure = Figure(figsize=[max(2, side) for side in sides], layout="constrained")
    reading.plot(figure.subplots())
    content = io.BytesIO()
    try:
        figure.savefig(content, format=path.suffix[1:].lower(), dpi=200)
        replace_file(path, content.getvalue())
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: no LaTeX
        fail(f"'{path}' cannot be written: {' '.join(str(error).splitlines())}")
    typer.echo(f"Saved {printable(path)}", err=True)


def _process_all(console, function, paths, faults):
    """Call a function with each picture; return pairs of a path and its result.

    Errors are added to `faults`, which are printed when all pictures are done.
    """
    results = []
    with _show_progress(console, len(paths)) as advance:
        for path in paths:
            try:
                results.append((path, function(path)))
            except (OSError, ValueError) as error:
                faults.append(str(error))
            advance()
    for fault in faults:
        _print_fault(fault)
    return results


@contextmanager
def _show_progress(console, n_pictures):
    """Yield a function that moves the progress bar, if there is one."""
    if n_pictures <= _FEW_PICTURES or not console.is_interactive:
        yield lambda: None
        return
    from skmnist._cli.progress_bar import make_bar

    with make_bar(console, "Picture") as bar:
        task = bar.add_task("", total=n_pictures, figures="")
        yield lambda: bar.advance(task)
