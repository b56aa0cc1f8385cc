"""DenseEngine: trains a dense network by the kernel."""

import numpy as np

from skmnist._training import kernel, threads
from skmnist._training.dense_arrays import (
    ACTIVATIONS,
    OPTIMIZERS,
    as_pixels,
    make_configuration,
    make_stages,
    make_variables,
    make_workspace,
)

# The most rows in a batch, and weights in all kernels. Up to there the kernel is faster
# than XLA or about as fast, and starts at once (measured on MNIST with two cores).
# Beyond, a GPU may be worth its start.
_LARGEST_BATCH = 1024
_MOST_WEIGHTS = 20_000_000

# Products in one call: few enough that Ctrl-C does not have to wait, about a tenth of a
# second, and enough that the call costs nothing.
_PRODUCTS_PER_CALL = 5_000_000_000

# Products of a step in each thread, at least: about half a millisecond of computation.
# With less, threads wait for each other too long, about 0.1 ms in a step.
_PRODUCTS_PER_THREAD = 30_000_000

_EVALUATION_BATCH = 64  # rows

_WHOLE = 0, 1  # the first of one part

_NO_RATES = np.empty(0, dtype=np.float32)
_NO_SEEDS = np.empty((0, 2), dtype=np.uint32)

# The moments that each optimizer has, in Keras's order, as indices into the first axis
# of the moments in Variables.
_MOMENTS = {"adam": (0, 1), "sgd": (), "rmsprop": (1,)}


