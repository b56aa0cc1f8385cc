"""Weights and validation data, routed through pipelines and searches."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.callback import ScoringMonitor
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.feature_selection import VarianceThreshold
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline

from skmnist import MNISTClassifier, load_digits28


@pytest.fixture(autouse=True)
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.fixture(scope="module")
def data():
    """Training data, validation data and weights of the training data."""
    X, y = load_digits28(return_X_y=True)
    weight = np.random.default_rng(0).uniform(0, 2, 300)
    return X[:300], y[:300], X[300:400], y[300:400], weight


def make_network(**params):
    return MNISTClassifier(8, **{"epochs": 2, "random_state": 0} | params)


def make_pipeline(**params):
    """Return a pipeline that routes weights and validation data to the network."""
    network = make_network(**params).set_fit_request(
        sample_weight=True, X_val=True, y_val=True
    )
    network.set_score_request(sample_weight=True)
    steps = [("selector", VarianceThreshold()), ("network", network)]
    return Pipeline(steps, transform_input=["X_val"])


def fit_by_hand(network, data, rows=slice(None)):
    """Fit a network on data transformed as by the pipeline."""
    X, y, X_val, y_val, weight = data
    selector = VarianceThreshold().fit(X[rows])
    return network.fit(
        selector.transform(X[rows]),
        y[rows],
        sample_weight=weight[rows],
        X_val=selector.transform(X_val),
        y_val=y_val,
    )


@pytest.mark.parametrize("params", [{}, {"early_stopping": True, "epochs": 4}])
def test_validation_data_pass_through_the_steps_of_a_pipeline(params, data):
    X, y, X_val, y_val, weight = data
    pipeline = make_pipeline(**params)
    pipeline.fit(X, y, sample_weight=weight, X_val=X_val, y_val=y_val)
    expected = fit_by_hand(make_network(**params), data)
    assert len(expected.history_["val_loss"]) == expected.n_iter_
    assert pipeline[-1].history_ == expected.history_
    unweighted = make_pipeline(**params).fit(X, y, X_val=X_val, y_val=y_val)
    assert unweighted[-1].history_["val_loss"] != expected.history_["val_loss"]


def test_validation_data_may_be_a_frame(data):
    X, y, X_val, y_val, _ = data
    X, X_val = (pd.DataFrame(rows).add_prefix("pixel") for rows in (X, X_val))
    pipeline = make_pipeline().set_output(transform="pandas")
    pipeline.fit(X, y, X_val=X_val, y_val=pd.Series(y_val))
    assert set(pipeline[-1].feature_names_in_) < set(X.columns)
    plain = make_pipeline().fit(*data[:2], X_val=data[2], y_val=y_val)
    assert pipeline[-1].history_ == plain[-1].history_


def test_a_search_routes_weights_and_validation_data(data):
    X, y, X_val, y_val, weight = data
    search = GridSearchCV(make_pipeline(), {"network__alpha": [0, 0.1]}, cv=2)
    search.fit(X, y, sample_weight=weight, X_val=X_val, y_val=y_val)
    best = search.best_estimator_[-1]
    assert best.history_ == fit_by_hand(make_network(alpha=best.alpha), data).history_


def test_cross_validation_splits_the_weights_but_not_the_validation_data(data):
    X, y, X_val, y_val, weight = data
    halves = [np.arange(0, 150), np.arange(150, 300)]
    result = cross_validate(
        make_pipeline(),
        X,
        y,
        params={"sample_weight": weight, "X_val": X_val, "y_val": y_val},
        cv=[halves, halves[::-1]],
        return_estimator=True,
    )
    for train, test, pipeline, score in zip(
        halves, halves[::-1], result["estimator"], result["test_score"], strict=True
    ):
        network = fit_by_hand(make_network(), data, train)
        assert pipeline[-1].history_ == network.history_
        expected = pipeline.score(X[test], y[test], sample_weight=weight[test])
        assert score == expected
        assert score != pipeline.score(X[test], y[test])


def test_partial_fit_gets_the_weights_it_requests(data):
    X, y, _, _, weight = data
    network = make_network().set_partial_fit_request(sample_weight=True)
    both = MultiOutputClassifier(network)
    classes = [np.arange(10), np.arange(2)]
    both.partial_fit(X, np.c_[y, y % 2], classes=classes, sample_weight=weight)
    alone = make_network().partial_fit(X, y, classes=classes[0], sample_weight=weight)
    assert both.estimators_[0].history_ == alone.history_
    plain = make_network().partial_fit(X, y, classes=classes[0])
    assert plain.history_ != alone.history_


@pytest.mark.parametrize("name", ["sample_weight", "X_val"])
def test_metadata_that_was_not_requested_is_refused(name, data):
    X, y, X_val, _, weight = data
    pipeline = Pipeline([("network", make_network())])
    with pytest.raises(UnsetMetadataPassedError, match=f"{name}.* not explicitly set"):
        pipeline.fit(X, y, **{name: weight if name == "sample_weight" else X_val})


def test_requests_are_cloned(data):
    X, y, X_val, y_val, weight = data
    pipeline = clone(make_pipeline())
    pipeline.fit(X, y, sample_weight=weight, X_val=X_val, y_val=y_val)
    assert "val_loss" in pipeline[-1].history_


def test_a_monitor_gets_the_weights_that_its_scorer_requests(data):
    X, y, _, _, weight = data
    scorer = make_scorer(accuracy_score).set_score_request(sample_weight=True)
    monitor = ScoringMonitor(scoring={"accuracy": scorer})
    network = make_network().set_fit_request(sample_weight=True)
    network.set_callbacks(monitor).fit(X, y, sample_weight=weight)
    score = monitor.get_logs().data[-1]["accuracy"]
    assert score == pytest.approx(network.score(X, y, sample_weight=weight))
    assert score != pytest.approx(network.score(X, y))
