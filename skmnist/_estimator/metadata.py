"""The metadata of a saved file: all of a classifier except its weights."""

import inspect
import math
import platform
import re
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from numbers import Integral

import numpy as np

from skmnist._data.images import PIXEL_DTYPES
from skmnist._estimator.json_values import fits_json, plain
from skmnist._estimator.parameters import (
    check_parameter_values,
    check_parameters,
    check_widths,
    network_parameters,
    own_parameters,
)
from skmnist._estimator.scaler import LARGEST_SCALE, SMALLEST_SCALE, make_inner_scaler
from skmnist._estimator.temperature import TEMPERATURES
from skmnist._network.architecture import BATCH_NORM_EPSILON, Architecture
from skmnist._training.state import NetworkState, join_networks

# Version of the metadata. A file with a higher one is refused; all lower ones are read.
FORMAT = 3

_RECORDED_VERSIONS = ("numpy", "scikit-learn", "tensorflow", "keras")
_WIDTHS = ("hidden_layer_sizes", "filters")
_SCALER_NUMBERS = ("scale_", "data_min_", "data_max_")
# Earlier files lack it, and predictions do not depend on it.
_SCALER_EXTRA = "data_median_"
# `dtype.str` of bool, integers, floats, strings and objects, in either byte order.
_LABEL_DTYPES = r"[<>|](b1|[iu][1248]|f[248]|U\d+|O)"

# Bytes: the largest array of labels, far above any real one, so that a forged dtype
# cannot allocate gigabytes.
_LARGEST_LABELS = 2**24

# The largest number in the scaler: networks compute in float32, where anything above it
# becomes infinite.
_LARGEST_NUMBER = float(np.finfo(np.float32).max)

# The largest weight, far above any real one, so that it can be divided by the scale.
_LARGEST_WEIGHT = LARGEST_SCALE

# Far more than anybody has trained, so that a forged list takes no time.
_MOST_LAYERS = _MOST_NETWORKS = 1000

_TYPES = {
    "params": dict,
    "classes": list,
    "classes_dtype": str,
    "feature_names": list | None,
    "image_shape": list | None,
    "seed": int,
    "pixel_dtype": str,
    "architecture": dict,
    "scaler": dict,
    "rng": dict,
    "history": dict,
    "best_epoch": int | None,
}


def describe(estimator):
    """Return a description of a classifier that JSON can hold.

    Parameters
    ----------
    estimator : MNISTClassifier
        A fitted classifier whose network is not a callable.

    Returns
    -------
    dict
        Everything except the weights, the callbacks, a RandomState instance and
        parameters of a subclass that JSON cannot hold.
    """
    state = estimator._state
    params = network_parameters(estimator) | {"callbacks": None}
    if not isinstance(params["random_state"], Integral):
        params["random_state"] = None
    for name in _WIDTHS:
        if not isinstance(params[name], Integral):
            params[name] = check_widths(name, params[name])
    if isinstance(params["class_weight"], dict):
        params["class_weight"] = list(params["class_weight"].items())
    own = {n: v for n, v in own_parameters(estimator).items() if fits_json(v)}
    return plain(
        {
            "format": FORMAT,
            "versions": _installed_versions(),
            "params": params,
            "classes": estimator.classes_,
            "classes_dtype": estimator.classes_.dtype.str,
            "feature_names": getattr(estimator, "feature_names_in_", None),
            "image_shape": state.meta["image_shape_"],
            "seed": state.meta["seed"],
            "pixel_dtype": state.meta["pixel_dtype_"].name,
            "architecture": state.architecture._asdict(),
            "scaler": {
                name: getattr(state.scaler, name)
                for name in (*_SCALER_NUMBERS, _SCALER_EXTRA)
                if hasattr(state.scaler, name)
            },
            "temperature": state.temperature,
            "rng": state.rng.bit_generator.state,
            "history": estimator.history_,
            "n_iter": estimator.n_iter_,
            "best_epoch": getattr(estimator, "best_epoch_", None),
        }
        | ({"subclass_params": own} if own else {})
    )


