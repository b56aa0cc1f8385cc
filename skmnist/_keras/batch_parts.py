"""Convolutions on the parts of a batch, which TensorFlow computes side by side.

A convolution of TensorFlow that several threads share adds in an order that depends on
their number, and the threads wait for each other after every layer. Here a batch has a
fixed number of parts, each layer is one operation for each part, and as many operations
run at the same time as there are threads. What each computes does not depend on them.
"""

import numpy as np

from skmnist._keras.backend import keras, tf
from skmnist._keras.model import FixedBatchNormalization

# Parts of a batch, and the fewest rows in one: more parts occupy more cores, but in a
# small part the calls of the operations cost more than the arithmetic.
_MOST_PARTS, _FEWEST_ROWS = 4, 16


def call_in_parts(model, x, training):
    """Return what `model(x, training=training)` returns, up to rounding.

    The statistics of batch normalisation are those of the whole batch, as in Keras.

    Parameters
    ----------
    model : keras.Model
        Layers one after another, with a Flatten layer behind the convolutions. The
        layers behind it are cheap and get the whole batch.
    x : tensor of shape (n, n_features)
        Scaled pixels; n must be known.
    training : bool
        As for `model`.

    Returns
    -------
    tensor of shape (n, n_classes)
        Probabilities.
    """
    parts, bias = tf.split(x, part_sizes(x.shape[0])), None
    layers = _pool_first(model.layers)
    for layer, following in zip(layers, [*layers[1:], None], strict=True):
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if training and _uses_batch_statistics(layer):
            parts, bias = _normalize(layer, parts, bias), None
        elif (
            training
            and isinstance(layer, keras.layers.Conv2D)
            and _uses_batch_statistics(following)
        ):
            # Batch normalisation subtracts the bias with the mean: adding it, and
            # summing a gradient that is 0, would be passes over all numbers.
            parts = [layer.convolution_op(part, layer.kernel) for part in parts]
            bias = layer.bias.value
        else:
            parts = [layer(part, training=training) for part in parts]
        if isinstance(layer, keras.layers.Flatten):
            parts = [tf.concat(parts, axis=0)]
    return parts[0]


def part_sizes(n_rows):
    """Return the number of rows in each part of a batch."""
    n_parts = min(_MOST_PARTS, max(n_rows // _FEWEST_ROWS, 1))
    return [len(part) for part in np.array_split(np.arange(n_rows), n_parts)]


def _pool_first(layers):
    """Move max pooling before relu: the same results from a quarter of the numbers."""
    ordered = []
    for layer in layers:
        pools = isinstance(layer, keras.layers.MaxPooling2D)
        place = len(ordered) - (pools and _is_relu(ordered[-1]))
        ordered.insert(place, layer)
    return ordered


def _is_relu(layer):
    return (
        isinstance(layer, keras.layers.Activation)
        and layer.activation is keras.activations.relu
    )


def _uses_batch_statistics(layer):
    return isinstance(layer, keras.layers.BatchNormalization) and not isinstance(
        layer, FixedBatchNormalization
    )


def _normalize(layer, parts, bias):
    """Apply batch normalisation to the parts, and update its moving averages.

    A bias, unless it is None, is still to be added to the parts.
    """
    gamma, beta = layer.gamma.value, layer.beta.value
    bias = tf.zeros_like(beta) if bias is None else bias
    shapes = [part.shape for part in parts]
    # The operations of TensorFlow need four axes.
    images = [x if len(x.shape) == 4 else x[:, None, None] for x in parts]
    *images, mean, variance = _batch_norm(gamma, beta, bias, layer.epsilon, images)
    for moving, new in (
        (layer.moving_mean, mean),
        (layer.moving_variance, variance),
    ):
        moving.assign(moving * layer.momentum + new * (1 - layer.momentum))
    return [tf.reshape(x, shape) for x, shape in zip(images, shapes, strict=True)]


def _batch_norm(gamma, beta, bias, epsilon, images):
    """Return normalised images, and the mean and the variance of the batch."""

    @tf.custom_gradient
    def normalize(gamma, beta, bias, *images):
        mean, variance = _moments(images)
        outputs = [
            tf.raw_ops.FusedBatchNormV3(
                x=x,
                scale=gamma,
                offset=beta,
                mean=mean,
                variance=variance,
                epsilon=epsilon,
                is_training=False,
            )[0]
            for x in images
        ]

        def gradient(*upstream):
            d_gamma, d_beta, d_images = _gradients(
                upstream[: len(images)], images, gamma, mean, variance, epsilon
            )
            return d_gamma, d_beta, tf.zeros_like(bias), *d_images

        return (*outputs, mean + bias, variance), gradient

    return normalize(gamma, beta, bias, *images)


def _moments(images):
    """Return the mean and the variance of all parts, from those of each part."""
    sizes = [np.prod(x.shape[:-1]) for x in images]
    shares = [float(size / sum(sizes)) for size in sizes]
    moments = [tf.nn.moments(x, [0, 1, 2]) for x in images]
    mean = tf.add_n([share * m for share, (m, _) in zip(shares, moments, strict=True)])
    variances = [v + tf.math.squared_difference(m, mean) for m, v in moments]
    variance = tf.add_n([s * v for s, v in zip(shares, variances, strict=True)])
    return mean, variance


def _gradients(upstream, images, gamma, mean, variance, epsilon):
    """Return the gradients of scale, offset and images.

    First those for a fixed mean and variance, then their dependence on the images:
    Ioffe and Szegedy, "Batch normalization", ICML 2015, section 3.
    """
    fixed = [
        tf.raw_ops.FusedBatchNormGradV3(
            y_backprop=dy,
            x=x,
            scale=gamma,
            reserve_space_1=mean,
            reserve_space_2=variance,
            reserve_space_3=[],
            epsilon=epsilon,
            is_training=False,
        )
        for dy, x in zip(upstream, images, strict=True)
    ]
    d_gamma = tf.add_n([result[1] for result in fixed])
    d_beta = tf.add_n([result[2] for result in fixed])
    size = float(sum(np.prod(x.shape[:-1]) for x in images))
    inverse = tf.math.rsqrt(variance + epsilon)
    slope = gamma * inverse * inverse * d_gamma / size
    level = gamma * inverse * d_beta / size - slope * mean
    d_images = [
        result[0] - (x * slope + level) for result, x in zip(fixed, images, strict=True)
    ]
    return d_gamma, d_beta, d_images
