"""How many threads a fit uses, and how they take turns."""

import os
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Barrier, BrokenBarrierError, Lock

import joblib

# Seconds between two looks at the threads: on Windows, Ctrl-C does not end a wait.
_PATIENCE = 0.1

_lock = Lock()
_n_running = 0


@contextmanager
def running_fit():
    """Count a fit while it computes: fits in threads share the cores."""
    global _n_running
    with _lock:
        _n_running += 1
    try:
        yield
    finally:
        with _lock:
            _n_running -= 1


def count_cores():
    """Return the number of cores that this process may use.

    Returns
    -------
    int
        At most OMP_NUM_THREADS, which joblib and dask set in the processes that they
        start, so that these do not compete for the cores.
    """
    limit = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    cores = joblib.cpu_count()
    return max(min(cores, int(limit)), 1) if limit.isdecimal() else cores


def count_free_cores():
    """Return the number of cores that each of the running fits may use.

    Returns
    -------
    int
        At least 1.
    """
    return max(count_cores() // max(_n_running, 1), 1)


def run_in_turns(run, n_turns, stages, n_threads):
    """Call a function in several threads, which wait for each other after each stage.

    Parameters
    ----------
    run : callable
        `run(turn, stage, part)` computes one part of a stage.
    n_turns : int
        Number of turns.
    stages : sequence
        The stages of each turn.
    n_threads : int
        Number of parts.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C, at the end of a turn.
    """
    interrupted = stopped = False

    def decide():
        # Called by one thread while the others wait, so that all stop in one turn.
        nonlocal stopped
        stopped = interrupted

    barrier = Barrier(n_threads, decide)

    def work(part):
        try:
            for turn in range(n_turns):
                for stage in stages:
                    run(turn, stage, part)
                    barrier.wait()
                if stopped:
                    return
        except BrokenBarrierError:
            pass  # another part has failed, and raises its error
        except BaseException:
            barrier.abort()
            raise

    with ThreadPoolExecutor(n_threads) as pool:
        started = []
        try:
            for part in range(n_threads):
                started.append(pool.submit(work, part))
            while wait(started, _PATIENCE).not_done:
                pass
        except BaseException:
            interrupted = True
            if len(started) < n_threads:
                barrier.abort()
            raise
    for future in started:
        future.result()
