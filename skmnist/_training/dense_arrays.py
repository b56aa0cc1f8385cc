"""The arrays of the dense kernel: configuration, variables and workspace."""

from typing import NamedTuple

import numpy as np

# What the kernel can compute, in the order that it knows.
ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid", "elu", "leaky_relu", "selu")
OPTIMIZERS = ("adam", "sgd", "rmsprop")

# Floats in a vector: the kernel sums rows that are padded to a multiple of it.
LANES = 16

# Rows of a kernel that are updated together: a multiple of the 6 rows in a tile of the
# product that gives their gradient, and few enough for the second-level cache.
BLOCK = 24

# Columns of a layer that are normalised together: as many as `add_rows` sums at once.
NORM_COLUMNS = 64

# Vectors in a row from which on their number is odd. Rows that are a multiple of 1 KiB
# apart would share a few places in the first-level cache: products took up to three
# times as long.
_LONG_ROW = 16


class Configuration(NamedTuple):
    """What stays the same throughout a training."""

    widths: np.ndarray  # (n_layers + 1,) int64
    vector_widths: np.ndarray  # the same, rounded up to whole vectors
    row_widths: np.ndarray  # from one row to the next in memory; at least the same
    kernel_starts: np.ndarray  # (n_layers,) int64: of each layer in `kernels`
    bias_starts: np.ndarray  # (n_layers,) int64: of each layer in `biases`
    activation: int
    optimizer: int
    alpha: float
    dropout: float
    batch_norm: bool
    label_smoothing: float


class Variables(NamedTuple):
    """The weights and the optimizer's moments, float32.

    The kernel of the first layer has a row for each pixel, the other kernels a row for
    each output. All kernels are stored one after the other, and so are all biases. With
    batch normalisation `norms` holds scale, shift, moving mean and moving variance at
    the same positions as the biases.
    """

    kernels: np.ndarray
    biases: np.ndarray
    kernel_moments: np.ndarray  # (2, ...)
    bias_moments: np.ndarray  # (2, ...)
    norms: np.ndarray  # (4, ...), or (0, ...)
    norm_moments: np.ndarray  # (2, 2, ...): of scale and shift


class Workspace(NamedTuple):
    """Memory for the computation of one batch.

    Threads that share a batch have the last four arrays each to itself.
    """

    index: np.ndarray  # (batch, n_pixels + 1) int32: indices of nonzero pixels
    value: np.ndarray  # (batch, n_pixels + 1) float32
    counts: np.ndarray  # (batch,) int64
    outputs: np.ndarray  # (n_layers, batch, row): after activation and dropout
    deltas: np.ndarray  # (n_layers, batch, row): gradients before the activation
    active_pixels: np.ndarray  # (n_pixels,) uint8: 1 once it was nonzero
    normalized: np.ndarray  # (n_layers, batch, row)
    inverse_deviations: np.ndarray  # as the biases
    norm_gradients: np.ndarray  # (2, as the biases): of scale and shift
    transposed: np.ndarray  # (2, row, batch): inputs and outputs of a layer
    squares: np.ndarray  # (n_pixels + n_blocks,) float64: sums over the steps
    arange: np.ndarray  # 0, 1, 2, ... int32
    ones: np.ndarray  # (batch,)
    start: np.ndarray  # (n_threads, n_pixels + 1) int64: offsets into rows and values
    rows: np.ndarray  # (n_threads, batch * n_pixels) int32
    values: np.ndarray  # (n_threads, batch * n_pixels) float32
    gradient: np.ndarray  # (n_threads, BLOCK, longest row)


