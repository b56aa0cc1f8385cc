"""The steps of a dense network's training, compiled by Numba.

A step of a small network is too short to be divided: the threads of a matrix library
wait for each other longer than they compute. Here one thread runs all steps, so that as
many fits can run at once as there are processors. Pixels that are zero, four of five in
a picture of a digit, cost nothing, and the gradient of a row of weights and its update
are made in one go, in registers and the first cache.
"""

from typing import NamedTuple

import numpy as np

from skmnist._training.dense_layers import (
    activate,
    drop,
    normalize,
    step_size,
    take_step,
    through_activation,
    through_dropout,
    through_normalization,
)
from skmnist._training.intrinsics import add_rows, borrowed, compiled, part_of_compiled

# So many columns of the first kernel at a time: on MNIST they fit the second cache.
_COLUMNS = 256

_f32 = np.float32
# Gradients below it are taken for zero, since their squares are numbers that float32
# holds only at reduced precision, for which a processor takes 100 times as long.
_NEGLIGIBLE = _f32(1e-14)


class Rule(NamedTuple):
    """What does not change in a training."""

    widths: np.ndarray  # (n_layers + 1,) int64
    row_widths: np.ndarray  # the same, rounded up to whole vectors
    activation: int
    optimizer: int
    alpha: float
    dropout: float
    batch_norm: bool
    label_smoothing: float


class Variables(NamedTuple):
    """The weights and the optimizer's moments, float32.

    The kernel of the first layer has a row for each pixel; those of the others a row
    for each output. All kernels lie one after the other, as do the biases. Beside those
    of a layer lie its scale, shift, moving mean and moving variance, where there is
    batch normalisation.
    """

    kernels: np.ndarray
    biases: np.ndarray
    kernel_moments: np.ndarray  # (2, ...)
    bias_moments: np.ndarray  # (2, ...)
    norms: np.ndarray  # (4, ...), or (0, ...)
    norm_moments: np.ndarray  # (2, 2, ...): of scale and shift


class Workspace(NamedTuple):
    """Where the batch at hand is computed."""

    index: np.ndarray  # (batch, n_pixels + 1) int32: which pixels are not zero
    value: np.ndarray  # (batch, n_pixels + 1) float32
    counts: np.ndarray  # (batch,) int64
    outputs: np.ndarray  # (n_layers, batch, row): after activation and dropout
    deltas: np.ndarray  # (n_layers, batch, row): gradients before the activation
    start: np.ndarray  # (n_pixels + 1,) int64: the batch's ink, pixel by pixel
    rows: np.ndarray  # (batch * n_pixels,) int32
    values: np.ndarray  # (batch * n_pixels,) float32
    inked: np.ndarray  # (n_pixels,) bool: not zero in some image so far
    gradient: np.ndarray  # (longest row,)
    column: np.ndarray  # (batch,)
    normalized: np.ndarray  # (n_layers, batch, row)
    inverse_deviations: np.ndarray  # as the biases
    norm_gradients: np.ndarray  # (2, as the biases): of scale and shift
    every: np.ndarray  # 0, 1, 2, ... int32


