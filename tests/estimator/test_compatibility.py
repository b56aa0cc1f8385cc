"""scikit-learn's tools, each with a result that a user would check."""

import copy
import pickle

import cloudpickle
import joblib
import numpy as np
import pytest
import sklearn
from sklearn import preprocessing
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


@pytest.mark.parametrize("container", ["default", "pandas", "polars"])
def test_what_transformers_return_does_not_matter_inside(container, digits):
    X_train, X_test, y_train, y_test = digits
    with sklearn.config_context(transform_output=container):
        classifier = MNISTClassifier(epochs=2, random_state=0).fit(X_train, y_train)
        pipeline = clone(classifier).set_params(label_smoothing=0.1)
        pipeline = pipeline.fit(X_train, y_train).pipeline_
        assert type(pipeline[:-1].transform(X_test)) is np.ndarray
        assert pipeline.fit(X_train, y_train).score(X_test, y_test) > 0.5
        assert type(pipeline.predict_proba(X_test[:1])) is np.ndarray
        found = classifier.predict_proba(X_test)
    expected = MNISTClassifier(epochs=2, random_state=0).fit(X_train, y_train)
    np.testing.assert_array_equal(found, expected.predict_proba(X_test))


def test_no_estimator_of_scikit_learn_is_fitted_inside(monkeypatch, tiny):
    """Tools that log each fit, such as MLflow's autologging, patch it like this."""
    fitted = []
    for estimator in map(vars(preprocessing).get, preprocessing.__all__):
        if hasattr(estimator, "fit"):
            monkeypatch.setattr(
                estimator, "fit", lambda self, *_, **__: fitted.append(self) or self
            )
    MNISTClassifier(epochs=1).fit(*tiny).pipeline_.predict_proba(tiny[0])
    assert not fitted


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
