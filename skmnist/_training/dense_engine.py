"""DenseEngine: trains a dense network with the compiled steps of dense_step."""

import numpy as np

from skmnist._training.dense_arrays import (
    make_configuration,
    make_variables,
    make_workspace,
)
from skmnist._training.dense_layers import ACTIVATIONS, OPTIMIZERS
from skmnist._training.dense_step import evaluate_rows, train_steps

# Rows in a batch; weights in all kernels; weights in all kernels but the first. Larger
# networks train faster by XLA's matrix products on all cores (measured on MNIST and two
# cores).
_LARGEST_BATCH = 256
_MOST_WEIGHTS = 1_000_000
_MOST_WEIGHTS_ABOVE_FIRST_LAYER = 100_000

# Steps in one call: enough that the call costs nothing, few enough that Ctrl-C does not
# have to wait.
_STEPS_PER_CALL = 512

_EVALUATION_BATCH = 64  # rows

# First and second moments: how the paths of Keras's optimizer variables end.
_SLOTS = {
    "adam": ("momentum", "velocity"),
    "sgd": (None, None),
    "rmsprop": (None, "velocity"),
}


class DenseEngine:
    """Trains copies of the weights of a Keras model.

    Parameters
    ----------
    model : keras.Model
        With an `architecture` that `supports` accepts.
    scale : float
        Divides the pixels.
    batch_size : int
        Rows in a step.
    """

    def __init__(self, model, scale, batch_size):
        self._model, self._architecture = model, model.architecture
        self._scale, self._batch_size = np.float32(scale), batch_size
        self._config = make_configuration(self._architecture)
        self._variables = make_variables(self._config)
        self._space = make_workspace(self._config, batch_size)
        self.pull()

    @staticmethod
    def supports(architecture, batch_size):
        """Return whether the kernel can train a network, and does so faster than XLA.

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
            and _is_small(architecture)
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
        x = np.ascontiguousarray(x, dtype=None if x.dtype == np.uint8 else np.float32)
        weight = np.empty(0) if weight is None else weight
        weight = np.asarray(weight, dtype=np.float32)
        return _read_only(x), self._scale, _read_only(y), _read_only(weight)

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
        optimizer, size, sums = self._model.optimizer, self._batch_size, np.zeros(2)
        rates = np.ones(-(-len(order) // size)) if multipliers is None else multipliers
        rates = (float(optimizer.learning_rate) * rates).astype(np.float32)
        n_before = int(optimizer.iterations)
        for start in range(0, len(rates), _STEPS_PER_CALL):
            part = order[start * size : (start + _STEPS_PER_CALL) * size]
            steps = part, size, n_before + start, rates[start:], self._seeds
            results = _make_results(len(part))
            penalty = train_steps(
                self._config,
                self._variables,
                self._space,
                data,
                (*steps, self._drawn + start),
                results,
            )
            sums += _sum_results(results)
            sums[0] += penalty
        self._drawn += len(rates)
        optimizer.iterations.assign(n_before + len(rates))
        return sums

    def evaluate(self, data, rows):
        """Evaluate the network.

        Parameters
        ----------
        data : tuple
            From `prepare`.
        rows : ndarray of int
            The rows to evaluate on.

        Returns
        -------
        ndarray of shape (2,)
            The sum of the losses and the number of correct predictions.
        """
        n_rows = len(rows)
        space = make_workspace(self._config, min(_EVALUATION_BATCH, n_rows))
        results = _make_results(n_rows)
        evaluate_rows(self._config, self._variables, space, data, rows, results)
        sums = _sum_results(results)
        sums[0] += n_rows * self._penalty()
        return sums

    def _penalty(self):
        alpha, kernels = self._architecture.alpha, self._variables.kernels
        return alpha * np.square(kernels, dtype=np.float64).sum() if alpha else 0.0

    def pull(self):
        """Copy the weights and the optimizer's moments from the Keras model."""
        for places, values in self._pairs():
            for place, value in zip(places, values, strict=True):
                place[...] = value.numpy()
        n_pixels, width = self._config.widths[0], self._config.row_widths[1]
        moments = self._variables.kernel_moments[:, : n_pixels * width]
        self._space.active_pixels[:] = moments.reshape(2, n_pixels, width).any(
            axis=(0, 2)
        )

    def push(self):
        """Copy the weights and the optimizer's moments to the Keras model."""
        for places, values in self._pairs():
            for place, value in zip(places, values, strict=True):
                value.assign(place)

    def _pairs(self):
        """Pair views of the kernel's arrays with Keras's variables."""
        own = self._variables
        pairs = [
            (self._places(own.kernels, own.biases, own.norms), self._model.weights)
        ]
        moments = own.kernel_moments, own.bias_moments, own.norm_moments
        for *arrays, slots in zip(*moments, self._slots(), strict=True):
            if slots:
                pairs.append((self._places(*arrays), slots))
        return pairs

    def _slots(self):
        """Return the optimizer's first and second moments, as lists of variables."""
        variables = self._model.optimizer.variables
        return [
            [v for v in variables if ending and v.path.endswith(f"_{ending}")]
            for ending in _SLOTS[self._architecture.optimizer]
        ]

    def _places(self, kernels, biases, norms):
        """Return views of the arrays in Keras's shapes and order."""
        widths, row_widths = self._config.widths, self._config.row_widths
        places, at, bias_at = [], 0, 0
        for layer in range(len(widths) - 1):
            n_inputs, n_outputs = widths[layer], widths[layer + 1]
            # The first kernel has a row for each input, the others for each output.
            n_rows, row = n_inputs, row_widths[1]
            if layer:
                n_rows, row = n_outputs, row_widths[layer]
            kernel = kernels[at : at + n_rows * row].reshape(n_rows, row)
            kernel = kernel[:, :n_inputs].T if layer else kernel[:, :n_outputs]
            of_layer = slice(bias_at, bias_at + n_outputs)
            places += [kernel, biases[of_layer]]
            if layer < len(widths) - 2:
                places += [norm[of_layer] for norm in norms]
            at += n_rows * row
            bias_at += row_widths[layer + 1]
        return places


def _is_small(architecture):
    kernels = [np.prod(s) for s in architecture.weight_shapes() if len(s) == 2]
    above = sum(kernels[1:])
    return sum(kernels) <= _MOST_WEIGHTS and above <= _MOST_WEIGHTS_ABOVE_FIRST_LAYER


def _make_results(n_rows):
    """Return arrays for the losses and for correct or not."""
    return np.empty(n_rows, dtype=np.float32), np.empty(n_rows, dtype=bool)


def _sum_results(results):
    losses, correct = results
    return np.array([losses.sum(dtype=np.float64), correct.sum()])


def _read_only(array):
    """Return a read-only view, so that the kernel compiles for one type of array."""
    view = array.view(np.ndarray)
    view.flags.writeable = False
    return view
