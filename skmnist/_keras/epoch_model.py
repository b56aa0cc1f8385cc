"""EpochModel: a Keras model with compiled programs for whole epochs."""

from skmnist._keras.backend import has_gpu, keras, muted_first_run, tf
from skmnist._keras.batch_parts import call_in_parts
from skmnist._keras.model import loss_name

_CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv2DTranspose,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv2D,
)


class EpochModel(keras.Model):
    """A Keras model with a program for whole epochs, compiled by XLA.

    With batches of 32 a small network spends nearly all its time between Keras's
    steps. Here the loop over the batches is part of the compiled program: rows are
    gathered from the data on the device, converted and scaled there, and the model's
    own layers, loss and optimizer compute the step.
    """

    def compile(self, *args, **kwargs):
        """Compile as Keras does, and replace the programs."""
        super().compile(*args, **kwargs)
        by_xla = has_gpu() or not _convolves(self)
        self._in_parts = not by_xla
        self.train_program = _Program(self._train_batches, by_xla)
        self.test_program = _Program(self._test_batches, by_xla)

    def _train_batches(self, x, y, weight, order, n_rows, scale, rates=None):
        """Train on the first `n_rows` rows of `order`; sum the losses and hits."""

        def step(i, x, y, weight, real):
            if rates is not None:
                self.optimizer.learning_rate.assign(rates[i])
            with tf.GradientTape() as tape:
                p = self._call(x, training=True)
                loss = self._batch_loss(x, y, p, weight, training=True)
                scaled_loss = self.optimizer.scale_loss(loss)
            gradients = tape.gradient(scaled_loss, self.trainable_weights)
            self.optimizer.apply_gradients(
                zip(gradients, self.trainable_weights, strict=True)
            )
            return loss, _count_correct(p, y, real)

        return _loop(step, (x, y, weight), order, n_rows, scale)

    def _test_batches(self, x, y, weight, order, n_rows, scale, hit_weight):
        """Evaluate the first `n_rows` rows of `order`; weigh the hits."""

        def step(i, x, y, weight, real):
            p = self._call(x, training=False)
            loss = self._batch_loss(x, y, p, weight, training=False)
            return loss, _count_correct(p, y, real * tf.gather(hit_weight, i))

        return _loop(step, (x, y, weight), order, n_rows, scale)

    def _call(self, x, training):
        # Layers of a user's network may be connected in any way.
        if self._in_parts and hasattr(self, "architecture"):
            return call_in_parts(self, x, training)
        return self(x, training=training)

    def _batch_loss(self, x, y, p, weight, training):
        if loss_name(self) == "categorical_crossentropy":
            y = tf.one_hot(y, p.shape[-1])
        return self.compute_loss(
            x=x, y=y, y_pred=p, sample_weight=weight, training=training
        )


class _Program:
    """A function of tensors that is compiled once for each set of shapes.

    Like tf.function, but without its retracing warning, which the folds of a
    cross-validation would trigger.
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
    """Return whether a layer is a convolution.

    On CPUs, XLA runs convolutions inside a loop in one thread and without optimisation,
    some 50 times slower than TensorFlow's own kernels.
    """
    return any(
        isinstance(layer, _CONVOLUTIONS) or _convolves(layer)
        for layer in getattr(model, "layers", [])
    )


def _loop(step, data, order, n_rows, scale):
    """Call `step` on batch after batch inside the compiled program."""
    x, y, weight = data
    batch_size = order.shape[1]
    column = tf.range(batch_size)

    def body(i, losses, correct):
        rows = tf.gather(order, i)
        count = tf.minimum(n_rows - i * batch_size, batch_size)
        real = tf.cast(column < count, tf.float32)
        count = tf.cast(count, tf.float32)
        # Keras divides the summed losses by the batch size. Rows that only fill up the
        # last batch have weight 0; the weights of the others make up for them.
        batch_weight = tf.gather(weight, rows) * real * (batch_size / count)
        pixels = tf.cast(tf.gather(x, rows), tf.float32) / scale
        loss, n_correct = step(i, pixels, tf.gather(y, rows), batch_weight, real)
        return i + 1, losses + tf.cast(loss, tf.float32) * count, correct + n_correct

    n_steps = (n_rows + batch_size - 1) // batch_size
    zero = tf.constant(0.0)
    _, losses, correct = tf.while_loop(
        lambda i, *_: i < n_steps, body, (tf.constant(0), zero, zero)
    )
    return losses, correct


def _count_correct(p, y, weight):
    right = tf.argmax(p, axis=1, output_type=tf.int32) == y
    return tf.reduce_sum(tf.cast(right, tf.float32) * weight)
