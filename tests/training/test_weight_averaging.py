"""The weights are averaged over the last epochs, whoever trains the network."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from skmnist import MNISTClassifier
from skmnist._estimator.engine_choice import TrainingInterrupted
from skmnist._keras import conv_fit
from skmnist._keras.backend import keras
from skmnist._training.epochs import Epochs
from skmnist._training.weight_averaging import WeightAverager

X, Y = load_digits(return_X_y=True)
X, Y = X[:400], Y[:400]
SMALL = {"hidden_layer_sizes": (8,), "random_state": 0}
CONV = SMALL | {"network": "conv", "filters": (3, 4)}
NORM = SMALL | {"batch_norm": True, "augmentation": "affine", "dropout": 0.1}
NETWORKS = {
    "kernel": SMALL,
    "convolutions": CONV,
    "compiled epochs": SMALL | {"optimizer": "nadam"},
}


def fit(epochs, **params):
    return MNISTClassifier(epochs=epochs, **params).fit(X, Y)


def assert_weights(classifier, expected):
    for array, other in zip(classifier._state.weights, expected, strict=True):
        np.testing.assert_array_equal(array, other)


def mean_weights(classifiers):
    weights = zip(*(c._state.weights for c in classifiers), strict=True)
    return [np.mean(w, axis=0, dtype=np.float64).astype(np.float32) for w in weights]


@pytest.mark.parametrize(
    ("share", "n_averaged"), [(0.0, 0), (0.1, 0), (0.2, 1), (0.5, 2), (0.99, 4)]
)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_weights_are_the_mean_over_the_last_epochs(name, share, n_averaged):
    params = NETWORKS[name]
    last = [fit(4 - k, **params) for k in range(max(n_averaged, 1))]
    classifier = fit(4, weight_averaging=share, **params)
    assert_weights(classifier, mean_weights(last))
    # The optimizer goes on where the last epoch ended.
    states = classifier._state.optimizer_state, last[0]._state.optimizer_state
    for array, other in zip(*states, strict=True):
        np.testing.assert_array_equal(array, other)
    assert classifier.history_ == last[0].history_


@pytest.mark.parametrize(
    "callback", [keras.callbacks.Callback(), keras.callbacks.TerminateOnNaN()]
)
def test_keras_loops_average_too(callback, monkeypatch):
    monkeypatch.setattr(conv_fit, "can_train", lambda *args: False)
    params = CONV | {"callbacks": [callback]}
    expected = mean_weights([fit(2, **params), fit(3, **params)])
    assert_weights(fit(3, weight_averaging=0.6, **params), expected)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "ftrl"},
        {"network": "conv", "filters": (3, 4)},
        {"callbacks": [keras.callbacks.Callback()]},
        {"callbacks": [keras.callbacks.TerminateOnNaN()]},
    ],
)
def test_statistics_of_batch_normalisation_are_those_of_the_mean_weights(changes):
    params = NORM | changes
    # Enough steps to forget the statistics that the pass starts with.
    params |= {"batch_size": 1 if "network" not in changes else 2, "epochs": 2}
    params |= {"learning_rate": 0.01}
    last = [
        MNISTClassifier(**params | {"epochs": epochs}).fit(X, Y) for epochs in (1, 2)
    ]
    classifier = MNISTClassifier(weight_averaging=0.99, **params).fit(X, Y)
    architecture = classifier._state.architecture
    mean = mean_weights(last)
    found = classifier._state.weights
    assert_weights(classifier, architecture.with_statistics(mean, found))
    changed = [(a != b).any() for a, b in zip(found, mean, strict=True)]
    kinds = [layer.kind for layer, _ in architecture.layer_weights(found)]
    assert sum(changed) == 2 * kinds.count("batch_norm")


def test_new_statistics_describe_the_training_data():
    params = SMALL | {"batch_norm": True, "learning_rate": 0.03, "batch_size": 4}
    classifier = fit(8, weight_averaging=0.5, **params)
    kernel, bias, _, _, mean, variance = classifier._state.weights[:6]
    sums = classifier._state.scaler.transform(X) @ kernel + bias
    np.testing.assert_allclose(mean, sums.mean(axis=0), atol=0.3)
    # Within batches of four, a variance is three quarters of that of the rows.
    np.testing.assert_allclose(variance, 0.75 * sums.var(axis=0), rtol=0.5)


def test_ctrl_c_while_statistics_are_computed_keeps_the_mean(monkeypatch):
    def interrupt(epochs):
        raise KeyboardInterrupt

    monkeypatch.setattr(Epochs, "update_statistics", interrupt)
    with pytest.warns(TrainingInterrupted):
        classifier = fit(2, weight_averaging=0.99, **NORM)
    assert_weights(classifier, mean_weights([fit(1, **NORM), fit(2, **NORM)]))


def test_a_warm_start_goes_on_from_the_mean_and_averages_its_own_epochs():
    params = SMALL | {"weight_averaging": 0.5, "warm_start": True}
    classifier = fit(2, **params)
    first = fit(2, **SMALL)
    assert_weights(classifier, first._state.weights)
    classifier.set_params(epochs=4).fit(X, Y)
    ends = []
    for epochs in (3, 4):
        again = fit(2, **params).set_params(epochs=epochs, weight_averaging=0.0)
        ends.append(again.fit(X, Y))
    assert_weights(classifier, mean_weights(ends))
    assert classifier.n_iter_ == 6


def test_partial_fit_needs_a_fitted_network_and_does_not_average():
    classifier = MNISTClassifier(weight_averaging=0.5, **SMALL)
    with pytest.raises(ValueError, match="`weight_averaging` must be 0 for the first"):
        classifier.partial_fit(X, Y, classes=range(10))
    averaged = fit(4, weight_averaging=0.5, **SMALL).partial_fit(X, Y)
    by_hand = fit(4, weight_averaging=0.5, **SMALL).set_params(weight_averaging=0.0)
    assert_weights(averaged, by_hand.partial_fit(X, Y)._state.weights)


def test_early_stopping_keeps_one_epoch_and_refuses_to_average():
    classifier = MNISTClassifier(early_stopping=True, weight_averaging=0.25)
    with pytest.raises(ValueError, match="`weight_averaging` must be 0 with `early_"):
        classifier.fit(X, Y)


def test_the_temperature_is_that_of_the_averaged_network():
    params = SMALL | {"calibrate": True, "weight_averaging": 0.5}
    classifier = fit(4, **params)
    assert classifier.temperature_ != fit(4, **SMALL | {"calibrate": True}).temperature_


def test_a_saved_network_is_the_averaged_one(tmp_path):
    classifier = fit(4, weight_averaging=0.5, **SMALL)
    classifier.save(tmp_path / "network.onnx")
    loaded = MNISTClassifier.load(tmp_path / "network.onnx")
    assert loaded.weight_averaging == 0.5
    np.testing.assert_array_equal(loaded.predict_proba(X), classifier.predict_proba(X))


def test_a_grid_may_have_shares():
    grid = {"weight_averaging": [0.0, 0.5]}
    classifier = MNISTClassifier(epochs=4, **SMALL)
    search = GridSearchCV(classifier, grid, scoring="neg_log_loss", cv=2).fit(X, Y)
    assert len(set(search.cv_results_["mean_test_score"])) == 2


@pytest.mark.parametrize("share", [-0.1, 1, 1.0])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ValueError, match="`weight_averaging` must be at least 0 and"):
        fit(2, weight_averaging=share)


def test_nothing_is_averaged_before_an_epoch_counts():
    averager = WeightAverager(3)
    averager.end_epoch(2, {}, lambda: ([np.ones(2)], []))
    assert averager.average() is None
    for epoch, value in ((3, 1), (4, 3)):
        averager.end_epoch(epoch, {}, lambda value=value: ([np.full(2, value)], []))
    np.testing.assert_array_equal(averager.average(), [[2, 2]])
