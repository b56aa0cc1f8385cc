import threading

import numpy as np
import pytest
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV, ParameterGrid, StratifiedKFold

from skmnist import MNISTClassifier
from skmnist._cli.parameter_search import ParameterSearch

GRID = {"hidden_layer_sizes": [(), (8,)], "learning_rate": [1e-3, 1e30]}
FOLDS = StratifiedKFold(3, shuffle=True, random_state=0)


@pytest.fixture(scope="module")
def data(digits):
    X, _, y, _ = digits
    return X[:300], y[:300]


@pytest.fixture
def make_search(data):
    """Make a search over GRID, some of whose fits fail."""

    def make_search(journal=None, grid=GRID):
        classifier = MNISTClassifier(epochs=2, random_state=0)
        splits = list(FOLDS.split(*data))
        return ParameterSearch(
            classifier,
            list(ParameterGrid(grid)),
            *data,
            splits,
            scoring="neg_log_loss",
            journal=journal,
        )

    return make_search


@pytest.fixture(scope="module")
def expected(data):
    """The results of scikit-learn's own search."""
    classifier = MNISTClassifier(epochs=2, random_state=0)
    search = GridSearchCV(
        classifier, GRID, cv=FOLDS, scoring="neg_log_loss", refit=False
    )
    with pytest.warns((FitFailedWarning, UserWarning)):
        return search.fit(*data).cv_results_


@pytest.fixture
def count_fits(monkeypatch):
    """A list that gets an item for each fit from now on."""
    threads, fit = [], MNISTClassifier.fit

    def counted(self, *args):
        threads.append(threading.current_thread())
        return fit(self, *args)

    monkeypatch.setattr(MNISTClassifier, "fit", counted)
    return threads


def assert_same_scores(results, expected):
    assert results["params"] == expected["params"]
    for name in expected:
        if "test_score" in name:
            np.testing.assert_array_equal(results[name], expected[name])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_scores_are_those_of_grid_search_cv(make_search, expected, n_jobs):
    search = make_search()
    assert len(set(search.run(n_jobs))) == search.n_fits == 12
    assert_same_scores(search.results(), expected)


def test_an_interrupted_search_resumes(make_search, expected, tmp_path, count_fits):
    interrupted = make_search(tmp_path / "journal").run()
    for _ in range(5):
        next(interrupted)
    interrupted.close()
    # Other fits may have begun by now; they are recorded when they finish.
    for thread in set(count_fits):
        thread.join()
    n_before = len(count_fits)
    assert n_before >= 5
    search = make_search(tmp_path / "journal")
    assert len(search.pending()) == 12 - n_before
    list(search.run())
    assert len(count_fits) == 12
    assert_same_scores(search.results(), expected)


def test_a_larger_grid_reuses_what_is_finished(make_search, tmp_path, count_fits):
    small = make_search(tmp_path / "journal", {"alpha": [0.1]})
    list(small.run())
    large = make_search(tmp_path / "journal", {"alpha": [0.01, 0.1], "epochs": [2]})
    assert large.pending() == [(0, 0), (0, 1), (0, 2)]
    assert large.outcome(1, 0) == small.outcome(0, 0)
    assert len(count_fits) == 3


def test_a_failed_fit_has_its_error_and_the_last_rank(make_search):
    search = make_search()
    list(search.run())
    results = search.results()
    failed = results["params"].index(
        {"hidden_layer_sizes": (8,), "learning_rate": 1e30}
    )
    assert np.isnan(results["mean_test_score"][failed])
    assert results["rank_test_score"][failed] == 4
    assert results["error"][failed].startswith("ValueError: Training diverged")
    assert results["error"].count(None) == 3


def test_no_fit_is_made_in_the_main_thread(make_search, count_fits):
    search = make_search(grid={"alpha": [0.1]})
    list(search.run())
    search.refit(0)
    assert len(count_fits) == 4
    assert threading.main_thread() not in count_fits


def test_refit_uses_all_rows_and_the_parameters_of_the_candidate(make_search, data):
    refitted = make_search().refit(2)
    params = {"epochs": 2, "random_state": 0, **refitted.get_params()}
    assert params["hidden_layer_sizes"] == (8,)
    alone = MNISTClassifier((8,), epochs=2, random_state=0).fit(*data)
    np.testing.assert_array_equal(refitted.coefs_[0], alone.coefs_[0])


def test_a_journal_that_cannot_be_written_ends_the_search(make_search, tmp_path):
    search = make_search(tmp_path / "folder")
    (tmp_path / "folder").unlink()
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        list(search.run())
