"""What the benchmarks share: interleaved timing, the machine, the report."""

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
    """Return the machine and the versions of packages, as lines of the report."""
    lines = [
        f"{_processor_name()}, {joblib.cpu_count()} cores",
        f"{platform.system()}, Python {platform.python_version()}",
    ]
    for name in packages:
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} is not installed and was not measured")
    return lines


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


def write_report(path, title, intro_lines, tables):
    """Write a report as Markdown, and print it.

    Parameters
    ----------
    path : str or path-like
        The file; missing folders are created.
    title : str
        Title of the report.
    intro_lines : list of str
        Listed below the title.
    tables : dict of str to list of sequence
        Heading -> rows; the first row holds the names of the columns.
    """
    lines = [f"# {title}", "", *(f"- {line}" for line in intro_lines)]
    for heading, (columns, *rows) in tables.items():
        lines += ["", f"## {heading}", ""]
        lines += [_row(columns), _row(["---"] * len(columns)), *map(_row, rows)]
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _row(cells):
    return f"| {' | '.join(map(str, cells))} |"


def _processor_name():
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(": ")[1] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
