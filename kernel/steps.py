"""The training steps of a dense network.

A step of a small network is too short to share: threads would wait for each other
longer than they compute. One thread then runs all steps, so each core can run its own
fit. Steps of large networks are shared: `run_steps` computes one part of the work in
one range of phases. Every number is computed by the same operations in the same order,
whatever the number of parts.

Zero pixels, four of five in an image of a digit, cost nothing. The gradient of some
rows of weights and their update are computed together, in registers and cache.
"""

import numpy as np

from kernel.intrinsics import add_rows, inlined, part, rows_of
from kernel.layers import (
    NEGLIGIBLE,
    activate,
    activation_backward,
    batch_norm_backward,
    batch_norm_forward,
    dropout,
    dropout_backward,
    flush,
    step_size,
)
from kernel.products import add_products, transpose
from kernel.updates import update
from skmnist._training.dense_arrays import LANES

# Columns of the first kernel processed at a time; on MNIST they fit the second-level
# cache.
_COLUMNS = 256

# Outputs of a layer computed at a time: a multiple of the 6 rows in a tile of their
# product, and few enough that their weights stay in the second-level cache.
_OUTPUTS = 48

_f32 = np.float32


@inlined
def run_steps(config, variables, space, data, steps, results, phases, share):
    """Run training steps, or evaluate the network batch by batch.

    Parameters
    ----------
    config, variables, space : Configuration, Variables, Workspace
        The network and the memory for its computation.
    data : tuple of (bytes, floats, scale, y, weight)
        Pixels (n, n_pixels) as uint8 or float32, the other of the two with no rows; the
        number that divides them, class indices int32, and weights float32 of shape (n,)
        or (0,).
    steps : tuple of (order, batch_size, n_before, rates, seeds, drawn, training)
        The rows in order, the batch size, the number of earlier steps, the learning
        rate of each step, two uint32 for the dropout of each hidden layer (or none),
        the number of steps that have used these seeds, and whether to train.
    results : tuple of (losses, correct)
        Filled in: a float32 and a bool for each row of `order`.
    phases : tuple of (first_step, last_step, first_phase, last_phase)
        The steps to run, and the phases of each, without the last ones.
    share : tuple of (thread, n_threads)
        Which part of each phase to compute: that of one of the threads.
    """
    order, batch_size, n_before, rates, seeds, drawn, training = steps
    first_step, last_step, first_phase, last_phase = phases
    network = config, variables, space
    for step in range(first_step, last_step):
        at = step * batch_size
        rows = order[at : at + batch_size]
        first, last = _rows_of_part(rows.shape[0], share)
        batch = rows, first, last, seeds, drawn + step
        of_batch = results[0][at:], results[1][at:]
        rate = _f32(0)
        if training:
            rate = step_size(config, rates[step], n_before + step + 1)
        for phase in range(first_phase, last_phase):
            _run_phase(network, data, batch, of_batch, phase, rate, training, share)


