"""Networks computed in parts of a batch are those that Keras computes as a whole."""

import numpy as np
import pytest

from skmnist._keras.backend import tf
from skmnist._keras.batch_parts import call_in_parts, part_sizes
from skmnist._keras.model_pool import model_pool
from skmnist._network.architecture import Architecture

ARCHITECTURE = Architecture(
    n_features=144,
    n_classes=4,
    hidden_layer_sizes=(7,),
    activation="relu",
    dropout=0.0,
    batch_norm=True,
    alpha=0.0,
    optimizer="sgd",
    filters=(3, 5),
    image_shape=(12, 12),
)


def build(fixed_norm=False, **changes):
    """Return a model in which no gradient and no statistic is trivial."""
    architecture = ARCHITECTURE._replace(**changes)
    model = model_pool.build(architecture, fixed_norm)
    rng = np.random.default_rng(0)
    weights = architecture.initial_weights(rng)
    shifts = (rng.uniform(0, 0.3, size=w.shape) for w in weights)
    model.set_weights([w + shift for w, shift in zip(weights, shifts, strict=True)])
    return model


def differentiate(model, call, x):
    """Return the output for x, its gradients, and the weights afterwards."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = call(x, training=True)
        target = tf.reduce_mean(y * tf.range(4, dtype=tf.float32) ** 2)
    gradients = tape.gradient(target, [x, *model.trainable_weights])
    return [y.numpy(), *(g.numpy() for g in gradients), *model.get_weights()]


@pytest.mark.parametrize(
    ("n_rows", "sizes"),
    [
        (1, [1]),
        (31, [31]),
        (32, [16, 16]),
        (75, [19, 19, 19, 18]),
        (128, [32, 32, 32, 32]),
        (1000, [250, 250, 250, 250]),
    ],
)
def test_a_batch_has_up_to_four_parts_of_at_least_16_rows(n_rows, sizes):
    assert part_sizes(n_rows) == sizes


@pytest.mark.parametrize("n_rows", [5, 75])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"fixed_norm": True},
        {"batch_norm": False},
        {"activation": "tanh"},
        {"hidden_layer_sizes": (), "filters": (3, 5, 4)},
    ],
)
def test_parts_have_the_outputs_gradients_and_statistics_of_the_whole(changes, n_rows):
    x = np.random.default_rng(1).uniform(size=(n_rows, 144)).astype(np.float32)
    whole, parted = build(**changes), build(**changes)
    expected = differentiate(whole, whole, x)
    found = differentiate(parted, lambda *a, **k: call_in_parts(parted, *a, **k), x)
    for array, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(array, other, rtol=1e-4, atol=1e-6)


def test_predictions_in_parts_are_those_of_the_whole():
    x = np.random.default_rng(1).uniform(size=(75, 144)).astype(np.float32)
    model = build()
    found = call_in_parts(model, tf.constant(x), training=False)
    np.testing.assert_allclose(found, model(x, training=False), rtol=0, atol=1e-6)
