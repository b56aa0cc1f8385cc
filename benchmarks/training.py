"""Training time of MNISTClassifier, other libraries and the matrix products alone.

Run `python benchmarks/training.py` on an idle machine; it takes about ten minutes.
MNIST is found as `skmnist.fetch_mnist` finds it. Libraries that are not installed are
left out.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from _fits import (
    FLOOR,
    N_TRAIN,
    OURS,
    fit_and_weigh,
    fit_many,
    fit_recipe,
    fit_twice,
    in_new_process,
    time_epoch,
    watch_recipe,
)
from _harness import describe_machine, floor_seconds, interleave, timed
from _networks import NEEDS, PEERS
from _report import draw_bars, write_report

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "benchmarks" / "training.md"
PACKAGES = ("numpy", "scikit-learn", "tensorflow", "keras")
PACKAGES += ("scikeras", "torch", "skorch")

QUICK_ROWS = 20_000
EPOCHS = "One epoch: 60,000 images, batches of 32"
RECIPE = "A fit by the classic recipe: 60,000 images, 50 epochs"


def measure_epochs(repetitions, quick):
    """Time one epoch, after warm-up."""
    n_rows = QUICK_ROWS if quick else N_TRAIN
    missing = [name for name, package in NEEDS.items() if not find_spec(package)]
    contestants = {
        name: partial(in_new_process, time_epoch, name, n_rows)
        for name in (*OURS, *PEERS, FLOOR)
        if name not in missing
    }
    seconds = interleave(contestants, repetitions)
    rows = list_epochs(
        {name: (median(s), min(s), max(s)) for name, s in seconds.items()}
    )
    return {EPOCHS: rows}


def list_epochs(seconds):
    """Return the table: median, smallest and largest seconds, and the ratio."""
    plain = seconds["skmnist"][0]
    rows = [
        (name, f"{middle:.3f}", f"{low:.3f} to {high:.3f}", f"{middle / plain:.2f}")
        for name, (middle, low, high) in seconds.items()
    ]
    return [("", "seconds per epoch", "range", "times skmnist's"), *rows]


def format_value(value, unit=""):
    return f"{value:.2f}{unit}" if value < 10 else f"{value:.0f}{unit}"


def measure_recipe(repetitions, quick):
    """Time a fit of 50 epochs, compared with the matrix products alone."""
    accuracies = []

    def recipe():
        seconds, *both = in_new_process(fit_recipe)
        accuracies.append(both)
        return seconds

    contestants = {"recipe": recipe, "floors": lambda: 50 * floor_seconds()}
    seconds = interleave(contestants, repetitions)
    ours, floors = median(seconds["recipe"]), median(seconds["floors"])
    test, train = accuracies[0]
    passed = in_new_process(watch_recipe)
    first = "never" if passed is None else f"epoch {passed[0]}, {passed[1]:.1f} s"
    rows = [
        ("MNISTClassifier().fit, compilation included", f"{ours:.1f} s"),
        (f"50 epochs of {FLOOR}", f"{floors:.1f} s"),
        ("relative to these", format_value(ours / floors)),
        ("accuracy on the test set", f"{test:.4f}"),
        ("accuracy on the training set", f"{train:.4f}"),
        ("first above 97.64 % on the test set", first),
    ]
    return {RECIPE: [("", "value"), *rows]}


def measure_refit(repetitions, quick):
    """Time a first and a second fit, as in a cross-validation."""
    runs = [in_new_process(fit_twice) for _ in range(repetitions)]
    first, second = map(median, zip(*runs, strict=True))
    rows = [
        ("first fit after an installation", f"{time_first_ever():.2f} s"),
        ("first fit in a process", format_value(first, " s")),
        ("second fit", format_value(second, " s")),
    ]
    heading = "Two fits in a process: 300 rows, 64 features, 50 epochs"
    return {heading: [("", "value"), *rows]}


def time_first_ever():
    """Return the seconds of a fit that has to compile the kernel."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["SKMNIST_KERNEL_CACHE"] = cache
        try:
            return in_new_process(fit_twice)[0]
        finally:
            del os.environ["SKMNIST_KERNEL_CACHE"]


