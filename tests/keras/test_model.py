import random

import numpy as np
import pytest

from skmnist import MNISTClassifier
from skmnist._keras.backend import keras
from skmnist._keras.custom_network import build_custom_network
from skmnist._keras.epoch_model import EpochModel
from skmnist._keras.model import (
    MaskDropout,
    build_network,
    get_state,
    set_state,
)
from skmnist._network.architecture import Architecture

layers = keras.layers
ARCHITECTURE = Architecture(
    n_features=9,
    n_classes=3,
    hidden_layer_sizes=(8, 6),
    activation="relu",
    dropout=0.2,
    batch_norm=True,
    alpha=0.0,
    optimizer="adam",
)


def functional(meta):
    inputs = keras.Input((meta["n_features_in_"],))
    return keras.Model(inputs, layers.Dense(meta["n_classes_"], "softmax")(inputs))


def sequential(meta):
    return keras.Sequential([layers.Dense(meta["n_classes_"], "softmax")])


def compiled(meta):
    model = functional(meta)
    optimizer = keras.optimizers.SGD(0.5)
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    return model


class CountingModel(keras.Model):
    """A model class of the user's, with its own `train_step`."""

    steps = 0

    def train_step(self, data):
        CountingModel.steps += 1
        return super().train_step(data)


def subclass(meta):
    inputs = keras.Input((meta["n_features_in_"],))
    return CountingModel(inputs, layers.Dense(meta["n_classes_"], "softmax")(inputs))


def masks(rate, *, seed=0, steps=1, shape=(64, 512)):
    """Return which units a dropout layer keeps in each step."""
    layer = MaskDropout(rate, seed=seed)
    outputs = [layer(np.ones(shape, np.float32), training=True) for _ in range(steps)]
    return np.array([np.asarray(output) > 0 for output in outputs])


def correlation(one, other):
    return abs(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.5, 0.9])
def test_masks_keep_a_share_of_one_minus_the_rate(rate):
    kept = masks(rate, steps=4)
    deviation = np.sqrt(rate * (1 - rate) / kept.size)
    assert abs(kept.mean() - (1 - rate)) < 4 * deviation


@pytest.mark.parametrize("axis", [(1, 2), (0, 2), (0, 1)], ids=["step", "row", "unit"])
def test_masks_keep_the_same_share_of_each_step_row_and_unit(axis):
    kept = masks(0.3, steps=64, shape=(64, 64))
    n_draws = kept.size / 64
    deviations = (kept.mean(axis=axis) - 0.7) / np.sqrt(0.3 * 0.7 / n_draws)
    assert np.abs(deviations).max() < 4.5
    assert 0.6 < deviations.std() < 1.4


@pytest.mark.parametrize("lag", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (7, 3, 2)])
def test_masks_of_neighbours_are_uncorrelated(lag):
    kept = masks(0.4, steps=8)
    here = kept[tuple(slice(step, None) for step in lag)]
    there = kept[tuple(slice(0, -step or None) for step in lag)]
    assert correlation(here, there) < 4 / np.sqrt(here.size)


def test_masks_of_two_layers_are_uncorrelated():
    one, other = masks(0.4, seed=1), masks(0.4, seed=2)
    assert correlation(one, other) < 4 / np.sqrt(one.size)


def test_the_same_seed_draws_the_same_masks():
    np.testing.assert_array_equal(masks(0.4, steps=3), masks(0.4, steps=3))


def test_kept_units_are_scaled_up():
    inputs = np.random.default_rng(0).random((64, 512), dtype=np.float32)
    outputs = np.asarray(MaskDropout(0.2, seed=0)(inputs, training=True))
    kept = outputs != 0
    np.testing.assert_allclose(outputs[kept], inputs[kept] / 0.8, rtol=1e-6)
    assert outputs.mean() == pytest.approx(inputs.mean(), rel=0.02)


@pytest.mark.parametrize(("rate", "training"), [(0.5, False), (0.0, True)])
def test_dropout_is_the_identity_in_inference_and_at_rate_0(rate, training):
    inputs = np.random.default_rng(0).random((8, 16), dtype=np.float32)
    outputs = MaskDropout(rate, seed=0)(inputs, training=training)
    np.testing.assert_array_equal(outputs, inputs)


@pytest.mark.parametrize("filters", [(), (3,), (3, 4, 5)])
def test_the_architecture_knows_the_shapes_of_the_weights(filters):
    shape = (ARCHITECTURE.n_features, 1) if filters else None
    architecture = ARCHITECTURE._replace(filters=filters, image_shape=shape)
    model = build_network(architecture)
    shapes = [weight.shape for weight in model.get_weights()]
    assert shapes == architecture.weight_shapes()


def test_initial_weights_are_distributed_like_those_of_keras():
    changes = {"n_features": 100, "hidden_layer_sizes": (200,), "dropout": 0.0}
    architecture = ARCHITECTURE._replace(batch_norm=False, **changes)
    ours = architecture.initial_weights(np.random.default_rng(0))
    theirs = keras.initializers.GlorotUniform(seed=0)((100, 200)).numpy()
    assert ours[0].dtype == np.float32
    assert ours[0].std() == pytest.approx(theirs.std(), rel=0.02)
    assert np.abs(ours[0]).max() == pytest.approx(np.abs(theirs).max(), rel=0.01)
    assert not ours[1].any()