def make_configuration(architecture):
    """Return the configuration of an architecture.

    Parameters
    ----------
    architecture : Architecture
        Dense layers only.

    Returns
    -------
    Configuration
        What the kernel needs to know of it.
    """
    widths = (architecture.n_features, *architecture.hidden_layer_sizes)
    widths = np.array([*widths, architecture.n_classes], dtype=np.int64)
    n_vectors = -(-widths // LANES)
    rows = np.where(n_vectors < _LONG_ROW, n_vectors, n_vectors | 1) * LANES
    return Configuration(
        widths,
        n_vectors * LANES,
        rows,
        _starts(widths[:1] * rows[1:2], widths[2:] * rows[1:-1]),
        _starts(rows[1:]),
        ACTIVATIONS.index(architecture.activation),
        OPTIMIZERS.index(architecture.optimizer),
        np.float32(architecture.alpha),
        np.float32(architecture.dropout),
        architecture.batch_norm,
        np.float32(architecture.label_smoothing),
    )


def make_stages(config, training):
    """Return which phases of a step a part of it can compute without the other parts.

    Parameters
    ----------
    config : Configuration
        The network.
    training : bool
        Whether the step trains.

    Returns
    -------
    list of tuple of (first, last)
        The phases of each stage, without the last one. `_run_phase` in
        `kernel/steps.py` describes the phases.
    """
    n_hidden = len(config.widths) - 2
    n_phases = 4 * n_hidden + 1 if training else 2 * n_hidden + 1
    if config.batch_norm:
        stages = [(phase, phase + 1) for phase in range(n_phases)]
    else:
        stages = [(0, n_phases)]
    return [*stages, (n_phases, n_phases + 1)] if training else stages


def make_variables(config):
    """Return zeros for the weights and the optimizer's moments.

    Parameters
    ----------
    config : Configuration
        The network.

    Returns
    -------
    Variables
        Zeros.
    """
    n_first = config.widths[0] * config.row_widths[1]
    n_kernels = int(n_first + config.widths[2:] @ config.row_widths[1:-1])
    n_biases = int(config.row_widths[1:].sum())
    return Variables(
        _aligned_zeros(n_kernels),
        _aligned_zeros(n_biases),
        _aligned_zeros((2, n_kernels)),
        _aligned_zeros((2, n_biases)),
        _aligned_zeros((4 if config.batch_norm else 0, n_biases)),
        _aligned_zeros((2, 2 if config.batch_norm else 0, n_biases)),
    )


def make_workspace(config, batch_size, n_threads=1):
    """Return the memory for the computation of one batch.

    Parameters
    ----------
    config : Configuration
        The network.
    batch_size : int
        Rows in a batch, at most.
    n_threads : int, default=1
        Threads that share a batch.

    Returns
    -------
    Workspace
        Zeros.
    """
    n_layers, widest = len(config.widths) - 1, int(config.row_widths[1:].max())
    n_pixels, n_biases = int(config.widths[0]), int(config.row_widths[1:].sum())
    n_blocks = int((-(-config.widths[2:] // BLOCK)).sum())
    # The kernel computes whole vectors of rows.
    n_vectors = -(-batch_size // LANES)
    n_rows, columns = n_vectors * LANES, (n_vectors | 1) * LANES
    return Workspace(
        # One more than needed: the kernel writes one entry beyond the last.
        index=_aligned_zeros((batch_size, n_pixels + 1), np.int32),
        value=_aligned_zeros((batch_size, n_pixels + 1)),
        counts=_aligned_zeros(batch_size, np.int64),
        outputs=_aligned_zeros((n_layers, n_rows, widest)),
        deltas=_aligned_zeros((n_layers, n_rows, widest)),
        active_pixels=_aligned_zeros(n_pixels, np.uint8),
        normalized=_aligned_zeros((n_layers, n_rows, widest)),
        inverse_deviations=_aligned_zeros(n_biases),
        norm_gradients=_aligned_zeros((2, n_biases)),
        transposed=_aligned_zeros((2, widest, columns)),
        squares=_aligned_zeros(n_pixels + n_blocks, np.float64),
        arange=np.arange(max(widest, batch_size), dtype=np.int32),
        ones=np.ones(batch_size, dtype=np.float32),
        start=_aligned_zeros((n_threads, n_pixels + 1), np.int64),
        rows=_aligned_zeros((n_threads, batch_size * n_pixels), np.int32),
        values=_aligned_zeros((n_threads, batch_size * n_pixels)),
        gradient=_aligned_zeros((n_threads, BLOCK, widest)),
    )


def as_pixels(images):
    """Return images as the kernel expects them: as bytes or as floats.

    Parameters
    ----------
    images : ndarray of shape (n_samples, n_pixels)
        Of any real dtype. uint8 and float32 are not copied.

    Returns
    -------
    as_bytes, as_floats : ndarray of shape (n_samples, n_pixels), uint8 and float32
        The one that is not used has no rows.
    """
    n_pixels = images.shape[1]
    if images.dtype == np.uint8:
        return np.ascontiguousarray(images), np.empty((0, n_pixels), np.float32)
    floats = np.ascontiguousarray(images, dtype=np.float32)
    return np.empty((0, n_pixels), np.uint8), floats


def _starts(*sizes):
    """Return where each of some arrays starts that are stored one after the other."""
    return np.cumsum([0, *np.concatenate(sizes)], dtype=np.int64)[:-1]


def _aligned_zeros(shape, dtype=np.float32):
    """Return zeros that start at a cache line."""
    line, dtype = 64, np.dtype(dtype)
    size = int(np.prod(shape)) * dtype.itemsize
    memory = np.zeros(size + 2 * line, dtype=np.uint8)
    start = -memory.ctypes.data % line
    return memory[start : start + size].view(dtype).reshape(shape)
