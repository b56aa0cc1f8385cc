"""DenseEngine: trains a dense network with the compiled steps of `_dense_kernel`."""

import numpy as np

from skmnist._keras.backend import tf
from skmnist._training.dense_layers import ACTIVATIONS, OPTIMIZERS
from skmnist._training.dense_step import (
    Rule,
    Variables,
    Workspace,
    evaluate_rows,
    train_steps,
)
from skmnist._training.intrinsics import LANES

# Above these, measured on MNIST and two processors, XLA's matrix products on all
# processors are faster than one thread here.
_LARGEST_BATCH = 256
_MOST_WEIGHTS = 1_000_000
_MOST_WEIGHTS_ABOVE_FIRST_LAYER = 100_000

# Steps in one call: enough that the call costs nothing, few enough that Ctrl-C need not
# wait for long.
_STEPS_PER_CALL = 512

_EVALUATION_BATCH = 64

# Slot variables of Keras's optimizers, by the end of their paths.
_SLOTS = {
    "adam": ("momentum", "velocity"),
    "sgd": (None, None),
    "rmsprop": (None, "velocity"),
}


class DenseEngine:
    """Holds the weights of a Keras model while it trains them.

    Parameters
    ----------
    model : keras.Model
        With an `architecture` that `supports` accepts.
    divisor : float
        What the pixels are divided by.
    batch_size : int
        Rows in a step.
    """

    def __init__(self, model, divisor, batch_size):
        self._model, self._architecture = model, model.architecture
        self._divisor, self._batch_size = np.float32(divisor), batch_size
        self._rule = _make_rule(self._architecture)
        self._variables = _make_variables(self._rule)
        self._space = _make_workspace(self._rule, batch_size)
        self.pull()

    @staticmethod
    def supports(model, batch_size):
        """Tell whether the kernel knows all that this model is made of."""
        architecture = getattr(model, "architecture", None)
        return (
            architecture is not None
            and not architecture.filters
            and architecture.activation in ACTIVATIONS
            and architecture.optimizer in OPTIMIZERS
            and batch_size <= _LARGEST_BATCH
            and _is_small(architecture)
            and not tf.config.list_logical_devices("GPU")
        )

    def prepare(self, x, y, weight, n_padded=0):
        """Return the data in the types that the kernel takes.

        Parameters
        ----------
        x : ndarray of shape (n_samples, n_features)
            Raw pixels; uint8 and float32 are used as they lie.
        y : ndarray of shape (n_samples,), int32
            Indices of the classes.
        weight : ndarray of shape (n_samples,) or None
            Weights of the samples.
        n_padded : int, default=0
            Not needed here: ProgramEngine's.

        Returns
        -------
        tuple
            What `train` and `evaluate` take.
        """
        x = np.ascontiguousarray(x, dtype=None if x.dtype == np.uint8 else np.float32)
        weight = np.empty(0) if weight is None else weight
        weight = np.asarray(weight, dtype=np.float32)
        return _read_only(x), self._divisor, _read_only(y), _read_only(weight)

    def begin_epoch(self, seeds):
        """Take what is random in the coming epoch.

        Parameters
        ----------
        seeds : list of ndarray of shape (2,)
            For each dropout layer.
        """
        self._seeds = np.array(seeds, dtype=np.uint32).reshape(-1, 2)
        self._drawn = 0

    def train(self, data, order, factors=None):
        """Train on a part of an epoch, or on all of it.

        Parameters
        ----------
        data : tuple
            From `prepare`.
        order : ndarray of shape (n_samples,), int
            The rows in their order.
        factors : ndarray of shape (n_steps,), default=None
            What the learning rate is multiplied by, step by step.

        Returns
        -------
        ndarray of shape (2,)
            Summed losses and hits.
        """
        optimizer, size, sums = self._model.optimizer, self._batch_size, np.zeros(2)
        rates = np.ones(-(-len(order) // size)) if factors is None else factors
        rates = (float(optimizer.learning_rate) * rates).astype(np.float32)
        n_before = int(optimizer.iterations)
        for start in range(0, len(rates), _STEPS_PER_CALL):
            part = order[start * size : (start + _STEPS_PER_CALL) * size]
            steps = part, size, n_before + start, rates[start:], self._seeds
            results = _make_results(len(part))
            penalty = train_steps(
                self._rule,
                self._variables,
                self._space,
                data,
                (*steps, self._drawn + start),
                results,
            )
            sums += _summed(results)
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
            The rows of it to evaluate on.

        Returns
        -------
        ndarray of shape (2,)
            Summed losses and hits.
        """
        n_rows = len(rows)
        space = _make_workspace(self._rule, min(_EVALUATION_BATCH, n_rows))
        results = _make_results(n_rows)
        evaluate_rows(self._rule, self._variables, space, data, rows, results)
        sums = _summed(results)
        sums[0] += n_rows * self._penalty()
        return sums

    def _penalty(self):
        alpha, kernels = self._architecture.alpha, self._variables.kernels
        return alpha * np.square(kernels, dtype=np.float64).sum() if alpha else 0.0

    def pull(self):
        """Take the weights and the optimizer's moments from the Keras model."""
        for places, values in self._pairs():
            for place, value in zip(places, values, strict=True):
                place[...] = value.numpy()
        n_pixels, width = self._rule.widths[0], self._rule.row_widths[1]
        moments = self._variables.kernel_moments[:, : n_pixels * width]
        self._space.inked[:] = moments.reshape(2, n_pixels, width).any(axis=(0, 2))

    def push(self):
        """Give the weights and the optimizer's moments to the Keras model."""
        for places, values in self._pairs():
            for place, value in zip(places, values, strict=True):
                value.assign(place)

    def _pairs(self):
        """Pair the kernel's arrays, as views, with Keras's variables."""
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
        """Return where Keras's variables lie, as views, in Keras's order."""
        widths, row_widths = self._rule.widths, self._rule.row_widths
        places, at, bias_at = [], 0, 0
        for layer in range(len(widths) - 1):
            n_inputs, n_outputs = widths[layer], widths[layer + 1]
            # The first layer has a row for each input, the others for each output.
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


def _make_rule(architecture):
    widths = (architecture.n_features, *architecture.hidden_layer_sizes)
    widths = np.array([*widths, architecture.n_classes], dtype=np.int64)
    return Rule(
        widths,
        -(-widths // LANES) * LANES,
        ACTIVATIONS.index(architecture.activation),
        OPTIMIZERS.index(architecture.optimizer),
        np.float32(architecture.alpha),
        np.float32(architecture.dropout),
        architecture.batch_norm,
        np.float32(architecture.label_smoothing),
    )


def _make_variables(rule):
    rows = rule.widths[2:] @ rule.row_widths[1:-1]
    n_kernels = int(rule.widths[0] * rule.row_widths[1] + rows)
    n_biases = int(rule.row_widths[1:].sum())
    return Variables(
        _aligned(n_kernels),
        _aligned(n_biases),
        _aligned((2, n_kernels)),
        _aligned((2, n_biases)),
        _aligned((4 if rule.batch_norm else 0, n_biases)),
        _aligned((2, 2 if rule.batch_norm else 0, n_biases)),
    )


def _make_workspace(rule, batch_size):
    n_layers, widest = len(rule.widths) - 1, int(rule.row_widths[1:].max())
    n_pixels, n_biases = int(rule.widths[0]), int(rule.row_widths[1:].sum())
    return Workspace(
        # One more than there can be, for the last pixel looked at.
        index=_aligned((batch_size, n_pixels + 1), np.int32),
        value=_aligned((batch_size, n_pixels + 1)),
        counts=_aligned(batch_size, np.int64),
        outputs=_aligned((n_layers, batch_size, widest)),
        deltas=_aligned((n_layers, batch_size, widest)),
        start=_aligned(n_pixels + 1, np.int64),
        rows=_aligned(batch_size * n_pixels, np.int32),
        values=_aligned(batch_size * n_pixels),
        inked=_aligned(n_pixels, bool),
        gradient=_aligned(widest),
        column=_aligned(batch_size),
        normalized=_aligned((n_layers, batch_size, widest)),
        inverse_deviations=_aligned(n_biases),
        norm_gradients=_aligned((2, n_biases)),
        every=np.arange(max(widest, batch_size), dtype=np.int32),
    )


def _make_results(n_rows):
    """Return where losses and hits go."""
    return np.empty(n_rows, dtype=np.float32), np.empty(n_rows, dtype=bool)


def _summed(results):
    losses, hits = results
    return np.array([losses.sum(dtype=np.float64), hits.sum()])


def _read_only(array):
    """Return a view that cannot be written to: one type of array to compile for."""
    view = array.view(np.ndarray)
    view.flags.writeable = False
    return view


def _aligned(shape, dtype=np.float32):
    """Return zeros that begin with a cache line, as the vectors in them do."""
    line, dtype = 64, np.dtype(dtype)
    size = int(np.prod(shape)) * dtype.itemsize
    memory = np.zeros(size + 2 * line, dtype=np.uint8)
    start = -memory.ctypes.data % line
    return memory[start : start + size].view(dtype).reshape(shape)
