"""EpochModel: a Keras model whose `fit` runs whole epochs as one compiled program."""

from skmnist._keras.backend import keras, muted_first_run, tf
from skmnist._keras.model import loss_name
from skmnist._keras.training_loop import train_model

_CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv2DTranspose,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv2D,
)


class EpochModel(keras.Model):
    """A Keras model that trains by whole epochs inside XLA.

    With batches of 32 a small network spends nearly all its time between Keras's
    steps. Here the loop over the batches is part of the compiled program: rows are
    gathered from the data on the device, widened and scaled there, and the model's
    own layers, loss and optimizer make the step. What cannot be compiled (callbacks
    with batch hooks, the user's own metrics) goes through Keras's own loop, fed in the
    same order.
    """

    def fit(self, x, y, *, divisor=1.0, rng=None, **options):
        """Train on arrays.

        Parameters
        ----------
        x : ndarray of shape (n_samples, n_features)
            Raw pixels: uint8, or any dtype that float32 holds.
        y : ndarray of shape (n_samples,) or (n_samples, 1)
            Indices of the classes.
        divisor : float, default=1.0
            What the pixels are divided by, batch by batch.
        rng : numpy.random.Generator, default=None
            Shuffles the rows and draws the dropout masks of each epoch. None means
            one with fresh entropy.
        **options : dict
            Those of `train_model`.

        Returns
        -------
        keras.callbacks.History
            With one number an epoch in each list of its `history`.
        """
        return train_model(self, super().fit, x, y, divisor=divisor, rng=rng, **options)

    def compile(self, *args, **kwargs):
        """Compile as Keras does, and forget the programs of an earlier compilation."""
        super().compile(*args, **kwargs)
        by_xla = bool(tf.config.list_logical_devices("GPU")) or not _convolves(self)
        self.train_program = _Program(self._train_batches, by_xla)
        self.test_program = _Program(self._test_batches, by_xla)

    def _train_batches(self, x, y, weight, order, n_rows, divisor, rates=None):
        """Train on the first `n_rows` rows of `order`; return summed loss and hits."""

        def step(i, x, y, weight, real):
            if rates is not None:
                self.optimizer.learning_rate.assign(rates[i])
            with tf.GradientTape() as tape:
                p = self(x, training=True)
                loss = self._batch_loss(x, y, p, weight, training=True)
                scaled_loss = self.optimizer.scale_loss(loss)
            gradients = tape.gradient(scaled_loss, self.trainable_weights)
            self.optimizer.apply_gradients(
                zip(gradients, self.trainable_weights, strict=True)
            )
            return loss, _hits(p, y, real)

        return _loop(step, (x, y, weight), order, n_rows, divisor)

    def _test_batches(self, x, y, weight, order, n_rows, divisor):
        """Evaluate the first `n_rows` rows of `order`."""

        def step(i, x, y, weight, real):
            p = self(x, training=False)
            return self._batch_loss(x, y, p, weight, training=False), _hits(p, y, real)

        return _loop(step, (x, y, weight), order, n_rows, divisor)

    def _batch_loss(self, x, y, p, weight, training):
        if loss_name(self) == "categorical_crossentropy":
            y = tf.one_hot(y, p.shape[-1])
        return self.compute_loss(
            x=x, y=y, y_pred=p, sample_weight=weight, training=training
        )


class _Program:
    """A function of tensors that is compiled once for each set of shapes.

    What tf.function does by itself, but for its warning, on standard error, when five
    calls in a row brought new shapes, as folds of a cross-validation may.
    """

    def __init__(self, function, by_xla):
        self._function = tf.function(function, jit_compile=by_xla, autograph=False)
        self.compiled = {}

    def __call__(self, *tensors):
        key = tuple((*tensor.shape, tensor.dtype) for tensor in tensors)
        if key not in self.compiled:
            self.compiled[key] = self._function.get_concrete_function(*tensors)
            with muted_first_run():
                return self.compiled[key](*tensors)
        return self.compiled[key](*tensors)


def _convolves(model):
    """Tell whether a layer is a convolution.

    On processors, inside a loop, XLA runs them in one thread and by its plainest code,
    some 50 times slower than TensorFlow's own kernels.
    """
    return any(
        isinstance(layer, _CONVOLUTIONS) or _convolves(layer)
        for layer in getattr(model, "layers", [])
    )


def _loop(step, data, order, n_rows, divisor):
    """Call `step` on batch after batch inside the compiled program."""
    x, y, weight = data
    batch_size = order.shape[1]
    column = tf.range(batch_size)

    def body(i, losses, hits):
        rows = tf.gather(order, i)
        count = tf.minimum(n_rows - i * batch_size, batch_size)
        real = tf.cast(column < count, tf.float32)
        count = tf.cast(count, tf.float32)
        # Keras divides the summed losses by the size of the batch. Rows that only
        # fill up the last batch weigh nothing, the others are scaled to make up.
        batch_weight = tf.gather(weight, rows) * real * (batch_size / count)
        pixels = tf.cast(tf.gather(x, rows), tf.float32) / divisor
        loss, hit = step(i, pixels, tf.gather(y, rows), batch_weight, real)
        return i + 1, losses + tf.cast(loss, tf.float32) * count, hits + hit

    n_steps = (n_rows + batch_size - 1) // batch_size
    zero = tf.constant(0.0)
    _, losses, hits = tf.while_loop(
        lambda i, *_: i < n_steps, body, (tf.constant(0), zero, zero)
    )
    return losses, hits


def _hits(p, y, real):
    right = tf.argmax(p, axis=1, output_type=tf.int32) == y
    return tf.reduce_sum(tf.cast(right, tf.float32) * real)
