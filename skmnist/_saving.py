"""The saved file: one ONNX model with all of a classifier in its metadata.

The file is the ONNX model, then one more metadata entry with the SHA-256 of all bytes
before it. Protocol buffers may be concatenated, so any ONNX runtime reads the whole as
one model.
"""

import hashlib
import json
import os
import platform
import tempfile
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from skmnist._architecture import Architecture
from skmnist._graph import build_portable_graph
from skmnist._scaler import PixelScaler
from skmnist._state import NetworkState

FORMAT = 1

_LARGEST_FILE = 2**28  # bytes; the default network takes 0.4 million
_METADATA_KEY = "skmnist"
_DIGEST_KEY = "skmnist_sha256"
_RECORDED_VERSIONS = ("skmnist", "numpy", "scikit-learn", "tensorflow", "keras")


def save_classifier(estimator, path):
    """Write a fitted classifier to a file, atomically.

    Parameters
    ----------
    estimator : MNISTClassifier
        Fitted, with the dense network.
    path : str or path-like
        Where to. An existing file is replaced when the new one is complete.

    Raises
    ------
    ValueError
        If the network is a user's function, which no file can hold.
    """
    state = estimator._state
    if state.architecture is None:
        name = getattr(estimator.network, "__name__", repr(estimator.network))
        raise ValueError(
            f"`network` must be 'dense' to be saved as ONNX, got the function {name}. "
            "Save the Keras model instead: classifier.model_.save('model.keras')."
        )
    model = build_portable_graph(
        state.architecture,
        state.weights,
        state.scaler.scale_,
        _portable_classes(estimator.classes_),
        np.uint8 if state.meta["pixel_dtype_"] == np.uint8 else np.float32,
    )
    model.metadata_props.add(key=_METADATA_KEY, value=json.dumps(_describe(estimator)))
    content = model.SerializeToString()
    _replace_file(Path(path), content + _digest_entry(content))


def load_classifier(cls, path):
    """Read a classifier from a file that `save_classifier` wrote.

    Only numbers and names are read: no code is run and no other file is opened.

    Parameters
    ----------
    cls : type
        MNISTClassifier.
    path : str or path-like
        The file.

    Returns
    -------
    MNISTClassifier
        Fitted.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is no such file, too large, truncated, altered or of a newer format.
    """
    content = _checked_content(Path(path))
    try:
        return _restore(cls, *_parse(content), path)
    except ValueError:
        raise
    except Exception as error:  # whatever a forged content can provoke
        raise ValueError(
            f"{str(path)!r} is damaged: {type(error).__name__}: {error}"
        ) from error


def _describe(estimator):
    """Return all of the classifier but its weights, as JSON's types."""
    state = estimator._state
    params = estimator.get_params(deep=False) | {"callbacks": None}
    if isinstance(params["random_state"], np.random.RandomState):
        params["random_state"] = None
    if isinstance(params["class_weight"], dict):
        params["class_weight"] = _plain(list(params["class_weight"].items()))
    names = getattr(estimator, "feature_names_in_", None)
    shape = state.meta["image_shape_"]
    return {
        "format": FORMAT,
        "versions": _installed_versions(),
        "params": _plain(params),
        "classes": _plain(estimator.classes_.tolist()),
        "classes_dtype": estimator.classes_.dtype.str,
        "feature_names": None if names is None else names.tolist(),
        "image_shape": None if shape is None else list(shape),
        "seed": int(state.meta["seed"]),
        "pixel_dtype": state.meta["pixel_dtype_"].name,
        "architecture": state.architecture._asdict(),
        "scaler": {k: v for k, v in vars(state.scaler).items() if k != "max_value"},
        "rng": state.rng.bit_generator.state,
        "history": estimator.history_,
        "n_iter": estimator.n_iter_,
        "best_epoch": getattr(estimator, "best_epoch_", None),
    }


def _installed_versions():
    versions = {"python": platform.python_version()}
    for name in _RECORDED_VERSIONS:
        # TensorFlow may be missing where a loaded model is saved again.
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


def _plain(value):
    """Turn NumPy's scalars and arrays into Python's own types."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value


def _portable_classes(classes):
    """Return the labels in a dtype that ONNX's Gather takes."""
    if classes.dtype.kind in "iu":
        return classes.astype(np.int64)
    if classes.dtype.kind == "f":
        return classes.astype(np.float64)
    if classes.dtype.kind == "b":
        return classes
    return np.array([str(label) for label in classes], dtype=object)


def _digest_entry(content):
    """Return a metadata entry, serialized, with the SHA-256 of `content`."""
    import onnx

    entry = onnx.ModelProto()
    digest = hashlib.sha256(content).hexdigest()
    entry.metadata_props.add(key=_DIGEST_KEY, value=digest)
    return entry.SerializeToString()


