"""ProgramEngine: trains an EpochModel by its programs, block after block."""

import numpy as np

from skmnist._keras.backend import tf
from skmnist._keras.model import get_state, set_state
from skmnist._training.epochs import round_up

# Rows. Fewer become tensors once, padded to a rounded number: programs are compiled for
# fixed shapes, and the folds of a cross-validation then share one. With more, each call
# gets only its own rows: all may be a memory-mapped file larger than the memory.
_MOST_RESIDENT = 32_768

# Batches in one call: enough that the call costs nothing, few enough that Ctrl-C need
# not wait for the end of a long epoch.
_STEPS_PER_CALL = 512

_EVALUATION_BATCH = 256  # rows


class ProgramEngine:
    """Trains the weights of an EpochModel in place.

    TensorFlow has threads of its own.

    Parameters
    ----------
    model : EpochModel
        With its programs.
    scale : float
        What the pixels are divided by.
    batch_size : int
        Rows in a step.
    """

    n_threads = 1

    def __init__(self, model, scale, batch_size):
        self._model, self._batch_size = model, batch_size
        self._scale = tf.constant(scale, tf.float32)

    def prepare(self, x, y, weight, n_padded=0):
        """Return the data as tensors, or unchanged if there are many rows.

        Parameters
        ----------
        x : ndarray of shape (n_samples, n_features)
            Raw pixels.
        y : ndarray of shape (n_samples,), int32
            Indices of the classes.
        weight : ndarray of shape (n_samples,) or None
            Weights of the samples.
        n_padded : int, default=0
            Number of rows to pad to.

        Returns
        -------
        tuple
            The argument of `train` and `evaluate`.
        """
        n_rows = len(x)
        weight = np.ones(n_rows) if weight is None else weight
        arrays = x, y, np.asarray(weight, dtype=np.float32)
        if n_rows >= _MOST_RESIDENT:
            return arrays
        return _as_tensors(arrays, np.arange(n_rows), max(round_up(n_rows), n_padded))

    def begin_epoch(self, seeds):
        """Seed the random layers for the next epoch.

        Parameters
        ----------
        seeds : list of ndarray of shape (2,)
            One for the generator of each random layer.
        """
        set_seeds(self._model, seeds)

    def train(self, data, order, multipliers=None):
        """Train on part of an epoch, or on all of it.

        Parameters
        ----------
        data : tuple
            From `prepare`.
        order : ndarray of shape (n_samples,), int
            The rows in their order.
        multipliers : ndarray of shape (n_steps,), default=None
            Multipliers of the learning rate, step by step.

        Returns
        -------
        ndarray of shape (2,)
            The sum of the losses and the number of correct predictions.
        """
        return self._sums(
            self._model.train_program,
            data,
            order,
            self._batch_size,
            multipliers,
            exact=_mixes_rows(self._model, training=True),
        )

    def evaluate(self, data, rows, hit_weight=None):
        """Evaluate the network.

        Parameters
        ----------
        data : tuple
            From `prepare`.
        rows : ndarray of int
            The rows to evaluate on.
        hit_weight : ndarray of shape (n_rows,), default=None
            Weights of the correct predictions. None is 1 for all.

        Returns
        -------
        ndarray of shape (2,)
            The sum of the losses and the number, or weight, of correct predictions.
        """
        hit_weight = np.ones(len(rows)) if hit_weight is None else hit_weight
        return self._sums(
            self._model.test_program,
            data,
            rows,
            min(_EVALUATION_BATCH, round_up(len(rows))),
            hit_weight=hit_weight,
            exact=_mixes_rows(self._model, training=False),
        )

    def pull(self):
        """Do nothing: the weights are those of the model."""

    push = pull

    def set_state(self, weights, optimizer_state=None):
        """Set the weights and the optimizer's state of the model.

        Parameters
        ----------
        weights, optimizer_state : list of ndarray
            In Keras's order.
        """
        set_state(self._model, weights, optimizer_state)

    def get_state(self):
        """Return copies of the weights and of the optimizer's state of the model.

        Returns
        -------
        weights, optimizer_state : list of ndarray
            In Keras's order.
        """
        return get_state(self._model)

    def _sums(
        self,
        program,
        data,
        order,
        batch_size,
        multipliers=None,
        hit_weight=None,
        *,
        exact,
    ):
        """Run a program over all of `order`; if `exact`, without padding rows."""
        if not exact:
            return self._call(program, data, order, batch_size, multipliers, hit_weight)
        whole = len(order) - len(order) % batch_size
        sums = np.zeros(2)
        for start, stop in ((0, whole), (whole, len(order))):
            if start < stop:
                part = order[start:stop]
                rest = (
                    None if multipliers is None else multipliers[start // batch_size :]
                )
                hits = None if hit_weight is None else hit_weight[start:stop]
                size = min(batch_size, len(part))
                sums += self._call(program, data, part, size, rest, hits)
        return sums

    def _call(self, program, data, order, batch_size, multipliers, hit_weight):
        """Run a program over all of `order`, up to 512 batches at a time."""
        resident = tf.is_tensor(data[0])
        # Counted over all rows, not `order`, so that parts of an epoch share one
        # program.
        n_rows = len(data[0]) if resident else len(order)
        steps = min(round_up(-(-n_rows // batch_size)), _STEPS_PER_CALL)
        if not resident:
            steps = min(steps, max(_MOST_RESIDENT // 2 // batch_size, 1))
        shape, sums = (steps, batch_size), np.zeros(2)
        for start in range(0, len(order), steps * batch_size):
            part = order[start : start + steps * batch_size]
            if resident:
                tensors = data
            else:
                tensors = _as_tensors(data, part, steps * batch_size)
                part = np.arange(len(part))
            tensors = *tensors, _as_block(part, shape, np.int32), tf.constant(len(part))
            if hit_weight is not None:
                hits = hit_weight[start : start + len(part)]
                hits = _as_block(hits, shape, np.float32)
                results = program(*tensors, self._scale, hits)
            elif multipliers is None:
                results = program(*tensors, self._scale)
            else:
                first = start // batch_size
                rates = self._rates(multipliers[first : first + steps], steps)
                results = self._run_at_rates(program, tensors, rates)
            sums += [float(value) for value in results]
        return sums

    def _rates(self, multipliers, n_steps):
        rates = np.zeros(n_steps, dtype=np.float32)
        rates[: len(multipliers)] = (
            float(self._model.optimizer.learning_rate) * multipliers
        )
        return tf.constant(rates)

    def _run_at_rates(self, program, tensors, rates):
        """Run a program that changes the learning rate, and restore the rate."""
        base = float(self._model.optimizer.learning_rate)
        try:
            return program(*tensors, self._scale, rates)
        finally:
            self._model.optimizer.learning_rate = base


def _as_block(values, shape, dtype):
    """Return values as a tensor with a row for each batch, padded with zeros."""
    block = np.zeros(shape, dtype=dtype)
    block.reshape(-1)[: len(values)] = values
    return tf.constant(block)


def _as_tensors(arrays, rows, n_padded):
    """Return some rows of arrays as tensors, padded with zeros."""
    tensors = []
    for array in arrays:
        dtype = array.dtype if array.dtype in (np.uint8, np.int32) else np.float32
        padded = np.zeros((n_padded, *array.shape[1:]), dtype=dtype)
        padded[: len(rows)] = array[rows]
        tensors.append(tf.convert_to_tensor(padded))
    return tuple(tensors)


def seed_states(model):
    """Return the seed variables of a model's random layers."""
    return [v for v in model.non_trainable_variables if "seed_generator" in v.path]


def set_seeds(model, seeds):
    """Seed a model's random layers, each with two numbers."""
    for variable, seed in zip(seed_states(model), seeds, strict=True):
        variable.assign(seed.astype(variable.dtype))


def _mixes_rows(model, training):
    """Return whether a row may change the results of other rows in its batch."""
    architecture = getattr(model, "architecture", None)
    return architecture is None or (training and architecture.batch_norm)
