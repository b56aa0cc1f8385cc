"""Model files that are damaged or forged, each made from a seed."""

import functools
import json

import numpy as np
import onnx

from tests.estimator.test_saving import (
    ODD_VALUES,
    mutate_bytes,
    mutate_value,
    seal,
    unpack,
)
from tests.network.test_onnx_graph import make_classifier

# Numbers at which something overflows, underflows or is no number.
EXTREMES = [0, 1e-45, 1e-38, 1e-20, 1e15, 1e30, 3e38, -3e38, np.nan, np.inf, -np.inf]

TEXTS = [
    *("0\n1", "\x1b[2J\x1b[H", "\r", "\x07", "\u202e", "\u2028", "\ud800", "\0"),
    *("$\\frac{", "<b>", "../x", "[red]", "%s", "{0}", "é٣", "x" * 10_000),
]

# Fields of a model, encoded, that take much more memory as objects.
_BOMBS = [b"\x2a\x00", b"\x0a\x00", b"\x5a\x00", b"\x08\x00", b"\x2a\x02\x08\x01"]

_NETWORKS = [
    {"hidden_layer_sizes": (3,)},
    {"hidden_layer_sizes": (4, 3), "batch_norm": True, "dropout": 0.5},
    {"network": "conv", "filters": (2,), "hidden_layer_sizes": ()},
]


def make_model_file(rng, folder):
    """Return the bytes of a damaged or forged model file."""
    content = _base_files(folder)[rng.integers(len(_NETWORKS))]
    kind = rng.integers(8)
    if kind == 0:  # damaged, and found out by its digest
        return mutate_bytes(content, rng)
    if kind == 1:
        return seal(mutate_bytes(content, rng))
    model, described = unpack(content)
    if kind == 2:
        _change_tensor(model, rng)
    elif kind == 3:
        _spread_extremes(model, described, rng)
    elif kind == 4:
        _change_texts(described, rng)
    elif kind == 5:
        return _add_bomb(model, described, rng)
    else:
        for _ in range(rng.integers(1, 4)):
            described = mutate_value(described, rng)
    return _pack(model, described)


@functools.cache
def _base_files(folder):
    """Return the bytes of a file of each network, for digits of 28 x 28 pixels."""
    path, contents = folder / "base.onnx", []
    for params in _NETWORKS:
        make_classifier(n_features=784, shape=(28, 28), **params).save(path)
        contents.append(path.read_bytes())
    return contents


def _pack(model, described, more=b""):
    """Return a file whose digest is correct."""
    model.metadata_props.add(key="skmnist", value=json.dumps(described))
    return seal(model.SerializeToString() + more)


def _change_tensor(model, rng):
    """Give a tensor, node or shape of the graph another value."""
    tensors = model.graph.initializer
    tensor = tensors[rng.integers(len(tensors))]
    match rng.integers(8):
        case 0:
            tensor.dims[:] = [int(n) for n in rng.choice([0, 1, 3, 2**31, 2**62], 3)]
        case 1:
            tensor.raw_data = mutate_bytes(tensor.raw_data or b"x", rng)
        case 2:
            tensor.data_type = int(rng.integers(30))
        case 3:
            tensor.name = str(rng.choice(["weight_0", "weight_99", "", "weight_x"]))
        case 4:
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value="/etc/passwd")
        case 5:
            tensors.append(tensor)
        case 6:
            del tensors[rng.integers(len(tensors))]
        case _:
            tensor.ClearField("raw_data")
            tensor.float_data.extend([1.0] * int(rng.integers(1, 100)))


def _spread_extremes(model, described, rng):
    """Set weights and numbers to extreme values."""
    for tensor in model.graph.initializer:
        if tensor.name.startswith("weight_") and rng.random() < 0.4:
            array = np.frombuffer(tensor.raw_data, "<f4").copy()
            array[rng.random(len(array)) < rng.choice([0.01, 1])] = rng.choice(EXTREMES)
            tensor.raw_data = array.tobytes()
    value = EXTREMES[rng.integers(len(EXTREMES))]
    match rng.integers(4):
        case 0:
            described["temperature"] = value
        case 1:
            described["scaler"][str(rng.choice([*described["scaler"]]))] = value
        case 2:
            described["history"]["loss"] = [value] * int(rng.integers(3))


def _change_texts(described, rng):
    """Put texts that must not be printed as they are wherever there are texts."""
    labels = [f"{rng.choice(TEXTS)}{i}" for i in range(10)]
    described["classes"], described["classes_dtype"] = sorted(labels), "|O"
    names = [TEXTS[i] for i in rng.integers(len(TEXTS), size=2)]
    described["history"] |= {name: [0.5, 0.25] for name in names}
    described["params"]["class_weight"] = [[label, 1.0] for label in labels]
    if rng.random() < 0.2:
        described["feature_names"] = [f"{names[0]}{i}" for i in range(784)]
    if rng.random() < 0.2:
        described["params"][names[0]] = ODD_VALUES[rng.integers(len(ODD_VALUES))]


def _add_bomb(model, described, rng):
    """Add megabytes that describe many megabytes."""
    size = int(rng.choice([10**4, 10**6, 4 * 10**6]))
    match rng.integers(4):
        case 0:
            part = _BOMBS[rng.integers(len(_BOMBS))]
            graph = part * (size // len(part))
            head = b"\x3a" + _varint(len(graph))
            content = _pack(model, described, head + graph)
        case 1:
            key = str(rng.choice(["hidden_layer_sizes", "filters", "class_weight"]))
            described["params"][key] = [3] * (size // 3)
            content = _pack(model, described)
        case 2:
            odd = [[], {}, "", 0, [[]]][rng.integers(5)]
            described[str(rng.choice([*described]))] = [odd] * (size // 4)
            content = _pack(model, described)
        case _:
            name = str(rng.choice(["augmentation", "activation", "optimizer", "new"]))
            odd = ["x" * size, {"x" * size: 1}][rng.integers(2)]
            described["params"][name] = odd
            content = _pack(model, described)
    return content


def _varint(number):
    encoded = b""
    while number > 127:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])
