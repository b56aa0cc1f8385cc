"""Summary: a table of a network's layers, as text."""

import math
import re
from html import escape

# Our kind of a layer -> Keras's name, where they differ by more than the capital.
_NAMES = {
    "image": "Reshape",
    "conv": "Conv2D",
    "pool": "MaxPooling2D",
    "batch_norm": "BatchNormalization",
}


class Summary(str):
    """A table as text; a prompt and a notebook show it as a table.

    Parameters
    ----------
    text : str
        A header, the rows and a total, with rules around the rows. At least two spaces
        lie between columns.
    """

    __slots__ = ()

    def __repr__(self):
        return str(self)

    def _repr_html_(self):
        header, _, *rows, _, total = self.splitlines()
        lines = [_as_html("th", header), *(_as_html("td", row) for row in rows)]
        return f"<table>{''.join(lines)}</table><p>{escape(total)}</p>"


def _as_html(tag, line):
    cells = re.split(" {2,}", line)
    style = ["left"] * (len(cells) - 1) + ["right"]
    return "<tr>{}</tr>".format(
        "".join(
            f'<{tag} style="text-align: {side}">{escape(cell)}</{tag}>'
            for cell, side in zip(cells, style, strict=True)
        )
    )


def format_summary(network, n_networks=1):
    """Format the layers of a network as a table.

    Parameters
    ----------
    network : Architecture or keras.Model
        The network.
    n_networks : int, default=1
        How many such networks make an ensemble.

    Returns
    -------
    Summary
        The table.
    """
    if hasattr(network, "layer_weights"):
        rows = _architecture_rows(network)
    else:
        rows = _keras_rows(network)
    header = ("Layer", "Output shape", "Parameters")
    table = [header, *((name, str(shape), f"{n:,}") for name, shape, n in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        f"{name:<{widths[0]}}  {shape:<{widths[1]}}  {count:>{widths[2]}}"
        for name, shape, count in table
    ]
    total = sum(n for _, _, n in rows)
    rule, text = "-" * len(lines[0]), f"{total:,} parameters"
    if n_networks > 1:
        text = f"{n_networks} networks of {text}"
    return Summary("\n".join([lines[0], rule, *lines[1:], rule, text]))


def _architecture_rows(architecture):
    pairs = architecture.layer_weights(architecture.weight_shapes())
    rows = [
        (_name(layer), (None, *layer.shape), sum(map(math.prod, shapes)))
        for layer, shapes in pairs
    ]
    if architecture.filters:
        return rows
    return [("Flatten", (None, architecture.n_features), 0), *rows]


def _name(layer):
    name = _NAMES.get(layer.kind, layer.kind.capitalize())
    return name if layer.setting is None else f"{name} ({layer.setting})"


def _keras_rows(model):
    return [
        (type(layer).__name__, tuple(layer.output.shape), layer.count_params())
        for layer in model.layers
    ]
