"""Training against Keras's own steps and loop; callbacks, compilation and memory."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import cross_val_score

import skmnist._keras.epoch_model
from skmnist import MNISTClassifier
from skmnist._keras.backend import keras, tf
from skmnist._keras.custom_network import build_custom_network
from skmnist._keras.epoch_model import EpochModel
from skmnist._keras.model import build_network, loss_name
from skmnist._keras.model_pool import model_pool
from skmnist._keras.program_engine import seed_states
from skmnist._keras.training_loop import TrainingLoop
from skmnist._network.architecture import Architecture
from skmnist._training.augmentation import AUGMENTATIONS
from skmnist._training.augmenter import Augmenter
from skmnist._training.data import Samples
from skmnist._training.dense_arrays import ACTIVATIONS
from skmnist._training.dense_engine import DenseEngine
from skmnist._training.epochs import Epochs
from skmnist._training.options import TrainingOptions

callbacks = keras.callbacks
BATCH_SIZE = 8
ARCHITECTURE = Architecture(
    n_features=12,
    n_classes=4,
    hidden_layer_sizes=(16,),
    activation="relu",
    dropout=0.0,
    batch_norm=False,
    alpha=0.0,
    optimizer="adam",
)
META = {"n_features_in_": 12, "n_classes_": 4, "seed": 0}
PARAMS = {"optimizer": "adam", "learning_rate": 0.001}


def make_data(n_rows, seed=0):
    """Return raw pixels, class indices and weights."""
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 256, (n_rows, 12)).astype(np.uint8)
    X[rng.random(X.shape) < 0.5] = 0
    return X, rng.integers(0, 4, n_rows), rng.uniform(0.2, 2.0, n_rows)


def make_augmenter(X):
    return Augmenter(X, AUGMENTATIONS["elastic"], (3, 4), 255)


def take(**changes):
    """Return a model with its initial weights, and its architecture."""
    architecture = ARCHITECTURE._replace(**changes)
    model = model_pool.take(architecture)
    model.set_weights(architecture.initial_weights(np.random.default_rng(1)))
    return model, architecture


class InOrder:
    """A generator whose permutations change nothing."""

    def __init__(self, seed):
        self.integers = np.random.default_rng(seed).integers

    def permutation(self, n):
        return np.arange(n)


def fit(
    model,
    *,
    n_rows=75,
    weighted=False,
    n_val=0,
    seed=2,
    augmented=False,
    shuffle=True,
    callbacks=(),
    **options,
):
    """Fit a model and return it to the pool."""
    X, y, weight = make_data(n_rows)
    X_val, y_val, weight_val = make_data(n_val, seed=1)
    options = TrainingOptions(**{"batch_size": BATCH_SIZE, "epochs": 3} | options)
    if getattr(model, "came_compiled", False):
        options = options._replace(schedule="constant")
    validation = X_val, y_val, weight_val if weighted else None
    epochs = Epochs(
        Samples.of(X, y, weight if weighted else None),
        options,
        np.random.default_rng(seed) if shuffle else InOrder(seed),
        len(seed_states(model)),
        validation=Samples.of(*validation) if n_val else None,
        augmenter=make_augmenter(X) if augmented else None,
    )
    history = TrainingLoop(model, epochs, scale=255.0, callbacks=callbacks).run()
    model_pool.give_back(model)
    return history


def train_on_batches(model, *, n_rows, weighted, epochs):
    """Train by `train_on_batch`, on the batches of `fit` without shuffling."""
    X, y, weight = make_data(n_rows)
    X = X.astype(np.float32) / np.float32(255)
    if loss_name(model) == "categorical_crossentropy":
        y = np.eye(4)[y]
    for start in [*range(0, n_rows, BATCH_SIZE)] * epochs:
        rows = slice(start, start + BATCH_SIZE)
        batch_weight = weight[rows] if weighted else None
        model.train_on_batch(X[rows], y[rows], sample_weight=batch_weight)


def assert_close(arrays, expected, tolerance):
    for array, other in zip(arrays, expected, strict=True):
        np.testing.assert_allclose(array, other, rtol=0, atol=tolerance)


def functional(meta):
    inputs = keras.Input((meta["n_features_in_"],))
    outputs = keras.layers.Dense(meta["n_classes_"], activation="softmax")(inputs)
    return keras.Model(inputs, outputs)


def categorical(meta):
    model = functional(meta)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "categorical_crossentropy")
    return model


def scheduled(meta):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    model = functional(meta)
    model.compile(keras.optimizers.SGD(schedule), "sparse_categorical_crossentropy")
    return model


def averaged(meta):
    """With a moving average that replaces the weights at the end."""
    model = functional(meta)
    optimizer = keras.optimizers.Adam(0.01, use_ema=True, ema_overwrite_frequency=7)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def summed(meta):
    """With a loss that is summed over the batch, not averaged."""
    model = functional(meta)
    loss = keras.losses.SparseCategoricalCrossentropy(reduction="sum")
    model.compile(keras.optimizers.SGD(0.01), loss)
    return model


def penalised(meta):
    """With an activity penalty and batch normalisation, which depend on the batch."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            layers.Dense(6, activation="relu", activity_regularizer="l2"),
            keras.Sequential([layers.Dense(5), layers.BatchNormalization()]),
            layers.Dense(meta["n_classes_"], activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy")
    return model


@pytest.fixture
def xla(monkeypatch):
    monkeypatch.setattr(DenseEngine, "supports", lambda *args: False)


@pytest.fixture(params=["dense", "xla"])
def engine(request):
    if request.param == "xla":
        request.getfixturevalue("xla")


@pytest.fixture
def compiled_only(monkeypatch, engine):
    """Make Keras's own loop fail."""
    monkeypatch.setattr(keras.Model, "fit", None)


@pytest.fixture
def traces(monkeypatch):
    """Collect an entry whenever a program is traced."""
    traces, loop = [], skmnist._keras.epoch_model._loop

    def counting_loop(*args):
        traces.append(args)
        return loop(*args)

    monkeypatch.setattr("skmnist._keras.epoch_model._loop", counting_loop)
    return traces


@pytest.fixture
def compilations(monkeypatch):
    """Collect an entry whenever a program is compiled."""
    compilations, muted = [], skmnist._keras.epoch_model.muted_first_run

    def counting():
        compilations.append(None)
        return muted()

    monkeypatch.setattr("skmnist._keras.epoch_model.muted_first_run", counting)
    return compilations


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("changes", "n_rows"),
    [
        ({"optimizer": "adam"}, 75),
        ({"optimizer": "adam"}, 80),
        ({"optimizer": "sgd", "alpha": 0.01}, 75),
        ({"optimizer": "rmsprop"}, 75),
        ({"alpha": 0.01, "hidden_layer_sizes": (20, 5, 33)}, 75),
        ({"hidden_layer_sizes": ()}, 75),
        ({"hidden_layer_sizes": (300, 270)}, 75),
        ({"label_smoothing": 0.2}, 75),
        ({"filters": (4, 6), "image_shape": (3, 4)}, 75),
        *[({"activation": name, "optimizer": "sgd"}, 75) for name in ACTIVATIONS],
        # Not with adam: before batch normalisation the gradient of the bias is zero up
        # to rounding errors, which adam would turn into full steps.
        ({"optimizer": "sgd", "batch_norm": True}, 75),
    ],
)
def test_100_steps_give_the_weights_of_train_on_batch(
    changes, n_rows, weighted, compiled_only
):
    model, architecture = take(**changes)
    reference = build_network(architecture)
    reference.set_weights(model.get_weights())
    fit(model, n_rows=n_rows, weighted=weighted, epochs=10, shuffle=False)
    train_on_batches(reference, n_rows=n_rows, weighted=weighted, epochs=10)
    assert int(reference.optimizer.iterations) == 100
    assert_close(model.get_weights(), reference.get_weights(), 1e-4)


