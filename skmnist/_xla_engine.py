"""XLAEngine: trains a Keras model by its compiled programs, block after block."""

import numpy as np

from skmnist._backend import tf

# Programs are compiled for the shapes of their arguments. The number of rows is rounded
# up below this size, so that the folds of a cross-validation share one program; above
# it the copy would cost more than the compilation saves.
_LARGEST_PADDED = 32_768

# Batches in one call: enough that the call costs nothing, few enough that Ctrl-C and
# progress need not wait for the end of a long epoch.
_STEPS_PER_CALL = 512

_EVALUATION_BATCH = 256


class XLAEngine:
    """Trains the weights of an EpochModel where they are.

    Parameters
    ----------
    model : EpochModel
        With its programs.
    divisor : float
        What the pixels are divided by.
    batch_size : int
        Rows in a step.
    """

    def __init__(self, model, divisor, batch_size):
        self._model, self._batch_size = model, batch_size
        self._divisor = tf.constant(divisor, tf.float32)

    def prepare(self, x, y, weight):
        """Return the data as tensors, their number of rows rounded up.

        Parameters
        ----------
        x : ndarray of shape (n_samples, n_features)
            Raw pixels; uint8 stays so.
        y : ndarray of shape (n_samples,), int32
            Indices of the classes.
        weight : ndarray of shape (n_samples,) or None
            Weights of the samples.

        Returns
        -------
        tuple
            What `train` and `evaluate` take.
        """
        n_rows = len(x)
        weight = np.ones(n_rows) if weight is None else weight
        x = x if x.dtype == np.uint8 else np.asarray(x, dtype=np.float32)
        padding = round_up(n_rows) - n_rows if n_rows < _LARGEST_PADDED else 0
        arrays = x, y, np.asarray(weight, dtype=np.float32)
        if padding:
            arrays = (
                np.pad(a, [(0, padding)] + [(0, 0)] * (a.ndim - 1)) for a in arrays
            )
        return n_rows, tuple(tf.convert_to_tensor(a) for a in arrays)

    def train(self, data, order, seeds):
        """Train for one epoch.

        Parameters
        ----------
        data : tuple
            From `prepare`.
        order : ndarray of shape (n_samples,), int
            The rows in their order.
        seeds : list of ndarray of shape (2,)
            For the generator of each random layer.

        Returns
        -------
        ndarray of shape (2,)
            Summed losses and hits.
        """
        for variable, seed in zip(seed_states(self._model), seeds, strict=True):
            variable.assign(seed.astype(variable.dtype))
        return self._sums(
            self._model.train_program,
            data,
            order.astype(np.int32),
            self._batch_size,
            exact=_mixes_rows(self._model, training=True),
        )

    def evaluate(self, data):
        """Evaluate the network.

        Parameters
        ----------
        data : tuple
            From `prepare`.

        Returns
        -------
        ndarray of shape (2,)
            Summed losses and hits.
        """
        n_rows = data[0]
        return self._sums(
            self._model.test_program,
            data,
            np.arange(n_rows, dtype=np.int32),
            min(_EVALUATION_BATCH, round_up(n_rows)),
            exact=_mixes_rows(self._model, training=False),
        )

    def pull(self):
        """Do nothing: the weights are the model's."""

    push = pull

    def _sums(self, program, data, order, batch_size, *, exact):
        """Run a program over all of `order`; if `exact`, with no rows that fill up."""
        if not exact:
            return self._call(program, data, order, batch_size)
        whole = len(order) - len(order) % batch_size
        parts = [part for part in (order[:whole], order[whole:]) if len(part)]
        return sum(
            self._call(program, data, part, min(batch_size, len(part)))
            for part in parts
        )

    def _call(self, program, data, order, batch_size):
        """Run a program over all of `order`, some hundred batches at a time."""
        _, tensors = data
        n_steps = -(-len(order) // batch_size)
        steps = min(round_up(n_steps), _STEPS_PER_CALL)
        sums = np.zeros(2)
        for start in range(0, len(order), steps * batch_size):
            part = order[start : start + steps * batch_size]
            block = np.zeros((steps, batch_size), dtype=np.int32)
            block.reshape(-1)[: len(part)] = part
            results = program(
                *tensors, tf.constant(block), tf.constant(len(part)), self._divisor
            )
            sums += [float(value) for value in results]
        return sums


def round_up(number):
    """Round up to three bits: 1 to 8, 10, 12, 14, 16, 20, ..."""
    step = 1 << max(number.bit_length() - 3, 0)
    return -(-number // step) * step


def seed_states(model):
    """Return the states of the generators of a model's random layers."""
    return [v for v in model.non_trainable_variables if "seed_generator" in v.path]


def _mixes_rows(model, training):
    """Tell whether a row may change what is computed for others of its batch."""
    architecture = getattr(model, "architecture", None)
    return architecture is None or (training and architecture.batch_norm)
