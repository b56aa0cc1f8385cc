"""The time around a training: new processes, first fits, signs of life, cold searches.

Run `python benchmarks/startup.py` on an idle Linux machine; it takes about fifteen
minutes and writes docs/benchmarks/startup.md. MNIST is found as `skmnist.fetch_mnist`
finds it.
"""

import argparse
import os
import pty
import subprocess
import sys
import tempfile
import time
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median

from _fits import _EpochClock, fit_recipe, in_new_process, split_mnist
from _harness import child, describe_machine, interleave, timed

from skmnist import RECIPES, MNISTClassifier

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "startup.md"
PACKAGES = ("numpy", "scikit-learn", "llvmlite", "tensorflow", "keras")
CACHE = "SKMNIST_KERNEL_CACHE"
AFTER_INSTALLATION = "skmnist, the first time after an installation"

DATA = """
from sklearn.datasets import load_digits
X, y = load_digits(return_X_y=True)
X, y = X[:300].astype("uint8"), y[:300]
"""
NEW_PROCESSES = {
    "skmnist": DATA
    + """
from skmnist import MNISTClassifier
MNISTClassifier().fit(X, y)
""",
    "scikit-learn MLPClassifier": DATA
    + """
import warnings
from sklearn.neural_network import MLPClassifier
warnings.simplefilter("ignore")
MLPClassifier((128,), batch_size=32, max_iter=50, n_iter_no_change=50).fit(X / 16, y)
""",
    "Keras": DATA
    + """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
layers = keras.layers
network = [layers.Dense(128, "relu"), layers.Dense(10, "softmax")]
model = keras.Sequential([keras.Input((64,)), *network])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X / 16, y, batch_size=32, epochs=50, verbose=0)
""",
}
FIRST_FITS = {
    "validation data": {"early_stopping": True},
    "float pixels": {},
    "dropout": {"dropout": 0.2},
    "batch normalisation": {"batch_norm": True},
    "augmentation": {"augmentation": "elastic"},
    "another activation": {"activation": "selu"},
}
SEARCH = (
    DATA
    + """
import sys, time
import joblib
from sklearn.model_selection import GridSearchCV
from skmnist import MNISTClassifier
grid = {"learning_rate": [3e-4, 1e-3, 3e-3, 1e-2]}
search = GridSearchCV(MNISTClassifier(), grid, cv=3, refit=False)
start = time.perf_counter()
with joblib.parallel_config(sys.argv[1], n_jobs=2):
    search.fit(X, y)
print(time.perf_counter() - start)
"""
)


def new_process(name, peaks):
    """Return the seconds from a new process to a fitted classifier."""
    seconds, peak = child(NEW_PROCESSES[name])
    peaks.setdefault(name, []).append(peak)
    return seconds


def without_cache(function, *args):
    """Call a function, for whose processes the kernel has never been compiled."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ[CACHE] = folder
        try:
            return function(*args)
        finally:
            del os.environ[CACHE]


def measure_new_processes(repetitions):
    """Return the rows for new processes."""
    peaks, first_peaks = {}, {}
    contestants = {n: partial(new_process, n, peaks) for n in NEW_PROCESSES}
    first = AFTER_INSTALLATION
    contestants[first] = partial(without_cache, new_process, "skmnist", first_peaks)
    seconds = interleave(contestants, repetitions)
    peaks[first] = first_peaks["skmnist"]
    return [
        (
            f"new process to fitted: {name}",
            f"{median(v):.2f} s, {median(peaks[name]):.0f} MB",
        )
        for name, v in seconds.items()
    ]


def time_first_fits():
    """Return the seconds of the first fit of each kind, after one of another kind."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    X, y = X[:300].astype("uint8"), y[:300]
    MNISTClassifier().fit(X, y)
    return {
        name: timed(
            MNISTClassifier(**params).fit, X * 1.0 if "float" in name else X, y
        )()
        for name, params in FIRST_FITS.items()
    }