@pytest.mark.parametrize("network", [categorical, scheduled, averaged])
def test_100_steps_of_a_compiled_network_give_the_weights_of_train_on_batch(
    network, compiled_only
):
    model, reference = (
        build_custom_network(network, META, PARAMS, model_class=model_class)
        for model_class in (EpochModel, keras.Model)
    )
    fit(model, n_rows=80, weighted=True, epochs=10, shuffle=False)
    train_on_batches(reference, n_rows=80, weighted=True, epochs=10)
    reference.optimizer.finalize_variable_values(reference.trainable_weights)
    assert_close(model.get_weights(), reference.get_weights(), 1e-4)


PATHS = {
    "plain": ({}, {}),
    "validation": ({}, {"n_val": 300}),
    "weights and penalty": ({"alpha": 0.01}, {"n_val": 300, "weighted": True}),
    "fewer rows than a batch": ({}, {"n_rows": 21, "batch_size": 32}),
    "dropout": ({"dropout": 0.4, "hidden_layer_sizes": (16, 16)}, {}),
    "dropout, tanh": ({"dropout": 0.4, "activation": "tanh"}, {"n_val": 30}),
    "label_smoothing": ({"label_smoothing": 0.2}, {"n_val": 30, "weighted": True}),
    "onecycle": ({}, {"n_val": 30, "schedule": "onecycle"}),
    "cosine": ({"optimizer": "sgd"}, {"schedule": "cosine"}),
    "augmentation": ({}, {"augmented": True, "n_val": 30, "weighted": True}),
    "convolutions": (
        {"filters": (4,), "image_shape": (3, 4), "dropout": 0.2},
        {"augmented": True, "schedule": "cosine", "n_val": 30},
    ),
    "batch_norm": ({"optimizer": "sgd", "batch_norm": True}, {"n_val": 30}),
    "batch_norm, fewer rows": (
        {"optimizer": "sgd", "batch_norm": True},
        {"n_rows": 21, "batch_size": 32},
    ),
}


