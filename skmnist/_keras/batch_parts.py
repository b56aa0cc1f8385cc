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
    parts = tf.split(x, part_sizes(x.shape[0]))
    for layer in _pool_first(model.layers):
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if training and _uses_batch_statistics(layer):
            parts = _normalize(layer, parts)
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


def _normalize(layer, parts):
    """Apply batch normalisation to the parts, and update its moving averages."""
    *parts, mean, variance = _batch_norm(
        layer.gamma.value, layer.beta.value, layer.epsilon, parts
    )
    for moving, new in (
        (layer.moving_mean, mean),
        (layer.moving_variance, variance),
    ):
        moving.assign(moving * layer.momentum + new * (1 - layer.momentum))
    return parts


def _batch_norm(gamma, beta, epsilon, parts):
    """Return the normalised parts, and the mean and the variance of the batch."""
    sizes = [float(np.prod(part.shape[:-1])) for part in parts]
    shares = [size / sum(sizes) for size in sizes]

    @tf.custom_gradient
    def normalize(gamma, beta, *parts):
        images = [_as_images(part) for part in parts]
        mean, variance = _moments(images, shares)
        options = {"epsilon": epsilon, "is_training": False}
        outputs = [
            tf.raw_ops.FusedBatchNormV3(
                x=x, scale=gamma, offset=beta, mean=mean, variance=variance, **options
            )[0]
            for x in images
        ]

        def gradient(*upstream):
            # As for constant statistics, then with their dependence on the parts:
            # Ioffe and Szegedy, "Batch normalization", ICML 2015, section 3.
            fixed = [
                tf.raw_ops.FusedBatchNormGradV3(
                    y_backprop=_as_images(dy),
                    x=x,
                    scale=gamma,
                    reserve_space_1=mean,
                    reserve_space_2=variance,
                    reserve_space_3=[],
                    **options,
                )
                for dy, x in zip(upstream, images, strict=False)
            ]
            d_gamma = tf.add_n([result[1] for result in fixed])
            d_beta = tf.add_n([result[2] for result in fixed])
            inverse = tf.math.rsqrt(variance + epsilon)
            slope = gamma * inverse * inverse * d_gamma / sum(sizes)
            level = gamma * inverse * d_beta / sum(sizes) - slope * mean
            d_parts = [
                tf.reshape(result[0] - (x * slope + level), part.shape)
                for result, x, part in zip(fixed, images, parts, strict=True)
            ]
            return d_gamma, d_beta, *d_parts

        shapes = [part.shape for part in parts]
        outputs = [tf.reshape(y, s) for y, s in zip(outputs, shapes, strict=True)]
        return (*outputs, mean, variance), gradient

    return normalize(gamma, beta, *parts)


def _as_images(x):
    """Return x with four axes, as the operations of TensorFlow need it."""
    return x if x.shape.rank == 4 else tf.reshape(x, (x.shape[0], 1, 1, x.shape[-1]))


def _moments(images, shares):
    """Return the mean and the variance of all parts, from those of each part."""
    moments = [tf.nn.moments(x, [0, 1, 2]) for x in images]
    mean = tf.add_n([share * m for share, (m, _) in zip(shares, moments, strict=True)])
    variances = [v + tf.math.squared_difference(m, mean) for m, v in moments]
    variance = tf.add_n([s * v for s, v in zip(shares, variances, strict=True)])
    return mean, variance
