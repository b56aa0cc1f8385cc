"""The training steps of a dense network.

A step of a small network is too short to share: the threads of a matrix library would
wait for each other longer than they compute. Here one thread runs all steps, so each
core can run its own fit. Zero pixels, four of five in an image of a digit, cost
nothing. The gradient of a row of weights and its update are computed together, in
registers and the first-level cache.
"""

import numpy as np

from kernel.intrinsics import add_rows, inlined, part, rows_of
from kernel.layers import (
    activate,
    activation_backward,
    batch_norm_backward,
    batch_norm_forward,
    dropout,
    dropout_backward,
    step_size,
    take_step,
)

# Columns of the first kernel processed at a time; on MNIST they fit the second-level
# cache.
_COLUMNS = 256

_f32 = np.float32
# Smaller gradients are set to zero: their squares would be subnormal numbers, which are
# 100 times slower.
_NEGLIGIBLE = _f32(1e-14)


@inlined
def run_steps(config, variables, space, data, steps, results):
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

    Returns
    -------
    float
        The penalty, summed over the rows; 0 without training.
    """
    losses, correct = results
    order, batch_size, n_before, rates, seeds, drawn, training = steps
    penalty = 0.0
    for step in range(-(-order.shape[0] // batch_size)):
        at = step * batch_size
        rows = order[at : at + batch_size]
        n = rows.shape[0]
        _forward_first_layer(config, variables, space, data, rows)
        _forward(config, variables, space, n, seeds, drawn + step, training)
        _loss_and_gradient(config, space, data, rows, losses[at:], correct[at:])
        if training:
            _backward(config, variables, space, n, seeds, drawn + step)
            rate = step_size(config, rates[step], n_before + step + 1)
            penalty += n * _update(config, variables, space, n, rate)
    return penalty


@part
def _forward_first_layer(config, variables, space, data, rows):
    """Multiply the rows of a batch by the first layer's kernel."""
    as_bytes, as_floats, scale, _, _ = data
    n_pixels, width = config.widths[0], config.row_widths[1]
    kernel = rows_of(variables.kernels, 0, n_pixels, width)
    for b in range(rows.shape[0]):
        index, value = space.index[b], space.value[b]
        if as_bytes.shape[0]:
            count = _find_active_pixels(as_bytes[rows[b]], scale, index, value)
        else:
            count = _find_active_pixels(as_floats[rows[b]], scale, index, value)
        space.counts[b] = count
    for first in range(0, width, _COLUMNS):
        last = min(first + _COLUMNS, width)
        columns = kernel[:, first:last]
        for b in range(rows.shape[0]):
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
def _forward(config, variables, space, n, seeds, step, training):
    """Compute the logits of n rows of the batch from the first layer's sums."""
    outputs, biases, kernels = space.outputs, variables.biases, variables.kernels
    for b in range(n):
        for j in range(config.widths[1]):
            outputs[0, b, j] += biases[j]
    at, bias_at = config.widths[0] * config.row_widths[1], config.row_widths[1]
    for layer in range(1, config.widths.shape[0] - 1):
        width, row_width = config.widths[layer], config.row_widths[layer]
        n_outputs = config.widths[layer + 1]
        if config.batch_norm:
            at_norm = bias_at - row_width
            batch_norm_forward(variables, space, layer - 1, at_norm, width, n, training)
        for b in range(n):
            h = outputs[layer - 1, b, :width]
            activate(config.activation, h)
            if seeds.shape[0]:
                dropout(h, seeds[layer - 1], step, b, config.dropout)
        for o in range(n_outputs):
            row = kernels[at + o * row_width : at + (o + 1) * row_width]
            for b in range(n):
                total = _dot(outputs[layer - 1, b, :row_width], row)
                outputs[layer, b, o] = biases[bias_at + o] + total
        at += n_outputs * row_width
        bias_at += config.row_widths[layer + 1]


@part
def _loss_and_gradient(config, space, data, rows, losses, correct):
    """Compute the losses of a batch and the gradient of the logits."""
    _, _, _, y, weight = data
    layer, n_classes, n = config.widths.shape[0] - 2, config.widths[-1], rows.shape[0]
    for b in range(n):
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
        delta[c] = _f32(0) if abs(slope) < _NEGLIGIBLE else slope
    return np.log(total) - target * (z[label] - z[best]) - others, best


