"""A process that runs cases one after the other, and watches what they do."""

import faulthandler
import os
import resource
import site
import sys
import tempfile
import time
import traceback
from pathlib import Path

_MEGABYTE = 2**20

# Bytes of address space, so that a case that takes more fails alone.
_ADDRESS_SPACE = 6 * 2**30

# Folders that Python and the libraries read from while they work.
_LIBRARIES = tuple(
    {
        *(os.path.realpath(place) for place in (sys.prefix, sys.base_prefix)),
        *site.getsitepackages(),
        *("/dev/null", "/dev/urandom", "/proc/", "/sys/", "/usr/", "/etc/localtime"),
        str(Path(__file__).parents[2]),
    }
)

_SOCKETS = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname"}


def work(connection, seed, limits, verbose):
    """Run the cases whose numbers arrive, and send back how each ended.

    Parameters
    ----------
    connection : multiprocessing.connection.Connection
        Gets numbers of cases, and None at the end.
    seed : int
        Seed of all cases.
    limits : tuple of (megabytes, seconds of processor time)
        What a case may take.
    verbose : bool
        Print what each case raised or printed.
    """
    # On Linux only: elsewhere the limit is on something else, or on nothing.
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    from tests.fuzz.cases import run_case, warm_up

    warm_up()
    watch = _Watch()
    sys.addaudithook(watch.see)
    connection.send(None)  # ready
    while (index := connection.recv()) is not None:
        with tempfile.TemporaryDirectory() as folder:
            watch.begin(folder)
            if verbose:  # where it is if it takes too long
                faulthandler.dump_traceback_later(2 * limits[1])
            started = time.process_time()
            try:
                outcome = run_case(seed, index, Path(folder), verbose)
            except BaseException:
                traceback.print_exc()
                outcome = "harness failed"
            seconds = time.process_time() - started
            opened = watch.end()
            faulthandler.cancel_dump_traceback_later()
        peak = _read_peak()
        if outcome in ("result", "error"):
            if opened:
                outcome = f"opened {opened[0]}"
            elif peak > limits[0]:
                outcome = "memory"
            elif seconds > limits[1]:
                outcome = "slow"
        connection.send((outcome, peak, seconds))


class _Watch:
    """Records files outside the case's folder and all sockets that a case opens."""

    def __init__(self):
        self._folder, self._found = None, []

    def begin(self, folder):
        _reset_peak()
        self._found, self._folder = [], os.path.realpath(folder)

    def end(self):
        self._folder = None
        return self._found

    def see(self, event, args):
        if self._folder is None:
            return
        if event in _SOCKETS:
            self._found.append(f"a socket ({event})")
        elif event == "open" and isinstance(args[0], (str, bytes, os.PathLike)):
            path = os.path.realpath(os.fsdecode(args[0]))
            if not path.startswith((self._folder, *_LIBRARIES)):
                self._found.append("a file")


def _reset_peak():
    """Let the kernel forget the peak of the memory so far."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def _read_peak():
    """Return the peak of the memory, in megabytes."""
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / _MEGABYTE