def _replace_file(path, content):
    """Write a file so that at any moment the old or the new one is there, whole."""
    handle, temporary = tempfile.mkstemp(prefix=path.name, dir=path.parent or ".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes private files; a new file has what the user's umask gives.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _checked_content(path):
    """Return the bytes of the model, after making sure that they are what was saved."""
    size = path.stat().st_size
    if size > _LARGEST_FILE:
        raise ValueError(
            f"{str(path)!r} must have at most {_LARGEST_FILE:,} bytes, got {size:,}."
        )
    data = path.read_bytes()
    # Right after the version of its format a model names the program that wrote it.
    if b"skmnist" not in data[:32]:
        raise ValueError(
            f"{str(path)!r} is some other file, not saved by MNISTClassifier.save."
        )
    entry_size = len(_digest_entry(b""))
    content, entry = data[:-entry_size], data[-entry_size:]
    if _DIGEST_KEY.encode() not in entry:
        raise ValueError(f"{str(path)!r} is truncated: its end is missing.")
    if entry != _digest_entry(content):
        raise ValueError(
            f"{str(path)!r} was altered after it was saved: its SHA-256 differs."
        )
    return content


def _parse(content):
    """Return the metadata and the weights, of which nothing is trusted yet."""
    import onnx
    import onnx.numpy_helper

    model = onnx.ModelProto()
    model.ParseFromString(content)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    arrays = {}
    for tensor in model.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            raise ValueError(
                f"the file keeps {tensor.name!r} in another file, which is not opened."
            )
        if tensor.name.startswith("weight_"):
            arrays[tensor.name] = onnx.numpy_helper.to_array(tensor)
    return json.loads(metadata[_METADATA_KEY]), arrays


def _restore(cls, described, arrays, path):
    if not isinstance(described["format"], int) or described["format"] > FORMAT:
        raise ValueError(
            f"{str(path)!r} has the format {described['format']!r}, but this skmnist "
            f"reads up to {FORMAT}: install a newer skmnist."
        )
    params = described["params"]
    if isinstance(params["hidden_layer_sizes"], list):
        params["hidden_layer_sizes"] = tuple(params["hidden_layer_sizes"])
    if isinstance(params["class_weight"], list):
        params["class_weight"] = dict(map(tuple, params["class_weight"]))
    estimator = cls(**params)
    classes = np.array(described["classes"], dtype=_class_dtype(described))
    architecture = _restored_architecture(described, len(classes))
    shape = described["image_shape"]
    meta = {
        "n_features_in_": architecture.n_features,
        "n_classes_": len(classes),
        "classes_": classes,
        "image_shape_": None if shape is None else tuple(shape),
        "pixel_dtype_": np.dtype(described["pixel_dtype"]),
        "seed": described["seed"],
    }
    scaler = PixelScaler()
    for name in ("scale_", "data_min_", "data_max_"):
        setattr(scaler, name, float(described["scaler"][name]))
    scaler.n_features_in_ = architecture.n_features
    rng = np.random.default_rng()
    rng.bit_generator.state = described["rng"]
    weights = _restored_weights(architecture, arrays)
    state = NetworkState(architecture, meta, scaler, rng, weights)
    estimator._adopt(
        state,
        history={str(k): list(map(float, v)) for k, v in described["history"].items()},
        best_epoch=described["best_epoch"],
    )
    estimator.n_features_in_ = architecture.n_features
    if described["feature_names"] is not None:
        names = [str(name) for name in described["feature_names"]]
        estimator.feature_names_in_ = np.array(names, dtype=object)
    return estimator


def _class_dtype(described):
    dtype = described["classes_dtype"]
    # The length of strings is taken from the labels: a forged one could be huge.
    return str if dtype[1] == "U" else np.dtype(dtype)


def _restored_architecture(described, n_classes):
    fields = described["architecture"]
    fields["hidden_layer_sizes"] = tuple(fields["hidden_layer_sizes"])
    architecture = Architecture(**fields)
    if architecture.n_classes != n_classes:
        raise ValueError(
            f"the network has {architecture.n_classes} classes but {n_classes} labels."
        )
    return architecture


def _restored_weights(architecture, arrays):
    """Return the weights in order, each of the shape that its layer has."""
    weights = [arrays[f"weight_{i}"] for i in range(len(arrays))]
    shapes = architecture.weight_shapes()
    if [w.shape for w in weights] != shapes or any(
        w.dtype != np.float32 or not np.isfinite(w).all() for w in weights
    ):
        raise ValueError(
            "the weights must be finite float32 numbers in the shapes of the layers, "
            f"{shapes}, got {[(w.dtype.name, w.shape) for w in weights]}."
        )
    return weights
