"""scikit-learn's callbacks on the classifier: alone, in pipelines and in searches."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skmnist import MNISTClassifier, load_digits28
from skmnist._keras.backend import keras
from skmnist._training.dense_engine import DenseEngine

EPOCHS = 3


class Recorder:
    """Record the arguments of all hooks; `act` can return or raise in any of them."""

    def __init__(self, act=None):
        self.events, self.act = [], act

    def setup(self, estimator, context):
        self._keep("setup", context)

    def on_fit_task_begin(
        self, estimator, context, *, X, y, metadata, fitted_estimator
    ):
        return self._keep("begin", context, X, y, metadata, fitted_estimator)

    def on_fit_task_end(self, estimator, context, *, X, y, metadata, fitted_estimator):
        return self._keep("end", context, X, y, metadata, fitted_estimator)

    def teardown(self, estimator, context):
        self._keep("teardown", context)

    def _keep(self, hook, context, *arguments):
        self.events.append((hook, context, *arguments))
        return self.act and self.act(hook, context)

    def all_of(self, hook, task_name="epoch"):
        return [e for e in self.events if e[0] == hook and e[1].task_name == task_name]

    def fitted(self, hook):
        """Return the fitted estimators that the hook got, one for each epoch."""
        return [event[5] for event in self.all_of(hook)]


class PropagatedRecorder(Recorder):
    """The same, propagated to the estimators inside an estimator."""

    max_propagation_depth = None


class EmptyCallback:
    """Have no parameters for data or the fitted estimator."""

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    on_fit_task_end = teardown = setup


class EveryBatch(keras.callbacks.Callback):
    """Need single batches, which only Keras's own loop has."""

    def on_train_batch_end(self, batch, logs=None):
        pass


def functional(meta):
    inputs = keras.Input((meta["n_features_in_"],))
    outputs = keras.layers.Dense(meta["n_classes_"], activation="softmax")(inputs)
    return keras.Model(inputs, outputs)


def at(hook, epoch, result):
    """Return an `act` that returns or raises `result` in that hook and epoch."""

    def act(this_hook, context):
        if (this_hook, context.task_name, context.task_id) != (hook, "epoch", epoch):
            return None
        if isinstance(result, BaseException):
            raise result
        return result

    return act


def make(*callbacks, **params):
    params = {"epochs": EPOCHS, "random_state": 0} | params
    return MNISTClassifier(8, **params).set_callbacks(*callbacks)


@pytest.fixture(scope="module")
def data():
    X, y = load_digits28(return_X_y=True)
    return X[:300], y[:300]


# The kernel trains with the first one, compiled epochs of TensorFlow with the second.
OPTIMIZERS = ["adam", "adamw"]


@pytest.fixture
def compiled_only(monkeypatch):
    """Make Keras's own loop fail."""
    monkeypatch.setattr(keras.Model, "fit", None)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_epoch_is_a_subtask_of_the_fit(optimizer, data, compiled_only):
    recorder = Recorder()
    make(recorder, optimizer=optimizer).fit(*data)
    calls = [(hook, c.task_name, c.task_id) for hook, c, *_ in recorder.events]
    epochs = [(h, "epoch", i) for i in range(EPOCHS) for h in ("begin", "end")]
    fit = [(hook, "fit", 0) for hook in ("setup", "begin", "end", "teardown")]
    assert calls == [*fit[:2], *epochs, *fit[2:]]
    root = recorder.events[0][1]
    assert root.max_subtasks == EPOCHS
    assert all(event[1].parent is root for event in recorder.all_of("begin"))
    assert all(event[1].max_subtasks == 0 for event in recorder.all_of("begin"))


WAYS = {
    "kernel": {"dropout": 0.2},
    "TensorFlow": {"optimizer": "adamw", "batch_norm": True},
    "Keras's loop": {"callbacks": [EveryBatch()]},
    "function": {"network": functional},
    "validation": {"early_stopping": True},
}