@part
def _backward(config, variables, space, n, seeds, step):
    """Propagate the gradient of n rows of the batch back to the first layer's sums."""
    outputs, deltas, kernels = space.outputs, space.deltas, variables.kernels
    at, norm_at = kernels.shape[0], variables.biases.shape[0] - config.row_widths[-1]
    for layer in range(config.widths.shape[0] - 2, 0, -1):
        width, row_width = config.widths[layer], config.row_widths[layer]
        n_outputs = config.widths[layer + 1]
        at -= n_outputs * row_width
        kernel = rows_of(kernels, at, n_outputs, row_width)
        for b in range(n):
            delta, h = deltas[layer - 1, b, :row_width], outputs[layer - 1, b, :width]
            above = deltas[layer, b]
            add_rows(delta, kernel, space.arange, above, 0, n_outputs, False)
            if seeds.shape[0]:
                seed = seeds[layer - 1]
                dropout_backward(
                    config.activation, delta, h, seed, step, b, config.dropout
                )
            else:
                activation_backward(config.activation, delta, h)
        norm_at -= row_width
        if config.batch_norm:
            batch_norm_backward(variables, space, layer - 1, norm_at, width, n)
        for b in range(n):
            delta = deltas[layer - 1, b, :row_width]
            for j in range(row_width):
                delta[j] = _f32(0) if abs(delta[j]) < _NEGLIGIBLE else delta[j]


@part
def _update(config, variables, space, n, rate):
    """Update all weights from a batch of n; return the penalty before the update."""
    _update_biases(config, variables, space, n, rate)
    squares = _update_pixels(config, variables, space, n, rate)
    kernels, moments = variables.kernels, variables.kernel_moments
    column, arange = space.column, space.arange
    at = config.widths[0] * config.row_widths[1]
    for layer in range(1, config.widths.shape[0] - 1):
        width, n_outputs = config.row_widths[layer], config.widths[layer + 1]
        rows, gradient = space.outputs[layer - 1, :, :width], space.gradient[:width]
        for o in range(n_outputs):
            for b in range(n):
                column[b] = space.deltas[layer, b, o]
            w, m, v = _views(kernels, moments, at + o * width, width)
            squares += _start_gradient(config.alpha, gradient, w)
            add_rows(gradient, rows, arange, column, 0, n, True)
            take_step(config.optimizer, rate, w, m, v, gradient)
        at += n_outputs * width
    return config.alpha * squares


@part
def _update_biases(config, variables, space, n, rate):
    space.column[:n] = _f32(1)
    at = 0
    for layer in range(config.widths.shape[0] - 1):
        width = config.row_widths[layer + 1]
        rows, gradient = space.deltas[layer, :, :width], space.gradient[:width]
        add_rows(gradient, rows, space.arange, space.column, 0, n, False)
        biases = variables.biases[at : at + width]
        first = variables.bias_moments[0, at : at + width]
        second = variables.bias_moments[1, at : at + width]
        take_step(config.optimizer, rate, biases, first, second, gradient)
        if config.batch_norm and layer < config.widths.shape[0] - 2:
            for i in range(2):  # scale and shift
                norms = variables.norms[i, at : at + width]
                first = variables.norm_moments[0, i, at : at + width]
                second = variables.norm_moments[1, i, at : at + width]
                gradient = space.norm_gradients[i, at : at + width]
                take_step(config.optimizer, rate, norms, first, second, gradient)
        at += width


@part
def _update_pixels(config, variables, space, n, rate):
    """Update the first layer's kernel; return the sum of its squares if needed."""
    _sort_by_pixel(space, n)
    kernels, moments = variables.kernels, variables.kernel_moments
    rows, values, start, active_pixels = (
        space.rows,
        space.values,
        space.start,
        space.active_pixels,
    )
    width, squares, begin = config.row_widths[1], 0.0, 0
    deltas, gradient = space.deltas[0, :, :width], space.gradient[:width]
    for p in range(config.widths[0]):
        end = start[p]
        active_pixels[p] |= np.uint8(end > begin)
        # The weights of a pixel that has been zero so far have no gradient.
        if active_pixels[p] or config.alpha:
            w, m, v = _views(kernels, moments, p * width, width)
            squares += _start_gradient(config.alpha, gradient, w)
            add_rows(gradient, deltas, rows, values, begin, end, True)
            take_step(config.optimizer, rate, w, m, v, gradient)
        begin = end
    return squares


@part
def _sort_by_pixel(space, n):
    """List, pixel after pixel, the rows of the batch where the pixel is not zero.

    Afterwards the list of pixel p ends at start[p], where the next one begins.
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


@part
def _views(kernels, moments, at, width):
    """Return one row of a kernel and its two moments."""
    place = slice(at, at + width)
    return kernels[place], moments[0, place], moments[1, place]


@part
def _start_gradient(alpha, gradient, weights):
    """Set the gradient to that of the penalty; return the sum of squares if needed."""
    if not alpha:
        gradient[:] = 0
        return _f32(0)
    for j in range(weights.shape[0]):
        gradient[j] = _f32(2) * alpha * weights[j]
    return _dot(weights, weights)


@part
def _dot(a, b):
    total = _f32(0)
    for j in range(a.shape[0]):
        total += a[j] * b[j]
    return total
