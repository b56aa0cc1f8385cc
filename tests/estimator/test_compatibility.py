"""scikit-learn's tools, each with a result that a user would check."""

import copy
import io
import pickle
import sys
from importlib.util import find_spec
from pathlib import Path

import cloudpickle
import joblib
import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix, get_scorer
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    LearningCurveDisplay,
    RandomizedSearchCV,
    StratifiedKFold,
    check_cv,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.semi_supervised import SelfTrainingClassifier

from skmnist import MNISTClassifier


@pytest.fixture
def classifier():
    return MNISTClassifier(epochs=12, random_state=0)


@pytest.fixture(autouse=True)
def no_windows(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")


def test_it_is_a_classifier(classifier):
    assert is_classifier(classifier)
    assert isinstance(
        check_cv(3, np.arange(30) % 3, classifier=is_classifier(classifier)),
        StratifiedKFold,
    )


def test_cross_validation_is_stratified_on_rows_sorted_by_label(classifier, digits):
    X, _, y, _ = digits
    order = np.argsort(y, kind="stable")
    scores = cross_val_score(classifier, X[order], y[order], cv=3)
    assert scores.shape == (3,)
    assert scores.min() > 0.9


def test_cross_val_predict_returns_probabilities_for_every_row(classifier, digits):
    X, _, y, _ = digits
    proba = cross_val_predict(classifier, X, y, cv=3, method="predict_proba")
    assert proba.shape == (len(X), 10)
    assert np.mean(proba.argmax(axis=1) == y) > 0.9


@pytest.mark.parametrize("scoring", ["roc_auc_ovr", "neg_log_loss", "accuracy"])
def test_scorers_that_need_probabilities_agree_with_cross_validate(
    scoring, classifier, digits
):
    X_train, X_test, y_train, y_test = digits
    scores = cross_validate(classifier, X_train, y_train, cv=2, scoring=scoring)
    fitted = classifier.fit(X_train, y_train)
    score = get_scorer(scoring)(fitted, X_test, y_test)
    assert np.isfinite(scores["test_score"]).all()
    low = {"roc_auc_ovr": 0.99, "neg_log_loss": -0.4, "accuracy": 0.93}[scoring]
    assert score > low
    assert scores["test_score"].min() > low - 0.1


def test_grid_search_finds_the_better_learning_rate(classifier, digits):
    X_train, X_test, y_train, y_test = digits
    grid = {"learning_rate": [1e-6, 1e-2], "hidden_layer_sizes": [(16,), (32,)]}
    search = GridSearchCV(classifier, grid, cv=2).fit(X_train, y_train)
    assert search.best_params_["learning_rate"] == 1e-2
    assert len(search.cv_results_["params"]) == 4
    assert search.score(X_test, y_test) > 0.93
    matrix = confusion_matrix(y_test, search.predict(X_test))
    assert np.trace(matrix) / matrix.sum() == search.score(X_test, y_test)


def test_every_constructor_parameter_is_a_grid_key(classifier, tiny):
    values = {
        name: [value]
        for name, value in classifier.get_params().items()
        if name not in ("epochs", "batch_norm")
    }
    grid = values | {"epochs": [1], "batch_norm": [False, True]}
    search = GridSearchCV(classifier, grid, cv=2).fit(*tiny)
    assert len(search.cv_results_["params"]) == 2


def test_randomized_search_prefers_trained_networks(classifier, digits):
    X_train, _, y_train, _ = digits
    search = RandomizedSearchCV(
        classifier, {"epochs": [1, 15]}, n_iter=2, cv=2, random_state=0
    ).fit(X_train, y_train)
    assert search.best_params_ == {"epochs": 15}


def test_halving_search_spends_epochs_on_the_better_half(classifier, digits):
    X_train, _, y_train, _ = digits
    search = HalvingGridSearchCV(
        classifier,
        {"learning_rate": [1e-6, 1e-5, 1e-3, 1e-2]},
        resource="epochs",
        min_resources=2,
        max_resources=8,
        factor=2,
        cv=2,
        random_state=0,
    ).fit(X_train, y_train)
    assert search.n_resources_ == [2, 4, 8]
    assert search.best_params_["learning_rate"] >= 1e-3


def test_it_works_as_the_last_step_of_a_pipeline(classifier, digits):
    X_train, X_test, y_train, y_test = digits
    model = make_pipeline(PCA(20, random_state=0), classifier).fit(X_train, y_train)
    assert model.score(X_test, y_test) > 0.93
    search = GridSearchCV(
        model, {"mnistclassifier__epochs": [1, 15], "pca__n_components": [20]}, cv=2
    ).fit(X_train, y_train)
    assert search.best_params_["mnistclassifier__epochs"] == 15


def test_it_works_after_a_column_transformer(classifier, digits):
    X_train, X_test, y_train, y_test = digits
    halves = ColumnTransformer(
        [
            ("left_out", "drop", slice(0, 8)),
            ("rest", FunctionTransformer(), slice(8, 64)),
        ]
    )
    model = make_pipeline(halves, classifier).fit(X_train, y_train)
    assert model[-1].n_features_in_ == 56
    assert model.score(X_test, y_test) > 0.9


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(
            lambda c: VotingClassifier(
                [("net", c), ("linear", LogisticRegression(max_iter=500))],
                voting="soft",
            ),
            id="voting",
        ),
        pytest.param(
            lambda c: StackingClassifier(
                [("net", c), ("wide", clone(c).set_params(hidden_layer_sizes=32))],
                final_estimator=LogisticRegression(max_iter=500),
                cv=2,
            ),
            id="stacking",
        ),
        pytest.param(
            lambda c: BaggingClassifier(c, n_estimators=3, random_state=0), id="bagging"
        ),
        pytest.param(
            lambda c: AdaBoostClassifier(c, n_estimators=2, random_state=0),
            id="adaboost",
        ),
        pytest.param(lambda c: CalibratedClassifierCV(c, cv=2), id="calibrated"),
        pytest.param(
            lambda c: CalibratedClassifierCV(c, method="temperature", cv=2),
            id="temperature",
        ),
        pytest.param(OneVsRestClassifier, id="one-vs-rest"),
    ],
)
def test_meta_estimators_around_it_classify(wrap, classifier, digits):
    X_train, X_test, y_train, y_test = digits
    model = wrap(classifier).fit(X_train, y_train)
    assert model.score(X_test, y_test) > 0.93
    proba = model.predict_proba(X_test)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert np.mean(proba.argmax(axis=1) == y_test) > 0.93