@pytest.mark.parametrize("way", WAYS)
def test_the_fitted_estimator_equals_a_fit_of_as_many_epochs(way, data):
    recorder = Recorder()
    last = make(recorder, **WAYS[way]).fit(*data)
    after_epochs = recorder.fitted("end")
    assert [e.n_iter_ for e in after_epochs] == [1, 2, 3]
    assert after_epochs[1].history_ == {n: v[:2] for n, v in last.history_.items()}
    two = make(**WAYS[way] | {"early_stopping": False, "epochs": 2})
    if way == "validation":
        # The rows without those held out; the seeds then draw the same numbers.
        X, y = recorder.all_of("end")[0][2:4]
    else:
        X, y = data
    expected = two.fit(X, y).predict_proba(data[0])
    np.testing.assert_array_equal(after_epochs[1].predict_proba(data[0]), expected)
    before_epochs = recorder.fitted("begin")
    assert before_epochs[0].score(*data) < 0.5
    np.testing.assert_array_equal(before_epochs[2].predict_proba(data[0]), expected)


@pytest.mark.parametrize("way", ["kernel", "TensorFlow", "validation"])
def test_callbacks_that_only_record_change_nothing(way, data):
    watched = make(Recorder(), **WAYS[way]).fit(*data)
    alone = make(**WAYS[way]).fit(*data)
    assert watched.history_ == alone.history_
    np.testing.assert_array_equal(
        watched.predict_proba(data[0]), alone.predict_proba(data[0])
    )


def test_training_the_fitted_estimator_does_not_affect_the_fit(data):
    X, y = data

    class Continuer(Recorder):
        def on_fit_task_end(self, estimator, context, *, fitted_estimator):
            if context.task_name == "epoch":
                self.network = fitted_estimator.set_callbacks()
                self.network.partial_fit(X, y)

    continuer = Continuer()
    classifier = make(continuer).fit(X, y)
    one_more = make(epochs=EPOCHS + 1).fit(X, y)
    assert classifier.history_ == make().fit(X, y).history_
    np.testing.assert_array_equal(
        continuer.network.predict_proba(X), one_more.predict_proba(X)
    )


def test_the_state_is_copied_only_if_a_callback_needs_it(data, monkeypatch):
    copies, get_state = [], DenseEngine.get_state

    def counting_get_state(engine):
        copies.append(engine)
        return get_state(engine)

    monkeypatch.setattr(DenseEngine, "get_state", counting_get_state)
    make().fit(*data)
    alone = len(copies)
    make(EmptyCallback()).fit(*data)
    assert len(copies) == 2 * alone
    make(Recorder()).fit(*data)
    assert len(copies) > 3 * alone


def test_hooks_get_the_training_rows_with_labels_and_weights(data):
    X, y = data
    weight = np.arange(300) % 3 / 2.0  # 0 for a third of the rows
    recorder = Recorder()
    labels = np.array([f"digit {label}" for label in y])
    make(recorder, class_weight="balanced").fit(X, labels, sample_weight=weight)
    for _, _, X_seen, y_seen, metadata, _ in recorder.all_of("end"):
        np.testing.assert_array_equal(X_seen, X[weight > 0])
        np.testing.assert_array_equal(y_seen, labels[weight > 0])
        np.testing.assert_array_equal(metadata["sample_weight"], weight[weight > 0])


def test_hooks_do_not_get_rows_held_out_by_early_stopping(data):
    X, y = data
    recorder = Recorder()
    classifier = make(recorder, early_stopping=True, validation_fraction=0.2)
    weight = np.linspace(1, 2, 300)
    classifier.fit(X, y, sample_weight=weight)
    _, _, X_seen, y_seen, metadata, _ = recorder.all_of("end")[0]
    assert X_seen.shape == (240, 784)
    assert len(y_seen) == len(metadata["sample_weight"]) == 240
    assert set(metadata["sample_weight"]) < set(weight)


