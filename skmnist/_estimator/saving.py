"""The saved file: one ONNX model whose metadata hold the rest of a classifier.

The ONNX model is followed by one more metadata entry, the SHA-256 of all bytes before
it. Protocol buffers may be concatenated, so any ONNX runtime reads both as one model.
"""

import hashlib
import json

import numpy as np

from skmnist._data.files import read_file, replace_file
from skmnist._estimator.json_values import restore_number
from skmnist._estimator.metadata import describe, restore
from skmnist._estimator.signature import is_ours
from skmnist._network.onnx_graph import build_portable_graph, metadata_entry
from skmnist._network.onnx_reader import read_portable_graph

# Bytes: the largest file, which leaves room for 67 million weights, and the largest
# metadata in it. The default network takes 0.4 million, its metadata a few thousand.
_LARGEST_FILE, _LARGEST_TEXT = 2**28, 2**23

# Values in the metadata: room for four metrics in each of 100,000 epochs. A forged list
# of empty dicts takes 24 times its size in memory.
_MOST_VALUES = 2**19

_INPUT_DTYPES = ("uint8", "float32")

_METADATA_KEY = "skmnist"
_DIGEST_KEY = "skmnist_sha256"
_DIGEST_LENGTH = 64  # hexadecimal digits


def save_classifier(estimator, path, input_dtype=None):
    """Write a fitted classifier to a file, atomically.

    Parameters
    ----------
    estimator : MNISTClassifier
        A fitted classifier.
    path : str or path-like
        The file. An existing one is replaced when the new one is complete.
    input_dtype : {None, "uint8", "float32"}, default=None
        Type of the pixels that the graph takes. None is that of the training data.

    Raises
    ------
    ValueError
        If the network is a callable, if `input_dtype` is none of these, or if the file
        could not be loaded again, for example because a weight is NaN or the file is
        too large.
    OSError
        If the file cannot be written.
    """
    state = estimator._state
    network = estimator.network if state.custom is None else state.custom[0]
    if callable(network):
        name = getattr(network, "__name__", repr(network))
        raise ValueError(
            "`network` must be 'dense' or 'conv' to be saved as ONNX, got the function "
            f"{name}. Save the Keras model instead: "
            "classifier.model_.save('model.keras')."
        )
    model = build_portable_graph(
        state.architecture,
        state.all_weights(),
        state.scaler.scale_,
        state.temperature,
        _portable_classes(estimator.classes_),
        _choose_input_dtype(input_dtype, state.meta["pixel_dtype_"]),
    )
    text = json.dumps(describe(estimator), allow_nan=False)
    model.metadata_props.add(key=_METADATA_KEY, value=text)
    content = model.SerializeToString()
    _decode(type(estimator), content, "The classifier cannot be saved")
    replace_file(path, content + _digest_entry(content))


def load_classifier(cls, path):
    """Read a classifier from a file that `save_classifier` wrote.

    Only numbers and names are read; no code is run and no other file is opened.

    Parameters
    ----------
    cls : type
        MNISTClassifier.
    path : str or path-like
        The file.

    Returns
    -------
    MNISTClassifier
        The fitted classifier.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If the file was not saved by skmnist, is too large, truncated or altered, or
        has a newer format.
    """
    name = repr(str(path))
    return _decode(cls, _read_content(path, name), f"{name} cannot be loaded")


def _choose_input_dtype(name, trained):
    """Return the dtype that the graph takes."""
    if name is None:
        return np.dtype(np.uint8 if trained == np.uint8 else np.float32)
    if name not in _INPUT_DTYPES:
        raise ValueError(
            f"`input_dtype` must be None, 'uint8' or 'float32', got {name!r:.50}."
        )
    return np.dtype(name)


def _portable_classes(classes):
    """Return the labels in a dtype that programs in other languages expect."""
    kind = classes.dtype.kind
    if kind in "iu" and np.can_cast(classes.dtype, np.int64):
        return classes.astype(np.int64)
    if kind == "f":
        return classes.astype(np.float64)
    return classes if kind in "bu" else classes.astype(object)


def _digest_entry(content):
    """Return a metadata entry, serialized, with the SHA-256 of `content`."""
    return metadata_entry(_DIGEST_KEY, hashlib.sha256(content).hexdigest())


def _read_content(path, name):
    """Return the bytes of the model, after checking that they are what was saved."""
    data = memoryview(read_file(path, _LARGEST_FILE))
    if not is_ours(data):
        raise ValueError(f"{name} was not written by MNISTClassifier.save.")
    size = len(_digest_entry(b""))
    content, entry = data[:-size], data[-size:]
    expected = _digest_entry(content)
    if entry[:-_DIGEST_LENGTH] != expected[:-_DIGEST_LENGTH]:
        raise ValueError(f"{name} is truncated: it does not end with its SHA-256.")
    if entry != expected:
        raise ValueError(f"{name} was altered after it was saved: its SHA-256 differs.")
    return content


def _parse(text):
    """Return the value of a JSON text, once it is known to fit the memory."""
    if len(text) > _LARGEST_TEXT:
        raise ValueError(f"its metadata take more than {_LARGEST_TEXT:,} bytes.")
    text = str(text, "utf-8")
    # Before each value but the first there is one of these, also where it is nested.
    if sum(map(text.count, ",[{")) > _MOST_VALUES:
        raise ValueError(f"its metadata have more than {_MOST_VALUES:,} values.")
    return json.loads(text, object_hook=restore_number)


def _decode(cls, content, complaint):
    """Return the classifier in the bytes of a model; `complaint` begins any error."""
    try:
        if len(content) > _LARGEST_FILE:
            raise ValueError(f"it takes more than {_LARGEST_FILE:,} bytes.")
        metadata, weights = read_portable_graph(content)
        return restore(cls, _parse(metadata[_METADATA_KEY]), weights)
    except Exception as error:  # forged content can raise anything
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        raise ValueError(f"{complaint}: {kind}{str(error)[:500]}") from error
