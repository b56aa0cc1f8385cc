"""Keras models of an architecture, and their state as arrays."""

import threading

import numpy as np

from skmnist._keras.backend import keras, tf

# Held while a model is built. Keras names layers by global counters, and unseeded
# initializers draw from Python's global generator.
building = threading.Lock()


class MaskDropout(keras.layers.Dropout):
    """Dropout whose masks are cheap to draw inside a compiled epoch.

    XLA's counter-based generators (Philox, Threefry) take longer than the matrix
    products of a small network. A mask does not need their quality: here a 32-bit
    integer hash mixes the index of each unit with a key for the step (the "lowbias32"
    constants of C. Wellons, "Prospecting for Hash Functions", 2018).
    """

    def call(self, inputs, training=False):
        """Zero each unit with probability `rate` and scale up the others."""
        if not training or not self.rate:
            return inputs
        key = tf.cast(self.seed_generator.next(), tf.uint32)
        shape = tf.shape(inputs)
        index = tf.reshape(tf.range(tf.reduce_prod(shape)), shape)
        # Mixed in once only, the key could make one mask a shifted copy of another.
        bits = _mix(tf.bitcast(index, tf.uint32) * tf.constant(0x9E3779B1, tf.uint32))
        bits = _mix(_mix(bits ^ key[0]) + _mix(key[1]))
        # float32 holds 24 bits exactly.
        uniform = tf.cast(tf.bitwise.right_shift(bits, _u32(8)), inputs.dtype) / 2**24
        return tf.where(uniform >= self.rate, inputs / (1 - self.rate), 0)


def _u32(value):
    return tf.constant(value, tf.uint32)


def _mix(bits):
    """Hash 32-bit integers so that every input bit changes every output bit."""
    bits = (bits ^ tf.bitwise.right_shift(bits, _u32(16))) * _u32(0x7FEB352D)
    bits = (bits ^ tf.bitwise.right_shift(bits, _u32(15))) * _u32(0x846CA68B)
    return bits ^ tf.bitwise.right_shift(bits, _u32(16))


class FixedBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation that uses and keeps its moving averages in training, too."""

    def call(self, inputs, training=None, mask=None):
        """Normalise as in prediction."""
        return super().call(inputs, training=False, mask=mask)


def build_network(
    architecture,
    *,
    model_class=keras.Model,
    dropout_class=keras.layers.Dropout,
    norm_class=keras.layers.BatchNormalization,
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
    norm_class : type, default=keras.layers.BatchNormalization
        The class of its batch normalisation layers.

    Returns
    -------
    keras.Model
        Compiled, with weights still to be set.
    """
    with building:
        inputs = keras.layers.Input((architecture.n_features,), dtype="float32")
        x = inputs
        if not architecture.filters:
            x = keras.layers.Flatten(dtype="float32")(x)
        for layer in architecture.layers():
            x = _keras_layer(layer, architecture.alpha, dropout_class, norm_class)(x)
        model = model_class(inputs=inputs, outputs=x)
        compile_network(
            model, architecture.optimizer, label_smoothing=architecture.label_smoothing
        )
    return model


def _keras_layer(layer, alpha, dropout_class, norm_class):
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
        # Any seed will do: it is replaced in each epoch.
        return dropout_class(layer.setting, seed=0, **options)
    makers = {
        "image": lambda: layers.Reshape(layer.shape, **options),
        "pool": lambda: layers.MaxPooling2D(**options),
        "flatten": lambda: layers.Flatten(**options),
        "dense": lambda: layers.Dense(layer.width, **options),
        "batch_norm": lambda: norm_class(**options),
        "activation": lambda: layers.Activation(layer.setting, **options),
    }
    return makers[layer.kind]()


def compile_network(model, optimizer, learning_rate=0.001, label_smoothing=0.0):
    """Compile a model for integer labels.

    Categorical cross-entropy of one-hot labels and sparse categorical cross-entropy of
    integers are the same number, and integers take a tenth of the memory. Smoothed
    labels have no sparse form.
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
        # By default Keras wraps the optimizer under the policy mixed_float16.
        auto_scale_loss=False,
    )
    model.optimizer.build(model.trainable_variables)


def loss_name(model):
    """Return the name of a compiled model's loss, however it was given."""
    loss = model.loss
    if isinstance(loss, str):
        return loss
    return getattr(loss, "name", None) or getattr(loss, "__name__", "")


def build_metrics(model):
    """Build the metrics of a model, as Keras's own loop does before it trains.

    Callbacks that monitor a metric ask the model whether more of it is better.

    Parameters
    ----------
    model : keras.Model
        A compiled model.
    """
    probabilities = np.zeros((1, model.output_shape[-1]), dtype=np.float32)
    one_hot = loss_name(model) == "categorical_crossentropy"
    labels = probabilities if one_hot else np.zeros(1, dtype=np.int32)
    model.compute_metrics(None, labels, probabilities)
    model.reset_metrics()


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
    """Set the weights of a model and, if given, its optimizer's variables.

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
    """Set the optimizer's variables of a model.

    Parameters
    ----------
    model : keras.Model
        A compiled model.
    optimizer_state : list of ndarray
        As `get_state` returned them.
    """
    for variable, value in zip(model.optimizer.variables, optimizer_state, strict=True):
        variable.assign(value)