def test_scoring_monitor_scores_each_epoch(data):
    X, y = data
    monitor = ScoringMonitor(scoring=["accuracy", "neg_log_loss"])
    classifier = make(monitor).fit(X, y)
    rows = monitor.get_logs().data
    assert [row["task_name"] for row in rows] == ["fit", *["epoch"] * EPOCHS]
    assert rows[0]["accuracy"] == rows[-1]["accuracy"] == classifier.score(X, y)
    losses = [row["neg_log_loss"] for row in rows[1:]]
    assert losses == sorted(losses)


@pytest.mark.parametrize("container", ["frame", "images", "sparse"])
def test_scoring_monitor_scores_all_containers_that_fit_accepts(container, data):
    from scipy.sparse import csr_array

    X, y = data
    given = {
        "frame": pd.DataFrame(X).add_prefix("pixel"),
        "images": X.reshape(-1, 28, 28),
        "sparse": csr_array(X),
    }[container]
    monitor, expected = (ScoringMonitor(scoring="accuracy") for _ in range(2))
    make(monitor).fit(given, y)
    make(expected).fit(X, y)
    assert monitor.get_logs().data == expected.get_logs().data


def test_scoring_monitor_weights_the_rows(data):
    X, y = data
    weight = np.where(y == 0, 100.0, 0.01)
    monitor = ScoringMonitor(scoring="accuracy")
    classifier = make(monitor).fit(X, y, sample_weight=weight)
    score = monitor.get_logs().data[-1]["accuracy"]
    assert score == pytest.approx(classifier.score(X, y, sample_weight=weight))
    assert score != pytest.approx(classifier.score(X, y))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_hook_that_returns_true_stops_the_training_after_that_epoch(
    optimizer, data, compiled_only
):
    recorder = Recorder(at("end", 1, True))
    stopped = make(recorder, optimizer=optimizer).fit(*data)
    assert stopped.n_iter_ == len(recorder.all_of("end")) == 2
    expected = make(epochs=2, optimizer=optimizer).fit(*data)
    np.testing.assert_array_equal(
        stopped.predict_proba(data[0]), expected.predict_proba(data[0])
    )
    assert recorder.events[-2][:2] == ("end", recorder.events[0][1])


def test_a_fit_stopped_by_a_callback_keeps_the_best_epoch_so_far(data):
    params = {"early_stopping": True, "learning_rate": 0.03, "epochs": 8}
    recorder = Recorder(at("end", 5, True))
    classifier = make(recorder, **params).fit(*data)
    assert classifier.n_iter_ == 6
    best = np.argmax(classifier.history_["val_accuracy"])
    assert classifier.best_epoch_ == best + 1
    np.testing.assert_array_equal(
        classifier.predict_proba(data[0]),
        recorder.fitted("end")[best].predict_proba(data[0]),
    )
    assert not hasattr(recorder.fitted("end")[best], "best_epoch_")


@pytest.mark.parametrize("hook", ["begin", "end"])
def test_a_failing_callback_is_torn_down_and_keeps_the_earlier_fit(hook, data):
    X, y = data
    classifier = make().fit(X, y)
    before = classifier.predict_proba(X), classifier.history_
    recorder = Recorder(at(hook, 1, RuntimeError("out of paper")))
    with pytest.raises(RuntimeError, match="out of paper"):
        classifier.set_callbacks(recorder).fit(X, y)
    assert [event[0] for event in recorder.events].count("teardown") == 1
    assert recorder.events[-1][0] == "teardown"
    np.testing.assert_array_equal(classifier.predict_proba(X), before[0])
    assert classifier.history_ == before[1]
    assert classifier.set_callbacks().fit(X, y).history_ == before[1]


@pytest.mark.parametrize("batches", [[], [EveryBatch()]])
@pytest.mark.parametrize("hook", ["begin", "end"])
def test_ctrl_c_ends_every_task(hook, batches, data):
    recorder = Recorder(at(hook, 1, KeyboardInterrupt()))
    classifier = make(recorder, callbacks=batches)
    with pytest.warns(UserWarning, match="interrupted by user"):
        classifier.fit(*data)
    contexts = {
        hook: [event[1] for event in recorder.events if event[0] == hook]
        for hook in ("setup", "begin", "end", "teardown")
    }
    assert len(contexts["begin"]) == len(contexts["end"]) == 3
    assert set(contexts["begin"]) == set(contexts["end"])
    assert contexts["setup"] == contexts["teardown"]
    # An epoch that was interrupted before its end has no result.
    assert (recorder.fitted("end")[1] is None) == (hook == "begin")
    assert classifier.predict(data[0]).shape == (300,)