@part
def _rows_of_part(n, share):
    """Return the first row of a part of the batch, and the one after its last."""
    thread, n_threads = share
    n_blocks = -(-n // LANES)
    first = n_blocks * thread // n_threads
    last = n_blocks * (thread + 1) // n_threads
    return min(first * LANES, n), min(last * LANES, n)


@part
def _run_phase(network, data, batch, results, phase, rate, training, share):
    """Compute a part of one phase of a step.

    The phases are: for each hidden layer, its sums, then its normalisation; the logits,
    the losses and the gradient of the last hidden layer; for each hidden layer, from
    the last to the first, its normalisation backwards, then the gradient of the layer
    below; the update. Only the normalisations and the update need other rows.
    """
    config, variables, space = network
    n, n_hidden = batch[0].shape[0], config.widths.shape[0] - 2
    # Each function is called in one place, where it is compiled.
    if phase > 4 * n_hidden:
        update(config, variables, space, n, rate, share)
    elif phase % 2:
        layer = phase // 2
        if not config.batch_norm:
            return
        if layer < n_hidden:
            batch_norm_forward(config, variables, space, layer, n, training, share)
        else:
            layer = 2 * n_hidden - 1 - layer
            batch_norm_backward(config, variables, space, layer, n, share)
    else:
        if phase <= 2 * n_hidden:
            _forward(config, variables, space, data, batch, phase // 2)
        if phase == 2 * n_hidden:
            _loss_and_gradient(config, space, data, batch, results)
        if training and phase >= 2 * n_hidden:
            _backward(config, variables, space, batch, 2 * n_hidden - phase // 2)


@part
def _forward(config, variables, space, data, batch, layer):
    """Compute the sums of a layer for some rows, which activate the layer below."""
    _, first, last, seeds, step = batch
    width, start = config.widths[layer + 1], config.bias_starts[layer]
    if layer == 0:
        _forward_first_layer(config, variables, space, data, batch)
    else:
        for b in range(first, last):
            h = space.outputs[layer - 1, b, : config.widths[layer]]
            activate(config.activation, h)
            if seeds.shape[0]:
                dropout(h, seeds[layer - 1], step, b, config.dropout)
        _multiply(config, variables, space, first, last, layer)
    biases = variables.biases[start : start + width]
    for b in range(first, last):
        total = space.outputs[layer, b]
        for j in range(width):
            total[j] += biases[j]


@part
def _multiply(config, variables, space, first, last, layer):
    """Multiply the outputs of some rows by the kernel of the next layer.

    The kernel has a row for each output: so the vectors are whole columns of the batch.
    """
    padded, n_outputs = config.vector_widths[layer], config.widths[layer + 1]
    padded_outputs = config.vector_widths[layer + 1]
    start, stride = config.kernel_starts[layer], config.row_widths[layer]
    kernel = rows_of(variables.kernels, start, n_outputs, stride)
    kernel = kernel[:, : config.widths[layer]]
    last = first + -(-(last - first) // LANES) * LANES
    inputs = space.transposed[0, :padded, first:last]
    totals = space.transposed[1, :padded_outputs, first:last]
    transpose(inputs, space.outputs[layer - 1, first:last, :padded])
    inputs = inputs[: config.widths[layer]]
    for begin in range(0, n_outputs, _OUTPUTS):
        end = min(begin + _OUTPUTS, n_outputs)
        add_products(totals[begin:end], kernel[begin:end], inputs, False)
    totals[n_outputs:] = _f32(0)
    transpose(space.outputs[layer, first:last, :padded_outputs], totals)


@part
def _forward_first_layer(config, variables, space, data, batch):
    """Multiply some rows of a batch by the first layer's kernel."""
    as_bytes, as_floats, scale, _, _ = data
    rows, first_row, last_row, _, _ = batch
    n_pixels, width = config.widths[0], config.vector_widths[1]
    kernel = rows_of(variables.kernels, 0, n_pixels, config.row_widths[1])
    for b in range(first_row, last_row):
        index, value = space.index[b], space.value[b]
        if as_bytes.shape[0]:
            count = _find_active_pixels(as_bytes[rows[b]], scale, index, value)
        else:
            count = _find_active_pixels(as_floats[rows[b]], scale, index, value)
        space.counts[b] = count
    for first in range(0, width, _COLUMNS):
        last = min(first + _COLUMNS, width)
        columns = kernel[:, first:last]
        for b in range(first_row, last_row):
            total, count = space.outputs[0, b, first:last], space.counts[b]
            add_rows(total, columns, space.index[b], space.value[b], 0, count, False)


@part
def _find_active_pixels(pixels, scale, index, value):
    """List the nonzero pixels; return their number."""
    count = 0
    for p in range(pixels.shape[0]):
        index[count] = p
        count += pixels[p] != 0
    for k in range(count):
        value[k] = _f32(pixels[index[k]]) / scale
    return count


@part
def _loss_and_gradient(config, space, data, batch, results):
    """Compute the losses of some rows and the gradient of their logits."""
    rows, first, last, _, _ = batch
    losses, correct = results
    _, _, _, y, weight = data
    layer, n_classes, n = config.widths.shape[0] - 2, config.widths[-1], rows.shape[0]
    for b in range(first, last):
        label = y[rows[b]]
        row_weight = weight[rows[b]] if weight.shape[0] else _f32(1)
        z = space.outputs[layer, b, :n_classes]
        delta = space.deltas[layer, b, :n_classes]
        factor = row_weight / _f32(n)
        loss, best = _softmax_loss(z, label, config.label_smoothing, factor, delta)
        losses[b], correct[b] = loss * row_weight, best == label


@part
def _softmax_loss(z, label, smoothing, factor, delta):
    """Return the cross-entropy and the most probable class; set the scaled gradient.

    Label smoothing: Szegedy et al., "Rethinking the Inception architecture", CVPR 2016,
    section 7.
    """
    best = 0
    for c in range(1, z.shape[0]):
        if z[c] > z[best]:
            best = c
    total = _f32(0)
    for c in range(z.shape[0]):
        delta[c] = np.exp(z[c] - z[best])
        total += delta[c]
    share = smoothing / _f32(z.shape[0])
    target, others = _f32(1) - smoothing, _f32(0)
    for c in range(z.shape[0]):
        others += share * (z[c] - z[best])
        wanted = share + target * _f32(c == label)
        slope = (delta[c] / total - wanted) * factor
        delta[c] = _f32(0) if abs(slope) < NEGLIGIBLE else slope
    return np.log(total) - target * (z[label] - z[best]) - others, best


@part
def _backward(config, variables, space, batch, layer):
    """Propagate the gradient of some rows from a layer's sums to those below."""
    if layer == 0:
        return
    _, first, last, seeds, step = batch
    width, n_outputs = config.widths[layer], config.widths[layer + 1]
    stride, padded = config.row_widths[layer], config.vector_widths[layer]
    start = config.kernel_starts[layer]
    kernel = rows_of(variables.kernels, start, n_outputs, stride)[:, :padded]
    above = space.deltas[layer, first:last, :n_outputs]
    add_products(space.deltas[layer - 1, first:last, :padded], above, kernel, False)
    for b in range(first, last):
        delta = space.deltas[layer - 1, b, :padded]
        h = space.outputs[layer - 1, b, :width]
        if seeds.shape[0]:
            seed, rate = seeds[layer - 1], config.dropout
            dropout_backward(config.activation, delta, h, seed, step, b, rate)
        else:
            activation_backward(config.activation, delta, h)
        flush(delta)
