"""Training on data larger than the memory, in a memory-mapped file.

Run `python benchmarks/scale.py` on an idle Linux machine; it takes about ten minutes,
and 1.6 GB in the folder for temporary files. MNIST is found as `skmnist.fetch_mnist`
finds it.
"""

import argparse
import gc
import os
import tempfile
import threading
from functools import partial
from pathlib import Path
from shutil import disk_usage
from statistics import median

import numpy as np
from _fits import in_new_process, memory_megabytes, split_mnist
from _harness import describe_machine, interleave, timed
from _report import COLORS, make_figure, write_report

from skmnist import MNISTClassifier

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "scale.md"
N_ROWS = 2_000_000
N_PIXELS = 784
BLOCK = 50_000
QUICK_ROWS = 100_000


def write_images(path, n_rows):
    """Write 8-bit MNIST images, each shifted at random by up to two pixels."""
    X, y, _, _ = split_mnist()
    rng = np.random.default_rng(0)
    labels = np.empty(n_rows, dtype=y.dtype)
    with path.open("wb") as file:
        for start in range(0, n_rows, BLOCK):
            rows = rng.integers(len(X), size=min(BLOCK, n_rows - start))
            labels[start : start + len(rows)] = y[rows]
            shift_images(X[rows], rng).tofile(file)
    return labels


def shift_images(rows, rng):
    """Return the images, each shifted at random by up to two pixels on each axis."""
    padded = np.pad(rows.reshape(-1, 28, 28), [(0, 0), (2, 2), (2, 2)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (28, 28), axis=(1, 2))
    down, right = rng.integers(5, size=(2, len(rows)))
    return windows[np.arange(len(rows)), down, right].reshape(-1, N_PIXELS)


def open_images(path, n_rows):
    """Return the first images of the file, memory-mapped."""
    return np.memmap(path, np.uint8, mode="r", shape=(n_rows, N_PIXELS))


def train_in_blocks(X, y):
    """Train for an epoch by partial_fit."""
    classifier = MNISTClassifier(random_state=0)
    for start in range(0, len(X), BLOCK):
        rows = slice(start, start + BLOCK)
        classifier.partial_fit(X[rows], y[rows], classes=range(10))


def train_at_once(X, y):
    """Train for an epoch by fit."""
    MNISTClassifier(random_state=0, epochs=1).fit(X, y)


def time_and_weigh(train, path, labels):
    """Return the seconds and the largest growth of the private memory, in MB."""
    X = open_images(path, len(labels))
    train(X[:BLOCK], labels[:BLOCK])  # warm up
    gc.collect()
    stopped, sizes = threading.Event(), [memory_megabytes("RssAnon")]
    watcher = threading.Thread(target=watch_memory, args=(stopped, sizes))
    watcher.start()
    seconds = timed(train, X, labels)()
    stopped.set()
    watcher.join()
    return seconds, max(sizes) - sizes[0]


def watch_memory(stopped, sizes):
    """Record the private memory, which does not include pages of a file."""
    while not stopped.wait(0.02):
        sizes.append(memory_megabytes("RssAnon"))


def measure(folder, n_rows, repetitions):
    """Return the seconds and the megabytes of each way on a quarter, a half and all."""
    path = folder / "images"
    labels = write_images(path, n_rows)
    growth = {}

    def contestant(train, n):
        seconds, megabytes = in_new_process(time_and_weigh, train, path, labels[:n])
        growth[train, n] = max(megabytes, growth.get((train, n), 0))
        return seconds

    ways = {"partial_fit": train_in_blocks, "fit": train_at_once}
    sizes = n_rows // 4, n_rows // 2, n_rows
    cases = {(way, n): (ways[way], n) for way in ways for n in sizes}
    seconds = interleave(
        {name: partial(contestant, *case) for name, case in cases.items()}, repetitions
    )
    return {
        (way, n): (median(seconds[way, n]), growth[cases[way, n]]) for way, n in cases
    }


def write(path, results, measured):
    """Write the page: the seconds and the memory growth of each way and size."""
    rows = [
        (
            f"`{way}`",
            n,
            f"{n * N_PIXELS / 1e6:,.0f} MB",
            f"{seconds:.2f}",
            f"{seconds / n * 1e6:.2f}",
            f"{megabytes:.0f} MB",
        )
        for (way, n), (seconds, megabytes) in results.items()
    ]
    columns = "", "images", "file", "seconds", "seconds per million", "memory growth"
    n_rows = max(n for _, n in results)
    found = ", and ".join(
        f"{seconds:.1f} s and {megabytes:.0f} MB of memory with `{way}`"
        for (way, n), (seconds, megabytes) in results.items()
        if n == n_rows
    )
    answer = (
        f"One epoch over {n_rows:,} images, a memory-mapped file of "
        f"{n_rows * N_PIXELS / 1e6:,.0f} MB, takes {found}."
    )
    sections = {"One epoch on a memory-mapped file": [columns, *rows]}
    chart = draw_growth(results), "Memory growth and seconds by the number of images."
    title = "Data larger than the memory"
    write_report(path, title, answer, sections, measured, chart)


def draw_growth(results):
    """Draw seconds and memory growth over the number of images."""
    figure, left = make_figure(2.6)
    figure.clear()
    left, right = figure.subplots(1, 2)
    for i, way in enumerate(dict.fromkeys(way for way, _ in results)):
        points = [(n / 1e6, *values) for (w, n), values in results.items() if w == way]
        sizes, seconds, megabytes = zip(*points, strict=True)
        left.plot(sizes, seconds, "o-", color=COLORS[i], label=way)
        right.plot(sizes, megabytes, "o-", color=COLORS[i])
    for ax, label in (left, "seconds"), (right, "memory growth in MB"):
        ax.set_xlabel("million images")
        ax.set_ylabel(label)
        ax.set_ylim(0)
        ax.spines[["top", "right"]].set_visible(False)
    left.legend(frameon=False)
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=N_ROWS)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS:,} images")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument(
        "--output",
        default=None,
        help="the report (default: docs/benchmarks/scale.md if it is of full size)",
    )
    args = parser.parse_args()
    n_rows = QUICK_ROWS if args.quick else args.rows
    if disk_usage(tempfile.gettempdir()).free < 2 * n_rows * N_PIXELS:
        parser.error(f"{tempfile.gettempdir()} has not enough space for the images")
    output = args.output or (REPORT if n_rows >= N_ROWS else os.devnull)
    notes = [
        f"{n_rows:,} 8-bit images: MNIST's, shifted at random by up to two pixels.",
        f"`partial_fit` gets blocks of {BLOCK:,}. The network is 784-128-10, trained "
        "with Adam in batches of 32.",
        "Memory growth is the peak of the private memory (RssAnon) minus its size "
        "before. It does not include pages of the file, which the system may drop.",
        f"Times are medians of {args.repetitions} interleaved repetitions, each in its "
        "own process; memory growth is the largest of them.",
    ]
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Path(folder), n_rows, args.repetitions)
    machine = describe_machine(("numpy", "scikit-learn", "llvmlite"))
    write(output, results, notes + machine)


if __name__ == "__main__":
    main()