def restore(cls, described, weights):
    """Return the classifier of a description, which may be forged.

    Parameters
    ----------
    cls : type
        MNISTClassifier or a subclass.
    described : object
        What `describe` returned, or anything else that JSON can hold.
    weights : list of ndarray, float32
        Arrays of any number and shape.

    Returns
    -------
    MNISTClassifier
        The fitted classifier.

    Raises
    ------
    ValueError
        If the format is newer, or an entry is missing, has the wrong type or
        contradicts the others.
    Exception
        If the description is wrong in a way that no check foresees.
    """
    _check_types(described)
    defaults = cls._defaults()
    architecture = _restore_architecture(defaults, described["architecture"], weights)
    # Copied only now: they are views of a file that may be forged.
    weights = [np.array(w, dtype=np.float32) for w in weights]
    classes = _restore_classes(described, architecture.n_classes)
    estimator = _restore_estimator(
        cls, defaults | described["params"], described.get("subclass_params", {})
    )
    meta = {
        "n_features_in_": architecture.n_features,
        "n_classes_": architecture.n_classes,
        "classes_": classes,
        "image_shape_": _restore_image_shape(
            described["image_shape"], architecture.n_features
        ),
        "pixel_dtype_": _restore_pixel_dtype(described["pixel_dtype"]),
        "seed": described["seed"],
    }
    scaler = _restore_scaler(described["scaler"], architecture.n_features)
    rng = np.random.Generator(np.random.PCG64())
    rng.bit_generator.state = described["rng"]
    temperature = _restore_temperature(described.get("temperature", 1.0))
    first = NetworkState(architecture, None, meta, scaler, rng, temperature=temperature)
    networks = [
        # Only the first generator is saved.
        first._replace(
            rng=np.random.Generator(rng.bit_generator.jumped(i)) if i else rng,
            weights=arrays,
        )
        for i, arrays in enumerate(architecture.split_networks(weights))
    ]
    state = join_networks(networks)
    history = _restore_history(described["history"])
    best_epoch = described["best_epoch"]
    estimator._set_fitted_attributes(state, history=history, best_epoch=best_epoch)
    _require(
        best_epoch is None
        or (not state.others and 1 <= best_epoch <= estimator.n_iter_),
        f"its best epoch must be from 1 to {estimator.n_iter_}, got {best_epoch}.",
    )
    estimator.n_features_in_ = architecture.n_features
    if described["feature_names"] is not None:
        estimator.feature_names_in_ = _restore_feature_names(
            described["feature_names"], architecture.n_features
        )
    return estimator


def _installed_versions():
    from skmnist import __version__  # the package imports this module first

    versions = {"skmnist": __version__, "python": platform.python_version()}
    for name in _RECORDED_VERSIONS:
        # TensorFlow may be missing where a loaded model is saved again.
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


def _require(condition, message):
    if not condition:
        raise ValueError(message)


def _check_types(described):
    """Check the format, then the type of each entry."""
    known = isinstance(described, dict) and type(described.get("format")) is int
    _require(known and described["format"] >= 1, "its metadata have no format.")
    _require(
        described["format"] <= FORMAT,
        f"it has the format {described['format']}, but this skmnist reads up to "
        f"{FORMAT}: install a newer skmnist.",
    )
    for name, kind in _TYPES.items():
        _require(
            name in described and isinstance(described[name], kind),
            f"{name!r} is missing from its metadata or has the wrong type.",
        )


def _restore_estimator(cls, params, own):
    """Return an estimator with the parameters of the file.

    The constructor of a subclass gets those that it has an argument for; the others are
    set afterwards.
    """
    unknown = sorted(params.keys() - cls._defaults())
    _require(not unknown, f"it has unknown parameters, {unknown!r:.50}.")
    _require(isinstance(own, dict), "its subclass's parameters must be a dict.")
    class_weight = params["class_weight"]
    for name in _WIDTHS:
        if isinstance(params.get(name), list):
            few = len(params[name]) <= _MOST_LAYERS
            _require(few, f"`{name}` must have at most {_MOST_LAYERS:,} numbers.")
            params[name] = tuple(params[name])
    if isinstance(class_weight, list):
        params["class_weight"] = dict(class_weight)
    arguments = inspect.signature(cls).parameters
    estimator = cls(**{n: v for n, v in (own | params).items() if n in arguments})
    for name in params.keys() - arguments:
        setattr(estimator, name, params[name])
    check_parameters(estimator)
    return estimator


def _restore_architecture(defaults, fields, weights):
    """Return the architecture, once it and the shapes of the weights are checked."""
    mismatch = "its weights must be finite numbers in the shapes of its layers."
    filters, sizes = fields.get("filters", ()), fields["hidden_layer_sizes"]
    # Before a width is looked at: there may be a million.
    n_layers = np.size(sizes) + np.size(filters)
    _require(n_layers < len(weights) and n_layers <= _MOST_LAYERS, mismatch)
    filters = check_widths("filters", filters)
    sizes = check_widths("hidden_layer_sizes", sizes)
    shape = fields.get("image_shape")
    if filters:
        shape = _restore_image_shape(shape, fields["n_features"])
        _require(shape is not None, "a convolutional network must have an image shape.")
    known = {"hidden_layer_sizes": sizes, "filters": filters, "image_shape": shape}
    architecture = Architecture(**fields | known)
    params = architecture._asdict()
    del params["image_shape"]
    if not params["filters"]:
        del params["filters"]
    for name in ("n_features", "n_classes"):
        n = params.pop(name)
        _require(type(n) is int, f"{name!r} must be an integer, got {n!r:.50}.")
    check_parameter_values(defaults | params)
    most = _MOST_NETWORKS * len(architecture.weight_shapes())
    _require(len(weights) <= most, f"it has more than {_MOST_NETWORKS:,} networks.")
    # Forged sizes may be huge: nothing is allocated before they match the weights.
    _require(
        architecture.n_classes >= 2
        and weights
        and all(
            [w.shape for w in network] == architecture.weight_shapes()
            for network in architecture.split_networks(weights)
        )
        and all(np.isfinite(w).all() for w in weights),
        mismatch,
    )
    for network in architecture.split_networks(weights):
        _check_weights(architecture, network)
    return architecture