def test_set_state_restores_what_get_state_returned():
    model = build_network(ARCHITECTURE)
    weights, optimizer_state = get_state(model)
    set_state(
        model, [w + 1 for w in weights], [np.ones_like(v) for v in optimizer_state]
    )
    set_state(model, weights, optimizer_state)
    for array, expected in zip(get_state(model)[1], optimizer_state, strict=True):
        np.testing.assert_array_equal(array, expected)
    for array, expected in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("network", [functional, sequential, compiled])
def test_a_network_of_keras_classes_trains_in_compiled_epochs(
    network, tiny, monkeypatch
):
    monkeypatch.setattr(keras.Model, "fit", None)
    X, y = tiny
    classifier = MNISTClassifier(network=network, epochs=2, batch_size=8).fit(X, y)
    assert classifier.n_iter_ == 2
    np.testing.assert_allclose(classifier.predict_proba(X).sum(axis=1), 1)
    assert not isinstance(classifier.model_, EpochModel)


def test_a_compiled_network_keeps_its_loss_and_its_optimizer(tiny):
    classifier = MNISTClassifier(network=compiled, epochs=1, batch_size=8).fit(*tiny)
    assert classifier.model_.loss == "categorical_crossentropy"
    assert classifier.model_.optimizer.__class__.__name__ == "SGD"
    assert float(classifier.model_.optimizer.learning_rate) == 0.5


def test_a_network_that_is_not_compiled_gets_the_optimizer_of_the_classifier(tiny):
    classifier = MNISTClassifier(
        network=functional, optimizer="rmsprop", learning_rate=0.02, epochs=1
    ).fit(*tiny)
    assert classifier.model_.optimizer.__class__.__name__ == "RMSprop"
    assert float(classifier.model_.optimizer.learning_rate) == pytest.approx(0.02)


def test_a_model_class_with_its_own_train_step_uses_it(tiny):
    CountingModel.steps = 0
    classifier = MNISTClassifier(network=subclass, epochs=1).fit(*tiny)
    assert CountingModel.steps > 0
    assert type(classifier.model_) is CountingModel
    assert set(classifier.history_) == {"accuracy", "loss"}


@pytest.mark.parametrize("network", [functional, subclass])
def test_a_seed_gives_a_custom_network_the_same_bits_again(network, tiny):
    first, second = (
        MNISTClassifier(network=network, epochs=2, batch_size=8, random_state=0)
        .fit(*tiny)
        .model_.get_weights()
        for _ in range(2)
    )
    np.testing.assert_array_equal(first[0], second[0])


def test_a_network_receives_the_metadata_and_the_parameters_that_it_names(tiny):
    received = {}

    def network(meta, hidden_layer_sizes, **others):
        received.update(meta, hidden_layer_sizes=hidden_layer_sizes, others=others)
        return functional(meta)

    X, y = tiny
    X = X.reshape(-1, 3, 3)
    labels = np.array(["a", "b", "c"])[y]
    MNISTClassifier(4, network=network, epochs=1, batch_size=8).fit(X, labels)
    assert received["n_features_in_"] == 9
    assert received["n_classes_"] == 3
    assert list(received["classes_"]) == ["a", "b", "c"]
    assert received["image_shape_"] == (3, 3)
    assert received["pixel_dtype_"] == np.uint8
    assert received["hidden_layer_sizes"] == 4
    assert received["others"]["optimizer"] == "adam"


def test_a_custom_network_does_not_change_the_global_generator_of_python():
    meta = {"n_features_in_": 9, "n_classes_": 3, "seed": 0}
    params = {"optimizer": "adam", "learning_rate": 0.001, "label_smoothing": 0.0}
    state = random.getstate()
    build_custom_network(functional, meta, params, model_class=EpochModel)
    assert random.getstate() == state


@pytest.mark.parametrize(
    ("network", "error", "message"),
    [
        (lambda meta: "a model", TypeError, "must return a keras.Model, got str"),
        (lambda meta: functional(meta | {"n_classes_": 5}), ValueError, r"\(None, 5\)"),
        (
            lambda meta: functional(meta | {"n_features_in_": 7}),
            ValueError,
            r"from \(None, 7\)",
        ),
    ],
    ids=["no model", "wrong output", "wrong input"],
)
def test_a_network_with_the_wrong_type_or_shapes_is_refused(
    network, error, message, tiny
):
    with pytest.raises(error, match=message):
        MNISTClassifier(network=network, epochs=1).fit(*tiny)


class LossOnly(keras.Model):
    """A model class of the user's, whose `test_step` reports no accuracy."""

    def test_step(self, data):
        return {"loss": super().test_step(data)["loss"]}


def test_early_stopping_without_an_accuracy_warns_and_trains_all_epochs(tiny):
    def network(meta):
        inputs = keras.Input((meta["n_features_in_"],))
        return LossOnly(inputs, layers.Dense(meta["n_classes_"], "softmax")(inputs))

    classifier = MNISTClassifier(network=network, epochs=3, early_stopping=True)
    with pytest.warns(UserWarning, match="`early_stopping` needs .* only .*'val_loss'"):
        classifier.fit(*tiny)
    assert classifier.n_iter_ == 3
    assert not hasattr(classifier, "best_epoch_")