@pytest.mark.parametrize("name", PATHS)
def test_keras_own_loop_gives_the_same_weights_and_history(name, engine):
    changes, options = PATHS[name]
    seen = []
    observer = callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(batch)
    )
    model, _ = take(**changes)
    history = fit(model, **options)
    weights = model.get_weights()
    model, _ = take(**changes)
    expected = fit(model, callbacks=[observer], **options)
    n_steps = -(-options.get("n_rows", 75) // options.get("batch_size", BATCH_SIZE))
    assert seen == [*range(n_steps)] * 3
    assert_close(weights, model.get_weights(), 1e-5)
    assert set(history) == set(expected)
    assert_close(history.values(), [expected[name] for name in history], 1e-5)


@pytest.mark.parametrize("network", [summed, penalised])
def test_a_network_whose_rows_interact_trains_as_in_keras_own_loop(network):
    ours, theirs = (
        build_custom_network(network, META, PARAMS, model_class=EpochModel)
        for _ in range(2)
    )
    # 75 and 30 rows leave partial batches, which must not be padded.
    history = fit(ours, n_val=30, weighted=True)
    hook = callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: None)
    expected = fit(theirs, n_val=30, weighted=True, callbacks=[hook])
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-4)
    np.testing.assert_allclose(history["val_loss"], expected["val_loss"], rtol=1e-4)


@pytest.mark.parametrize(
    "hook",
    [
        "on_train_batch_begin",
        "on_train_batch_end",
        "on_test_batch_begin",
        "on_test_batch_end",
    ],
)
def test_batch_hooks_are_called_for_each_batch(hook):
    calls = []
    observer = callbacks.Callback()
    setattr(observer, hook, lambda batch, logs=None: calls.append(batch))
    model, _ = take()
    fit(model, n_val=300, epochs=2, callbacks=[observer])
    n_batches = 2 if "test" in hook else 10
    assert calls == [*range(n_batches)] * 2


def test_a_schedule_restores_the_learning_rate_after_each_epoch(compiled_only):
    model, _ = take()
    seen = []
    observer = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(
            float(model.optimizer.learning_rate)
        )
    )
    rate = float(model.optimizer.learning_rate)
    fit(model, schedule="onecycle", callbacks=[observer])
    assert seen == [rate] * 3


def test_a_schedule_does_not_change_the_rate_of_a_compiled_network():
    with_schedule, without = (
        build_custom_network(scheduled, META, PARAMS, model_class=EpochModel)
        for _ in range(2)
    )
    fit(with_schedule, schedule="cosine")
    fit(without)
    assert_close(with_schedule.get_weights(), without.get_weights(), 0)


def test_all_parts_of_an_epoch_share_one_program(traces, xla, monkeypatch):
    monkeypatch.setattr("skmnist._training.augmenter._ROWS_AT_ONCE", 32)
    model, _ = take(hidden_layer_sizes=(7,))
    fit(model, augmented=True)
    assert len(traces) == 1


