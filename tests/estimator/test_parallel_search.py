"""Searches give the same scores with any number of threads or processes."""

import gc
import os
from concurrent.futures.process import BrokenProcessPool

import joblib
import numpy as np
import psutil
import pytest
from joblib.externals.loky import get_reusable_executor
from sklearn.exceptions import FitFailedWarning
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    cross_validate,
)

from skmnist import MNISTClassifier, load_digits28

GRID = {"learning_rate": [1e-3, 1e-2], "dropout": [0.0, 0.2]}
# Trained by XLA, whose bits might depend on the number of TensorFlow's threads.
XLA_GRID = {"learning_rate": [1e-3, 1e-2], "activation": ["gelu"]}
BACKENDS = [("threading", 2), ("threading", -1), ("loky", 1), ("loky", 2), ("loky", -1)]


class DiesOnce:
    """A scorer that kills its process, the first time that it runs in a worker.

    Parameters
    ----------
    marker : str
        A file that is created when this has happened.
    """

    def __init__(self, marker):
        self.marker, self.home = marker, os.getpid()

    def __call__(self, estimator, X, y):
        if os.getpid() != self.home and self._is_first():
            os._exit(1)
        return estimator.score(X, y)

    def _is_first(self):
        # Mode "x" is atomic, so only one of two workers dies. If both did, the cluster
        # would lose the data that it holds in their memory.
        try:
            open(self.marker, "x").close()
        except FileExistsError:
            return False
        return True


def small_digits():
    X, y = load_digits28(return_X_y=True)
    return X[:256], y[:256]  # folds of whole batches, which share one program


def classifier(**params):
    return MNISTClassifier(**{"epochs": 2, "random_state": 0} | params)


def grid_search(grid=GRID, **options):
    options = {"cv": 2, "refit": False} | options
    return GridSearchCV(classifier(), grid, **options).fit(*small_digits()).cv_results_


def xla_grid_search():
    return grid_search(XLA_GRID)


def randomized_search():
    search = RandomizedSearchCV(
        classifier(),
        {"learning_rate": np.logspace(-4, -2), "dropout": [0.0, 0.2]},
        n_iter=3,
        cv=2,
        refit=False,
        random_state=0,
    )
    return search.fit(*small_digits()).cv_results_


def halving_search():
    search = HalvingGridSearchCV(
        classifier(),
        {"learning_rate": [1e-4, 1e-3, 1e-2]},
        resource="epochs",
        min_resources=1,
        max_resources=3,
        cv=2,
        refit=False,
    )
    return search.fit(*small_digits()).cv_results_


def validation():
    return cross_validate(classifier(), *small_digits(), cv=3, return_train_score=True)


def scores(results):
    """Return the results that do not depend on time."""
    return {
        name: np.asarray(values).tolist()
        for name, values in results.items()
        if "time" not in name and "param" not in name
    }


@pytest.fixture(
    scope="module",
    params=[grid_search, xla_grid_search, randomized_search, halving_search],
)
def search(request):
    """A search, and its scores when the fits run one after another."""
    return request.param, scores(request.param())


@pytest.fixture
def fresh_workers():
    """Start new worker processes.

    If a worker that has trained by the kernel imports TensorFlow, joblib takes this for
    a memory leak. It replaces the worker and warns, and warnings are errors here.
    """
    get_reusable_executor().shutdown()


@pytest.mark.parametrize(("backend", "n_jobs"), BACKENDS)
def test_a_search_gives_the_same_scores_with_any_backend(
    search, backend, n_jobs, fresh_workers
):
    run, expected = search
    with joblib.parallel_config(backend, n_jobs=n_jobs):
        assert scores(run()) == expected


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_cross_validation_gives_the_same_scores_with_any_backend(backend):
    with joblib.parallel_config(backend, n_jobs=2):
        in_parallel = validation()
    assert scores(in_parallel) == scores(validation())


def test_repeated_searches_use_no_more_memory():
    sizes = []
    for _ in range(3):
        with joblib.parallel_config("threading", n_jobs=2):
            grid_search()
        gc.collect()
        sizes.append(psutil.Process().memory_info().rss)
    assert sizes[2] - sizes[0] < 50e6


# scikit-learn's second warning on the same value.
@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
def test_an_invalid_value_in_the_grid_only_affects_its_own_rows():
    grid = {"dropout": [0.0, 2.0, 0.2]}
    with pytest.warns(FitFailedWarning, match="`dropout` must be"):
        found = grid_search(grid, error_score=np.nan)["mean_test_score"]
    expected = grid_search({"dropout": [0.0, 0.2]})["mean_test_score"]
    np.testing.assert_array_equal(found, [expected[0], np.nan, expected[1]])


def test_an_invalid_value_in_the_grid_is_named_if_errors_are_raised():
    with pytest.raises(ValueError, match=r"`dropout` must be .*got 2\.0"):
        grid_search({"dropout": [2.0]}, error_score="raise")


def test_an_unknown_name_in_the_grid_raises_an_error_with_the_nearest_one():
    with pytest.raises(ValueError, match="Did you mean 'learning_rate'"):
        grid_search({"lerning_rate": [0.1]})


def test_a_search_whose_worker_died_raises_an_error_and_can_be_repeated(tmp_path):
    grid, scoring = {"learning_rate": [1e-3, 1e-2]}, DiesOnce(str(tmp_path / "died"))
    with joblib.parallel_config("loky", n_jobs=2):
        with pytest.raises(BrokenProcessPool, match="unexpectedly terminated"):
            grid_search(grid, scoring=scoring)
        found = grid_search(grid, scoring=scoring)
    assert scores(found) == scores(grid_search(grid))
