"""The command line: its commands, and those that have no file of their own."""

import logging
import sys
import warnings
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from skmnist._cli.demo import demo
from skmnist._cli.help import WIDEST, Command, as_heading
from skmnist._cli.inputs import (
    ReportOption,
    check_new_folder,
    describe_missing_mnist,
    fail,
    load_data,
    load_model,
    make_folder,
    mnist_folder,
)
from skmnist._cli.networks import ModelOption, choose_model
from skmnist._cli.options import Dataset, DatasetOption
from skmnist._cli.pictures import predict, read
from skmnist._cli.search import search
from skmnist._cli.streams import finish_streams, protect_streams
from skmnist._cli.training import train
from skmnist._data.printable import printable

# click's ClickException; typer has had its own copy since 0.26.
_CommandLineError = next(
    cls for cls in typer.BadParameter.__mro__ if cls.__name__ == "ClickException"
)

# The options whose value may be empty; no file or folder has an empty name, which Path
# would take for the current folder.
_MAY_BE_EMPTY = {"--hidden-layer-sizes"}

# Heavy libraries are imported inside the commands, so that --help is quick.


def _show_warning(message, *where):
    typer.echo(f"Warning: {printable(' '.join(str(message).split()))}", err=True)


class _Group(TyperGroup):
    """Commands that fail with one line on standard error."""

    def main(self, *args, standalone_mode=True, **options):
        """Run a command; print an error as one line."""
        if not standalone_mode:
            return super().main(*args, standalone_mode=False, **options)
        try:
            status = super().main(*args, standalone_mode=False, **options)
        except _CommandLineError as error:
            message = " ".join(error.format_message().split()).rstrip(".")
            # typer puts this before our message if pydantic parses the value.
            message = message.replace(": Value error, ", ": ")
            message += "" if message.endswith("?") else "."
            context = getattr(error, "ctx", None)
            hint = f" See '{context.command_path} --help'." if context else ""
            typer.echo(f"Error: {printable(message)}{hint}", err=True)
            status = error.exit_code
        sys.exit(status)

    def parse_args(self, ctx, args):
        """Parse the command line, once no argument is empty by mistake."""
        if not args:
            typer.echo(ctx.get_help())
            raise typer.Exit
        for before, word in zip(["", *args], args, strict=False):
            option, equals, value = word.partition("=")
            if not option.startswith("--") or not equals:
                option, value = before, word
            if value == "" and option not in _MAY_BE_EMPTY:
                raise typer.BadParameter("an argument must not be empty.", ctx)
        return super().parse_args(ctx, args)

    def invoke(self, ctx):
        """Run a command; print warnings as plain lines."""
        # What a library logs of a damaged file, our own message says in plain words.
        logging.getLogger().addHandler(logging.NullHandler())
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            try:
                return super().invoke(ctx)
            except KeyboardInterrupt:
                typer.echo("Interrupted.", err=True)
                raise typer.Exit(130) from None

    def format_options(self, ctx, formatter):
        """Write the commands, and then the options."""
        self.format_commands(ctx, formatter)
        records = [param.get_help_record(ctx) for param in self.get_params(ctx)]
        with formatter.section(as_heading("Options")):
            formatter.write_dl(records)

    def format_commands(self, ctx, formatter):
        """Write the name and the description of each command, in full."""
        commands = [self.get_command(ctx, name) for name in self.list_commands(ctx)]
        with formatter.section(as_heading("Commands")):
            formatter.write_dl([(command.name, command.help) for command in commands])

    format_epilog = Command.format_epilog


app = typer.Typer(
    name="skmnist",
    cls=_Group,
    add_completion=False,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": WIDEST,
    },
    # Help is plain text: see Command.
    rich_markup_mode=None,
    # Python's own traceback is best for a bug report.
    pretty_exceptions_enable=False,
)
_command = partial(app.command, cls=Command)

_ModelPath = Annotated[
    Path | None,
    typer.Argument(
        metavar="MODEL", exists=True, dir_okay=False, help="The same as --model."
    ),
]


