"""Options and values that several commands share, parsed without heavy imports."""

import re
from enum import StrEnum
from typing import Annotated

import typer


class Dataset(StrEnum):
    """The data sets to choose from."""

    auto = "auto"
    mnist = "mnist"
    digits = "digits"


DatasetOption = Annotated[
    Dataset,
    typer.Option(
        rich_help_panel="Data",
        help="mnist; digits, the 1,797 that come with scikit-learn, a quarter of them "
        "for the test; or auto: mnist if available, otherwise digits.",
    ),
]


def number_option(kind, help_text, *names, at_least=None, at_most=None, panel=None):
    """Return an option whose value is a number.

    Parameters
    ----------
    kind : {int, float}
        Type of the number.
    help_text : str
        What the option does.
    *names : str
        As typed, if they do not follow from the name of the parameter.
    at_least, at_most : number, default=None
        Bounds. None for no bound.
    panel : str, default=None
        The group in the help.

    Returns
    -------
    typer.models.OptionInfo
        To annotate a parameter with.
    """

    def parse(text):
        try:
            number = kind(text)
        except ValueError:
            rule = "a whole number" if kind is int else "a number"
            raise typer.BadParameter(f"must be {rule}, got {text!r}.") from None
        if at_least is not None and not number >= at_least:
            raise typer.BadParameter(f"must be at least {at_least}, got {text}.")
        if at_most is not None and not number <= at_most:
            raise typer.BadParameter(f"must be at most {at_most}, got {text}.")
        return number

    return typer.Option(
        *names,
        parser=parse,
        metavar="N" if kind is int else "X",
        help=help_text,
        rich_help_panel=panel,
    )


def parse_widths(text, option="--hidden-layer-sizes"):
    """Return the widths of the hidden layers.

    Parameters
    ----------
    text : str
        Such as "128x64", "128,64" or, as Python writes it, "(128, 64)". Empty or "none"
        for no hidden layer.
    option : str, default="--hidden-layer-sizes"
        The option that it comes from.

    Returns
    -------
    tuple of int
        As for `hidden_layer_sizes`.
    """
    inner = re.fullmatch(r"\((.*)\)|(.*)", text.strip(), re.DOTALL)
    words = (inner[1] if inner[2] is None else inner[2]).strip().removesuffix(",")
    if words.lower() in ("", "none"):
        return ()
    try:
        return tuple(int(width) for width in re.split("[x,]", words))
    except ValueError:
        raise typer.BadParameter(
            "`hidden_layer_sizes` must be whole numbers joined by x, such as 128x64, "
            f"or none, got {text!r}.",
            param_hint=f"'{option}'",
        ) from None
