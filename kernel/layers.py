"""Activations, dropout, batch normalisation and optimizer steps of the kernel."""

import numpy as np

from kernel.intrinsics import mix, part
from skmnist._network.architecture import (
    BATCH_NORM_EPSILON,
    LEAKY_RELU_SLOPE,
    SELU_ALPHA,
    SELU_SCALE,
)
from skmnist._training.dense_arrays import ACTIVATIONS, NORM_COLUMNS, OPTIMIZERS

_f32 = np.float32
# Smaller moments are set to zero: subnormal numbers are 100 times slower. TensorFlow
# flushes them to zero too.
_TINY = _f32(1e-30)
# Smaller gradients are set to zero: their squares would be subnormal numbers.
NEGLIGIBLE = _f32(1e-14)

# The formulas are Keras's; the derivatives are taken from the outputs.
_, _RELU, _TANH, _SIGMOID, _ELU, _LEAKY_RELU, _SELU = range(len(ACTIVATIONS))
_LEAK = _f32(LEAKY_RELU_SLOPE)
_SELU_SCALE, _SELU_ALPHA = _f32(SELU_SCALE), _f32(SELU_ALPHA)

_ADAM, _SGD = map(OPTIMIZERS.index, ("adam", "sgd"))
_EPSILON = _f32(1e-7)

_NORM_EPSILON = _f32(BATCH_NORM_EPSILON)
# Weight of a batch in the moving averages: 1 - momentum, with Keras's default of 0.99.
_UPDATE_SHARE = _f32(0.01)


@part
def step_size(config, learning_rate, step):
    """Return the optimizer's step size, with the bias correction of Adam."""
    if config.optimizer != _ADAM:
        return learning_rate
    step = _f32(step)
    second = np.sqrt(_f32(1) - _f32(0.999) ** step)
    return learning_rate * second / (_f32(1) - _f32(0.9) ** step)


@part
def take_step(optimizer, rate, weights, first, second, gradient):
    """Make one step of the optimizer, with Keras's defaults.

    Adam: Kingma and Ba, ICLR 2015, the form at the end of section 2. RMSprop: Hinton,
    lecture 6e of "Neural Networks for Machine Learning", 2012.
    """
    if optimizer == _ADAM:
        for j in range(weights.shape[0]):
            m = first[j] + (gradient[j] - first[j]) * _f32(0.1)
            v = second[j] + (gradient[j] * gradient[j] - second[j]) * _f32(0.001)
            first[j] = _f32(0) if abs(m) < _TINY else m
            second[j] = _f32(0) if v < _TINY else v
            weights[j] -= rate * first[j] / (np.sqrt(second[j]) + _EPSILON)
    elif optimizer == _SGD:
        for j in range(weights.shape[0]):
            weights[j] -= rate * gradient[j]
    else:
        for j in range(weights.shape[0]):
            v = second[j] * _f32(0.9) + gradient[j] * gradient[j] * _f32(0.1)
            second[j] = _f32(0) if v < _TINY else v
            weights[j] -= rate * gradient[j] / np.sqrt(second[j] + _EPSILON)


@part
def activate(activation, h):
    """Apply an activation, given by its index in ACTIVATIONS, to a row in place."""
    for j in range(h.shape[0]):
        z = h[j]
        if activation == _RELU:
            h[j] = _f32(0) if z < 0 else z
        elif activation == _TANH:
            h[j] = np.tanh(z)
        elif activation == _SIGMOID:
            h[j] = _f32(1) / (_f32(1) + np.exp(-z))
        elif activation == _ELU:
            h[j] = np.expm1(z) if z < 0 else z
        elif activation == _LEAKY_RELU:
            h[j] = _LEAK * z if z < 0 else z
        elif activation == _SELU:
            h[j] = _SELU_SCALE * (_SELU_ALPHA * np.expm1(z) if z < 0 else z)


@part
def _derivative(activation, h):
    """Return the derivative of an activation, computed from its output `h`."""
    if activation == _TANH:
        return _f32(1) - h * h
    if activation == _SIGMOID:
        return h * (_f32(1) - h)
    if activation == _ELU and h <= 0:
        return h + _f32(1)
    if activation == _LEAKY_RELU and h <= 0:
        return _LEAK
    if activation == _SELU:
        return _SELU_SCALE if h > 0 else h + _SELU_SCALE * _SELU_ALPHA
    if activation == _RELU and h <= 0:
        return _f32(0)
    return _f32(1)


@part
def activation_backward(activation, delta, h):
    """Turn the gradient of an activation's output `h` into that of its input."""
    if activation == _RELU:
        for j in range(h.shape[0]):
            delta[j] = delta[j] if h[j] > 0 else _f32(0)
    else:
        for j in range(h.shape[0]):
            delta[j] *= _derivative(activation, h[j])


@part
def dropout_backward(activation, delta, h, seed, step, row, rate):
    """Do the same for an output `h` that dropout has scaled."""
    for j in range(h.shape[0]):
        if _is_kept(seed, step, row * h.shape[0] + j, rate):
            undropped = h[j] * (_f32(1) - rate)
            delta[j] *= _derivative(activation, undropped) / (_f32(1) - rate)
        else:
            delta[j] = _f32(0)


