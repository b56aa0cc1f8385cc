"""Keras models that a user's function builds."""

import copy
import inspect
import random
from contextlib import contextmanager

from skmnist._keras.backend import keras
from skmnist._keras.model import building, compile_network, loss_name


def build_custom_network(network, meta, params, *, model_class):
    """Call a user's function and prepare the model that it returns for training.

    Parameters
    ----------
    network : callable
        `network(meta, **params)`, returning a keras.Model.
    meta : dict
        Facts about the data: `n_features_in_`, `n_classes_`, `classes_`,
        `image_shape_`, `pixel_dtype_` and an integer `seed`.
    params : dict
        The estimator's parameters; only those that `network` names are passed.
    model_class : type
        Models of Keras's own classes become instances of it.

    Returns
    -------
    keras.Model
        Compiled. An instance of `model_class`, or of the user's own class.

    Raises
    ------
    TypeError
        If `network` did not return a keras.Model.
    ValueError
        If the model does not map rows of `n_features_in_` pixels to `n_classes_`
        probabilities, or is not compiled for classification.
    """
    with building, _seeded_initializers(meta["seed"]):
        # A copy: the function may change it, and the fit needs the original.
        model = network(copy.deepcopy(meta), **_named_params(network, params))
        if not isinstance(model, keras.Model):
            raise TypeError(
                f"`network` must return a keras.Model, got {type(model).__name__}."
            )
        if not model.built:
            model.build((None, meta["n_features_in_"]))
        _check_shapes(model, meta)
        came_compiled = model.compiled
        of_keras = type(model) in (keras.Model, keras.Sequential, _functional_class())
        if came_compiled:
            _check_compilation(model, of_keras)
        if of_keras:
            model = _as_class(model, model_class)
        if not came_compiled:
            compile_network(
                model,
                params["optimizer"],
                params["learning_rate"],
                params["label_smoothing"],
            )
        model.came_compiled = came_compiled
        model.optimizer.build(model.trainable_variables)
    return model


def _check_compilation(model, of_keras):
    metrics = model.get_compile_config()["metrics"] or []
    # `_as_class` adds the metric to a model without metrics.
    accuracy = "accuracy" in metrics or (of_keras and not metrics)
    known = "sparse_categorical_crossentropy", "categorical_crossentropy"
    if (
        loss_name(model) not in known
        or getattr(model.loss, "from_logits", False)
        or not accuracy
    ):
        raise ValueError(
            "`network` must return a model that is not compiled, or one compiled with "
            f"the metric 'accuracy' and the loss {known[0]!r} or {known[1]!r} on "
            f"probabilities, got the loss {model.loss!r} and the metrics {metrics!r}."
        )


def _functional_class():
    """Return the class of keras.Model(inputs, outputs), which has no public name."""
    inputs = keras.Input((1,))
    return type(keras.Model(inputs, inputs))


def _as_class(model, model_class):
    """Return the same layers and compilation as a model of another class."""
    same = model_class(inputs=model.inputs[0], outputs=model.outputs[0])
    if not model.compiled:
        return same
    config = model.get_compile_config()
    if list(config.pop("metrics") or ["accuracy"]) != ["accuracy"]:
        return model  # Keras's own loop computes the user's metrics
    del config["optimizer"], config["loss"]
    config = keras.saving.deserialize_keras_object(config)
    # As objects: Keras need not know the user's classes by name.
    same.compile(model.optimizer, model.loss, metrics=["accuracy"], **config)
    return same


def _named_params(network, params):
    """Return the parameters that the function names, or all if it has `**params`."""
    signature = inspect.signature(network).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in signature):
        return params
    return {p.name: params[p.name] for p in signature if p.name in params}


def _check_shapes(model, meta):
    expected = (None, meta["n_features_in_"]), (None, meta["n_classes_"])
    try:
        actual = tuple(model.input_shape), tuple(model.output_shape)
    except AttributeError:  # a class of the user's own may not have them
        actual = expected[0], tuple(model.compute_output_shape(expected[0]))
    if actual != expected:
        raise ValueError(
            "`network` must return a model that maps rows of shape "
            f"{expected[0]} to probabilities of shape {expected[1]}, got a model "
            f"from {actual[0]} to {actual[1]}."
        )


@contextmanager
def _seeded_initializers(seed):
    """Make Keras's unseeded initializers reproducible.

    They draw their seeds from Python's global generator, which is restored.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
