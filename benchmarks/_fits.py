"""What the training benchmark measures, each in its own process."""

import gc
import re
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from _harness import floor_seconds, timed
from _networks import PEERS
from sklearn.datasets import load_digits

from skmnist import MNISTClassifier, fetch_mnist

N_TRAIN = 60_000
TARGET_ACCURACY = 0.9764
OURS = {
    "skmnist": {},
    "skmnist, dropout=0.2": {"dropout": 0.2},
    "skmnist, batch_norm=True": {"batch_norm": True},
}
FLOOR = "the matrix products alone, NumPy"


def in_new_process(function, *args):
    """Call a function in a new process, where nothing has been compiled yet."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *args).result()


def split_mnist():
    """Return the training and the test set, raw."""
    mnist = fetch_mnist()
    X, y = mnist.data, mnist.target
    return X[:N_TRAIN], y[:N_TRAIN], X[N_TRAIN:], y[N_TRAIN:]


class _EpochClock:
    """A callback of scikit-learn's that records when each epoch ends."""

    def __init__(self):
        self.ends = []

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch":
            self.ends.append(time.perf_counter())

    def teardown(self, estimator, context):
        pass


def time_epoch(name, n_rows):
    """Return the seconds of one epoch of a contestant, after warm-up."""
    X, y, _, _ = split_mnist()
    if name == FLOOR:
        floor_seconds()
        return floor_seconds()
    if name in OURS:
        return time_own_epoch(X, y, OURS[name])
    train = PEERS[name]()
    X, y = X[:n_rows].astype(np.float32) / np.float32(255), y[:n_rows]
    train(X[:3200], y[:3200])
    return timed(train, X, y)() * N_TRAIN / n_rows


def time_own_epoch(X, y, params):
    """Return the mean seconds of an epoch after the first."""
    clock = _EpochClock()
    MNISTClassifier(epochs=4, **params).set_callbacks(clock).fit(X, y)
    return (clock.ends[-1] - clock.ends[0]) / (len(clock.ends) - 1)


def fit_recipe():
    """Return the seconds of a fit by the classic recipe, and its two accuracies."""
    X, y, X_test, y_test = split_mnist()
    classifier = MNISTClassifier(random_state=0)
    seconds = timed(classifier.fit, X, y)()
    return seconds, classifier.score(X_test, y_test), classifier.score(X, y)


def watch_recipe():
    """Return the epoch and the time at which the accuracy first passes the target."""
    X, y, X_test, y_test = split_mnist()
    clock = _EpochClock()
    classifier = MNISTClassifier(random_state=0).set_callbacks(clock)
    start = time.perf_counter()
    classifier.fit(X, y, X_val=X_test, y_val=y_test)
    passed = np.array(classifier.history_["val_accuracy"]) > TARGET_ACCURACY
    if not passed.any():
        return None
    return int(passed.argmax()) + 1, clock.ends[passed.argmax()] - start


def fit_twice():
    """Return the seconds of a first and a second fit to data of the same shape."""
    X, y = load_digits(return_X_y=True)
    fit = timed(lambda: MNISTClassifier().fit(X[:300], y[:300]))
    return fit(), fit()


def memory_megabytes(field):
    """Return a memory field of /proc/self/status (Linux only), in MB."""
    text = Path("/proc/self/status").read_text()
    return int(re.search(rf"{field}:\s*(\d+)", text)[1]) * 1024 / 1e6


def fit_and_weigh():
    """Return the peak memory of fit, minus the memory in use before, in MB."""
    X, y, _, _ = split_mnist()
    gc.collect()
    # Reset the peak, which loading the data has raised.
    Path("/proc/self/clear_refs").write_text("5")
    before = memory_megabytes("VmRSS")
    MNISTClassifier(epochs=2).fit(X, y)
    return memory_megabytes("VmHWM") - before


def fit_many():
    """Return the seconds of 30 fits, and the memory in use after each."""
    X, y, _, _ = split_mnist()
    classifier = MNISTClassifier(epochs=2)
    seconds, megabytes = [], [memory_megabytes("VmRSS")]
    for _ in range(30):
        seconds.append(timed(classifier.fit, X[:20_000], y[:20_000])())
        gc.collect()
        megabytes.append(memory_megabytes("VmRSS"))
    return seconds, megabytes