def measure_memory(repetitions, quick):
    """Measure the memory of a fit to 60,000 images."""
    peak = median(in_new_process(fit_and_weigh) for _ in range(repetitions))
    as_float32 = N_TRAIN * 784 * 4 / 1e6
    rows = [
        ("the data as float32", f"{as_float32:.0f} MB"),
        ("peak memory of fit, minus the memory before", f"{peak:.0f} MB"),
        ("relative to the data as float32", format_value(peak / as_float32)),
    ]
    return {"Memory: 60,000 8-bit images": [("", "value"), *rows]}


def measure_many(repetitions, quick):
    """Check that later fits in a process cost no more than earlier ones."""
    # Two runs are enough: each has thirty fits.
    runs = [in_new_process(fit_many) for _ in range(min(repetitions, 2))]
    slower = median(seconds[-1] / seconds[2] for seconds, _ in runs)
    first = median(megabytes[1] - megabytes[0] for _, megabytes in runs)
    later = median(megabytes[-1] - megabytes[1] for _, megabytes in runs)
    rows = [
        ("memory growth in the first fit", f"{first:.0f} MB"),
        ("memory growth from the first fit to the last", format_value(later, " MB")),
        ("time of the last fit relative to the third", format_value(slower)),
    ]
    heading = "30 fits in a process: 20,000 images, 2 epochs"
    return {heading: [("", "value"), *rows]}


def measure_battery(repetitions, quick):
    """Time scikit-learn's checks of the default estimator."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n0",
        "tests/estimator/test_estimator_checks.py",
    ]
    command += ["-k", "MNISTClassifier"]
    run = timed(
        lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    )
    row = ("check_estimator on MNISTClassifier()", format_value(run(), " s"))
    return {"scikit-learn's checks": [("", "value"), row]}


SECTIONS = {
    "epoch": measure_epochs,
    "recipe": measure_recipe,
    "refit": measure_refit,
    "battery": measure_battery,
}
if sys.platform == "linux":  # memory is read from /proc
    SECTIONS |= {"memory": measure_memory, "many": measure_many}

NOTES = [
    "Times are medians of interleaved repetitions, each in its own process.",
    "Epochs do not include compilation and warm-up. For skmnist they are the mean of "
    "the second to the fourth epoch of a fit, for other libraries the epoch after a "
    "short first one.",
    "skmnist uses one thread, the other libraries as many as they choose.",
    "The network is 784-128-10 with Adam. Other libraries get scaled float32 pixels, "
    "skmnist raw bytes.",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"time other libraries on {QUICK_ROWS:,} images and scale up",
    )
    parser.add_argument(
        "--output",
        default=None,
        help="the report (default: docs/benchmarks/training.md if it is complete)",
    )
    args = parser.parse_args()
    complete = set(args.only) == set(SECTIONS)
    output = args.output or (REPORT if complete else os.devnull)
    notes = NOTES + [f"{args.repetitions} repetitions."]
    if args.quick:
        notes.append(f"Other libraries: epochs of {QUICK_ROWS:,} images, scaled up.")
    tables = {}
    for name in args.only:
        tables |= SECTIONS[name](args.repetitions, args.quick)
    write(output, tables, notes + describe_machine(PACKAGES))


def write(path, tables, measured):
    """Write the page."""
    answer, chart = "How long skmnist trains, and how much memory it needs.", None
    if EPOCHS in tables:
        seconds = {name: float(row[0]) for name, *row in tables[EPOCHS][1:]}
        answer = compare_epochs(seconds)
        figure = draw_bars(seconds, "seconds for one epoch of MNIST", ours=OURS)
        chart = figure, "Bars: the seconds that one epoch takes."
    write_report(path, "Training", answer, tables, measured, chart)


def compare_epochs(seconds):
    """Return what was found, as a sentence."""
    others = ", ".join(
        f"{name} {seconds[name]:.1f} s" for name in PEERS if name in seconds
    )
    ours = f"One epoch of MNIST takes skmnist {seconds['skmnist']:.2f} s on one core"
    return f"{ours}. On all cores: {others}."


if __name__ == "__main__":
    main()
