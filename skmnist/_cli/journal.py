"""FitJournal: a file that records each fit of a search as soon as it is finished."""

import json
import math
import os
from typing import NamedTuple

import joblib

from skmnist import __version__
from skmnist._data.files import is_stream

# Every line starts like this, because its keys are sorted.
_START = b'{"error": '


class FitOutcome(NamedTuple):
    """The outcome of one fit.

    Parameters
    ----------
    score : float
        On the held-out rows. NaN if the fit failed.
    seconds : float
        Duration of the fit.
    error : str or None, default=None
        Why it failed.
    """

    score: float
    seconds: float
    error: str | None = None


class FitJournal:
    """Finished fits in a file: one line of JSON each, only ever appended.

    Each line names the search that its fit belongs to, by a digest of the data, the
    splits, the scoring and the version of skmnist. Lines of other searches are left
    alone. A line that a kill or a full disk has truncated is no finished fit.

    Parameters
    ----------
    path : path-like or None
        The file; it need not exist. None keeps the fits in memory.
    search : sequence
        Everything that the scores depend on, except the parameters and the fold.

    Raises
    ------
    OSError
        If the file cannot be read or written.
    ValueError
        If the file is not a journal.
    """

    def __init__(self, path, search):
        self._path = path
        self._search = joblib.hash((*search, __version__), hash_name="sha1")
        self._outcomes = {}
        if path is not None:
            self._read()

    def _read(self):
        if is_stream(self._path):  # it would be read for ever
            raise ValueError(f"'{self._path}' is not the journal of a search.")
        with open(self._path, "a+b") as file:
            file.seek(0)
            content = file.read()
            start = content[: len(_START)]
            if not _START.startswith(start):
                raise ValueError(f"'{self._path}' is not the journal of a search.")
            if start and not content.endswith(b"\n"):
                file.write(b"\n")
        for search, key, outcome in filter(None, map(_parse, content.splitlines())):
            if search == self._search:
                self._outcomes[key] = outcome

    def get(self, params, fold):
        """Return the outcome of a fit, or None if it is not finished.

        Parameters
        ----------
        params : dict
            All parameters of the estimator, of types that JSON has.
        fold : int
            Index of the held-out fold.

        Returns
        -------
        FitOutcome or None
            Bit for bit as it was recorded.
        """
        return self._outcomes.get(_make_key(params, fold))

    def record(self, params, fold, outcome):
        """Record the outcome of a fit.

        Parameters
        ----------
        params : dict
            All parameters of the estimator.
        fold : int
            Index of the held-out fold.
        outcome : FitOutcome
            Its outcome.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        self._outcomes[_make_key(params, fold)] = outcome
        if self._path is None:
            return
        entry = {"search": self._search, "params": params, "fold": fold}
        entry |= outcome._asdict()
        if math.isnan(outcome.score):
            entry["score"] = None
        line = json.dumps(entry, sort_keys=True).encode() + b"\n"
        # One call a line, since several threads and processes may write.
        with open(self._path, "ab", buffering=0) as file:
            if file.write(line) < len(line):
                raise OSError(f"only a part of a line fits into '{self._path}'.")
            os.fsync(file.fileno())


def _make_key(params, fold):
    return json.dumps([params, fold], sort_keys=True)


def _parse(line):
    """Return the search, key and outcome in a line, or None if it is not valid."""
    try:
        entry = json.loads(line)
        score = math.nan if entry["score"] is None else float(entry["score"])
        error = entry["error"]
        outcome = FitOutcome(score, float(entry["seconds"]), error and str(error))
        return entry["search"], _make_key(entry["params"], entry["fold"]), outcome
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