def test_self_training_uses_the_unlabelled_rows(classifier, digits):
    X_train, X_test, y_train, y_test = digits
    labels = np.where(np.arange(len(y_train)) % 10 == 0, y_train, -1)
    classifier.set_params(epochs=40)
    model = SelfTrainingClassifier(classifier, threshold=0.7, max_iter=3)
    model.fit(X_train, labels)
    assert (model.labeled_iter_ > 0).sum() > 100
    alone = clone(classifier).fit(X_train[labels >= 0], labels[labels >= 0])
    assert model.score(X_test, y_test) >= alone.score(X_test, y_test) - 0.01


def test_confusion_matrix_display_shows_the_counts(fitted, digits):
    _, X_test, _, y_test = digits
    display = ConfusionMatrixDisplay.from_estimator(fitted, X_test, y_test)
    np.testing.assert_array_equal(
        display.confusion_matrix, confusion_matrix(y_test, fitted.predict(X_test))
    )
    assert display.confusion_matrix.sum() == len(y_test)


def test_learning_curve_display_rises(classifier, digits):
    X, _, y, _ = digits
    display = LearningCurveDisplay.from_estimator(
        classifier, X, y, train_sizes=[0.1, 1.0], cv=2, shuffle=True, random_state=0
    )
    small, large = display.test_scores.mean(axis=1)
    assert large > small + 0.1


def test_permutation_importance_of_blank_pixels_is_zero(fitted, digits):
    _, X_test, _, y_test = digits
    result = permutation_importance(fitted, X_test, y_test, n_repeats=2, random_state=0)
    blank = X_test.max(axis=0) == 0
    np.testing.assert_array_equal(result.importances_mean[blank], 0)
    assert result.importances_mean[~blank].max() > 0.01


def test_a_clone_has_the_same_parameters_and_is_not_fitted(fitted):
    other = clone(fitted)
    assert other.get_params() == fitted.get_params()
    assert not hasattr(other, "classes_")