def test_each_epoch_trains_on_each_row_once_in_another_order(monkeypatch):
    orders = []

    def train(engine, data, order, seeds):
        orders.append(order)
        return np.zeros(2)

    monkeypatch.setattr(DenseEngine, "train", train)
    model, _ = take()
    fit(model, epochs=3)
    assert [sorted(order) for order in orders] == [[*range(75)]] * 3
    assert not np.array_equal(orders[0], orders[1])
    assert not np.array_equal(orders[1], orders[2])


def test_epoch_level_hooks_get_epochs_and_logs(compiled_only):
    calls = []
    hooks = ("on_train_begin", "on_epoch_begin", "on_test_begin", "on_test_end")
    hooks += ("on_epoch_end", "on_train_end")
    observer = callbacks.Callback()
    for hook in hooks:
        setattr(observer, hook, lambda *args, hook=hook, **kw: calls.append(hook))
    logged = []
    logger = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logged.append((epoch, dict(logs)))
    )
    model, _ = take()
    history = fit(model, n_val=30, epochs=2, callbacks=[observer, logger])
    epoch_hooks = [hook for hook in hooks if "train" not in hook]
    assert calls == ["on_train_begin", *epoch_hooks * 2, "on_train_end"]
    assert [epoch for epoch, _ in logged] == [0, 1]
    assert [logs for _, logs in logged] == [
        {name: values[i] for name, values in history.items()} for i in range(2)
    ]
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_a_callback_that_only_reads_changes_nothing(compiled_only):
    model, _ = take()
    expected = fit(model, epochs=4)
    weights = model.get_weights()
    seen = []
    observer = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(model.get_weights()[0])
    )
    model, _ = take()
    assert fit(model, epochs=4, callbacks=[observer]) == expected
    assert_close(model.get_weights(), weights, 0)
    assert_close(seen[-1:], weights[:1], 0)
    assert not np.array_equal(seen[0], seen[1])


def test_training_continues_from_weights_that_a_callback_sets(compiled_only):
    model, _ = take(optimizer="sgd")
    eraser = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: model.set_weights(
            [array * 0 for array in model.get_weights()]
        )
    )
    fit(model, epochs=2, callbacks=[eraser])
    assert not any(array.any() for array in model.get_weights())


def test_early_stopping_restores_the_best_weights(compiled_only):
    # No epoch improves the loss by 100, so the first one is the best.
    stopper = callbacks.EarlyStopping(
        monitor="val_loss", min_delta=100, patience=2, restore_best_weights=True
    )
    model, _ = take()
    history = fit(model, n_val=30, epochs=20, callbacks=[stopper])
    assert len(history["loss"]) == 3
    stopped = model.get_weights()
    model, _ = take()
    fit(model, epochs=1)
    assert_close(stopped, model.get_weights(), 0)


def test_reduce_lr_on_plateau_lowers_the_rate(compiled_only):
    reducer = callbacks.ReduceLROnPlateau(
        monitor="loss", min_delta=100, patience=1, factor=0.5
    )
    model, _ = take()
    history = fit(model, epochs=4, callbacks=[reducer])
    rates = np.array([1.0, 1.0, 0.5, 0.25]) / 1000
    np.testing.assert_allclose(history["learning_rate"], rates)


def test_a_learning_rate_scheduler_sets_the_rate_of_the_steps(compiled_only):
    scheduler = callbacks.LearningRateScheduler(lambda epoch: 0.1 if epoch < 1 else 0.0)
    model, _ = take(optimizer="sgd", alpha=0.01)
    fit(model, epochs=3, callbacks=[scheduler])
    scheduled = model.get_weights()
    model, _ = take(optimizer="sgd", alpha=0.01)
    initial = model.get_weights()
    fit(model, epochs=1, callbacks=[scheduler])
    assert_close(scheduled, model.get_weights(), 0)
    assert np.abs(scheduled[0] - initial[0]).max() > 0


