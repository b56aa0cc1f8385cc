"""How many threads a fit uses, and that they wait for each other."""

import signal
import threading

import pytest

from skmnist._training import threads


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (None, 8),
        ("", 8),
        ("3", 3),
        ("2,1", 2),
        ("16", 8),
        ("0", 1),
        ("many", 8),
    ],
)
def test_omp_num_threads_limits_the_cores(limit, expected, monkeypatch):
    monkeypatch.setattr("joblib.cpu_count", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if limit is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", limit)
    assert threads.count_cores() == expected


def test_running_fits_share_the_cores(monkeypatch):
    monkeypatch.setattr(threads, "count_cores", lambda: 5)
    assert threads.count_free_cores() == 5
    with threads.running_fit():
        assert threads.count_free_cores() == 5
        with threads.running_fit():
            assert threads.count_free_cores() == 2
            with pytest.raises(MemoryError), threads.running_fit():
                raise MemoryError
        assert threads.count_free_cores() == 5


def test_every_stage_is_complete_before_the_next():
    seen, lock = [], threading.Lock()

    def run(turn, stage, part):
        with lock:
            seen.append((turn, stage, part))

    threads.run_in_turns(run, 20, ["first", "second"], 3)
    groups = [seen[i : i + 3] for i in range(0, len(seen), 3)]
    assert [sorted(group) for group in groups] == [
        [(turn, stage, part) for part in range(3)]
        for turn in range(20)
        for stage in ("first", "second")
    ]


def test_an_error_in_one_part_ends_all():
    def run(turn, stage, part):
        if (turn, part) == (2, 1):
            raise MemoryError("no memory")

    with pytest.raises(MemoryError, match="no memory"):
        threads.run_in_turns(run, 10**9, ["only"], 3)


def test_ctrl_c_ends_all_parts_in_the_same_turn():
    turns = [0, 0, 0]

    def run(turn, stage, part):
        if (turn, stage, part) == (5, "first", 2):
            signal.raise_signal(signal.SIGINT)
        if stage == "second":
            turns[part] += 1

    with pytest.raises(KeyboardInterrupt):
        threads.run_in_turns(run, 10**9, ["first", "second"], 3)
    assert turns[0] == turns[1] == turns[2] > 5
