"""Activations, dropout, normalisation and optimizers' steps for the dense kernel.

Numba's cache does not notice a change of this file: after one, delete `__pycache__`.
"""

import numpy as np

from skmnist._network.architecture import BATCH_NORM_EPSILON
from skmnist._training.intrinsics import mix, part_of_compiled

# The formulas are Keras's; the derivatives are taken from the outputs.
ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid", "elu", "leaky_relu", "selu")
OPTIMIZERS = ("adam", "sgd", "rmsprop")

_f32 = np.float32
# Numbers that float32 holds only at reduced precision take a processor 100 times as
# long: they are taken for zero, as TensorFlow does.
_TINY = _f32(1e-30)

_RELU, _TANH, _SIGMOID, _ELU, _LEAKY_RELU, _SELU = range(1, 7)
_LEAK = _f32(0.2)
_SELU_SCALE, _SELU_ALPHA = _f32(1.05070098), _f32(1.67326324)

_ADAM, _SGD = 0, 1
_EPSILON = _f32(1e-7)

_NORM_EPSILON = _f32(BATCH_NORM_EPSILON)
# The share of a batch in the moving averages, Keras's default.
_NEWS = _f32(0.01)


@part_of_compiled
def step_size(rule, learning_rate, step):
    """Return the optimizer's step size; that of Adam corrects the moments' bias."""
    if rule.optimizer != _ADAM:
        return learning_rate
    step = _f32(step)
    second = np.sqrt(_f32(1) - _f32(0.999) ** step)
    return learning_rate * second / (_f32(1) - _f32(0.9) ** step)


@part_of_compiled
def take_step(optimizer, rate, weights, first, second, gradient):
    """Make the optimizer's step, with Keras's defaults.

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


@part_of_compiled
def activate(activation, h):
    """Apply an activation, by its place in ACTIVATIONS, to a row where it lies."""
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


@part_of_compiled
def _slope(activation, h):
    """Return the derivative of the activation where its output is `h`."""
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


@part_of_compiled
def through_activation(activation, delta, h):
    """Turn the gradient by an activation's output `h` into that by its input."""
    if activation == _RELU:
        for j in range(h.shape[0]):
            delta[j] = delta[j] if h[j] > 0 else _f32(0)
    else:
        for j in range(h.shape[0]):
            delta[j] *= _slope(activation, h[j])


@part_of_compiled
def through_dropout(activation, delta, h, seed, step, row, rate):
    """Do the same where `h` has been through dropout."""
    for j in range(h.shape[0]):
        if _is_kept(seed, step, row * h.shape[0] + j, rate):
            undropped = h[j] * (_f32(1) - rate)
            delta[j] *= _slope(activation, undropped) / (_f32(1) - rate)
        else:
            delta[j] = _f32(0)


@part_of_compiled
def drop(h, seed, step, row, rate):
    """Zero some units of one row of the batch and scale up the others."""
    for j in range(h.shape[0]):
        kept = _is_kept(seed, step, row * h.shape[0] + j, rate)
        h[j] = h[j] / (_f32(1) - rate) if kept else _f32(0)


@part_of_compiled
def _is_kept(seed, step, unit, rate):
    """Draw what MaskDropout draws for this unit of the batch."""
    bits = mix(np.uint32(np.uint32(unit) * np.uint32(0x9E3779B1)))
    key = mix(np.uint32(seed[1] + np.uint32(step)))
    bits = mix(np.uint32(mix(bits ^ seed[0]) + key))
    return _f32(bits >> np.uint32(8)) / _f32(1 << 24) >= rate


@part_of_compiled
def normalize(variables, space, layer, at, width, n, training):
    """Normalise a hidden layer over the batch, or by the moving averages."""
    z, normalized = space.outputs[layer], space.normalized[layer]
    inverse = space.inverse_deviations[at : at + width]
    mean, variance = space.gradient[:width], inverse
    moving_mean = variables.norms[2, at : at + width]
    moving_variance = variables.norms[3, at : at + width]
    if training:
        _moments(z, n, mean, variance)
        for j in range(width):
            moving_mean[j] += (mean[j] - moving_mean[j]) * _NEWS
            moving_variance[j] += (variance[j] - moving_variance[j]) * _NEWS
    else:
        mean[:], variance[:] = moving_mean, moving_variance
    for j in range(width):
        inverse[j] = _f32(1) / np.sqrt(variance[j] + _NORM_EPSILON)
    scale, shift = variables.norms[0, at:], variables.norms[1, at:]
    for b in range(n):
        for j in range(width):
            normalized[b, j] = (z[b, j] - mean[j]) * inverse[j]
            z[b, j] = scale[j] * normalized[b, j] + shift[j]


@part_of_compiled
def _moments(z, n, mean, variance):
    """Compute the mean and the variance of each column of n rows."""
    mean[:], variance[:] = 0, 0
    for b in range(n):
        for j in range(mean.shape[0]):
            mean[j] += z[b, j]
    mean /= _f32(n)
    for b in range(n):
        for j in range(mean.shape[0]):
            variance[j] += (z[b, j] - mean[j]) * (z[b, j] - mean[j])
    variance /= _f32(n)


@part_of_compiled
def through_normalization(variables, space, layer, at, width, n):
    """Turn the gradient by a normalised layer into that by what was normalised.

    Ioffe and Szegedy, "Batch normalization", ICML 2015, section 3.
    """
    deltas, normalized = space.deltas[layer], space.normalized[layer]
    of_scale = space.norm_gradients[0, at : at + width]
    of_shift = space.norm_gradients[1, at : at + width]
    of_scale[:], of_shift[:] = 0, 0
    for b in range(n):
        for j in range(width):
            of_scale[j] += deltas[b, j] * normalized[b, j]
            of_shift[j] += deltas[b, j]
    scale, inverse = variables.norms[0, at:], space.inverse_deviations[at:]
    for b in range(n):
        for j in range(width):
            centred = deltas[b, j] - (of_shift[j] + normalized[b, j] * of_scale[j]) / n
            deltas[b, j] = scale[j] * inverse[j] * centred
