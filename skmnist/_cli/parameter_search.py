"""A parameter search that can be resumed: cross-validation, fit by fit."""

import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from functools import partial

import numpy as np
from scipy.stats import rankdata
from sklearn.base import clone
from sklearn.metrics import get_scorer

from skmnist._cli.journal import FitJournal, FitOutcome


class ParameterSearch:
    """Cross-validation of candidates that resumes where it was interrupted.

    With a fixed `random_state` the scores are those of scikit-learn's GridSearchCV on
    the same splits, bit for bit, for any number of threads and interruptions.

    Parameters
    ----------
    estimator : MNISTClassifier
        Cloned for each fit, not fitted itself.
    candidates : sequence of dict
        The parameters of each candidate.
    X : ndarray of shape (n_samples, n_features)
        Raw pixels.
    y : ndarray of shape (n_samples,)
        Labels.
    splits : list of tuple of (train, test)
        Indices of rows, as scikit-learn's splitters yield them.
    scoring : str, default="accuracy"
        Name of one of scikit-learn's scorers.
    journal : path-like or None, default=None
        The file that records finished fits; see FitJournal for what it raises. None
        keeps them in memory.
    """

    def __init__(
        self, estimator, candidates, X, y, splits, *, scoring="accuracy", journal=None
    ):
        self.estimator = estimator
        self.candidates = candidates
        self.splits = splits
        self.scoring = scoring
        self.journal = journal
        self._data = X, y
        self._scorer = get_scorer(scoring)
        self._journal = FitJournal(journal, (X, y, splits, scoring))

    @property
    def n_fits(self):
        """Total number of fits, finished or not."""
        return len(self.candidates) * len(self.splits)

    def pending(self):
        """Return the fits that are not finished.

        Returns
        -------
        list of tuple of (candidate, fold)
            Their indices.
        """
        places = np.ndindex(len(self.candidates), len(self.splits))
        return [place for place in places if self.outcome(*place) is None]

    def outcome(self, candidate, fold):
        """Return the outcome of a fit.

        Parameters
        ----------
        candidate, fold : int
            Indices of the candidate and of the held-out fold.

        Returns
        -------
        FitOutcome or None
            None if it is not finished.
        """
        return self._journal.get(self._all_params(candidate), fold)

    def run(self, n_jobs=1):
        """Run the fits that are not finished.

        Parameters
        ----------
        n_jobs : int, default=1
            Number of threads; each runs one fit at a time.

        Yields
        ------
        candidate, fold : int
            The fit that has just been recorded.

        Raises
        ------
        OSError
            If the journal cannot be written.
        """
        yield from _run_in_threads(
            [partial(self._fit, *place) for place in self.pending()], n_jobs
        )

    def refit(self, candidate):
        """Fit a candidate to all of the data.

        Parameters
        ----------
        candidate : int
            Its index.

        Returns
        -------
        MNISTClassifier
            Fitted.
        """
        fit = self._make_estimator(candidate).fit
        (estimator,) = _run_in_threads([partial(fit, *self._data)], 1)
        return estimator

    def results(self):
        """Return all scores under the names of scikit-learn's `cv_results_`.

        Returns
        -------
        dict of str to array-like of shape (n_candidates,)
            A candidate with a failed fit has a mean of NaN and the last rank.
        """
        folds = range(len(self.splits))
        outcomes = [
            [self.outcome(candidate, fold) for fold in folds]
            for candidate in range(len(self.candidates))
        ]
        scores = np.array([[outcome.score for outcome in row] for row in outcomes])
        seconds = np.array([[outcome.seconds for outcome in row] for row in outcomes])
        errors = [[outcome.error for outcome in row] for row in outcomes]
        mean = scores.mean(axis=1)
        order = np.where(np.isnan(mean), np.inf, -mean)
        return {
            "params": self.candidates,
            "rank_test_score": rankdata(order, method="min").astype(int),
            "mean_test_score": mean,
            "std_test_score": scores.std(axis=1),
            **{f"split{fold}_test_score": scores[:, fold] for fold in folds},
            "mean_fit_time": seconds.mean(axis=1),
            "error": [next(filter(None, row), None) for row in errors],
        }

    def _all_params(self, candidate):
        """Return all parameters of a candidate, defaults included."""
        return self.estimator.get_params(deep=False) | self.candidates[candidate]

    def _make_estimator(self, candidate):
        return clone(self.estimator).set_params(**self.candidates[candidate])

    def _fit(self, candidate, fold):
        """Fit a candidate with a fold held out, and record the outcome."""
        (X, y), (train, test) = self._data, self.splits[fold]
        estimator = self._make_estimator(candidate)
        started, score, error = time.perf_counter(), np.nan, None
        try:
            estimator.fit(X[train], y[train])
            seconds = time.perf_counter() - started
            score = float(self._scorer(estimator, X[test], y[test]))
        except Exception as fault:  # the other candidates may succeed
            seconds = time.perf_counter() - started
            error = f"{type(fault).__name__}: {fault}"
        outcome = FitOutcome(score, seconds, error)
        self._journal.record(self._all_params(candidate), fold, outcome)
        return candidate, fold


def _run_in_threads(tasks, n_jobs):
    """Run functions in threads; yield their results as they finish.

    No function runs in the main thread, not even a single one: Ctrl-C reaches only that
    thread, and would end its fit early.
    """
    executor, wait_for_all = ThreadPoolExecutor(max_workers=n_jobs), True
    try:
        running = {executor.submit(task) for task in tasks}
        while running:
            # Without a timeout Windows would ignore Ctrl-C.
            done, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    except (KeyboardInterrupt, GeneratorExit):
        wait_for_all = False  # running fits cannot be stopped
        raise
    finally:
        executor.shutdown(wait=wait_for_all, cancel_futures=True)