def test_callbacks_write_files_after_each_epoch(tmp_path, compiled_only):
    writers = [
        callbacks.ModelCheckpoint(
            tmp_path / "{epoch}.weights.h5", save_weights_only=True
        ),
        callbacks.CSVLogger(tmp_path / "log.csv"),
    ]
    model, architecture = take()
    history = fit(model, epochs=2, callbacks=writers)
    log = pd.read_csv(tmp_path / "log.csv")
    assert list(log["epoch"]) == [0, 1]
    np.testing.assert_allclose(log["loss"], history["loss"])
    restored = build_network(architecture)
    restored.load_weights(tmp_path / "2.weights.h5")
    assert_close(restored.get_weights(), model.get_weights(), 0)
    assert (tmp_path / "1.weights.h5").exists()


def dropout_seeds(model):
    return [
        tuple(variable.numpy())
        for variable in model.non_trainable_variables
        if "seed_generator" in variable.path
    ]


def test_each_epoch_and_layer_has_its_own_dropout_seed(xla):
    model, _ = take(dropout=0.4, hidden_layer_sizes=(16, 16))
    seeds = []
    collector = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seeds.extend(dropout_seeds(model))
    )
    fit(model, epochs=3, callbacks=[collector])
    assert len(set(seeds)) == len(seeds) == 6


@pytest.mark.parametrize(("seed", "same"), [(2, True), (3, False)])
def test_dropout_depends_only_on_the_seed(seed, same, compiled_only):
    weights = []
    for rng_seed in (2, seed):
        model, _ = take(dropout=0.4, hidden_layer_sizes=(16, 16))
        fit(model, seed=rng_seed, shuffle=False)
        weights.append(model.get_weights()[0])
    assert np.array_equal(*weights) == same


def test_a_second_fit_and_one_more_row_neither_trace_nor_compile(
    traces, compilations, xla
):
    X, y, _ = make_data(301)
    # No other test has this width; otherwise the program would exist already.
    classifier = MNISTClassifier(21, epochs=2)
    for n_rows in (300, 300, 301):
        classifier.fit(X[:n_rows], y[:n_rows])
    assert len(traces) == 1
    assert len(compilations) == 1


def test_a_cross_validation_traces_once_for_training_and_once_for_validation(
    traces, xla
):
    X, y, _ = make_data(200)
    classifier = MNISTClassifier(23, epochs=2, early_stopping=True)
    cross_val_score(classifier, X, y, cv=3)
    assert len(traces) == 2


def test_data_of_several_sizes_cause_no_tensorflow_warning(caplog):
    X, y, _ = make_data(20)
    logger = tf.get_logger()
    logger.addHandler(caplog.handler)
    try:
        # At the fifth shape TensorFlow would warn of excessive tracing.
        for n_rows in (8, 10, 12, 16, 20):
            classifier = MNISTClassifier(19, activation="gelu", epochs=1)
            classifier.fit(X[:n_rows], y[:n_rows])
    finally:
        logger.removeHandler(caplog.handler)
    assert caplog.text == ""


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_models_trained_in_threads_get_the_same_weights_as_one_after_another(
    activation,
):
    barrier = Barrier(2)

    def fit_one(seed, *, wait):
        X, y, _ = make_data(200, seed=seed)
        if wait:
            barrier.wait()
        params = {"activation": activation, "random_state": seed, "dropout": 0.1}
        return MNISTClassifier(29, epochs=5, **params).fit(X, y).coefs_

    with ThreadPoolExecutor(2) as pool:
        at_once = list(pool.map(partial(fit_one, wait=True), [0, 1]))
    in_turn = [fit_one(seed, wait=False) for seed in (0, 1)]
    assert_close(at_once[0], in_turn[0], 0)
    assert_close(at_once[1], in_turn[1], 0)


class Interrupter(callbacks.Callback):
    """Interrupt the training at the end of the second epoch."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


class BatchInterrupter(Interrupter):
    """The same, in Keras's own loop."""

    def on_train_batch_end(self, batch, logs=None):
        pass


@pytest.mark.parametrize("callback", [Interrupter(), BatchInterrupter()])
def test_an_interrupted_fit_keeps_what_was_learned(callback):
    X, y, _ = make_data(75)
    options = {"batch_size": BATCH_SIZE, "random_state": 0}
    interrupted = MNISTClassifier(16, callbacks=[callback], **options)
    with pytest.warns(UserWarning, match="interrupted by user"):
        interrupted.fit(X, y)
    assert 1 <= interrupted.n_iter_ <= 2
    expected = MNISTClassifier(16, epochs=2, **options).fit(X, y)
    assert_close(interrupted.coefs_, expected.coefs_, 1e-5)
    assert interrupted.predict(X).shape == (75,)


