"""Which networks the dense engine supports, and how it trains them."""

import numpy as np
import pytest
from sklearn.base import clone

from skmnist import MNISTClassifier
from skmnist._keras.model_pool import model_pool
from skmnist._network.architecture import Architecture
from skmnist._training.dense_engine import DenseEngine

ARCHITECTURE = Architecture(40, 3, (8,), "relu", 0.0, False, 0.0, "adam")


def make_data(n_rows=60):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (n_rows, 40), dtype=np.uint8)
    X[:, ::3] = 0
    return X, np.arange(n_rows) % 3


@pytest.mark.parametrize(
    ("changes", "batch_size", "supported"),
    [
        ({}, 32, True),
        ({}, 257, False),
        ({"batch_norm": True}, 32, True),
        ({"activation": "gelu"}, 32, False),
        ({"optimizer": "nadam"}, 32, False),
        ({"hidden_layer_sizes": (320, 320)}, 32, False),
        ({"hidden_layer_sizes": (30_000,)}, 32, False),
        ({"hidden_layer_sizes": ()}, 256, True),
    ],
)
def test_only_small_networks_of_known_kinds_are_supported(
    changes, batch_size, supported
):
    architecture = ARCHITECTURE._replace(**changes)
    assert DenseEngine.supports(architecture, batch_size) == supported


@pytest.mark.parametrize("batch_norm", [False, True])
def test_push_restores_the_weights_of_the_model(batch_norm):
    changes = {"hidden_layer_sizes": (5, 20), "batch_norm": batch_norm}
    model = model_pool.take(ARCHITECTURE._replace(**changes))
    rng = np.random.default_rng(0)
    weights = [rng.random(w.shape, dtype=np.float32) for w in model.get_weights()]
    model.set_weights(weights)
    engine = DenseEngine(model, 255.0, 32)
    model.set_weights([0 * w for w in weights])
    engine.push()
    for array, expected in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("layout", ["fortran", "strided", "read-only", "float64"])
def test_any_layout_of_the_pixels_gives_the_same_weights(layout):
    X, y = make_data()
    other = {
        "fortran": np.asfortranarray(X),
        "strided": np.repeat(X, 2, axis=0)[::2],
        "read-only": X.copy(),
        "float64": X.astype(np.float64),
    }[layout]
    if layout == "read-only":
        other.flags.writeable = False
    classifier = MNISTClassifier(8, epochs=3, random_state=0)
    expected = clone(classifier).fit(X, y).coefs_
    for array, other_array in zip(
        classifier.fit(other, y).coefs_, expected, strict=True
    ):
        np.testing.assert_array_equal(array, other_array)


def test_a_pixel_trains_as_soon_as_it_is_no_longer_blank():
    X, y = make_data()
    classifier = MNISTClassifier(8, random_state=0)
    classifier.partial_fit(X, y, classes=[0, 1, 2])
    before = classifier.coefs_[0].copy()
    X[:, 0] = 255
    classifier.partial_fit(X, y)
    assert (classifier.coefs_[0][0] != before[0]).any()
    assert (classifier.coefs_[0][3] == before[3]).all()


def test_a_pixel_that_became_blank_still_moves_by_its_momentum():
    X, y = make_data()
    X[:, 0] = 255
    classifier = MNISTClassifier(8, random_state=0)
    classifier.partial_fit(X, y, classes=[0, 1, 2])
    before = classifier.coefs_[0].copy()
    X[:, 0] = 0
    classifier.partial_fit(X, y)
    assert (classifier.coefs_[0][0] != before[0]).any()


def test_diverging_weights_are_an_error():
    X, y = make_data()
    classifier = MNISTClassifier(
        8, activation="linear", optimizer="sgd", learning_rate=1e30, epochs=5
    )
    with pytest.raises(ValueError, match="`learning_rate` must be smaller"):
        classifier.fit(X, y)
