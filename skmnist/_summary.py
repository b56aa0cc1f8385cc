"""The table of a network's layers, as text."""


def format_summary(network):
    """Format the layers of a network.

    Parameters
    ----------
    network : Architecture or keras.Model
        The network.

    Returns
    -------
    str
        A table.
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
    rows = [("Flatten", (None, architecture.n_features), 0)]
    width = architecture.n_features
    for layer in architecture.layers():
        name, count = _describe(layer, width)
        rows.append((name, (None, layer.width), count))
        width = layer.width
    return rows


def _describe(layer, n_inputs):
    if layer.kind == "dense":
        name = f"Dense ({layer.setting})" if layer.setting else "Dense"
        return name, (n_inputs + 1) * layer.width
    if layer.kind == "batch_norm":
        return "BatchNormalization", 4 * layer.width
    return f"{layer.kind.capitalize()} ({layer.setting})", 0


def _keras_rows(model):
    return [
        (type(layer).__name__, tuple(layer.output.shape), layer.count_params())
        for layer in model.layers
    ]
