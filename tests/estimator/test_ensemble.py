"""Several networks in one estimator and one file."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone

from skmnist import MNISTClassifier, load_digits28
from skmnist._estimator import metadata
from skmnist._estimator.engine_choice import TrainingInterrupted
from skmnist._training import engine_fit
from skmnist._training.setup import TrainingSetup
from tests.network.test_onnx_graph import run_saved

X, Y = load_digits28(return_X_y=True)
X_TRAIN, Y_TRAIN, X_TEST, Y_TEST = X[:300], Y[:300], X[300:600], Y[300:600]


def fit(n_estimators=3, X=X_TRAIN, **params):
    params = {"hidden_layer_sizes": (16,), "epochs": 2, "random_state": 0} | params
    return MNISTClassifier(n_estimators=n_estimators, **params).fit(X, Y_TRAIN)


def single_networks(ensemble):
    """Return each network of an ensemble as a classifier of its own."""
    members = []
    for state in ensemble._state.networks():
        member = clone(ensemble).set_params(n_estimators=1)
        member._set_fitted_attributes(state, ensemble.history_, None)
        member.n_features_in_ = ensemble.n_features_in_
        members.append(member)
    return members


@pytest.fixture(scope="module")
def ensemble():
    return fit()


def test_the_logits_are_the_mean_over_the_networks(ensemble):
    members = [m.decision_function(X_TEST) for m in single_networks(ensemble)]
    assert np.abs(members[0] - members[1]).max() > 0.5
    np.testing.assert_allclose(
        ensemble.decision_function(X_TEST), np.mean(members, axis=0), atol=1e-5
    )


def test_the_first_network_is_the_one_of_a_single_fit(ensemble):
    first = single_networks(ensemble)[0]
    np.testing.assert_array_equal(
        first.decision_function(X_TEST), fit(1).decision_function(X_TEST)
    )


def test_a_seed_gives_the_same_bits(ensemble):
    np.testing.assert_array_equal(
        fit().predict_proba(X_TEST), ensemble.predict_proba(X_TEST)
    )


def test_it_is_more_accurate_than_its_networks(ensemble):
    members = [m.score(X_TEST, Y_TEST) for m in single_networks(ensemble)]
    assert ensemble.score(X_TEST, Y_TEST) > np.mean(members)


def test_a_row_has_the_same_bits_alone_and_in_a_batch(ensemble):
    together = ensemble.predict_proba(X_TEST)
    alone = np.vstack([ensemble.predict_proba(row[None]) for row in X_TEST[:33]])
    np.testing.assert_array_equal(alone, together[:33])


@pytest.mark.parametrize(
    "params",
    [{}, {"batch_norm": True, "calibrate": True}],
    ids=str,
)
def test_one_file_holds_all_networks(tmp_path, params):
    path = tmp_path / "ensemble.onnx"
    ensemble = fit(**params)
    ensemble.save(path)
    loaded = MNISTClassifier.load(path)
    assert loaded.n_estimators_ == 3
    assert loaded.get_params() == ensemble.get_params()
    expected = ensemble.predict_proba(X_TEST)
    np.testing.assert_array_equal(loaded.predict_proba(X_TEST), expected)
    labels, logits = run_saved(path, X_TEST)
    np.testing.assert_array_equal(labels, ensemble.predict(X_TEST))
    np.testing.assert_allclose(logits, ensemble.decision_function(X_TEST), atol=1e-4)


def test_a_file_of_convolutional_networks(tmp_path):
    path = tmp_path / "ensemble.onnx"
    ensemble = fit(2, network="conv", filters=(3, 4), epochs=1)
    ensemble.save(path)
    np.testing.assert_array_equal(
        MNISTClassifier.load(path).predict_proba(X_TEST), ensemble.predict_proba(X_TEST)
    )


def test_a_damaged_ensemble_is_not_written(tmp_path, monkeypatch):
    damaged = fit()
    damaged.best_epoch_ = 1
    with pytest.raises(ValueError, match="best epoch must be"):
        damaged.save(tmp_path / "ensemble.onnx")
    del damaged.best_epoch_
    damaged._state.others[0].weights[0][0, 0] = np.nan
    with pytest.raises(ValueError, match="weights must be finite"):
        damaged.save(tmp_path / "ensemble.onnx")
    monkeypatch.setattr(metadata, "_MOST_NETWORKS", 2)
    with pytest.raises(ValueError, match="more than 2 networks"):
        fit().save(tmp_path / "ensemble.onnx")


def test_the_history_is_the_mean_over_the_networks(ensemble):
    first = fit(1)
    assert ensemble.n_iter_ == len(ensemble.history_["loss"]) == 2
    assert ensemble.history_["loss"] != first.history_["loss"]
    np.testing.assert_allclose(
        ensemble.history_["loss"], first.history_["loss"], rtol=0.3
    )


def test_each_network_stops_early_by_itself():
    ensemble = fit(epochs=30, early_stopping=True, n_iter_no_change=1)
    assert ensemble.n_estimators_ == 3
    assert ensemble.n_iter_ == len(ensemble.history_["val_accuracy"]) < 30
    assert not hasattr(ensemble, "best_epoch_")


def test_partial_fit_trains_every_network():
    ensemble = MNISTClassifier((16,), n_estimators=2, random_state=0)
    for _ in range(2):
        ensemble.partial_fit(X_TRAIN, Y_TRAIN, classes=range(10))
    np.testing.assert_array_equal(
        ensemble.predict_proba(X_TEST), fit(2).predict_proba(X_TEST)
    )


def test_a_warm_start_trains_every_network():
    ensemble = fit(2, epochs=1, warm_start=True).fit(X_TRAIN, Y_TRAIN)
    np.testing.assert_array_equal(
        ensemble.predict_proba(X_TEST), fit(2).predict_proba(X_TEST)
    )
    assert len(ensemble.history_["loss"]) == 2


def test_a_loaded_ensemble_trains_on(tmp_path):
    fit(2).save(tmp_path / "ensemble.onnx")
    loaded = MNISTClassifier.load(tmp_path / "ensemble.onnx")
    before = [m.predict_proba(X_TEST) for m in single_networks(loaded)]
    loaded.partial_fit(X_TRAIN, Y_TRAIN)
    after = [m.predict_proba(X_TEST) for m in single_networks(loaded)]
    assert all((a != b).any() for a, b in zip(after, before, strict=True))


def test_a_warm_start_with_another_number_of_networks_is_refused(ensemble):
    resumed = clone(ensemble).fit(X_TRAIN, Y_TRAIN)
    resumed.set_params(warm_start=True, n_estimators=4)
    with pytest.raises(ValueError, match=r"`n_estimators` must be .* 3, got 4"):
        resumed.fit(X_TRAIN, Y_TRAIN)


def test_what_exists_for_a_single_network_only(ensemble):
    for name in ("model_", "pipeline_", "coefs_", "intercepts_"):
        assert not hasattr(ensemble, name)
        with pytest.raises(AttributeError, match="n_estimators=1, got 3 networks"):
            getattr(ensemble, name)


def test_a_function_as_network_is_refused():
    with pytest.raises(ValueError, match="`n_estimators` must be 1 where `network`"):
        fit(2, network=lambda meta: None)


def test_the_summary_counts_the_networks(ensemble):
    assert ensemble.summary().endswith("3 networks of 12,730 parameters")


def test_verbose_names_the_network(capsys):
    fit(2, verbose=1, epochs=1)
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith("Epoch")] == [
        "Network 1 of 2",
        "Network 2 of 2",
    ]


class _CtrlC:
    """Interrupts the training after some epochs."""

    def __init__(self, n_epochs):
        self._n_left = n_epochs

    def setup(self, estimator, context):
        pass

    teardown = on_fit_task_begin = setup

    def on_fit_task_end(self, estimator, context):
        self._n_left -= 1
        if not self._n_left:
            raise KeyboardInterrupt


def interrupted(ensemble, n_epochs, train):
    """Train until Ctrl-C after some epochs, and return the ensemble."""
    ensemble.set_callbacks(_CtrlC(n_epochs))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        train(ensemble)
    assert [w.category for w in caught] == [TrainingInterrupted]
    return ensemble.set_callbacks()


def train(ensemble):
    ensemble.fit(X_TRAIN, Y_TRAIN)


def train_further(ensemble):
    ensemble.partial_fit(X_TRAIN, Y_TRAIN)


def probabilities(ensemble):
    return [m.predict_proba(X_TEST) for m in single_networks(ensemble)]


@pytest.mark.parametrize(("n_epochs", "n_networks"), [(1, 1), (3, 1), (5, 2)])
def test_ctrl_c_keeps_the_complete_networks(n_epochs, n_networks):
    ensemble = MNISTClassifier((16,), n_estimators=3, epochs=2, random_state=0)
    interrupted(ensemble, n_epochs, train)
    assert ensemble.n_estimators_ == n_networks
    if n_epochs > 2:
        np.testing.assert_array_equal(
            ensemble.predict_proba(X_TEST), fit(n_networks).predict_proba(X_TEST)
        )


@pytest.mark.parametrize(
    ("further", "n_epochs"), [(train_further, 2), (train, 1), (train, 3)]
)
def test_ctrl_c_keeps_the_networks_of_an_earlier_fit(further, n_epochs):
    ensemble = fit(3, warm_start=True)
    before = probabilities(ensemble)
    interrupted(ensemble, n_epochs, further)
    after = probabilities(ensemble)
    changed = [(a != b).any() for a, b in zip(after, before, strict=True)]
    assert changed == [True, n_epochs > 1, False]
    further(ensemble)


def test_ctrl_c_between_two_networks_keeps_the_complete_ones(monkeypatch):
    calls = []

    def make(*args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return TrainingSetup(*args, **kwargs)

    monkeypatch.setattr(engine_fit, "TrainingSetup", make)
    ensemble = MNISTClassifier((16,), n_estimators=3, epochs=2, random_state=0)
    with pytest.warns(TrainingInterrupted):
        ensemble.fit(X_TRAIN, Y_TRAIN)
    assert ensemble.n_estimators_ == 2


class _Watch:
    """Keeps what each epoch hands to a callback; may stop the training."""

    def __init__(self, n_epochs=None):
        self.seen, self._most = [], n_epochs

    def setup(self, estimator, context):
        pass

    teardown = on_fit_task_begin = setup

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        if context.task_name == "epoch":
            self.seen.append(fitted_estimator)
        return len(self.seen) == self._most


def test_callbacks_see_the_ensemble_so_far(ensemble):
    watch = _Watch()
    clone(ensemble).set_callbacks(watch).fit(X_TRAIN, Y_TRAIN)
    assert [seen.n_estimators_ for seen in watch.seen] == [1, 1, 2, 2, 3, 3]
    np.testing.assert_array_equal(
        watch.seen[-1].predict_proba(X_TEST), ensemble.predict_proba(X_TEST)
    )
    seen = _Watch()
    clone(ensemble).set_callbacks(seen).fit(X_TRAIN, Y_TRAIN).partial_fit(
        X_TRAIN, Y_TRAIN
    )
    assert [s.n_estimators_ for s in seen.seen[-3:]] == [3, 3, 3]


def test_a_callback_stops_all_networks():
    ensemble = MNISTClassifier((16,), n_estimators=3, epochs=2, random_state=0)
    ensemble.set_callbacks(_Watch(3)).fit(X_TRAIN, Y_TRAIN)
    assert ensemble.n_estimators_ == 2
