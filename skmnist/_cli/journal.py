"""FitJournal: a file that keeps each fit of a search as soon as it is finished."""

import json
import math
import os
from typing import NamedTuple

import joblib

from skmnist import __version__

# Of every line: keys are sorted.
_START = b'{"error": '


class FitOutcome(NamedTuple):
    """What a fit came to.

    Parameters
    ----------
    score : float
        On the rows left out. NaN if the fit failed.
    seconds : float
        How long the fit took.
    error : str or None, default=None
        Why it failed.
    """

    score: float
    seconds: float
    error: str | None = None


class FitJournal:
    """Finished fits, one line of JSON each, only ever appended to a file.

    A line tells to which search its fit belongs: a digest of the data, the splits, the
    scoring and the version of skmnist. Lines of other searches are left alone, and so
    are those that a kill or a full disk has truncated: their fits are not finished.

    Parameters
    ----------
    path : path-like or None
        The file; it need not exist. None keeps the fits in memory.
    search : sequence
        All that the scores depend on, besides the parameters and the fold.

    Raises
    ------
    OSError
        If the file cannot be read or written.
    ValueError
        If it is another kind of file.
    """

    def __init__(self, path, search):
        self._path = path
        self._search = joblib.hash((*search, __version__), hash_name="sha1")
        self._outcomes = {}
        if path is not None:
            self._read()

    def _read(self):
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
        """Return what a fit came to, or None if it is not finished.

        Parameters
        ----------
        params : dict
            All parameters of the estimator, of types that JSON has.
        fold : int
            Which rows were left out.

        Returns
        -------
        FitOutcome or None
            To the last bit as it was recorded.
        """
        return self._outcomes.get(_make_key(params, fold))

    def record(self, params, fold, outcome):
        """Keep what a fit came to.

        Parameters
        ----------
        params : dict
            All parameters of the estimator.
        fold : int
            Which rows were left out.
        outcome : FitOutcome
            What it came to.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self._outcomes[_make_key(params, fold)] = outcome
        if self._path is None:
            return
        entry = {"search": self._search, "params": params, "fold": fold}
        entry |= outcome._asdict()
        if math.isnan(outcome.score):
            entry["score"] = None
        line = json.dumps(entry, sort_keys=True).encode() + b"\n"
        # Several threads, and processes, may write: each line is one call.
        with open(self._path, "ab", buffering=0) as file:
            if file.write(line) < len(line):
                raise OSError(f"'{self._path}' takes only a part of a line.")
            os.fsync(file.fileno())


def _make_key(params, fold):
    return json.dumps([params, fold], sort_keys=True)


def _parse(line):
    """Return the search, key and outcome of a line, or None where it holds none."""
    try:
        entry = json.loads(line)
        score = math.nan if entry["score"] is None else float(entry["score"])
        outcome = FitOutcome(score, float(entry["seconds"]), entry["error"])
        return entry["search"], _make_key(entry["params"], entry["fold"]), outcome
    except (ValueError, TypeError, KeyError):
        return None
