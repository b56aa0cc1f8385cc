"""Keras's callbacks: each of its own, in each way of training, and whose they are."""

import copy
import pickle
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skmnist import MNISTClassifier
from skmnist._keras.backend import keras

callbacks = keras.callbacks


class Recorder(callbacks.Callback):
    """Record the epochs and metrics, as a report of an experiment would."""

    def __init__(self):
        super().__init__()
        self.epochs, self.logs = [], []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(epoch)
        self.logs.append(dict(logs))


class BatchRecorder(Recorder):
    """The same, in Keras's own loop."""

    def on_train_batch_end(self, batch, logs=None):
        pass


def averaging(meta):
    """Return a network with moving averages of its weights."""
    inputs = keras.Input((meta["n_features_in_"],))
    outputs = keras.layers.Dense(meta["n_classes_"], activation="softmax")(inputs)
    model = keras.Model(inputs, outputs)
    optimizer = keras.optimizers.Adam(0.01, use_ema=True)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# The parameters, and callbacks beside the one under test, by which the kernel, a
# compiled program and Keras's own loop train. That callback has a batch hook.
WAYS = {
    "kernel": ({}, []),
    "program": ({"activation": "gelu"}, []),
    "keras loop": ({}, [callbacks.TerminateOnNaN()]),
}

# All of Keras's with their defaults, except those that take what is not installed.
STOCK = {
    "BackupAndRestore": lambda: callbacks.BackupAndRestore("backup"),
    "Callback": callbacks.Callback,
    "CallbackList": callbacks.CallbackList,
    "CSVLogger": lambda: callbacks.CSVLogger("log.csv"),
    "EarlyStopping": callbacks.EarlyStopping,
    "History": callbacks.History,
    "LambdaCallback": callbacks.LambdaCallback,
    "LearningRateScheduler": lambda: callbacks.LearningRateScheduler(
        lambda epoch, rate: rate
    ),
    "ModelCheckpoint": lambda: callbacks.ModelCheckpoint("model.keras"),
    "ProgbarLogger": callbacks.ProgbarLogger,
    "ReduceLROnPlateau": callbacks.ReduceLROnPlateau,
    "RemoteMonitor": callbacks.RemoteMonitor,
    "TensorBoard": callbacks.TensorBoard,
    "TerminateOnNaN": callbacks.TerminateOnNaN,
}
NEEDS = {"RemoteMonitor": "requests", "TensorBoard": "tensorboard"}


