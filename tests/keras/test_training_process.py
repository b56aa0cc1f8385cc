"""Processes for TensorFlow: threads, errors, Ctrl-C, forks and the pool."""

import os
import subprocess
import sys

import joblib
import pytest

from skmnist._keras import training_process
from skmnist._keras.backend import tf
from skmnist._keras.training_process import (
    TrainingProcess,
    _ProcessPool,
    free_cores,
)
from skmnist._keras.training_server import _as_builtin


class FakeProcess:
    """A process that does nothing."""

    def __init__(self, n_threads):
        self.n_threads, self.open, self.alive = n_threads, True, True

    def is_alive(self):
        return self.alive

    def close(self):
        self.open = False


@pytest.fixture
def pool(monkeypatch):
    monkeypatch.setattr(training_process, "TrainingProcess", FakeProcess)
    monkeypatch.setattr(joblib, "cpu_count", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    return _ProcessPool()


@pytest.fixture(scope="module")
def process():
    process = TrainingProcess(1)
    yield process
    process.close()


def test_one_fit_uses_all_cores_and_others_at_the_same_time_one(pool):
    first, second = pool.take(), pool.take()
    assert (first.n_threads, second.n_threads) == (8, 1)
    pool.give_back(first)
    pool.give_back(second)
    assert pool.take().n_threads == 8


def test_the_next_fit_gets_the_process_of_the_last(pool):
    process = pool.take()
    pool.give_back(process)
    assert pool.take() is process


def test_a_process_that_has_died_is_replaced(pool):
    process = pool.take()
    process.alive = False
    pool.give_back(process)
    assert pool.take() is not process
    assert not process.open


def test_one_process_is_kept_when_no_fit_runs(pool):
    processes = [pool.take() for _ in range(4)]
    for process in processes:
        pool.give_back(process)
    assert [process.open for process in processes] == [False, False, False, True]
    pool.close()
    assert not processes[-1].open


@pytest.mark.parametrize(("limit", "expected"), [("3", 3), ("99", 8), ("x", 8)])
def test_omp_num_threads_limits_the_cores_of_a_fit(pool, monkeypatch, limit, expected):
    monkeypatch.setenv("OMP_NUM_THREADS", limit)
    assert pool.take().n_threads == expected


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_fits_in_threads_of_joblib_use_one_core_each(pool, n_jobs):
    with joblib.parallel_config("threading", n_jobs=n_jobs):
        found = joblib.Parallel()(joblib.delayed(free_cores)(0) for _ in range(2))
    assert found == [8 if n_jobs == 1 else 1] * 2


def test_errors_are_raised_here_and_the_process_goes_on(process):
    with pytest.raises(AttributeError, match="no_such_method"):
        process.call("no_such_method")
    assert process.call("end") is None
    assert process.is_alive()


def test_errors_of_tensorflow_are_raised_without_it():
    tensorflow_error = tf.errors.ResourceExhaustedError(None, None, "no memory")
    error = _as_builtin(tensorflow_error)
    assert type(error) is RuntimeError
    assert str(error).startswith("ResourceExhaustedError: no memory")
    own = ValueError("wrong")
    assert _as_builtin(own) is own


def test_a_process_that_ends_is_named_with_its_status():
    process = TrainingProcess(1)
    process._process.kill()
    for _ in range(2):
        with pytest.raises(RuntimeError, match="has ended with the status -9; perhaps"):
            process.call("end")
    assert not process.is_alive()
    process.close()


def test_tensorflow_is_imported_in_the_process_only():
    program = (
        "import sys\n"
        "from skmnist._keras.training_process import process_pool\n"
        "process = process_pool.take()\n"
        "print(process.call('has_gpu'), 'tensorflow' in sys.modules)\n"
        "process_pool.give_back(process)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout in ("True False\n", "False False\n")
    assert done.stderr == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_leaves_the_processes_to_its_parent(process):
    pool = training_process.process_pool
    pool._idle.append(process)
    try:
        child = os.fork()
        if child == 0:
            os._exit(len(pool._idle))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert process.call("end") is None
    finally:
        pool._idle.remove(process)
