"""TrainingProcess: a process of its own for TensorFlow, which computes by one thread.

TensorFlow's threads are set once for a whole process, which belongs to the user. Here
every operation is computed by a single thread, so its bits depend on nothing else, and
`n_threads` operations at the same time. This module imports no TensorFlow.
"""

import atexit
import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.spawn import get_executable

from joblib.parallel import get_active_backend

from skmnist._training.threads import count_cores

_PROGRAM = "from skmnist._keras.training_server import serve; serve()"


class TrainingProcess:
    """A process that trains one network at a time.

    Parameters
    ----------
    n_threads : int
        The most operations of TensorFlow at the same time.
    """

    def __init__(self, n_threads):
        self.n_threads = n_threads
        environment = os.environ | {
            "TF_NUM_INTRAOP_THREADS": "1",
            "TF_NUM_INTEROP_THREADS": str(n_threads),
            "KERAS_BACKEND": "tensorflow",
            # Absolute: "" is the working directory.
            "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)),
        }
        # In a session of its own, where Ctrl-C does not reach it.
        self._process = subprocess.Popen(
            [get_executable(), "-P", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        # Messages are exchanged in another thread, which Ctrl-C does not interrupt: the
        # process and its answers stay in step.
        self._messenger = ThreadPoolExecutor(1)

    def call(self, name, *arguments):
        """Call a method of the TrainingServer and return what it returns.

        Parameters
        ----------
        name : str
            Name of the method.
        *arguments : object
            Its arguments.

        Returns
        -------
        object
            Its result.

        Raises
        ------
        RuntimeError
            If the process has ended.
        Exception
            What the method raises.
        """
        result, error = self._messenger.submit(self._exchange, name, arguments).result()
        if error is not None:
            raise error
        return result

    def _exchange(self, name, arguments):
        try:
            pickle.dump((name, arguments), self._process.stdin, protocol=5)
            self._process.stdin.flush()
            return pickle.load(self._process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self._process.kill()
            status = self._process.wait()
            message = (
                "The process in which TensorFlow trains has ended with the status "
                f"{status}; perhaps there was too little memory."
            )
            raise RuntimeError(message) from error

    def is_alive(self):
        """Return whether the process still runs."""
        return self._process.poll() is None

    def close(self):
        """End the process."""
        self._messenger.shutdown()
        self.disconnect()
        self._process.wait()

    def disconnect(self):
        """Close this side of the pipes, on which the process ends."""
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # it has ended and cannot read what was left
                pipe.close()


class _ProcessPool:
    """Processes that are kept for the next fit: importing TensorFlow takes seconds."""

    def __init__(self):
        self._forget()

    def take(self):
        """Return a process for one fit, with threads for the cores that are free."""
        with self._lock:
            n_threads = free_cores(self._n_running)
            self._n_running += 1
            fitting = [p for p in self._idle if p.n_threads == n_threads]
            for process in fitting:
                self._idle.remove(process)
                if process.is_alive():
                    return process
                process.close()
        return TrainingProcess(n_threads)

    def give_back(self, process):
        """Keep a process that no fit uses any longer, or end it.

        As many as there are running fits are kept, or one.
        """
        with self._lock:
            self._n_running -= 1
            self._idle.append(process)
            surplus = self._idle[: -max(self._n_running, 1)]
            del self._idle[: len(surplus)]
        for process in surplus:
            process.close()

    def close(self):
        """End all idle processes."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.close()

    def after_fork(self):
        """Leave the processes to the parent of a forked process."""
        for process in self._idle:
            process.disconnect()
        # Kept: when a Popen is deleted, it warns of a process that still runs.
        self._of_parent = self._idle
        self._forget()

    def _forget(self):
        self._lock = threading.Lock()
        self._idle, self._n_running = [], 0


def free_cores(n_running):
    """Return how many cores a fit may use.

    Parameters
    ----------
    n_running : int
        Number of other fits that this process runs.

    Returns
    -------
    int
        All, or OMP_NUM_THREADS if that is set, as by joblib in its processes; 1 if
        several fits run at the same time in threads.
    """
    is_limited = os.environ.get("OMP_NUM_THREADS")
    in_threads = get_active_backend()[0].nesting_level and not is_limited
    return 1 if n_running or in_threads else count_cores()


process_pool = _ProcessPool()
atexit.register(process_pool.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=process_pool.after_fork)
