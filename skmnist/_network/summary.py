"""The text of `summary`: a table of a network's layers."""

import math

# Our kind of a layer -> Keras's name, where they differ by more than the capital.
_NAMES = {
    "image": "Reshape",
    "conv": "Conv2D",
    "pool": "MaxPooling2D",
    "batch_norm": "BatchNormalization",
}


def format_summary(network):
    """Format the layers of a network as a table.

    Parameters
    ----------
    network : Architecture or keras.Model
        The network.

    Returns
    -------
    str
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
    rule = "-" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:], rule, f"{total:,} parameters"])


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