@pytest.mark.parametrize("model_was_built", [False, True])
@pytest.mark.parametrize(
    "copied",
    [
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda c: pickle.loads(pickle.dumps(c)), id="pickle"),
        pytest.param(lambda c: pickle.loads(pickle.dumps(c, 2)), id="pickle-2"),
        pytest.param(lambda c: cloudpickle.loads(cloudpickle.dumps(c)), id="cloud"),
    ],
)
def test_copies_predict_the_same_bits(copied, model_was_built, fitted, digits):
    if model_was_built:
        assert fitted.model_.count_params() > 0
    other = copied(fitted)
    np.testing.assert_array_equal(
        other.predict_proba(digits[1]), fitted.predict_proba(digits[1])
    )
    assert other.history_ == fitted.history_
    np.testing.assert_allclose(
        other.pipeline_.predict_proba(digits[1]),
        fitted.predict_proba(digits[1]),
        atol=1e-5,
    )


def test_a_joblib_file_predicts_the_same_bits(fitted, digits, tmp_path):
    joblib.dump(fitted, tmp_path / "classifier.joblib")
    other = joblib.load(tmp_path / "classifier.joblib")
    np.testing.assert_array_equal(
        other.predict_proba(digits[1]), fitted.predict_proba(digits[1])
    )


def test_a_copy_continues_training_like_the_original(digits):
    X_train, _, y_train, _ = digits
    one = MNISTClassifier(random_state=0)
    one.partial_fit(X_train, y_train, classes=range(10))
    other = pickle.loads(pickle.dumps(one))
    for classifier in (one, other):
        classifier.partial_fit(X_train, y_train)
    for ours, theirs in zip(one.coefs_, other.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs)


CONFIGURATIONS = [
    {"transform_output": "pandas"},
    {"transform_output": "polars"},
    {"array_api_dispatch": True},
    {"enable_metadata_routing": True},
    {"display": "text"},
    {"sparse_interface": "sparray"},
]


def functional(meta):
    from skmnist._keras.backend import keras

    inputs = keras.Input((meta["n_features_in_"],))
    outputs = keras.layers.Dense(meta["n_classes_"], activation="softmax")(inputs)
    return keras.Model(inputs, outputs)


PARAMS = {
    "dense": {"early_stopping": True, "calibrate": True},
    "function": {"network": functional},
}


@pytest.fixture(scope="module")
def unconfigured(digits):
    """Classifiers fitted with scikit-learn's default configuration."""
    X_train, _, y_train, _ = digits
    return {
        name: MNISTClassifier(8, epochs=1, random_state=0, **params).fit(
            X_train, y_train
        )
        for name, params in PARAMS.items()
    }


@pytest.mark.parametrize(
    ("name", "configuration"),
    [
        *(("dense", configuration) for configuration in CONFIGURATIONS),
        *(("function", configuration) for configuration in CONFIGURATIONS[:2]),
    ],
    ids=str,
)
def test_the_configuration_of_scikit_learn_changes_no_result(
    name, configuration, unconfigured, digits
):
    X_train, X_test, y_train, _ = digits
    expected = unconfigured[name]
    with config_context(**configuration):
        found = clone(expected).fit(X_train, y_train)
        for one, other in ((found, expected), (found.pipeline_, expected.pipeline_)):
            labels, probabilities = one.predict(X_test), one.predict_proba(X_test)
            assert type(labels) is type(probabilities) is np.ndarray
            np.testing.assert_array_equal(labels, other.predict(X_test))
            np.testing.assert_array_equal(probabilities, other.predict_proba(X_test))


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_the_pipeline_can_be_fitted_whatever_transformers_return(container, digits):
    X_train, X_test, y_train, y_test = digits
    params = {"epochs": 2, "label_smoothing": 0.1, "random_state": 0}
    with config_context(transform_output=container):
        pipeline = MNISTClassifier(**params).fit(X_train, y_train).pipeline_
        assert type(pipeline[:-1].transform(X_test)) is np.ndarray
        assert pipeline.fit(X_train, y_train).score(X_test, y_test) > 0.5
        assert type(pipeline.predict_proba(X_test[:1])) is np.ndarray


