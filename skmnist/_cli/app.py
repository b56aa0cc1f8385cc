"""The command line: skmnist fetch, train, evaluate, predict, read, search, info."""

import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from skmnist._cli.inputs import (
    Dataset,
    DatasetOption,
    choose_parameters,
    describe_missing_mnist,
    fail,
    load_data,
    load_model,
    make_classifier,
    make_folder,
    mnist_folder,
    parse_widths,
)
from skmnist._cli.networks import ModelOption, check_out, choose_model
from skmnist._cli.pictures import predict, read
from skmnist._cli.search import search
from skmnist._cli.streams import finish_streams, protect_streams
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
        for before, word in zip(["", *args], args, strict=False):
            option, equals, value = word.partition("=")
            if not option.startswith("--") or not equals:
                option, value = before, word
            if value == "" and option not in _MAY_BE_EMPTY:
                raise typer.BadParameter("an argument must not be empty.", ctx)
        return super().parse_args(ctx, args)

    def invoke(self, ctx):
        """Run a command; print warnings as plain lines."""
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            try:
                return super().invoke(ctx)
            except KeyboardInterrupt:
                typer.echo("Interrupted.", err=True)
                raise typer.Exit(130) from None


app = typer.Typer(
    name="skmnist",
    cls=_Group,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    # Python's own traceback is best for a bug report.
    pretty_exceptions_enable=False,
)

_ReportOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", file_okay=False, help="Write a report to this folder."),
]
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


@app.callback()
def _skmnist(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
):
    """Recognise handwritten digits with scikit-learn and Keras."""


@app.command()
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
    from skmnist import fetch_mnist
    from skmnist._cli.console import busy, make_console

    console = make_console()
    try:
        with busy(console, "Fetching MNIST ..."):
            mnist = fetch_mnist(data_home=data_home)
    except (OSError, ValueError) as error:
        fail(error)
    console.out(f"MNIST: {len(mnist.data):,} images in {mnist_folder(data_home)}")


@app.command()
def train(
    context: typer.Context,
    recipe: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Start from a recipe: notebook, fast, balanced, dense or conv. Other "
            "options override its parameters.",
        ),
    ] = None,
    network: Annotated[
        str, typer.Option(help="dense, or conv for a convolutional network.")
    ] = "dense",
    hidden_layer_sizes: Annotated[
        str, typer.Option(help="Widths of the hidden layers, separated by commas.")
    ] = "128",
    epochs: Annotated[int, typer.Option(help="Passes over the training images.")] = 50,
    batch_size: Annotated[int, typer.Option(help="Images per training step.")] = 32,
    learning_rate: Annotated[
        float, typer.Option(help="Learning rate of the optimizer.")
    ] = 0.001,
    learning_rate_schedule: Annotated[
        str, typer.Option(help="constant, cosine or onecycle.")
    ] = "constant",
    augmentation: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Augment the images in each epoch: affine or elastic.",
        ),
    ] = None,
    label_smoothing: Annotated[
        float,
        typer.Option(help="Share of each label that is spread over all classes."),
    ] = 0.0,
    dropout: Annotated[
        float, typer.Option(help="Share of the hidden units dropped in each step.")
    ] = 0.0,
    batch_norm: Annotated[
        bool, typer.Option("--batch-norm", help="Use batch normalisation.")
    ] = False,
    optimizer: Annotated[str, typer.Option(help="A Keras optimizer.")] = "adam",
    alpha: Annotated[float, typer.Option(help="L2 penalty.")] = 0.0,
    early_stopping: Annotated[
        bool,
        typer.Option(
            "--early-stopping",
            help="Hold out a tenth of the training images, stop when the accuracy on "
            "them no longer improves, and keep the weights of the best epoch.",
        ),
    ] = False,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            help="Hold out a tenth of the training images and calibrate the "
            "probabilities on them.",
        ),
    ] = False,
    random_state: Annotated[
        int | None, typer.Option(help="Seed: the same seed gives the same network.")
    ] = None,
    dataset: DatasetOption = Dataset.auto,
    validate: Annotated[
        bool,
        typer.Option(
            "--validate",
            help="Hold out a tenth of the training images and show the loss and the "
            "accuracy on them after each epoch.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="MODEL", dir_okay=False, help="Save the network, as ONNX."
        ),
    ] = None,
    report: _ReportOption = None,
):
    """Train a network and show how well it does on the test images."""
    from skmnist._cli.console import busy, make_console

    console = make_console()
    with busy(console, "Loading scikit-learn ..."):
        from sklearn.model_selection import train_test_split

        from skmnist._cli.evaluation import show_test
        from skmnist._cli.training import KernelPreparation, fit

    options = {
        "network": network,
        "hidden_layer_sizes": parse_widths(hidden_layer_sizes),
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "learning_rate_schedule": learning_rate_schedule,
        "augmentation": augmentation,
        "label_smoothing": label_smoothing,
        "dropout": dropout,
        "batch_norm": batch_norm,
        "optimizer": optimizer,
        "alpha": alpha,
        "early_stopping": early_stopping,
        "calibrate": calibrate,
        "random_state": random_state,
    }
    classifier = make_classifier(**choose_parameters(context, recipe, options))
    # Better now than after an hour of training.
    if out is not None:
        check_out(out)
    if report is not None:
        make_folder(report, "--report")
    preparation = KernelPreparation()
    name, (X, y), (X_test, y_test) = load_data(dataset, console, "train", "test")
    console.out(f"Training on {name}: {len(X):,} images")
    held_out = {}
    if validate:
        X, held_out["X_val"], y, held_out["y_val"] = train_test_split(
            X, y, test_size=0.1, stratify=y, random_state=random_state
        )
    preparation.wait(console)
    training = fit(console, classifier, X, y, held_out, out)
    title = f"{'A new network' if out is None else out.name} on {name}"
    show_test(console, classifier, X_test, y_test, title, report, training)
    raise typer.Exit(130 if training.interrupted else 0)


@app.command()
def evaluate(
    path: _ModelPath = None,
    model: ModelOption = None,
    dataset: DatasetOption = Dataset.auto,
    report: _ReportOption = None,
):
    """Show how well a saved network does on the test images."""
    from skmnist._cli.console import make_console
    from skmnist._cli.evaluation import show_test

    model = choose_model(path, model)
    if model is None:
        raise typer.BadParameter("a network must be given.", param_hint="'--model'")
    classifier = load_model(model)
    if report is not None:
        make_folder(report, "--report")
    console = make_console()
    name, (X_test, y_test) = load_data(dataset, console, "test")
    console.out(f"{printable(model)} on {name}: {len(X_test):,} images")
    show_test(console, classifier, X_test, y_test, f"{model.name} on {name}", report)


app.command()(predict)
app.command()(read)
app.command()(search)


@app.command()
def info(
    path: _ModelPath = None,
    model: ModelOption = None,
):
    """Describe a saved network; without one, the installation."""
    from skmnist import fetch_mnist, show_versions
    from skmnist._cli.console import make_console, print_model

    model = choose_model(path, model)
    if model is not None:
        print_model(make_console(), load_model(model))
        return
    show_versions()
    try:
        fetch_mnist(download_if_missing=False)
        found = mnist_folder()
    except (OSError, ValueError):
        found = describe_missing_mnist()
    typer.echo(f"\nMNIST: {found}")


def main():
    """Run the command line."""
    protect_streams()
    try:
        app(prog_name="skmnist")
    except SystemExit as end:
        sys.exit(finish_streams(end.code))