class DenseEngine:
    """Trains a dense network in arrays of its own.

    Parameters
    ----------
    architecture : Architecture
        One that `supports` accepts.
    scale : float
        Divides the pixels.
    batch_size : int
        Rows in a step.

    Attributes
    ----------
    learning_rate : float
        Used by the next steps.
    iterations : int
        Steps made so far.
    """

    def __init__(self, architecture, scale, batch_size):
        self._architecture = architecture
        self._scale, self._batch_size = np.float32(scale), batch_size
        self._config = make_configuration(architecture)
        self._variables = make_variables(self._config)
        # Three for each weight: forward, backward, and for its gradient.
        self._products = 3 * batch_size * _count_weights(self._config)
        self._most_threads = self._count_threads(threads.count_cores())
        self._space = make_workspace(self._config, batch_size, self._most_threads)
        self.learning_rate, self.iterations = 0.001, 0

    @property
    def n_threads(self):
        """Number of threads in which the next steps run."""
        return min(threads.count_free_cores(), self._most_threads)

    def _count_threads(self, n_cores):
        return max(min(n_cores, self._products // _PRODUCTS_PER_THREAD), 1)

    @staticmethod
    def supports(architecture, batch_size):
        """Return whether the kernel can train a network, and faster than XLA.

        Parameters
        ----------
        architecture : Architecture or None
            The network. None for a user's network.
        batch_size : int
            Rows in a step.

        Returns
        -------
        bool
            Whether an engine can be made.
        """
        return (
            architecture is not None
            and not architecture.filters
            and architecture.activation in ACTIVATIONS
            and architecture.optimizer in OPTIMIZERS
            and batch_size <= _LARGEST_BATCH
            and _count_weights(make_configuration(architecture)) <= _MOST_WEIGHTS
        )

    def prepare(self, x, y, weight, n_padded=0):
        """Return the data in the dtypes that the kernel needs.

        Parameters
        ----------
        x : ndarray of shape (n_samples, n_features)
            Raw pixels. uint8 and float32 are not copied.
        y : ndarray of shape (n_samples,), int32
            Indices of the classes.
        weight : ndarray of shape (n_samples,) or None
            Weights of the samples.
        n_padded : int, default=0
            Ignored; ProgramEngine needs it.

        Returns
        -------
        tuple
            The argument of `train` and `evaluate`.
        """
        weight = np.empty(0) if weight is None else weight
        weight = np.ascontiguousarray(weight, dtype=np.float32)
        return as_pixels(x), self._scale, np.ascontiguousarray(y, np.int32), weight

    def begin_epoch(self, seeds):
        """Seed the dropout of the next epoch.

        Parameters
        ----------
        seeds : list of ndarray of shape (2,)
            One for each dropout layer.
        """
        self._seeds = np.array(seeds, dtype=np.uint32).reshape(-1, 2)
        self._drawn = 0

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
        size = self._batch_size
        rates = np.ones(-(-len(order) // size)) if multipliers is None else multipliers
        # Keras holds the learning rate in single precision.
        rate = float(np.float32(self.learning_rate))
        rates = (rate * rates).astype(np.float32)
        sums = self._run(
            self._space,
            data,
            order,
            size,
            rates=rates,
            n_before=self.iterations,
            seeds=self._seeds,
            drawn=self._drawn,
            training=True,
        )
        self._drawn += len(rates)
        self.iterations += len(rates)
        return sums

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
        n_rows = len(rows)
        size = min(_EVALUATION_BATCH, n_rows)
        space = make_workspace(self._config, size)
        sums = self._run(space, data, rows, size, hit_weight=hit_weight)
        sums[0] += n_rows * self._penalty()
        return sums

    def _run(
        self,
        space,
        data,
        rows,
        batch_size,
        *,
        rates=_NO_RATES,
        seeds=_NO_SEEDS,
        n_before=0,
        drawn=0,
        training=False,
        hit_weight=None,
    ):
        """Run the kernel on some rows; return the sum of losses and of hits."""
        config, (pixels, scale, y, weight) = self._config, data
        losses = np.empty(len(rows), dtype=np.float32)
        correct = np.empty(len(rows), dtype=np.uint8)
        rows = np.ascontiguousarray(rows, dtype=np.int64)
        space.squares[:] = 0
        call = kernel.bind(
            "run_batches",
            (
                *(*config[:5], *self._variables, *space),
                *(*pixels, y, weight, rows, rates, seeds, losses, correct),
            ),
            (config.alpha, config.dropout, config.label_smoothing, scale),
        )
        fixed = config.activation, config.optimizer, config.batch_norm
        fixed += batch_size, n_before, drawn, training
        n_steps = -(-len(rows) // batch_size)
        self._run_steps(lambda *args: call((*fixed, *args)), n_steps, training)
        penalty = config.alpha * space.squares.sum()
        hits = correct if hit_weight is None else hit_weight[correct.astype(bool)]
        return np.array([losses.sum(dtype=np.float64) + penalty, hits.sum()])

    def _run_steps(self, run, n_steps, training):
        """Run the steps, in one thread or in several."""
        stages = make_stages(self._config, training)
        n_threads = self.n_threads if training else 1
        if n_threads == 1:
            size = max(_PRODUCTS_PER_CALL // self._products, 1)
            whole = stages[0][0], stages[-1][1]
            for first in range(0, n_steps, size):
                run(first, min(first + size, n_steps), *whole, *_WHOLE)
        else:

            def run_part(step, stage, part):
                run(step, step + 1, *stage, part, n_threads)

            threads.run_in_turns(run_part, n_steps, stages, n_threads)

    def _penalty(self):
        alpha, kernels = self._architecture.alpha, self._variables.kernels
        return alpha * np.square(kernels, dtype=np.float64).sum() if alpha else 0.0

    def set_state(self, weights, optimizer_state=None):
        """Set the weights and the optimizer's state.

        Parameters
        ----------
        weights : list of ndarray
            In the order of Keras's `get_weights`.
        optimizer_state : list of ndarray, default=None
            In the order of Keras's optimizer variables: the number of steps, the
            learning rate, and each variable's moments. None before the first step.
        """
        own = self._variables
        places = self._places(own.kernels, own.biases, own.norms)
        for place, value in zip(places, weights, strict=True):
            place[...] = value
        if optimizer_state is not None:
            iterations, learning_rate, *moments = optimizer_state
            self.iterations = int(iterations)
            self.learning_rate = float(learning_rate)
            for place, value in zip(self._moments(), moments, strict=True):
                place[...] = value
        n_pixels, width = self._config.widths[0], self._config.row_widths[1]
        moments = own.kernel_moments[:, : n_pixels * width]
        moments = moments.reshape(2, n_pixels, width)
        self._space.active_pixels[:] = moments.any(axis=(0, 2))

    def get_state(self):
        """Return copies of the network's state.

        Returns
        -------
        weights, optimizer_state : list of ndarray
            As `set_state` accepts them.
        """
        own = self._variables
        weights = self._places(own.kernels, own.biases, own.norms)
        numbers = np.int64(self.iterations), np.float32(self.learning_rate)
        return [place.copy() for place in weights], [
            *map(np.asarray, numbers),
            *(place.copy() for place in self._moments()),
        ]

    def _moments(self):
        """Return views of the optimizer's moments in Keras's shapes and order."""
        own = self._variables
        arrays = own.kernel_moments, own.bias_moments, own.norm_moments
        kinds = _MOMENTS[self._architecture.optimizer]
        by_kind = [self._places(*(array[k] for array in arrays)) for k in kinds]
        return [place for places in zip(*by_kind, strict=True) for place in places]

    def _places(self, kernels, biases, norms):
        """Return views of the arrays in Keras's shapes and order."""
        config, places = self._config, []
        for layer in range(len(config.widths) - 1):
            n_inputs, n_outputs = config.widths[layer : layer + 2]
            # The first kernel has a row for each input, the others for each output.
            n_rows, row = n_inputs, config.row_widths[1]
            if layer:
                n_rows, row = n_outputs, config.row_widths[layer]
            start = config.kernel_starts[layer]
            kernel = kernels[start : start + n_rows * row].reshape(n_rows, row)
            kernel = kernel[:, :n_inputs].T if layer else kernel[:, :n_outputs]
            start = config.bias_starts[layer]
            of_layer = slice(start, start + n_outputs)
            places += [kernel, biases[of_layer]]
            if layer < len(config.widths) - 2:
                places += [norm[of_layer] for norm in norms]
        return places


def _count_weights(config):
    """Return the number of weights in all kernels."""
    return int(config.widths[:-1] @ config.widths[1:])
