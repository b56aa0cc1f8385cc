"""ProcessEngine: trains a convolutional network in a TrainingProcess."""

import numpy as np

# Rows in one message: 3 MB of MNIST, which takes a few milliseconds. Ctrl-C has to wait
# until they have been trained on.
_ROWS_AT_ONCE = 4096


class ProcessEngine:
    """Trains a network in another process, with the methods of a DenseEngine.

    Parameters
    ----------
    process : TrainingProcess
        Used by this engine only.
    architecture : Architecture
        The network.
    fixed_norm : bool
        Whether batch normalisation keeps its moving averages.
    scale : float
        Divides the pixels.
    batch_size : int
        Rows in a step.
    """

    n_threads = 1  # here, where images are augmented in the meantime

    def __init__(self, process, architecture, fixed_norm, scale, batch_size):
        self._process, self._batch_size = process, batch_size
        process.call("begin", architecture, fixed_norm, scale, batch_size)

    @property
    def learning_rate(self):
        """Used by the next steps; can only be set."""
        raise AttributeError("learning_rate")

    @learning_rate.setter
    def learning_rate(self, value):
        self._process.call("set_learning_rate", value)

    def prepare(self, x, y, weight, n_padded=0):
        """Return the data, of which `train` and `evaluate` send parts.

        Parameters
        ----------
        x : ndarray of shape (n_samples, n_features)
            Raw pixels.
        y : ndarray of shape (n_samples,), int32
            Indices of the classes.
        weight : ndarray of shape (n_samples,) or None
            Weights of the samples.
        n_padded : int, default=0
            Number of rows for which programs are compiled.

        Returns
        -------
        tuple
            The argument of `train` and `evaluate`.
        """
        return x, y, weight, n_padded

    def begin_epoch(self, seeds):
        """Seed the dropout of the next epoch.

        Parameters
        ----------
        seeds : list of ndarray of shape (2,)
            One for each dropout layer.
        """
        self._process.call("begin_epoch", seeds)

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
        steps = max(_ROWS_AT_ONCE // self._batch_size, 1)
        rates = [
            None if multipliers is None else multipliers[i : i + steps]
            for i in range(0, -(-len(order) // self._batch_size), steps)
        ]
        return self._sums("train", data, order, steps * self._batch_size, rates)

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
        hits = [
            None if hit_weight is None else hit_weight[i : i + _ROWS_AT_ONCE]
            for i in range(0, len(rows), _ROWS_AT_ONCE)
        ]
        return self._sums("evaluate", data, rows, _ROWS_AT_ONCE, hits)

    def _sums(self, name, data, rows, size, extras):
        """Call a method of the server on `size` rows at a time; add the results."""
        *arrays, n_padded = data
        n_padded = max(n_padded, min(len(rows), size))
        sums = np.zeros(2)
        for i, extra in enumerate(extras):
            part = rows[i * size : (i + 1) * size]
            sent = [None if a is None else a[part] for a in arrays]
            sums += self._process.call(name, sent, n_padded, extra)
        return sums

    def set_state(self, weights, optimizer_state=None):
        """Set the weights and the optimizer's state.

        Parameters
        ----------
        weights : list of ndarray
            In the order of Keras's `get_weights`.
        optimizer_state : list of ndarray, default=None
            In the order of Keras's optimizer variables. None before the first step.
        """
        self._process.call("set_state", weights, optimizer_state)

    def get_state(self):
        """Return copies of the network's state.

        Returns
        -------
        weights, optimizer_state : list of ndarray
            As `set_state` accepts them.
        """
        return self._process.call("get_state")
