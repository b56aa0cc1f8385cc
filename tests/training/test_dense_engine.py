"""Which networks the dense engine supports, and how it trains them."""

import numpy as np
import pytest
from joblib import Parallel, delayed
from sklearn.base import clone

from skmnist import MNISTClassifier
from skmnist._keras.model import build_network, get_state
from skmnist._network.architecture import Architecture
from skmnist._training import dense_engine, threads
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
        ({}, 1025, False),
        ({"hidden_layer_sizes": (4500, 4500)}, 32, False),
        ({"batch_norm": True}, 32, True),
        ({"activation": "gelu"}, 32, False),
        ({"optimizer": "nadam"}, 32, False),
        ({"hidden_layer_sizes": (1024, 512, 256)}, 128, True),
        ({"hidden_layer_sizes": ()}, 1024, True),
    ],
)
def test_only_networks_of_known_kinds_are_supported(changes, batch_size, supported):
    architecture = ARCHITECTURE._replace(**changes)
    assert DenseEngine.supports(architecture, batch_size) == supported


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_get_state_returns_the_state_that_was_set(optimizer, batch_norm):
    architecture = ARCHITECTURE._replace(
        hidden_layer_sizes=(5, 20), batch_norm=batch_norm, optimizer=optimizer
    )
    rng = np.random.default_rng(0)
    fresh = DenseEngine(architecture, 255.0, 32).get_state()
    state = [[rng.random(a.shape).astype(a.dtype) for a in part] for part in fresh]
    engine = DenseEngine(architecture, 255.0, 32)
    engine.set_state(*state)
    for arrays, expected in zip(engine.get_state(), state, strict=True):
        for array, other in zip(arrays, expected, strict=True):
            np.testing.assert_array_equal(array, other, strict=True)


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_the_state_has_the_layout_of_a_keras_model(optimizer):
    """Shapes, dtypes and order are equal, so training can continue with either."""
    architecture = ARCHITECTURE._replace(
        hidden_layer_sizes=(5, 20), batch_norm=True, optimizer=optimizer
    )
    expected = get_state(build_network(architecture))
    for arrays, others in zip(
        DenseEngine(architecture, 255.0, 32).get_state(), expected, strict=True
    ):
        assert [(a.shape, a.dtype) for a in arrays] == [
            (other.shape, other.dtype) for other in others
        ]


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


@pytest.fixture
def use_cores(monkeypatch):
    """Return a function that sets the number of cores, which every step then uses."""
    monkeypatch.setattr(dense_engine, "_PRODUCTS_PER_THREAD", 1)
    return lambda n: monkeypatch.setattr(threads, "count_cores", lambda: n)


def train(architecture, *, batch_size=40, n_steps=6):
    """Return the losses, the weights and the optimizer's state after some steps."""
    X, y = make_data(batch_size * n_steps - 7)
    engine = DenseEngine(architecture, 255.0, batch_size)
    engine.set_state(architecture.initial_weights(np.random.default_rng(0)))
    data = engine.prepare(X, y, None)
    seeds = [[1, 2]] * len(architecture.hidden_layer_sizes)
    engine.begin_epoch(seeds if architecture.dropout else [])
    sums = engine.train(data, np.arange(len(X)))
    weights, optimizer_state = engine.get_state()
    return [sums, engine.evaluate(data, np.arange(50)), *weights, *optimizer_state]


def assert_same_bits(arrays, expected):
    for array, other in zip(arrays, expected, strict=True):
        assert np.isfinite(array).all()
        np.testing.assert_array_equal(array, other)


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dropout": 0.2},
        {"batch_norm": True},
        {"alpha": 0.01},
        {"dropout": 0.2, "batch_norm": True, "alpha": 0.01, "label_smoothing": 0.1},
        {"hidden_layer_sizes": ()},
    ],
)
def test_any_number_of_threads_gives_the_same_bits(changes, optimizer, use_cores):
    changes = {"hidden_layer_sizes": (300, 70)} | changes | {"optimizer": optimizer}
    architecture, results = ARCHITECTURE._replace(**changes), []
    for n_cores in (1, 2, 3):
        use_cores(n_cores)
        assert DenseEngine(architecture, 255.0, 40).n_threads == n_cores
        results.append(train(architecture))
    assert_same_bits(results[1], results[0])
    assert_same_bits(results[2], results[0])


def test_fits_at_the_same_time_give_the_same_bits_as_alone(use_cores):
    X, y = make_data(200)
    classifier = MNISTClassifier((300, 70), epochs=4, dropout=0.1, random_state=0)
    use_cores(1)
    expected = clone(classifier).fit(X, y)
    use_cores(3)
    fits = [delayed(clone(classifier).fit)(X, y) for _ in range(2)]
    for fitted in Parallel(2, prefer="threads")(fits):
        assert_same_bits(fitted.coefs_, expected.coefs_)
        assert fitted.history_ == expected.history_


@pytest.mark.parametrize(
    ("hidden_layer_sizes", "batch_size", "n_threads"),
    [((128,), 32, 1), ((256,), 64, 1), ((1024, 512, 256), 128, 4)],
)
def test_only_long_steps_are_shared(
    hidden_layer_sizes, batch_size, n_threads, monkeypatch
):
    monkeypatch.setattr(threads, "count_cores", lambda: 4)
    architecture = ARCHITECTURE._replace(
        n_features=784, hidden_layer_sizes=hidden_layer_sizes
    )
    engine = DenseEngine(architecture, 255.0, batch_size)
    assert engine.n_threads == n_threads
    with threads.running_fit(), threads.running_fit():
        assert engine.n_threads == max(n_threads // 2, 1)


def test_steps_run_in_several_calls_like_in_one(use_cores, monkeypatch):
    use_cores(1)
    expected = train(ARCHITECTURE)
    monkeypatch.setattr(dense_engine, "_PRODUCTS_PER_CALL", 1)
    assert_same_bits(train(ARCHITECTURE), expected)