def marked(name):
    """Return a parameter that is skipped where a library is missing."""
    library = NEEDS.get(name, "keras")
    missing = find_spec(library) is None
    return pytest.param(
        name, marks=pytest.mark.skipif(missing, reason=f"needs {library}")
    )


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def listener():
    """A server that accepts what RemoteMonitor sends; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("localhost", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def fit(tiny, callback, way="kernel", **params):
    """Fit three epochs with validation data."""
    X, y = tiny
    of_way, others = WAYS[way]
    params = {"epochs": 3, "random_state": 0} | of_way | params
    classifier = MNISTClassifier(8, callbacks=[callback, *others], **params)
    return classifier.fit(X, y, X_val=X, y_val=y)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [marked(name) for name in STOCK])
def test_each_callback_of_keras_works_with_its_defaults(name, way, tiny, listener):
    callback = STOCK[name]()
    if name == "RemoteMonitor":
        callback.root = listener
    classifier = fit(tiny, callback, way)
    assert classifier.n_iter_ == 3
    assert {len(values) for values in classifier.history_.values()} == {3}
    assert {"loss", "accuracy", "val_loss", "val_accuracy"} <= {*classifier.history_}


def test_moving_averages_of_the_weights_are_swapped_in_and_out(tiny):
    swapped = fit(tiny, callbacks.SwapEMAWeights(), network=averaging)
    plain = fit(tiny, callbacks.Callback(), network=averaging)
    assert swapped.history_["val_loss"] != plain.history_["val_loss"]
    np.testing.assert_allclose(swapped.history_["loss"], plain.history_["loss"])


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("monitor", "best"),
    [("accuracy", max), ("val_accuracy", max), ("loss", min), ("val_loss", min)],
)
@pytest.mark.parametrize(
    "kind",
    [
        callbacks.EarlyStopping,
        callbacks.ReduceLROnPlateau,
        lambda monitor: callbacks.ModelCheckpoint(
            "best.weights.h5",
            monitor=monitor,
            save_best_only=True,
            save_weights_only=True,
        ),
    ],
    ids=["EarlyStopping", "ReduceLROnPlateau", "ModelCheckpoint"],
)
def test_a_monitored_metric_is_improved_in_its_direction(
    kind, monitor, best, way, label_smoothing, tiny
):
    callback = kind(monitor=monitor)
    params = {"label_smoothing": label_smoothing, "learning_rate": 0.01}
    classifier = fit(tiny, callback, way, **params)
    expected = best(classifier.history_[monitor])
    assert float(callback.best) == pytest.approx(expected, abs=1e-4)


def test_early_stopping_on_accuracy_restores_the_best_epoch(tiny):
    X, y = tiny
    stopper = callbacks.EarlyStopping(
        monitor="val_accuracy", patience=2, restore_best_weights=True
    )
    classifier = fit(tiny, stopper, epochs=60, learning_rate=0.02)
    accuracies = classifier.history_["val_accuracy"]
    assert classifier.score(X, y) == pytest.approx(max(accuracies))
    assert len(accuracies) == int(np.argmax(accuracies)) + 3 < 60


@pytest.mark.parametrize("way", WAYS)
def test_an_aborted_training_resumes_from_its_backup(way, tiny):
    def abort(epoch, logs):
        if epoch == 1:
            raise RuntimeError("the power is gone")

    backup = callbacks.BackupAndRestore("backup")
    of_way, others = WAYS[way]
    X, y = tiny
    classifier = MNISTClassifier(8, epochs=5, random_state=0, **of_way)
    failing = callbacks.LambdaCallback(on_epoch_end=abort)
    with pytest.raises(RuntimeError, match="power is gone"):
        classifier.set_params(callbacks=[backup, failing, *others]).fit(X, y)
    classifier.set_params(callbacks=[backup, *others])
    # Two epochs are in the backup, which the end of the second fit removes.
    assert classifier.fit(X, y).n_iter_ == 3
    assert classifier.fit(X, y).n_iter_ == 5


@pytest.mark.parametrize(
    ("kind", "activation"),
    [(Recorder, "relu"), (Recorder, "gelu"), (BatchRecorder, "relu")],
)
def test_a_fit_calls_the_callbacks_that_it_was_given(activation, kind, tiny):
    recorder = kind()
    classifier = fit(tiny, recorder, activation=activation)
    assert recorder.epochs == [0, 1, 2]
    losses = [logs["loss"] for logs in recorder.logs]
    assert losses == classifier.history_["loss"]
    assert classifier.callbacks[0] is recorder


def test_a_callback_may_hold_what_cannot_be_copied(tiny):
    recorder = Recorder()
    recorder.lock = threading.Lock()
    fit(tiny, recorder)
    assert recorder.epochs == [0, 1, 2]


def test_an_exception_of_a_callback_ends_the_fit_and_reaches_the_caller(tiny):
    class StopTrialError(Exception):
        pass

    class Pruner(Recorder):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            raise StopTrialError

    pruner = Pruner()
    with pytest.raises(StopTrialError):
        fit(tiny, pruner)
    assert pruner.epochs == [0]
    assert pruner.model is None


def test_the_fits_of_a_search_have_callbacks_of_their_own(tiny):
    recorder = Recorder()
    classifier = MNISTClassifier(8, epochs=2, callbacks=[recorder], random_state=0)
    search = GridSearchCV(classifier, {"alpha": [0.0, 0.1]}, cv=2).fit(*tiny)
    assert recorder.epochs == []
    assert search.best_estimator_.callbacks[0].epochs == [0, 1]


@pytest.mark.parametrize(
    "copied",
    [clone, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))],
    ids=["clone", "deepcopy", "pickle"],
)
@pytest.mark.parametrize("kind", [Recorder, BatchRecorder])
def test_a_fitted_classifier_is_copied_without_the_model_of_its_callbacks(
    kind, copied, tiny
):
    recorder = kind()
    classifier = fit(tiny, recorder)
    assert recorder.model is None
    other = copied(classifier).fit(*tiny)
    assert other.callbacks[0].epochs == [0, 1, 2] * 2
    assert recorder.epochs == [0, 1, 2]


def test_a_function_that_changes_the_model_does_not_affect_the_next_fit(tiny):
    plain = fit(tiny, callbacks.Callback())
    freezer = callbacks.LambdaCallback(
        on_train_begin=lambda logs: setattr(
            freezer.model.layers[-1], "trainable", False
        )
    )
    fit(tiny, freezer)
    again = fit(tiny, callbacks.Callback())
    assert again.history_ == plain.history_