@part
def dropout(h, seed, step, row, rate):
    """Zero some units of one row of the batch and scale up the others."""
    for j in range(h.shape[0]):
        kept = _is_kept(seed, step, row * h.shape[0] + j, rate)
        h[j] = h[j] / (_f32(1) - rate) if kept else _f32(0)


@part
def _is_kept(seed, step, unit, rate):
    """Draw the same mask as MaskDropout for this unit of the batch."""
    bits = mix(np.uint32(np.uint32(unit) * np.uint32(0x9E3779B1)))
    key = mix(np.uint32(seed[1] + np.uint32(step)))
    bits = mix(np.uint32(mix(bits ^ seed[0]) + key))
    return _f32(bits >> np.uint32(8)) / _f32(1 << 24) >= rate


@part
def batch_norm_forward(config, variables, space, layer, n, training, share):
    """Normalise a hidden layer by the batch's moments, or by the moving averages."""
    thread, n_threads = share
    width = config.widths[layer + 1]
    for first in range(0, width, NORM_COLUMNS):
        if first // NORM_COLUMNS % n_threads == thread:
            last = min(first + NORM_COLUMNS, width)
            at = config.bias_starts[layer] + first
            mean = space.gradient[thread, 0, : last - first]
            _prepare_norm(variables, space, layer, n, training, first, at, mean)
            _normalize(variables, space, layer, n, first, at, mean)


@part
def _prepare_norm(variables, space, layer, n, training, first, at, mean):
    """Set the mean and the inverse deviation of some columns."""
    width = mean.shape[0]
    moving_mean = variables.norms[2, at : at + width]
    moving_variance = variables.norms[3, at : at + width]
    inverse = space.inverse_deviations[at : at + width]
    variance = inverse
    if training:
        _moments(space.outputs[layer], n, first, mean, variance)
        for j in range(width):
            moving_mean[j] += (mean[j] - moving_mean[j]) * _UPDATE_SHARE
            moving_variance[j] += (variance[j] - moving_variance[j]) * _UPDATE_SHARE
    else:
        for j in range(width):
            mean[j], variance[j] = moving_mean[j], moving_variance[j]
    for j in range(width):
        inverse[j] = _f32(1) / np.sqrt(variance[j] + _NORM_EPSILON)


@part
def _moments(outputs, n, first, mean, variance):
    """Compute the mean and the variance of some columns of n rows."""
    width = mean.shape[0]
    mean[:] = 0
    variance[:] = 0
    for b in range(n):
        z = outputs[b, first : first + width]
        for j in range(width):
            mean[j] += z[j]
    for j in range(width):
        mean[j] /= _f32(n)
    for b in range(n):
        z = outputs[b, first : first + width]
        for j in range(width):
            variance[j] += (z[j] - mean[j]) * (z[j] - mean[j])
    for j in range(width):
        variance[j] /= _f32(n)


@part
def _normalize(variables, space, layer, n, first, at, mean):
    """Normalise some columns of n rows in place."""
    width = mean.shape[0]
    scale, shift = (
        variables.norms[0, at : at + width],
        variables.norms[1, at : at + width],
    )
    inverse = space.inverse_deviations[at : at + width]
    for b in range(n):
        z = space.outputs[layer, b, first : first + width]
        normalized = space.normalized[layer, b, first : first + width]
        for j in range(width):
            normalized[j] = (z[j] - mean[j]) * inverse[j]
            z[j] = scale[j] * normalized[j] + shift[j]


@part
def batch_norm_backward(config, variables, space, layer, n, share):
    """Turn the gradient of a normalised layer into that of its input."""
    thread, n_threads = share
    width = config.widths[layer + 1]
    for first in range(0, width, NORM_COLUMNS):
        if first // NORM_COLUMNS % n_threads == thread:
            last = min(first + NORM_COLUMNS, width)
            at = config.bias_starts[layer] + first
            _normalize_backward(variables, space, layer, n, first, last - first, at)


@part
def _normalize_backward(variables, space, layer, n, first, width, at):
    """Do the same for some columns of n rows.

    Ioffe and Szegedy, "Batch normalization", ICML 2015, section 3.
    """
    scale_gradient = space.norm_gradients[0, at : at + width]
    shift_gradient = space.norm_gradients[1, at : at + width]
    scale, inverse = variables.norms[0, at:], space.inverse_deviations[at:]
    scale_gradient[:] = 0
    shift_gradient[:] = 0
    for b in range(n):
        delta = space.deltas[layer, b, first : first + width]
        normalized = space.normalized[layer, b, first : first + width]
        for j in range(width):
            scale_gradient[j] += delta[j] * normalized[j]
            shift_gradient[j] += delta[j]
    for b in range(n):
        delta = space.deltas[layer, b, first : first + width]
        normalized = space.normalized[layer, b, first : first + width]
        for j in range(width):
            centred = (
                delta[j] - (shift_gradient[j] + normalized[j] * scale_gradient[j]) / n
            )
            delta[j] = scale[j] * inverse[j] * centred
        flush(delta)


@part
def flush(gradient):
    """Set negligible numbers to zero."""
    for j in range(gradient.shape[0]):
        gradient[j] = _f32(0) if abs(gradient[j]) < NEGLIGIBLE else gradient[j]
