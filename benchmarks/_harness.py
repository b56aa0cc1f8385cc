"""What the benchmarks share: interleaved timing and the machine."""

import platform
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import joblib
import numpy as np

# Runs at the end of a child process. The resource module would count the parent's peak.
_PRINT_PEAK = """
import pathlib, re
_status = pathlib.Path("/proc/self/status")
_text = _status.read_text() if _status.exists() else "VmHWM: 0"
print(int(re.search(r"VmHWM:\\s*(\\d+)", _text)[1]) * 1024 / 1e6)
"""


def describe_machine(packages=()):
    """Return the machine and the versions of packages, as lines of the page."""
    versions = [f"Python {platform.python_version()}"]
    missing = []
    for name in (*packages, "skmnist"):
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(f"{name} is not installed and was not measured.")
    machine = f"{_processor_name()}, {joblib.cpu_count()} cores, {platform.system()}."
    return [f"Machine: {machine}", f"Versions: {', '.join(versions)}.", *missing]


def interleave(contestants, repetitions):
    """Run every contestant once per round, so that all meet the same conditions.

    Parameters
    ----------
    contestants : dict of str to callable
        Each returns the seconds that it took.
    repetitions : int
        Number of rounds.

    Returns
    -------
    dict of str to list of float
        The seconds of each round.
    """
    seconds = {name: [] for name in contestants}
    for _ in range(repetitions):
        for name, contestant in contestants.items():
            time.sleep(0.1)  # threads of the previous one may still be spinning
            seconds[name].append(contestant())
    return seconds


def timed(function, *args, calls=1):
    """Return a contestant that calls a function and returns the seconds per call."""

    def contestant():
        start = time.perf_counter()
        for _ in range(calls):
            function(*args)
        return (time.perf_counter() - start) / calls

    return contestant


def floor_seconds(n_images=60_000, batch_size=32, widths=(784, 128, 10)):
    """Time the matrix products of one epoch, forward and backward, in NumPy."""
    n_inputs, n_hidden, n_outputs = widths
    rng = np.random.default_rng(0)
    shapes = [(batch_size, n_inputs), (n_inputs, n_hidden), (n_hidden, n_outputs)]
    x, w1, w2 = (rng.random(shape, dtype=np.float32) for shape in shapes)
    start = time.perf_counter()
    for _ in range(n_images // batch_size):
        h = x @ w1
        d = h @ w2
        h.T @ d
        x.T @ (d @ w2.T)
    return time.perf_counter() - start


def child(code, *arguments):
    """Run code in a new process; return its seconds and its peak memory in MB."""
    command = [sys.executable, "-c", code + _PRINT_PEAK, *map(str, arguments)]
    start = time.perf_counter()
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    return seconds, float(result.stdout.split()[-1])


def _processor_name():
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(": ")[1] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