def test_partial_fit_is_a_task_of_one_epoch(data):
    X, y = data
    recorder = Recorder()
    classifier = make(recorder).partial_fit(X, y, classes=np.arange(10))
    classifier.partial_fit(X, y)
    tasks = recorder.all_of("begin", "partial_fit")
    assert [event[1].max_subtasks for event in tasks] == [1, 1]
    assert [e.n_iter_ for e in recorder.fitted("end")] == [1, 2]
    expected = make(epochs=2).fit(X, y).predict_proba(X)
    for estimator in (classifier, recorder.fitted("end")[1]):
        np.testing.assert_array_equal(estimator.predict_proba(X), expected)


def test_a_warm_start_includes_the_history_of_the_earlier_fit(data):
    recorder = Recorder()
    classifier = make(recorder, warm_start=True).fit(*data).fit(*data)
    assert [e.n_iter_ for e in recorder.fitted("end")] == [1, 2, 3, 4, 5, 6]
    assert recorder.fitted("end")[-1].history_ == classifier.history_
    expected = make(epochs=5).fit(*data)
    np.testing.assert_array_equal(
        recorder.fitted("end")[4].predict_proba(data[0]),
        expected.predict_proba(data[0]),
    )


def path_of(context):
    names = []
    while context is not None:
        names.insert(0, f"{context.estimator_name}: {context.task_name}")
        context = context.parent
    return names


def test_epochs_are_nested_in_the_tasks_of_a_pipeline(data):
    recorder = PropagatedRecorder()
    pipeline = Pipeline([("scaler", StandardScaler()), ("network", make())])
    pipeline.set_callbacks(recorder).fit(*data)
    epochs = recorder.all_of("end")
    assert len(epochs) == EPOCHS
    assert path_of(epochs[0][1]) == [
        "Pipeline: fit",
        "MNISTClassifier: fit",
        "MNISTClassifier: epoch",
    ]
    assert not hasattr(pipeline[-1], "_skl_callbacks")
    # In a pipeline, callbacks see the output of the earlier steps.
    np.testing.assert_allclose(epochs[0][2], pipeline[0].transform(data[0]), rtol=1e-6)


def test_epochs_are_nested_in_the_tasks_of_a_search(data):
    recorder = PropagatedRecorder()
    search = GridSearchCV(make(), {"alpha": [0, 0.1]}, cv=2)
    search.set_callbacks(recorder).fit(*data)
    paths = [path_of(event[1]) for event in recorder.all_of("end")]
    fit_and_epoch = ["MNISTClassifier: fit", "MNISTClassifier: epoch"]
    fold = ["GridSearchCV: fit", "GridSearchCV: search", *fit_and_epoch]
    refit = ["GridSearchCV: fit", *fit_and_epoch]
    assert paths == [fold] * (4 * EPOCHS) + [refit] * EPOCHS


def test_a_monitor_works_in_a_search_and_in_cross_validation(data):
    monitor = ScoringMonitor(scoring="accuracy")
    classifier = make(monitor)
    GridSearchCV(classifier, {"alpha": [0, 0.1]}, cv=2).fit(*data)
    rows = monitor.get_logs().data
    n_fits = 2 * 2 + 1
    assert len(rows) == n_fits * (1 + EPOCHS)
    assert len({row["task_id_path"] for row in rows}) == len(rows)
    # cross_validate does not call callbacks itself: each fold is a separate run.
    result = cross_validate(classifier, *data, cv=2, return_train_score=True)
    folds = monitor.get_logs("all")[-2:]
    assert [log.data[-1]["accuracy"] for log in folds] == pytest.approx(
        list(result["train_score"])
    )


