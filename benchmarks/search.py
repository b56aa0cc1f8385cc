"""Time of a grid search: one fit at a time, in threads, in processes, and in scikeras.

Run `python benchmarks/search.py` on an idle Linux machine; it takes about ten minutes.
MNIST is found as `skmnist.fetch_mnist` finds it.
"""

import argparse
import gc
import os
from functools import partial
from pathlib import Path
from statistics import median

import joblib
import numpy as np
from _fits import N_TRAIN, in_new_process, memory_megabytes, split_mnist
from _harness import describe_machine, interleave, timed
from _report import draw_bars, write_report
from joblib.externals.loky import get_reusable_executor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from skmnist import MNISTClassifier, PixelScaler

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "search.md"
QUICK_ROWS = 2_000
GRID = {
    "hidden_layer_sizes": [(32,), (64,), (128,)],
    "learning_rate": [3e-4, 1e-3, 3e-3],
}
EPOCHS, FOLDS = 5, 3
N_CANDIDATES = 9
WAYS = {
    "n_jobs=1": ("threading", 1),
    "n_jobs=2, threads": ("threading", 2),
    "n_jobs=2, processes (loky)": ("loky", 2),
}
PEER = "scikeras and Keras, n_jobs=1"


def search(way, X, y):
    """Search the grid; return the scores of each fold."""
    backend, n_jobs = WAYS[way]
    grid_search = GridSearchCV(
        MNISTClassifier(epochs=EPOCHS, random_state=0), GRID, cv=FOLDS, refit=False
    )
    with joblib.parallel_config(backend, n_jobs=n_jobs):
        results = grid_search.fit(X, y).cv_results_
    return np.array([results[f"split{fold}_test_score"] for fold in range(FOLDS)])


def time_search(way, n_rows):
    """Return the seconds of a search, and its scores."""
    X, y, _, _ = split_mnist()
    scores = []
    seconds = timed(lambda: scores.append(search(way, X[:n_rows], y[:n_rows])))()
    # Otherwise this child of multiprocessing would wait for its own processes at exit.
    get_reusable_executor().shutdown()
    return seconds, scores[0]


def build_keras_network(width, learning_rate):
    """Return the network as users of Keras write it."""
    from skmnist._keras.backend import keras  # as keras, but silent

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(width, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def time_peer(n_rows):
    """Return the seconds of the grid: those of its middle candidate, times nine."""
    # Before the clock starts: importing TensorFlow takes seconds.
    from skmnist._keras.backend import KerasClassifier

    X, y, _, _ = split_mnist()
    network = KerasClassifier(
        build_keras_network,
        width=64,
        learning_rate=1e-3,
        epochs=EPOCHS,
        batch_size=32,
        verbose=0,
    )
    pipeline = Pipeline([("scaler", PixelScaler()), ("network", network)])
    grid = {"network__width": [64], "network__learning_rate": [1e-3]}
    grid_search = GridSearchCV(
        pipeline, grid, cv=FOLDS, refit=False, error_score="raise"
    )
    return timed(grid_search.fit, X[:n_rows], y[:n_rows])() * N_CANDIDATES


def weigh_searches(n_rows):
    """Return the private memory after each of three searches in one process."""
    X, y, _, _ = split_mnist()
    megabytes = []
    for _ in range(3):
        search("n_jobs=2, threads", X[:n_rows], y[:n_rows])
        gc.collect()
        megabytes.append(memory_megabytes("RssAnon"))
    return megabytes


def measure_seconds(n_rows, repetitions):
    """Return the seconds of each way, and whether all scores were the same."""
    scores = {}

    def contestant(way):
        seconds, found = in_new_process(time_search, way, n_rows)
        scores.setdefault(way, []).append(found)
        return seconds

    contestants = {way: partial(contestant, way) for way in WAYS}
    contestants[PEER] = partial(in_new_process, time_peer, n_rows)
    seconds = interleave(contestants, repetitions)
    first = scores["n_jobs=1"][0]
    same = all((found == first).all() for runs in scores.values() for found in runs)
    return {n: (median(s), min(s), max(s)) for n, s in seconds.items()}, same


def list_seconds(seconds):
    """Return the table: median, smallest and largest seconds, and the ratio."""
    plain = seconds["n_jobs=1"][0]
    rows = [
        (
            name + (", estimated from one of nine candidates" if name == PEER else ""),
            f"{middle:.1f}",
            f"{low:.1f} to {high:.1f}",
            f"{middle / plain:.2f}",
        )
        for name, (middle, low, high) in seconds.items()
    ]
    return [("", "seconds", "range", "times n_jobs=1"), *rows]


def describe_search(seconds, same, growth):
    """Return what was found, in sentences."""
    plain, threads, _, peer = (middle for middle, _, _ in seconds.values())
    scores = "the same scores, bit for bit" if same else "other scores"
    return (
        f"A grid search of {N_CANDIDATES * FOLDS} fits takes {plain:.1f} s one fit at "
        f"a time, {threads:.1f} s in two threads, and about {peer:.0f} s with scikeras "
        f"one fit at a time. All ways of running skmnist give {scores}. From the first "
        f"search to the third in one process, memory grows by {growth:.0f} MB."
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS:,} images")
    parser.add_argument(
        "--output",
        default=None,
        help="the report (default: docs/benchmarks/search.md unless --quick)",
    )
    args = parser.parse_args()
    n_rows = QUICK_ROWS if args.quick else N_TRAIN
    output = args.output or (os.devnull if args.quick else REPORT)
    seconds, same = measure_seconds(n_rows, args.repetitions)
    first, _, third = in_new_process(weigh_searches, n_rows)
    growth = third - first
    notes = [
        f"{n_rows:,} images; hidden_layer_sizes {GRID['hidden_layer_sizes']} by "
        f"learning_rate {GRID['learning_rate']}, {FOLDS} folds, {EPOCHS} epochs: "
        f"{N_CANDIDATES * FOLDS} fits.",
        f"Times are medians of {args.repetitions} interleaved repetitions, each in its "
        "own process. That of scikeras does not include the import of TensorFlow, "
        "which skmnist does not need for these networks.",
        "scikeras: a Pipeline of PixelScaler and KerasClassifier with plain Keras. "
        "Only the candidate in the middle of the grid is run, and its time is "
        "multiplied by nine.",
    ]
    machine = describe_machine(("scikit-learn", "tensorflow", "keras", "scikeras"))
    write(output, seconds, describe_search(seconds, same, growth), notes + machine)


def write(path, seconds, answer, measured):
    """Write the page."""
    medians = {name: middle for name, (middle, _, _) in seconds.items()}
    figure = draw_bars(medians, f"seconds for {N_CANDIDATES * FOLDS} fits", ours=WAYS)
    chart = figure, "Bars: the seconds that the search takes."
    sections = {"Time": list_seconds(seconds)}
    write_report(path, "Grid search", answer, sections, measured, chart)


if __name__ == "__main__":
    main()
