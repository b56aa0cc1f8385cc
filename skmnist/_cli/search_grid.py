"""The grid of `skmnist search`: parsing, checking and printing its values."""

import re

import typer

from skmnist._cli.options import parse_widths
from skmnist._data.suggestions import suggest

_CONSTANTS = {"none": None, "true": True, "false": False}

# Between values, not between the widths in (128, 64).
_COMMA = re.compile(r",(?![^()]*\))")

# Parameters that do not change what is learned.
_NOT_SEARCHED = {"callbacks", "verbose", "warm_start"}


def parse_grid(texts):
    """Return the values of each parameter, after checking them.

    Parameters
    ----------
    texts : list of str
        In the form NAME=V1,V2,...

    Returns
    -------
    dict of str to list
        As for scikit-learn's ParameterGrid.
    """
    grid = {}
    for text in texts:
        name, _, values = map(str.strip, text.partition("="))
        _check_name(name)
        if name in grid:
            _refuse(f"`{name}` is given twice; join its values by commas.")
        grid[name] = []
        for word in _COMMA.split(values):
            value = _parse_value(name, word.strip())
            if value in grid[name]:
                _refuse(f"the values of `{name}` must differ, got {word!r} twice.")
            check_params({name: value})
            grid[name].append(value)
    return grid


def check_params(params, option="--param"):
    """Refuse parameters of MNISTClassifier that break a rule.

    Parameters
    ----------
    params : dict
        Some of them.
    option : str, default="--param"
        The option that sets them.
    """
    from skmnist import MNISTClassifier
    from skmnist._estimator.parameters import check_parameters

    try:
        check_parameters(MNISTClassifier(**params))
    except (TypeError, ValueError) as error:
        _refuse(str(error), option)


def format_params(params):
    """Return parameters as one would type them.

    Parameters
    ----------
    params : dict
        Names and values.

    Returns
    -------
    str
        NAME=VALUE, separated by spaces.
    """
    return " ".join(f"{name}={format_value(value)}" for name, value in params.items())


def format_value(value):
    """Return the value of a parameter as one would type it.

    Parameters
    ----------
    value : object
        A value that `parse_grid` returned.

    Returns
    -------
    str
        A word that `parse_grid` reads as this value.
    """
    if isinstance(value, tuple):
        return "x".join(map(str, value)) or "none"
    return str(value)


def _check_name(name):
    from skmnist import MNISTClassifier

    names = sorted(MNISTClassifier().get_params().keys() - _NOT_SEARCHED)
    if name in names:
        return
    advice = suggest(name, names) or f" Choose from {', '.join(names)}."
    _refuse(f"no parameter to search over is called {name!r}.{advice}")


def _parse_value(name, word):
    """Return the value that a word stands for: a constant, a number or a name."""
    if not word:
        _refuse(f"`{name}` must be followed by = and values separated by commas.")
    if name == "hidden_layer_sizes":
        return parse_widths(word, "--param")
    if word.lower() in _CONSTANTS:
        return _CONSTANTS[word.lower()]
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            pass
    return word


def _refuse(fault, option="--param"):
    raise typer.BadParameter(fault, param_hint=f"'{option}'") from None