def measure_first_fits(repetitions):
    """Return the rows for later first fits."""
    runs = [without_cache(in_new_process, time_first_fits) for _ in range(repetitions)]
    return [
        (
            f"then the first fit with {name}",
            f"{median(run[name] for run in runs):.2f} s",
        )
        for name in FIRST_FITS
    ]


def longest_silence():
    """Return the longest time in which a terminal shows nothing new, in seconds."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "skmnist", "train", "--dataset", "digits"]
    times = [time.perf_counter()]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        try:
            while os.read(ours, 65536):
                times.append(time.perf_counter())
        except OSError:  # the end, on Linux
            times.append(time.perf_counter())
        process.wait()
    os.close(ours)
    return max(after - before for before, after in pairwise(times))


def time_cold_search(backend):
    """Return the seconds of 12 fits by two workers that have just been started."""
    command = [sys.executable, "-c", SEARCH, backend]
    return float(subprocess.run(command, check=True, capture_output=True).stdout)


def time_dense_epochs(n_cores):
    """Return the seconds of an epoch of RECIPES["dense"] on some cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:n_cores])
    X, y, _, _ = split_mnist()
    clock, n_epochs = _EpochClock(), 3
    params = RECIPES["dense"] | {"epochs": n_epochs}
    MNISTClassifier(**params).set_callbacks(clock).fit(X, y)
    return (clock.ends[-1] - clock.ends[0]) / (n_epochs - 1)


def measure_all(repetitions):
    """Return all rows of the table."""
    rows = measure_new_processes(repetitions)
    rows += measure_first_fits(repetitions)
    silence = median(without_cache(longest_silence) for _ in range(repetitions))
    rows.append(
        ("`skmnist train --dataset digits`: longest silence", f"{silence:.2f} s")
    )
    contestants = {
        f"12 fits in a search, 2 new {name}": partial(time_cold_search, backend)
        for name, backend in (("processes", "loky"), ("threads", "threading"))
    }
    contestants["50 epochs of MNIST in a new process"] = timed(
        in_new_process, fit_recipe
    )
    seconds = interleave(contestants, repetitions)
    rows += [(name, f"{median(values):.2f} s") for name, values in seconds.items()]
    cores = {n: partial(in_new_process, time_dense_epochs, n) for n in (1, 2)}
    for n, values in interleave(cores, min(repetitions, 3)).items():
        name = f'90 epochs of `RECIPES["dense"]`, {n} core{"s" * (n > 1)}'
        rows.append((name, f"{90 * median(values):.0f} s, from 2 epochs"))
    return rows


def write_page(path, rows, repetitions):
    """Write the page: the answer, the table and how it was measured."""
    values = dict(rows)
    lines = [
        "# Startup",
        "",
        "From a new process to a fitted classifier: "
        f"{values['new process to fitted: skmnist']}. The first time after an "
        "installation, the training kernel is compiled: "
        f"{values[f'new process to fitted: {AFTER_INSTALLATION}']}.",
        "",
        "|  | median |",
        "| --- | ---: |",
        *(f"| {name} | {value} |" for name, value in rows),
        "",
        "<details>",
        "<summary>How this was measured</summary>",
        "",
        *(f"- {line}" for line in describe_machine(PACKAGES)),
        f"- Medians of {repetitions} interleaved runs, each in new processes. "
        "The data are 300 images of 8 x 8 pixels, 50 epochs, unless MNIST is named. "
        "Times include the imports and memory is the peak of the process.",
        "- The longest silence is that of a pseudo-terminal, with no kernel compiled.",
        "- `python benchmarks/startup.py` repeats it.",
        "",
        "</details>",
    ]
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def main():
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--output", default=REPORT)
    args = parser.parse_args()
    write_page(args.output, measure_all(args.repetitions), args.repetitions)


if __name__ == "__main__":
    main()