@compiled
def train_steps(rule, variables, space, data, steps, results):
    """Run some steps of training.

    Parameters
    ----------
    rule, variables, space : Rule, Variables, Workspace
        The network, and where to compute.
    data : tuple of (x, divisor, y, weight)
        Pixels (n, n_pixels), what they are divided by, indices of the classes int32,
        and weights float32, of which there may be none.
    steps : tuple of (order, batch_size, n_before, rates, seeds, drawn)
        The rows in their order, the steps made before, the learning rate of each step,
        two uint32 for the dropout of each hidden layer, if any, and the steps that have
        used them.
    results : tuple of (losses, hits)
        Filled in: a float32 and a bool for each row of `order`.

    Returns
    -------
    float
        The penalty, summed over the rows.
    """
    rule, variables, space = borrowed(rule), borrowed(variables), borrowed(space)
    data, (losses, hits) = borrowed(data), borrowed(results)
    order, batch_size, n_before, rates, seeds, drawn = borrowed(steps)
    penalty = 0.0
    for step in range(-(-order.shape[0] // batch_size)):
        at = step * batch_size
        rows = order[at : at + batch_size]
        n = rows.shape[0]
        _enter(rule, variables, space, data, rows)
        _forward(rule, variables, space, n, seeds, drawn + step, True)
        _score(rule, space, data, rows, losses[at:], hits[at:])
        _backward(rule, variables, space, n, seeds, drawn + step)
        rate = step_size(rule, rates[step], n_before + step + 1)
        penalty += n * _update(rule, variables, space, n, rate)
    return penalty


@compiled
def evaluate_rows(rule, variables, space, data, chosen, results):
    """Evaluate some rows of the data.

    Parameters
    ----------
    rule, variables, space : Rule, Variables, Workspace
        The network, and where to compute.
    data : tuple of (x, divisor, y, weight)
        As in `train_steps`.
    chosen : ndarray of int64
        The rows.
    results : tuple of (losses, hits)
        Filled in, for each of them.
    """
    rule, variables, space = borrowed(rule), borrowed(variables), borrowed(space)
    data, (losses, hits) = borrowed(data), borrowed(results)
    size, no_seeds = space.counts.shape[0], np.empty((0, 2), np.uint32)
    for at in range(0, chosen.shape[0], size):
        rows = chosen[at : at + size]
        _enter(rule, variables, space, data, rows)
        _forward(rule, variables, space, len(rows), no_seeds, 0, False)
        _score(rule, space, data, rows, losses[at:], hits[at:])


@part_of_compiled
def _enter(rule, variables, space, data, rows):
    """Take the rows of a batch through the first layer's kernel."""
    x, divisor, _, _ = data
    n_pixels, width = rule.widths[0], rule.row_widths[1]
    kernel = variables.kernels[: n_pixels * width].reshape(n_pixels, width)
    for b in range(rows.shape[0]):
        pixels = x[rows[b]]
        space.counts[b] = _find_ink(pixels, divisor, space.index[b], space.value[b])
    for first in range(0, width, _COLUMNS):
        last = min(first + _COLUMNS, width)
        columns = kernel[:, first:last]
        for b in range(rows.shape[0]):
            total, count = space.outputs[0, b, first:last], space.counts[b]
            add_rows(total, columns, space.index[b], space.value[b], 0, count, False)


@part_of_compiled
def _find_ink(pixels, divisor, index, value):
    """List the pixels that are not zero; return how many."""
    count = 0
    for p in range(pixels.shape[0]):
        index[count] = p
        count += pixels[p] != 0
    for k in range(count):
        value[k] = _f32(pixels[index[k]]) / divisor
    return count


@part_of_compiled
def _forward(rule, variables, space, n, seeds, step, training):
    """Take n rows of the batch from the first layer's sums to the logits."""
    outputs, biases, kernels = space.outputs, variables.biases, variables.kernels
    for b in range(n):
        for j in range(rule.widths[1]):
            outputs[0, b, j] += biases[j]
    at, bias_at = rule.widths[0] * rule.row_widths[1], rule.row_widths[1]
    for layer in range(1, rule.widths.shape[0] - 1):
        width, row_width = rule.widths[layer], rule.row_widths[layer]
        n_outputs = rule.widths[layer + 1]
        if rule.batch_norm:
            at_norm = bias_at - row_width
            normalize(variables, space, layer - 1, at_norm, width, n, training)
        for b in range(n):
            h = outputs[layer - 1, b, :width]
            activate(rule.activation, h)
            if seeds.shape[0]:
                drop(h, seeds[layer - 1], step, b, rule.dropout)
        for o in range(n_outputs):
            row = kernels[at + o * row_width : at + (o + 1) * row_width]
            for b in range(n):
                total = _dot(outputs[layer - 1, b, :row_width], row)
                outputs[layer, b, o] = biases[bias_at + o] + total
        at += n_outputs * row_width
        bias_at += rule.row_widths[layer + 1]


@part_of_compiled
def _score(rule, space, data, rows, losses, hits):
    """Compute the losses of a batch and their gradient by the logits."""
    _, _, y, weight = data
    layer, n_classes, n = rule.widths.shape[0] - 2, rule.widths[-1], rows.shape[0]
    for b in range(n):
        label = y[rows[b]]
        row_weight = weight[rows[b]] if weight.shape[0] else _f32(1)
        z = space.outputs[layer, b, :n_classes]
        delta = space.deltas[layer, b, :n_classes]
        factor = row_weight / _f32(n)
        loss, best = _softmax_loss(z, label, rule.label_smoothing, factor, delta)
        losses[b], hits[b] = loss * row_weight, best == label


@part_of_compiled
def _softmax_loss(z, label, smoothing, factor, delta):
    """Return the cross-entropy and the likeliest class; set the scaled gradient.

    Smoothed labels: Szegedy et al., "Rethinking the Inception architecture", CVPR 2016,
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
        delta[c] = _f32(0) if abs(slope) < _NEGLIGIBLE else slope
    return np.log(total) - target * (z[label] - z[best]) - others, best


@part_of_compiled
def _backward(rule, variables, space, n, seeds, step):
    """Take the gradient of n rows of the batch back to the first layer's sums."""
    outputs, deltas, kernels = space.outputs, space.deltas, variables.kernels
    at, norm_at = kernels.shape[0], variables.biases.shape[0] - rule.row_widths[-1]
    for layer in range(rule.widths.shape[0] - 2, 0, -1):
        width, row_width = rule.widths[layer], rule.row_widths[layer]
        n_outputs = rule.widths[layer + 1]
        at -= n_outputs * row_width
        kernel = kernels[at : at + n_outputs * row_width].reshape(n_outputs, row_width)
        for b in range(n):
            delta, h = deltas[layer - 1, b, :row_width], outputs[layer - 1, b, :width]
            above = deltas[layer, b]
            add_rows(delta, kernel, space.every, above, 0, n_outputs, False)
            if seeds.shape[0]:
                seed = seeds[layer - 1]
                through_dropout(rule.activation, delta, h, seed, step, b, rule.dropout)
            else:
                through_activation(rule.activation, delta, h)
        norm_at -= row_width
        if rule.batch_norm:
            through_normalization(variables, space, layer - 1, norm_at, width, n)
        for b in range(n):
            delta = deltas[layer - 1, b, :row_width]
            for j in range(row_width):
                delta[j] = _f32(0) if abs(delta[j]) < _NEGLIGIBLE else delta[j]


@part_of_compiled
def _update(rule, variables, space, n, rate):
    """Update all weights from a batch of n; return the penalty before it."""
    _update_biases(rule, variables, space, n, rate)
    squares = _update_pixels(rule, variables, space, n, rate)
    kernels, moments = variables.kernels, variables.kernel_moments
    column, every = space.column, space.every
    at = rule.widths[0] * rule.row_widths[1]
    for layer in range(1, rule.widths.shape[0] - 1):
        width, n_outputs = rule.row_widths[layer], rule.widths[layer + 1]
        rows, gradient = space.outputs[layer - 1, :, :width], space.gradient[:width]
        for o in range(n_outputs):
            for b in range(n):
                column[b] = space.deltas[layer, b, o]
            w, m, v = _views(kernels, moments, at + o * width, width)
            squares += _start_gradient(rule.alpha, gradient, w)
            add_rows(gradient, rows, every, column, 0, n, True)
            take_step(rule.optimizer, rate, w, m, v, gradient)
        at += n_outputs * width
    return rule.alpha * squares


@part_of_compiled
def _update_biases(rule, variables, space, n, rate):
    space.column[:n] = _f32(1)
    at = 0
    for layer in range(rule.widths.shape[0] - 1):
        width = rule.row_widths[layer + 1]
        rows, gradient = space.deltas[layer, :, :width], space.gradient[:width]
        add_rows(gradient, rows, space.every, space.column, 0, n, False)
        biases = variables.biases[at : at + width]
        first = variables.bias_moments[0, at : at + width]
        second = variables.bias_moments[1, at : at + width]
        take_step(rule.optimizer, rate, biases, first, second, gradient)
        if rule.batch_norm and layer < rule.widths.shape[0] - 2:
            for i in range(2):  # scale and shift
                norms = variables.norms[i, at : at + width]
                first = variables.norm_moments[0, i, at : at + width]
                second = variables.norm_moments[1, i, at : at + width]
                gradient = space.norm_gradients[i, at : at + width]
                take_step(rule.optimizer, rate, norms, first, second, gradient)
        at += width


@part_of_compiled
def _update_pixels(rule, variables, space, n, rate):
    """Update the first layer's kernel; return the sum of its squares, if needed."""
    _sort_by_pixel(space, n)
    kernels, moments = variables.kernels, variables.kernel_moments
    rows, values, start, inked = space.rows, space.values, space.start, space.inked
    width, squares, begin = rule.row_widths[1], 0.0, 0
    deltas, gradient = space.deltas[0, :, :width], space.gradient[:width]
    for p in range(rule.widths[0]):
        end = start[p]
        inked[p] |= end > begin
        # The weights of a pixel that was blank so far have no gradient.
        if inked[p] or rule.alpha:
            w, m, v = _views(kernels, moments, p * width, width)
            squares += _start_gradient(rule.alpha, gradient, w)
            add_rows(gradient, deltas, rows, values, begin, end, True)
            take_step(rule.optimizer, rate, w, m, v, gradient)
        begin = end
    return squares


@part_of_compiled
def _sort_by_pixel(space, n):
    """List the rows of the batch that have ink on a pixel, pixel after pixel.

    Afterwards those of pixel p end at start[p], where those of the next one begin.
    """
    start = space.start
    start[:] = 0
    for b in range(n):
        for k in range(space.counts[b]):
            start[space.index[b, k] + 1] += 1
    for p in range(start.shape[0] - 1):
        start[p + 1] += start[p]
    for b in range(n):
        for k in range(space.counts[b]):
            p = space.index[b, k]
            space.rows[start[p]], space.values[start[p]] = b, space.value[b, k]
            start[p] += 1


@part_of_compiled
def _views(kernels, moments, at, width):
    """Return one row of a kernel and its two moments."""
    place = slice(at, at + width)
    return kernels[place], moments[0, place], moments[1, place]


@part_of_compiled
def _start_gradient(alpha, gradient, weights):
    """Set the gradient to the penalty's; return the sum of squares, if needed."""
    if not alpha:
        gradient[:] = 0
        return _f32(0)
    for j in range(weights.shape[0]):
        gradient[j] = _f32(2) * alpha * weights[j]
    return _dot(weights, weights)


@part_of_compiled
def _dot(a, b):
    total = _f32(0)
    for j in range(a.shape[0]):
        total += a[j] * b[j]
    return total