def _check_weights(architecture, weights):
    """Refuse weights that give no finite probabilities, whatever the pixels."""
    largest = max(max(abs(w.min()), abs(w.max())) for w in weights)
    _require(
        largest <= _LARGEST_WEIGHT,
        f"its weights must be at most {_LARGEST_WEIGHT:g}, got {largest:g}.",
    )
    for layer, arrays in architecture.layer_weights(weights):
        if layer.kind == "batch_norm":
            lowest = arrays[3].min()
            _require(
                lowest > -BATCH_NORM_EPSILON,
                f"its variances (batch_norm) must not be negative, got {lowest:g}.",
            )


def _restore_classes(described, n_classes):
    labels, dtype = described["classes"], described["classes_dtype"]
    _require(
        re.fullmatch(_LABEL_DTYPES, dtype),
        f"its labels must be numbers, bool or strings, got the dtype {dtype!r:.50}.",
    )
    dtype = np.dtype(dtype)
    _require(
        len(labels) == n_classes and dtype.itemsize * n_classes <= _LARGEST_LABELS,
        f"it must have {n_classes} labels in at most {_LARGEST_LABELS:,} bytes, got "
        f"{len(labels)} of the dtype {dtype}.",
    )
    if dtype.kind == "O":
        _require(all(isinstance(x, str) for x in labels), "its labels must be strings.")
    classes = np.array(labels, dtype=dtype)
    if dtype.kind == "f":
        _require(np.isfinite(classes).all(), "its labels must be finite.")
    _require(
        classes.tolist() == labels and np.array_equal(np.unique(classes), classes),
        f"its labels must be sorted, distinct and of the dtype {dtype}.",
    )
    return classes


def _restore_image_shape(shape, n_features):
    if shape is None:
        return None
    _require(
        [type(n) for n in shape] == [int, int]
        and min(shape) > 0
        and math.prod(shape) == n_features,
        f"its image shape must be a height and a width that make {n_features} pixels, "
        f"got {shape!r:.50}.",
    )
    return tuple(shape)


def _restore_feature_names(names, n_features):
    _require(
        len(names) == n_features and all(isinstance(name, str) for name in names),
        f"its feature names must be {n_features} strings.",
    )
    return np.array(names, dtype=object)


def _restore_pixel_dtype(name):
    dtypes = {np.dtype(dtype).name: np.dtype(dtype) for dtype in PIXEL_DTYPES}
    _require(
        name in dtypes,
        f"its pixel dtype must be one of {', '.join(dtypes)}, got {name!r:.50}.",
    )
    return dtypes[name]


def _restore_scaler(numbers, n_features):
    scaler = make_inner_scaler()
    extra = [_SCALER_EXTRA] if _SCALER_EXTRA in numbers else []
    for name in (*_SCALER_NUMBERS, *extra):
        number = numbers[name]
        _require(
            type(number) in (int, float) and abs(number) <= _LARGEST_NUMBER,
            f"{name!r} must be a finite number, got {number!r:.50}.",
        )
        setattr(scaler, name, float(number))
    _require(
        SMALLEST_SCALE <= scaler.scale_ <= LARGEST_SCALE,
        f"'scale_' must be from {SMALLEST_SCALE:g} to {LARGEST_SCALE:g}, got "
        f"{scaler.scale_:g}.",
    )
    scaler.n_features_in_ = n_features
    return scaler


def _restore_temperature(number):
    lowest, highest = TEMPERATURES
    _require(
        type(number) in (int, float) and lowest <= number <= highest,
        f"'temperature' must be from {lowest:.3g} to {highest:.3g}, got "
        f"{number!r:.50}.",
    )
    return float(number)


def _restore_history(history):
    for name, values in history.items():
        _require(
            isinstance(values, list)
            and len(values) > 0
            and all(type(v) in (int, float) for v in values),
            f"its history of {name!r:.50} must be a list of numbers, at least one.",
        )
    return {name: [float(v) for v in values] for name, values in history.items()}
