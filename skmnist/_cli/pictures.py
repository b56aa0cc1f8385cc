"""skmnist predict and skmnist read: recognise the digits in pictures."""

import io
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from skmnist._cli.console import busy, make_console
from skmnist._cli.inputs import check_folder, fail, load_model
from skmnist._cli.networks import ModelOption, take_model
from skmnist._cli.options import number_option
from skmnist._cli.picture_files import list_pictures, open_picture
from skmnist._cli.picture_results import as_text, print_predictions, print_readings
from skmnist._data.printable import printable

# Pictures: the most that need no progress bar. They take a few seconds.
_FEW_PICTURES = 20

_MNIST_SHAPE = (28, 28)

_LOADING = "Loading the network ..."

_Arguments = Annotated[
    list[Path],
    typer.Argument(
        metavar="[MODEL] PICTURE...",
        show_default=False,
        help="Pictures, folders of pictures, or - for standard input. The first may "
        "be the network to use, as after --model; by default the one that comes with "
        "skmnist is used.",
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
    model, paths, faults = _take_pictures(arguments, model)
    console = make_console()
    if not paths:
        if json:
            console.out("[]")
        raise typer.Exit(2)
    with busy(console, _LOADING):
        from skmnist import load_pretrained

        classifier = load_pretrained() if model is None else load_model(model)
        load = _make_loader(classifier)
    labels = classifier.classes_.tolist()
    width = max(len(as_text(path)) for path in paths)
    with _show_progress(console, len(paths)) as advance:
        predictions = _predict_all(classifier, load, paths, faults, advance)
        print_predictions(console, predictions, labels, width, json)
    raise typer.Exit(2 if faults else 0)


def read(
    arguments: _Arguments,
    model: ModelOption = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            rich_help_panel="Output",
            help="Print JSON, with the position of each number and digit.",
        ),
    ] = False,
    csv: Annotated[
        bool,
        typer.Option(
            "--csv",
            rich_help_panel="Output",
            help="Print CSV, with a line for each number.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            rich_help_panel="Output",
            help="Save a copy of the picture with its digits marked, as PNG, PDF or "
            "another format of matplotlib. For a single picture only.",
        ),
    ] = None,
    min_probability: Annotated[
        float,
        number_option(
            float,
            'Print less probable digits as "?".',
            at_least=0,
            at_most=1,
            panel="Output",
        ),
    ] = 0.5,
):
    """Read all digits in each picture, row by row; of a TIFF, page by page."""
    if json and csv:
        raise typer.BadParameter("cannot be used with --json.", param_hint="'--csv'")
    model, paths, faults = _take_pictures(arguments, model)
    if out is not None:
        _check_out(out, paths)
    console = make_console()
    form = "json" if json else "csv" if csv else "text"
    readings = []
    if paths:
        with busy(console, _LOADING):
            classifier = None if model is None else load_model(model)
            reader = make_reader(classifier, min_probability)
        readings = _read_all(reader, paths, faults, out)
    print_readings(console, readings, form, name_all=len(paths) > 1)
    raise typer.Exit(2 if faults else 0)


def _take_pictures(arguments, model):
    """Return the network's file or None, the pictures, and the errors so far.

    The errors are printed: nothing slow has been imported yet.
    """
    model, arguments = take_model(arguments, model)
    paths, faults, notes = list_pictures(arguments)
    for fault in faults:
        _print_fault(fault)
    for note in notes:
        typer.echo(printable(note), err=True)
    return model, paths, faults


def _predict_all(classifier, load, paths, faults, advance):
    """Yield the path and the probabilities of each picture, once they are known.

    Errors are printed, and added to `faults`.
    """
    for path in paths:
        try:
            row = load(open_picture(path))
        except (OSError, ValueError) as error:
            faults.append(str(error))
            _print_fault(faults[-1])
        else:
            yield path, classifier.predict_proba(row[None])[0]
        advance()


def _read_all(reader, paths, faults, out):
    """Yield the path, the number from 1 and the reading of each page, once it is read.

    Errors are printed, and added to `faults`.
    """
    for path in paths:
        try:
            picture = open_picture(path)
            if out is None:
                pages = reader.read_pages(picture)
            else:
                pages = [reader.read(picture)]
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


def _make_loader(classifier):
    """Return a function that loads a picture as a row of pixels for a classifier."""
    shape = _find_shape(classifier)
    if shape != _MNIST_SHAPE:
        return lambda path: _load_unchanged(path, *shape)
    from skmnist import DigitNormalizer

    normalizer = DigitNormalizer()

    def load(path):
        stages = normalizer.explain(path)
        if stages.hint is not None:
            typer.echo(f"Warning: {printable(stages.hint)}", err=True)
        return stages.result.reshape(-1)

    return load


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
    check_folder(out.absolute().parent, "--out")
    fault = None
    if len(paths) > 1:
        fault = f"is for a single picture, got {len(paths)}."
    elif paths and out.resolve() == paths[0].resolve():
        fault = f"must not be the picture itself, got '{out}'."
    else:
        from matplotlib.backend_bases import FigureCanvasBase

        formats = FigureCanvasBase.get_supported_filetypes()
        if out.suffix[1:].lower() not in formats:
            fault = f"must end in one of .{', .'.join(sorted(formats))}, got '{out}'."
    if fault is not None:
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


@contextmanager
def _show_progress(console, n_pictures):
    """Yield a function that moves the progress bar, if there is one."""
    if n_pictures <= _FEW_PICTURES or not console.is_interactive:
        yield lambda: None
        return
    from skmnist._cli.progress_bar import StepTask, make_bar

    with make_bar(console, "Picture") as bar:
        yield StepTask(bar, n_pictures).step