@pytest.mark.parametrize("wrap", ["alone", "pipeline", "search"])
def test_progress_bars_reach_100_percent(wrap, data, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    classifier = make()
    if wrap == "pipeline":
        estimator = Pipeline([("scaler", StandardScaler()), ("network", classifier)])
    elif wrap == "search":
        estimator = GridSearchCV(classifier, {"alpha": [0, 0.1]}, cv=2)
    else:
        estimator = classifier
    estimator.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(*data)
    lines = capsys.readouterr().out.splitlines()
    n_bars = {"alone": 1, "pipeline": 3, "search": 2 + 2 * 2 + 1}[wrap]
    assert len(lines) == n_bars
    assert all("100%" in line for line in lines)
    n_fits = {"alone": 1, "pipeline": 1, "search": 5}[wrap]
    assert sum("MNISTClassifier" in line for line in lines) == n_fits


def test_a_classifier_with_callbacks_is_cloned_pickled_and_saved(data, tmp_path):
    X, y = data
    monitor = ScoringMonitor(scoring="accuracy")
    classifier = make(monitor).fit(X, y)
    expected = classifier.predict_proba(X)
    assert classifier.get_params() == make().get_params()
    clone(classifier).fit(X, y)
    assert len(monitor.get_logs("all")) == 2
    restored = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(restored.predict_proba(X), expected)
    restored.fit(X, y)
    classifier.save(tmp_path / "digits.onnx")
    loaded = MNISTClassifier.load(tmp_path / "digits.onnx")
    np.testing.assert_array_equal(loaded.predict_proba(X), expected)
    assert len(monitor.get_logs("all")) == 2
    assert classifier.set_callbacks() is classifier
    classifier.fit(X, y)
    assert len(monitor.get_logs("all")) == 2


def test_each_kind_of_callback_is_refused_in_the_place_of_the_other(data):
    with pytest.raises(TypeError, match="FitCallback"):
        MNISTClassifier().set_callbacks(EveryBatch())
    with pytest.raises(TypeError, match="use set_callbacks for scikit-learn's"):
        MNISTClassifier(callbacks=[Recorder()]).fit(*data)


def test_both_kinds_of_callbacks_work_side_by_side(data):
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    recorder = Recorder()
    classifier = make(recorder, callbacks=[halve]).fit(*data)
    rates = [0.0005, 0.00025, 0.000125]
    np.testing.assert_allclose(classifier.history_["learning_rate"], rates)
    seen = recorder.fitted("end")[1].history_["learning_rate"]
    np.testing.assert_allclose(seen, rates[:2])


class Hourglass(keras.callbacks.Callback):
    """Stop after two epochs, if it has not been used before."""

    sand = 2

    def on_epoch_end(self, epoch, logs=None):
        self.sand -= 1
        self.model.stop_training = self.sand == 0


def test_each_fold_gets_a_fresh_copy_of_a_keras_callback(data):
    hourglass = Hourglass()
    classifier = make(callbacks=[hourglass], epochs=5)
    search = GridSearchCV(classifier, {"alpha": [0, 0.1]}, cv=2).fit(*data)
    assert search.best_estimator_.n_iter_ == 2
    for _ in range(2):
        result = cross_validate(classifier, *data, cv=3, return_estimator=True)
        assert [e.n_iter_ for e in result["estimator"]] == [2, 2, 2]
    assert hourglass.sand == 2
    # A fit of one's own uses the callback itself.
    assert classifier.fit(*data).n_iter_ == 2
    assert hourglass.sand == 0


class InterruptsTheFirstEpoch(EmptyCallback):
    """Ctrl-C at the end of the first epoch."""

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch":
            raise KeyboardInterrupt


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_epoch_that_a_callback_interrupts_is_in_the_history(optimizer, data):
    classifier = make(InterruptsTheFirstEpoch(), optimizer=optimizer)
    classifier.set_params(early_stopping=True)
    with pytest.warns(UserWarning, match="interrupted by user"):
        classifier.fit(*data)
    assert classifier.n_iter_ == classifier.best_epoch_ == 1
    names = ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert list(classifier.history_) == names