def test_the_pipeline_has_the_labels_and_losses_that_scikeras_expects(digits):
    X_train, X_test, y_train, y_test = digits
    y_train, y_test = y_train.astype(str), y_test.astype(str)
    fitted = MNISTClassifier(16, epochs=10, random_state=0).fit(X_train, y_train)
    network = fitted.pipeline_[-1]
    assert network.classes_.tolist() == [*map(str, range(10))]
    assert network.n_classes_ == 10
    with pytest.raises(ValueError, match="`y` must hold only the classes"):
        fitted.pipeline_.fit(X_train, np.full(len(X_train), "ten"))
    assert clone(fitted.pipeline_).fit(X_train, y_train).score(X_test, y_test) > 0.8


@pytest.fixture
def inner_fits():
    """Names of scikit-learn's classes that are fitted while the fixture lives."""
    names = []

    def record(frame, event, arg):
        module = frame.f_globals.get("__name__", "")
        of_sklearn = module.startswith("sklearn.")
        if event == "call" and of_sklearn and frame.f_code.co_name == "fit":
            names.append(type(frame.f_locals.get("self")).__name__)

    sys.setprofile(record)
    yield names
    sys.setprofile(None)


@pytest.mark.parametrize("network", ["dense", functional], ids=["dense", "function"])
def test_no_estimator_of_scikit_learn_is_fitted_inside(network, tiny, inner_fits):
    # Experiment trackers log every such fit as if it were the user's own.
    X, y = tiny
    classifier = MNISTClassifier(8, epochs=1, network=network).fit(X, y)
    classifier.predict(X)
    classifier.pipeline_.predict(X)
    assert inner_fits == []


def test_numpy_that_raises_on_underflow_changes_nothing(digits):
    X_train, X_test, y_train, _ = digits
    # A high rate makes logits that are far apart.
    params = {"epochs": 2, "learning_rate": 0.1, "calibrate": True, "random_state": 0}
    weight = np.geomspace(1e-60, 1, len(X_train))
    expected = MNISTClassifier(**params).fit(X_train, y_train, weight)
    X_test = 1000.0 * X_test
    log_p = expected.predict_log_proba(X_test)
    assert log_p.min() < -750  # where exp underflows
    with np.errstate(all="raise"):
        classifier = MNISTClassifier(**params).fit(X_train, y_train, weight)
        np.testing.assert_array_equal(classifier.predict_log_proba(X_test), log_p)
        found = classifier.predict_proba(X_test)
    np.testing.assert_array_equal(found, expected.predict_proba(X_test))


SAVING = Path(__file__).parents[2] / "docs" / "saving.md"


def documented_types():
    """Return the classes that the documentation lists for skops to trust."""
    block = SAVING.read_text().split("trusted = [")[1].split("]")[0]
    return {name.strip(' ",') for name in block.split()}


class NamingUnpickler(pickle.Unpickler):
    """Keep the full names of the classes in a pickle."""

    def __init__(self, file):
        super().__init__(file)
        self.names = set()

    def find_class(self, module, name):
        self.names.add(f"{module}.{name}")
        return super().find_class(module, name)


USES = {
    "fit": lambda c, X: None,
    "prediction": lambda c, X: c.predict(X),
    "model_": lambda c, X: c.model_.count_params(),
}


@pytest.mark.parametrize("use", USES)
def test_a_fitted_classifier_consists_of_the_documented_classes(use, tiny):
    X, y = tiny
    classifier = MNISTClassifier(8, epochs=1, random_state=0, calibrate=True)
    USES[use](classifier.fit(X, y), X)
    unpickler = NamingUnpickler(io.BytesIO(pickle.dumps(classifier)))
    unpickler.load()
    ours = {name for name in unpickler.names if name.startswith("skmnist.")}
    assert ours == documented_types() - {"numpy.dtype"}


@pytest.mark.skipif(find_spec("skops") is None, reason="needs skops")
@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("network", ["dense", "conv"])
def test_skops_loads_the_same_classifier(network, use, tiny, tmp_path):
    import skops.io

    X, y = tiny
    classifier = MNISTClassifier(8, network=network, filters=4, epochs=1)
    USES[use](classifier.fit(X, y.astype(str)), X)
    skops.io.dump(classifier, tmp_path / "c.skops")
    loaded = skops.io.load(tmp_path / "c.skops", trusted=sorted(documented_types()))
    np.testing.assert_array_equal(loaded.predict_proba(X), classifier.predict_proba(X))
    for one in (loaded, classifier):
        one.partial_fit(X, y.astype(str))
    np.testing.assert_array_equal(loaded.predict_proba(X), classifier.predict_proba(X))