def test_the_model_of_an_interrupted_fit_is_not_reused():
    model, architecture = take()
    with pytest.warns(UserWarning, match="interrupted by user"):
        fit(model, callbacks=[Interrupter()])
    assert model_pool.take(architecture) is not model


def test_the_pool_keeps_a_bounded_number_of_models():
    pool = type(model_pool)(capacity=2)
    facts = {"fixed_norm": False, "interrupted": False, "fresh_optimizer_state": []}
    facts["optimizer"] = SimpleNamespace(variables=[])
    models = [SimpleNamespace(architecture=name, **facts) for name in "aabb"]
    for model in models:
        pool.give_back(model)
    assert pool.take("b") in models[2:]
    assert pool.take("b") in models[2:]
    assert sum(map(len, pool._idle.values())) == 0


def test_the_model_of_a_finished_fit_is_reset_and_reused():
    model, architecture = take()
    reducer = callbacks.LearningRateScheduler(lambda epoch: 0.5)
    fit(model, callbacks=[reducer])
    again = model_pool.take(architecture)
    assert again is model
    assert float(again.optimizer.learning_rate) == pytest.approx(0.001)
    assert int(again.optimizer.iterations) == 0
    model_pool.give_back(again)


# Runs in a process of its own, where nothing else allocates memory.
MEASURE_MEMORY = """
import gc, json, sys, tempfile, threading
import numpy as np, psutil
from skmnist import MNISTClassifier

process = psutil.Process()

def fit(X, activation, epochs=2):
    params = {"batch_size": 256, "activation": activation, "random_state": 0}
    MNISTClassifier(16, epochs=epochs, **params).fit(X, y[: len(X)])

def growth(*args):
    gc.collect()
    before = process.memory_info().rss
    peak, stop = [before], threading.Event()
    def watch():
        while not stop.wait(0.002):
            peak.append(process.memory_info().rss)
    thread = threading.Thread(target=watch)
    thread.start()
    fit(*args)
    stop.set()
    thread.join()
    return max(peak) - before

rng = np.random.default_rng(0)
X, y = rng.integers(0, 256, (20_000, 784), dtype=np.uint8), np.arange(20_000) % 10
growths = {}
for engine, activation in (("kernel", "relu"), ("XLA", "gelu")):
    fit(X, activation)  # compiles the programs, and allocates what stays
    growths[f"{engine}, array"] = growth(X, activation)
    with tempfile.TemporaryFile() as file:
        mapped = np.memmap(file, np.uint8, "w+", shape=X.shape)
        mapped[:] = X
        growths[f"{engine}, memmap"] = growth(mapped, activation)
    sizes = []
    for _ in range(8):
        fit(X[:300], activation, 20)
        gc.collect()
        sizes.append(process.memory_info().rss)
    growths[f"{engine}, repeated"] = sizes[-1] - sizes[2]
print(json.dumps(growths))
"""


@pytest.fixture(scope="module")
def memory_growth():
    """Bytes by which each kind of fit raises the memory."""
    output = subprocess.run(
        [sys.executable, "-c", MEASURE_MEMORY],
        capture_output=True,
        text=True,
        check=True,
        # malloc returns large blocks to the system at once: the next growth is visible.
        env={"MALLOC_MMAP_THRESHOLD_": "1000000"},
    ).stdout
    return json.loads(output)


@pytest.mark.parametrize("kind", ["array", "memmap"])
@pytest.mark.parametrize("engine", ["kernel", "XLA"])
def test_bytes_are_never_converted_to_float_all_at_once(engine, kind, memory_growth):
    # For XLA, padding makes two or three copies of the bytes for a moment.
    as_float32 = 20_000 * 784 * 4
    assert memory_growth[f"{engine}, {kind}"] < as_float32


@pytest.mark.parametrize("engine", ["kernel", "XLA"])
def test_repeated_fits_use_no_more_memory(engine, memory_growth):
    assert memory_growth[f"{engine}, repeated"] < 20e6
