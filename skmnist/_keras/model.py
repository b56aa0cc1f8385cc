"""Keras networks, built from an architecture or by a user's function."""

import inspect
import random
import threading
from contextlib import contextmanager

from skmnist._keras.backend import keras, tf

# One model at a time: Keras names layers by global counters, and unseeded initializers
# draw from Python's global generator.
_building = threading.Lock()


class MaskDropout(keras.layers.Dropout):
    """Dropout whose masks are cheap to draw inside a compiled epoch.

    XLA's counter-based generators (Philox, Threefry) take longer than the matrix
    products of a small network. A mask needs one comparison a unit, not cryptography:
    each unit's index is mixed with a key for the step by a 32-bit integer hash (the
    "lowbias32" constants of C. Wellons, "Prospecting for Hash Functions", 2018).
    """

    def call(self, inputs, training=False):
        """Zero each unit with probability `rate` and scale up the others."""
        if not training or not self.rate:
            return inputs
        key = tf.cast(self.seed_generator.next(), tf.uint32)
        shape = tf.shape(inputs)
        index = tf.reshape(tf.range(tf.reduce_prod(shape)), shape)
        # Mixing the step's key in twice keeps one step from being a shift of another.
        bits = _mix(tf.bitcast(index, tf.uint32) * tf.constant(0x9E3779B1, tf.uint32))
        bits = _mix(_mix(bits ^ key[0]) + _mix(key[1]))
        # 24 bits are what a float32 holds exactly.
        uniform = tf.cast(tf.bitwise.right_shift(bits, _u32(8)), inputs.dtype) / 2**24
        return tf.where(uniform >= self.rate, inputs / (1 - self.rate), 0)


def _u32(value):
    return tf.constant(value, tf.uint32)


def _mix(bits):
    """Scramble 32-bit integers so that every input bit moves every output bit."""
    bits = (bits ^ tf.bitwise.right_shift(bits, _u32(16))) * _u32(0x7FEB352D)
    bits = (bits ^ tf.bitwise.right_shift(bits, _u32(15))) * _u32(0x846CA68B)
    return bits ^ tf.bitwise.right_shift(bits, _u32(16))


def build_network(
    architecture, *, model_class=keras.Model, dropout_class=keras.layers.Dropout
):
    """Build and compile the Keras model of an architecture.

    Parameters
    ----------
    architecture : Architecture
        The layers, the penalty and the optimizer.
    model_class : type, default=keras.Model
        The class of the model.
    dropout_class : type, default=keras.layers.Dropout
        The class of its dropout layers.

    Returns
    -------
    keras.Model
        Compiled, with weights still to be set.
    """
    with _building:
        inputs = keras.layers.Input((architecture.n_features,), dtype="float32")
        x = inputs
        if not architecture.filters:
            x = keras.layers.Flatten(dtype="float32")(x)
        for layer in architecture.layers():
            x = _keras_layer(layer, architecture.alpha, dropout_class)(x)
        model = model_class(inputs=inputs, outputs=x)
        compile_network(
            model, architecture.optimizer, label_smoothing=architecture.label_smoothing
        )
    return model


def _keras_layer(layer, alpha, dropout_class):
    """Return the Keras layer that a Layer describes."""
    layers, options = keras.layers, {"dtype": "float32"}
    if layer.kind in ("conv", "dense"):
        # Zeros, since the weights are set afterwards: drawing them here would cost
        # time and advance Python's global random state.
        options |= {"activation": layer.setting, "kernel_initializer": "zeros"}
        options["kernel_regularizer"] = keras.regularizers.L2(alpha) if alpha else None
    if layer.kind == "conv":
        options["padding"] = layer.padding
        return layers.Conv2D(layer.width, layer.window, **options)
    if layer.kind == "dropout":
        # The generator's own seed is replaced each epoch; any number will do.
        return dropout_class(layer.setting, seed=0, **options)
    makers = {
        "image": lambda: layers.Reshape(layer.shape, **options),
        "pool": lambda: layers.MaxPooling2D(**options),
        "flatten": lambda: layers.Flatten(**options),
        "dense": lambda: layers.Dense(layer.width, **options),
        "batch_norm": lambda: layers.BatchNormalization(**options),
        "activation": lambda: layers.Activation(layer.setting, **options),
    }
    return makers[layer.kind]()


