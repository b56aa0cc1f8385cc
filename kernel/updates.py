"""The update of a dense network's weights."""

import numpy as np

from kernel.intrinsics import add_rows, part
from kernel.layers import take_step
from kernel.products import add_products
from skmnist._training.dense_arrays import BLOCK

_f32 = np.float32


@part
def update(config, variables, space, n, rate, share):
    """Update a part of the weights from a batch of n."""
    thread, n_threads = share
    if thread == 0:
        _update_biases(config, variables, space, n, rate)
    _update_pixels(config, variables, space, n, rate, share)
    block = 0
    for layer in range(1, config.widths.shape[0] - 1):
        for first in range(0, config.widths[layer + 1], BLOCK):
            if block % n_threads == thread:
                squares = _update_block(
                    config, variables, space, n, rate, thread, layer, first
                )
                space.squares[config.widths[0] + block] += n * squares
            block += 1


@part
def _update_block(config, variables, space, n, rate, thread, layer, first):
    """Update some rows of a kernel; return the sum of their squares if needed."""
    width, stride = config.vector_widths[layer], config.row_widths[layer]
    n_rows = min(BLOCK, config.widths[layer + 1] - first)
    start, squares = config.kernel_starts[layer] + first * stride, 0.0
    for i in range(n_rows):
        # Numba knows that a row of a whole array is contiguous, but not that a row of
        # its part is. LLVM needs that for vectors.
        gradient = space.gradient[thread, i, :width]
        at = start + i * stride
        weights = variables.kernels[at : at + width]
        squares += _start_gradient(config.alpha, gradient, weights)
    deltas = space.deltas[layer, :n, first : first + n_rows].T
    rows = space.outputs[layer - 1, :n, :width]
    add_products(
        space.gradient[thread, :n_rows, :width], deltas, rows, config.alpha != 0
    )
    for i in range(n_rows):
        w, m, v = _views(variables, start + i * stride, width)
        gradient = space.gradient[thread, i, :width]
        take_step(config.optimizer, rate, w, m, v, gradient)
    return squares


@part
def _update_biases(config, variables, space, n, rate):
    """Update the biases, and scale and shift of the normalisations."""
    for layer in range(config.widths.shape[0] - 1):
        width, at = config.vector_widths[layer + 1], config.bias_starts[layer]
        rows, gradient = space.deltas[layer, :, :width], space.gradient[0, 0, :width]
        add_rows(gradient, rows, space.arange, space.ones, 0, n, False)
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


@part
def _update_pixels(config, variables, space, n, rate, share):
    """Update a part of the first layer's kernel, pixel by pixel."""
    thread, n_threads = share
    start, rows = space.start[thread], space.rows[thread]
    values, active_pixels = space.values[thread], space.active_pixels
    _sort_by_pixel(space, n, start, rows, values)
    width, stride = config.vector_widths[1], config.row_widths[1]
    deltas, gradient = space.deltas[0, :, :width], space.gradient[thread, 0, :width]
    for p in range(config.widths[0]):
        if p % n_threads != thread:
            continue
        begin, end = start[p - 1] if p else 0, start[p]
        active_pixels[p] |= np.uint8(end > begin)
        # The weights of a pixel that has been zero so far have no gradient.
        if active_pixels[p] or config.alpha:
            at = p * stride
            w, m, v = _views(variables, at, width)
            space.squares[p] += n * _start_gradient(config.alpha, gradient, w)
            add_rows(gradient, deltas, rows, values, begin, end, config.alpha != 0)
            take_step(config.optimizer, rate, w, m, v, gradient)


@part
def _sort_by_pixel(space, n, start, rows, values):
    """List, pixel after pixel, the rows of the batch where the pixel is not zero.

    Afterwards the list of pixel p ends at start[p], where the next one begins.
    """
    start[:] = 0
    for b in range(n):
        for k in range(space.counts[b]):
            start[space.index[b, k] + 1] += 1
    for p in range(start.shape[0] - 1):
        start[p + 1] += start[p]
    for b in range(n):
        for k in range(space.counts[b]):
            p = space.index[b, k]
            rows[start[p]], values[start[p]] = b, space.value[b, k]
            start[p] += 1


@part
def _views(variables, at, width):
    """Return one row of a kernel and its two moments."""
    place, moments = slice(at, at + width), variables.kernel_moments
    return variables.kernels[place], moments[0, place], moments[1, place]


@part
def _start_gradient(alpha, gradient, weights):
    """Set the gradient to that of the penalty, if any; return the sum of squares."""
    if not alpha:
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
