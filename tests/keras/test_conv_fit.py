"""Convolutional networks are trained in another process as Keras trains them here."""

import _thread

import numpy as np
import pytest
from sklearn.datasets import load_digits

from skmnist import MNISTClassifier
from skmnist._estimator.engine_choice import TrainingInterrupted
from skmnist._keras import conv_fit
from skmnist._keras.backend import keras
from skmnist._keras.process_engine import ProcessEngine
from skmnist._keras.training_process import TrainingProcess

PARAMS = {
    "network": "conv",
    "filters": (3, 4),
    "hidden_layer_sizes": (8,),
    "epochs": 2,
    "random_state": 0,
}
X, Y = load_digits(return_X_y=True)


def fit(**changes):
    return MNISTClassifier(**PARAMS | changes).fit(X[:600], Y[:600])


def get_arrays(classifier):
    return [*classifier._state.weights, *classifier._state.optimizer_state]


@pytest.fixture
def keras_only(monkeypatch):
    """Train in this process."""
    monkeypatch.setattr(conv_fit, "can_train", lambda *args: False)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"batch_norm": True, "dropout": 0.2, "optimizer": "sgd"},
        {"early_stopping": True, "n_iter_no_change": 1, "epochs": 4},
        {"learning_rate_schedule": "onecycle", "augmentation": "affine"},
        {"calibrate": True, "label_smoothing": 0.1, "alpha": 1e-3},
    ],
)
def test_the_network_and_its_history_are_those_of_a_fit_in_this_process(
    changes, request
):
    classifier = fit(**changes)
    request.getfixturevalue("keras_only")
    expected = fit(**changes)
    assert classifier.history_.keys() == expected.history_.keys()
    for name, values in expected.history_.items():
        np.testing.assert_allclose(classifier.history_[name], values, atol=1e-4)
    for array, other in zip(get_arrays(classifier), get_arrays(expected), strict=True):
        np.testing.assert_allclose(array, other, rtol=1e-3, atol=1e-4)


def test_blocks_of_an_epoch_are_no_boundaries(monkeypatch):
    classifier = fit(batch_norm=True, dropout=0.2)
    monkeypatch.setattr("skmnist._keras.process_engine._ROWS_AT_ONCE", 64)
    # The batch of 24 at the end stays smaller than the others.
    for array, other in zip(
        get_arrays(fit(batch_norm=True, dropout=0.2)),
        get_arrays(classifier),
        strict=True,
    ):
        np.testing.assert_array_equal(array, other)


def test_keras_callbacks_get_a_model_in_this_process():
    seen = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(logs["loss"])
    )
    assert fit(callbacks=[callback]).history_["loss"] == seen


def test_a_gpu_is_left_to_this_process(monkeypatch):
    call = TrainingProcess.call
    names = []

    def call_with_gpu(process, name, *arguments):
        names.append(name)
        return name == "has_gpu" or call(process, name, *arguments)

    monkeypatch.setattr(TrainingProcess, "call", call_with_gpu)
    assert fit().n_iter_ == 2
    assert names == ["has_gpu"]


def test_partial_fit_continues_where_fit_has_ended():
    classifier = fit(epochs=1).partial_fit(X[:600], Y[:600])
    for array, other in zip(get_arrays(classifier), get_arrays(fit()), strict=True):
        np.testing.assert_array_equal(array, other)


def test_ctrl_c_keeps_what_was_learned_and_the_process(monkeypatch):
    expected, begin_epoch, begun = fit(), ProcessEngine.begin_epoch, []

    def begin_or_interrupt(engine, seeds):
        begun.append(seeds)
        if len(begun) == 3:
            _thread.interrupt_main()
        begin_epoch(engine, seeds)

    monkeypatch.setattr(ProcessEngine, "begin_epoch", begin_or_interrupt)
    with pytest.warns(TrainingInterrupted):
        classifier = fit(epochs=9)
    assert classifier.n_iter_ == 2
    assert classifier.history_ == expected.history_
    for array, other in zip(get_arrays(classifier), get_arrays(expected), strict=True):
        np.testing.assert_array_equal(array, other)
    monkeypatch.undo()
    assert fit().history_ == expected.history_


def test_a_fit_that_fails_leaves_the_process_usable():
    expected = fit().history_
    with pytest.raises(ValueError, match="Training diverged"):
        fit(learning_rate=1e30, optimizer="sgd")
    assert fit().history_ == expected