def compile_network(model, optimizer, learning_rate=0.001, label_smoothing=0.0):
    """Compile a model for integer labels.

    Categorical cross-entropy on one-hot labels and its sparse form on integers are the
    same number; the integers take a tenth of the memory. Smoothed labels have no sparse
    form.
    """
    loss = "sparse_categorical_crossentropy"
    if label_smoothing:
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing)
    model.compile(
        optimizer=keras.optimizers.get(
            {"class_name": optimizer, "config": {"learning_rate": learning_rate}}
        ),
        loss=loss,
        metrics=["accuracy"],
        # Keras would wrap the optimizer where the user's policy is mixed_float16.
        auto_scale_loss=False,
    )
    model.optimizer.build(model.trainable_variables)


def build_custom_network(network, meta, params, *, model_class):
    """Call a user's function and bring what it returns into the form trained here.

    Parameters
    ----------
    network : callable
        `network(meta, **params)`, returning a keras.Model.
    meta : dict
        What is known of the data: `n_features_in_`, `n_classes_`, `classes_`,
        `image_shape_`, `pixel_dtype_` and an integer `seed`.
    params : dict
        The estimator's parameters; only those that `network` names are passed.
    model_class : type
        The class that a model of Keras's own classes is turned into.

    Returns
    -------
    keras.Model
        Compiled. Of `model_class`, unless the user's class has methods of its own.

    Raises
    ------
    TypeError
        If `network` returned no keras.Model.
    ValueError
        If the model does not take rows of `n_features_in_` pixels to `n_classes_`
        probabilities, or is compiled for something else than classification.
    """
    with _building, _seeded_initializers(meta["seed"]):
        model = network(meta, **_named_params(network, params))
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


def loss_name(model):
    """Return the name of a compiled model's loss, however it was given."""
    loss = model.loss
    if isinstance(loss, str):
        return loss
    return getattr(loss, "name", None) or getattr(loss, "__name__", "")


def _check_compilation(model, of_keras):
    metrics = model.get_compile_config()["metrics"] or []
    # `_as_class` gives it to a model that has no metrics.
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
    """Return the class that keras.Model(inputs, outputs) makes, public by example."""
    inputs = keras.Input((1,))
    return type(keras.Model(inputs, inputs))


def _as_class(model, model_class):
    """Return the same layers and compilation as a model of another class."""
    same = model_class(inputs=model.inputs[0], outputs=model.outputs[0])
    if not model.compiled:
        return same
    config = model.get_compile_config()
    if list(config.pop("metrics") or ["accuracy"]) != ["accuracy"]:
        return model  # with metrics of the user's own, which Keras's loop computes
    del config["optimizer"], config["loss"]
    config = keras.saving.deserialize_keras_object(config)
    # The user's own objects, whose classes Keras need not know by name.
    same.compile(model.optimizer, model.loss, metrics=["accuracy"], **config)
    return same


def _named_params(network, params):
    """Keep the parameters that the function names, or all if it takes `**params`."""
    signature = inspect.signature(network).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in signature):
        return params
    return {p.name: params[p.name] for p in signature if p.name in params}


def _check_shapes(model, meta):
    expected = (None, meta["n_features_in_"]), (None, meta["n_classes_"])
    try:
        actual = tuple(model.input_shape), tuple(model.output_shape)
    except AttributeError:  # a class of the user's own, which does not tell
        actual = expected[0], tuple(model.compute_output_shape(expected[0]))
    if actual != expected:
        raise ValueError(
            "`network` must return a model that takes rows of shape "
            f"{expected[0]} to probabilities of shape {expected[1]}, got a model "
            f"from {actual[0]} to {actual[1]}."
        )


@contextmanager
def _seeded_initializers(seed):
    """Make Keras's unseeded initializers reproducible.

    They draw their seeds from Python's global generator, which is put back.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


def get_state(model):
    """Return the weights and the optimizer's variables as arrays.

    Parameters
    ----------
    model : keras.Model
        A compiled model.

    Returns
    -------
    weights, optimizer_state : list of ndarray
        In Keras's order.
    """
    return model.get_weights(), [v.numpy() for v in model.optimizer.variables]


def set_state(model, weights, optimizer_state=None):
    """Put weights, and the optimizer's variables where they are given, into a model.

    Parameters
    ----------
    model : keras.Model
        A compiled model.
    weights : list of ndarray
        As `get_state` returned them.
    optimizer_state : list of ndarray, default=None
        As `get_state` returned them.
    """
    model.set_weights(weights)
    if optimizer_state is not None:
        set_optimizer_state(model, optimizer_state)


def set_optimizer_state(model, optimizer_state):
    """Put the optimizer's variables into a model.

    Parameters
    ----------
    model : keras.Model
        A compiled model.
    optimizer_state : list of ndarray
        As `get_state` returned them.
    """
    for variable, value in zip(model.optimizer.variables, optimizer_state, strict=True):
        variable.assign(value)