def _print_version(value):
    if value:
        from skmnist import __version__

        typer.echo(f"skmnist {__version__}")
        raise typer.Exit


@app.callback(
    epilog="""
    skmnist read page.jpg
    skmnist predict three.png
    skmnist train --out digits.onnx --report report
    skmnist train --help
    """
)
def _skmnist(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
):
    """Recognise handwritten digits with scikit-learn and Keras."""


@_command(
    epilog="""
    skmnist fetch
    skmnist fetch --data-home ~/data
    """
)
def fetch(
    data_home: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            file_okay=False,
            help="Folder of the cache; by default scikit-learn's data folder.",
        ),
    ] = None,
):
    """Download MNIST (11 MB) if it is not there yet, and print where it is."""
    from skmnist._cli.console import busy, make_console

    console = make_console()
    try:
        with busy(console, "Fetching MNIST ..."):
            from skmnist import fetch_mnist

            mnist = fetch_mnist(data_home=data_home)
    except (OSError, ValueError) as error:
        fail(error)
    console.out(f"MNIST: {len(mnist.data):,} images in {mnist_folder(data_home)}")


_command(
    epilog="""
    skmnist train --out digits.onnx --report report
    skmnist train --recipe fast --validate
    skmnist train --hidden-layer-sizes 256x128
    skmnist train --dataset digits --epochs 20
    """
)(train)


@_command(
    epilog="""
    skmnist evaluate digits.onnx
    skmnist evaluate digits.onnx --report report
    """
)
def evaluate(
    path: _ModelPath = None,
    model: ModelOption = None,
    dataset: DatasetOption = Dataset.auto,
    report: ReportOption = None,
):
    """Show how well a saved network does on the test images."""
    from skmnist._cli.console import busy, make_console

    model = choose_model(path, model)
    if model is None:
        raise typer.BadParameter("a network must be given.", param_hint="'--model'")
    if report is not None:
        check_new_folder(report, "--report")
    console = make_console()
    with busy(console, "Loading the network ..."):
        classifier = load_model(model)
    if report is not None:
        make_folder(report, "--report")
    name, test = load_data(dataset, console, "test")
    from skmnist._cli.evaluation import show_test

    console.out(f"{printable(model)} on {name}: {len(test[0]):,} images")
    show_test(console, classifier, name, test, f"{model.name} on {name}", report)


_command(
    epilog="""
    skmnist predict three.png five.jpg
    skmnist predict photos/ --json
    skmnist predict --model digits.onnx three.png
    skmnist predict - < three.png
    """
)(predict)
_command(
    epilog="""
    skmnist read page.jpg
    skmnist read page.jpg --out marked.png
    skmnist read scans/ --csv > numbers.csv
    skmnist read --model digits.onnx page.jpg
    """
)(read)
_command(
    epilog="""
    skmnist search --param hidden_layer_sizes=64,128x64
    skmnist search --param learning_rate=1e-3,3e-3 \\
        --epochs 5 --jobs 2 --out best.onnx
    """
)(search)
_command(
    epilog="""
    skmnist demo
    skmnist demo --model digits.onnx
    """
)(demo)


@_command(
    epilog="""
    skmnist info
    skmnist info digits.onnx
    """
)
def info(
    path: _ModelPath = None,
    model: ModelOption = None,
):
    """Describe a saved network; without one, the installation."""
    from skmnist._cli.console import busy, make_console
    from skmnist._cli.tables import print_model

    model = choose_model(path, model)
    console = make_console()
    if model is not None:
        with busy(console, "Loading the network ..."):
            classifier = load_model(model)
        print_model(console, classifier)
        return
    with busy(console, "Looking at the installation ..."):
        from skmnist import fetch_mnist, show_versions

        try:
            fetch_mnist(download_if_missing=False)
            found = mnist_folder()
        except (OSError, ValueError):
            found = describe_missing_mnist()
    show_versions()
    typer.echo(f"\nMNIST: {found}")


def main():
    """Run the command line."""
    protect_streams()
    try:
        app(prog_name="skmnist")
    except SystemExit as end:
        sys.exit(finish_streams(end.code))
