import json
import os

import numpy as np
import pytest

from skmnist._cli.journal import FitJournal, FitOutcome
from tests.data.test_files import needs_fifos

SEARCH = (np.arange(3), "accuracy")
PARAMS = {"hidden_layer_sizes": (8, 4), "alpha": 0.1, "class_weight": None}
OUTCOME = FitOutcome(1 / 3, 0.1)


@pytest.fixture
def path(tmp_path):
    """A journal of two finished fits."""
    journal = FitJournal(tmp_path / "journal", SEARCH)
    journal.record(PARAMS, 0, OUTCOME)
    journal.record(PARAMS, 1, FitOutcome(np.nan, 0.2, "ValueError: two\nlines"))
    return tmp_path / "journal"


def test_fits_are_read_as_they_were_recorded(path):
    journal = FitJournal(path, SEARCH)
    assert journal.get(PARAMS, 0) == OUTCOME
    failed = journal.get(PARAMS, 1)
    assert np.isnan(failed.score)
    assert failed.error == "ValueError: two\nlines"


def test_each_line_is_json(path):
    lines = path.read_text().splitlines()
    assert [json.loads(line)["score"] for line in lines] == [1 / 3, None]


@pytest.mark.parametrize(("params", "fold"), [(PARAMS | {"alpha": 1}, 0), (PARAMS, 2)])
def test_other_fits_are_not_finished(path, params, fold):
    assert FitJournal(path, SEARCH).get(params, fold) is None


def test_fits_of_another_search_are_left_alone(path):
    before = path.read_bytes()
    other = FitJournal(path, (np.arange(4), "accuracy"))
    assert other.get(PARAMS, 0) is None
    other.record(PARAMS, 0, FitOutcome(0.5, 0.1))
    assert path.read_bytes().startswith(before)
    assert FitJournal(path, SEARCH).get(PARAMS, 0) == OUTCOME


@pytest.mark.parametrize("n_bytes", [1, 5, 20, 100])
def test_a_truncated_line_is_not_a_finished_fit(path, n_bytes):
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:n_bytes])
    journal = FitJournal(path, SEARCH)
    assert journal.get(PARAMS, 0) == OUTCOME
    assert journal.get(PARAMS, 1) is None
    journal.record(PARAMS, 1, OUTCOME)
    assert FitJournal(path, SEARCH).get(PARAMS, 1) == OUTCOME


@pytest.mark.parametrize("content", [b"text", b"{}\n", b"\n", b"\xff\xfe"])
def test_a_file_that_is_not_a_journal_is_refused_and_kept(content, tmp_path):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match="is not the journal of a search"):
        FitJournal(tmp_path / "file", SEARCH)
    assert (tmp_path / "file").read_bytes() == content


@needs_fifos
def test_a_fifo_is_no_journal(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(ValueError, match="is not the journal of a search"):
        FitJournal(tmp_path / "fifo", SEARCH)


def test_without_a_file_fits_are_kept_in_memory():
    journal = FitJournal(None, SEARCH)
    journal.record(PARAMS, 0, OUTCOME)
    assert journal.get(PARAMS, 0) == OUTCOME
