"""skmnist train: a new network, its training and its test."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from skmnist._cli.console import busy, make_console
from skmnist._cli.inputs import (
    ReportOption,
    check_new_folder,
    choose_parameters,
    load_data,
    make_classifier,
    make_folder,
)
from skmnist._cli.networks import check_out
from skmnist._cli.options import Dataset, DatasetOption, number_option, parse_widths

_NETWORK, _TRAINING, _OUTPUT = "Network", "Training", "Output"


def train(
    context: typer.Context,
    recipe: Annotated[
        Literal[
            *("notebook", "fast", "balanced", "dense"),
            *("quick", "conv", "ensemble", "robust"),
        ]
        | None,
        typer.Option(
            metavar="RECIPE",
            rich_help_panel=_NETWORK,
            help="Start from notebook, fast, balanced, dense, quick, conv, ensemble or "
            "robust; other options override its parameters.",
        ),
    ] = None,
    network: Annotated[
        Literal["dense", "conv"],
        typer.Option(
            rich_help_panel=_NETWORK, help="Fully connected, or convolutional."
        ),
    ] = "dense",
    hidden_layer_sizes: Annotated[
        str,
        typer.Option(
            metavar="N[xN...]",
            rich_help_panel=_NETWORK,
            help="Widths of the hidden layers, such as 128x64; none for no layer.",
        ),
    ] = "128",
    dropout: Annotated[
        float,
        number_option(
            float, "Share of the hidden units dropped in each step.", panel=_NETWORK
        ),
    ] = 0.0,
    batch_norm: Annotated[
        bool,
        typer.Option(
            "--batch-norm", rich_help_panel=_NETWORK, help="Use batch normalisation."
        ),
    ] = False,
    epochs: Annotated[
        int, number_option(int, "Passes over the training images.", panel=_TRAINING)
    ] = 50,
    batch_size: Annotated[
        int, number_option(int, "Images per training step.", panel=_TRAINING)
    ] = 32,
    optimizer: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            rich_help_panel=_TRAINING,
            help="adam, sgd, rmsprop or another of Keras's optimizers.",
        ),
    ] = "adam",
    learning_rate: Annotated[
        float,
        number_option(float, "Learning rate of the optimizer.", panel=_TRAINING),
    ] = 0.001,
    learning_rate_schedule: Annotated[
        Literal["constant", "cosine", "onecycle"],
        typer.Option(
            rich_help_panel=_TRAINING,
            help="Keep the rate constant, let it fall, or let it rise and fall.",
        ),
    ] = "constant",
    augmentation: Annotated[
        Literal["affine", "elastic", "robust"] | None,
        typer.Option(
            rich_help_panel=_TRAINING,
            help="Augment the images in each epoch: shift, turn and scale them; "
            "elastic also bends them; robust also adds backgrounds and noise.",
        ),
    ] = None,
    label_smoothing: Annotated[
        float,
        number_option(
            float,
            "Share of each label that is spread over all classes.",
            panel=_TRAINING,
        ),
    ] = 0.0,
    alpha: Annotated[float, number_option(float, "L2 penalty.", panel=_TRAINING)] = 0.0,
    early_stopping: Annotated[
        bool,
        typer.Option(
            "--early-stopping",
            rich_help_panel=_TRAINING,
            help="Hold out a tenth of the training images, stop when the accuracy on "
            "them no longer improves, and keep the weights of the best epoch.",
        ),
    ] = False,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            rich_help_panel=_TRAINING,
            help="Hold out a tenth of the training images and calibrate the "
            "probabilities on them.",
        ),
    ] = False,
    random_state: Annotated[
        int | None,
        number_option(
            int,
            "Seed: the same seed gives the same network.",
            "--seed",
            "--random-state",
            panel=_TRAINING,
        ),
    ] = None,
    dataset: DatasetOption = Dataset.auto,
    validate: Annotated[
        bool,
        typer.Option(
            "--validate",
            rich_help_panel="Data",
            help="Hold out a tenth of the training images and show the loss and the "
            "accuracy on them after each epoch.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="MODEL",
            dir_okay=False,
            rich_help_panel=_OUTPUT,
            help="Save the network to this file, as ONNX; its name ends in .onnx.",
        ),
    ] = None,
    report: ReportOption = None,
):
    """Train a network and show how well it does on the test images."""
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
    # Better now than after an hour of training.
    if out is not None:
        check_out(out)
    if report is not None:
        check_new_folder(report, "--report")
    console = make_console()
    with busy(console, "Loading scikit-learn ..."):
        parameters = choose_parameters(context, recipe, options)
        classifier = make_classifier(**parameters)
        from skmnist._cli.kernel_preparation import KernelPreparation

    if report is not None:
        make_folder(report, "--report")
    preparation = KernelPreparation()
    data = load_data(dataset, console, "train", "test")
    preparation.wait(console)
    _train_and_test(console, classifier, *data, validate, out, report)


def _train_and_test(console, classifier, name, train, test, validate, out, report):
    """Train on one part of a data set, test on the other, and exit."""
    from sklearn.model_selection import train_test_split

    from skmnist._cli.evaluation import show_test
    from skmnist._cli.fitting import fit

    (X, y), held_out = train, {}
    console.out(f"Training on {name}: {len(X):,} images")
    if validate:
        X, held_out["X_val"], y, held_out["y_val"] = train_test_split(
            X, y, test_size=0.1, stratify=y, random_state=classifier.random_state
        )
    training = fit(console, classifier, X, y, held_out, out)
    title = f"{'A new network' if out is None else out.name} on {name}"
    show_test(console, classifier, name, test, title, report, training)
    raise typer.Exit(130 if training.interrupted else 0)
