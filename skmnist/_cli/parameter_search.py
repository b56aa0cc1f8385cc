"""A search over parameters that can be interrupted: cross-validation, fit by fit."""

import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from functools import partial

import numpy as np
from scipy.stats import rankdata
from sklearn.base import clone
from sklearn.metrics import get_scorer

from skmnist._cli.journal import FitJournal, FitOutcome


class ParameterSearch:
    """Cross-validation of candidates that takes up where it was interrupted.

    The scores are those of scikit-learn's GridSearchCV on the same splits, to the last
    bit, whatever the number of threads and however often the search was interrupted,
    if the estimator has a fixed `random_state`.

    Parameters
    ----------
    estimator : MNISTClassifier
        Never fitted itself.
    candidates : sequence of dict
        The parameters to set, one dict a candidate.
    X : ndarray of shape (n_samples, n_features)
        Raw pixels.
    y : ndarray of shape (n_samples,)
        Labels.
    splits : list of tuple of (train, test)
        Indices of rows, as scikit-learn's splitters give them.
    scoring : str, default="accuracy"
        Name of one of scikit-learn's scorers.
    journal : path-like or None, default=None
        The file that keeps finished fits; see FitJournal for what it raises. None
        keeps them in memory only.
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
        """Number of fits, the finished ones included."""
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
        """Return what the fit of a candidate without a fold came to.

        Parameters
        ----------
        candidate, fold : int
            Their indices.

        Returns
        -------
        FitOutcome or None
            None if it is not finished.
        """
        return self._journal.get(self._all_params(candidate), fold)

    def run(self, n_jobs=1):
        """Make the fits that are not finished.

        Parameters
        ----------
        n_jobs : int, default=1
            Number of threads, of which each makes one fit at a time.

        Yields
        ------
        candidate, fold : int
            A fit that has just been recorded.

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
            A candidate of which a fit failed has a mean of NaN and the last rank.
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
        """Return all that tells a candidate from others, the defaults included."""
        return self.estimator.get_params(deep=False) | self.candidates[candidate]

    def _make_estimator(self, candidate):
        return clone(self.estimator).set_params(**self.candidates[candidate])

    def _fit(self, candidate, fold):
        """Fit a candidate without a fold, and record what that came to."""
        (X, y), (train, test) = self._data, self.splits[fold]
        estimator = self._make_estimator(candidate)
        started, score, error = time.perf_counter(), np.nan, None
        try:
            estimator.fit(X[train], y[train])
            seconds = time.perf_counter() - started
            score = float(self._scorer(estimator, X[test], y[test]))
        except Exception as fault:  # the other candidates may do well all the same
            seconds = time.perf_counter() - started
            error = f"{type(fault).__name__}: {fault}"
        outcome = FitOutcome(score, seconds, error)
        self._journal.record(self._all_params(candidate), fold, outcome)
        return candidate, fold


def _run_in_threads(tasks, n_jobs):
    """Yield what functions return, in the order in which they end.

    Not even a single one is called in the main thread: Ctrl-C, which only that thread
    sees, would make a fit return what it has learned so far.
    """
    executor, let_end = ThreadPoolExecutor(max_workers=n_jobs), True
    try:
        running = {executor.submit(task) for task in tasks}
        while running:
            # Without a timeout Ctrl-C would not be heeded on Windows.
            done, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    except (KeyboardInterrupt, GeneratorExit):
        let_end = False  # nobody waits for the fits that are under way
        raise
    finally:
        executor.shutdown(wait=let_end, cancel_futures=True)
