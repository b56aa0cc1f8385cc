"""Keras callbacks of our own: printed lines, and reports to scikit-learn's callbacks.

A callback whose `hands_off` is true neither reads nor changes the model, so that the
weights need not be copied to and from it in every epoch.
"""

import copy
import time

from skmnist._keras.backend import keras
from skmnist._keras.model import get_state

_BATCH_HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_batch_begin",
    "on_test_batch_end",
)


class EpochPrinter(keras.callbacks.Callback):
    """Print the epoch, its metrics and the time left to standard output.

    The lines have no control characters, so that they read equally well in a notebook,
    a log file and a terminal.
    """

    hands_off = True

    def on_train_begin(self, logs=None):
        """Start the clock."""
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Print one line."""
        now, total = time.perf_counter(), self.params["epochs"]
        if epoch == 0:
            # The first epoch includes compilation; the time left comes from the others.
            seconds, self._compiled = now - self._started, now
        else:
            seconds = (now - self._compiled) / epoch
        names = sorted(logs, key=lambda n: (n.startswith("val_"), "accuracy" in n))
        metrics = "  ".join(f"{name} {logs[name]:.4f}" for name in names)
        left = seconds * (total - epoch - 1)
        print(
            f"Epoch {epoch + 1:{len(str(total))}}/{total}  {metrics}  "
            f"{seconds:.2f} s/epoch, {left:.0f} s left",
            flush=True,
        )


class EpochReporter(keras.callbacks.Callback):
    """Report each epoch to scikit-learn's callbacks, and stop when they ask for it.

    Parameters
    ----------
    task : FitTask
        Calls the callbacks.
    state : NetworkState
        The network when training started.
    """

    hands_off = True  # a snapshot first brings the model up to date, by `push`

    def __init__(self, task, state):
        super().__init__()
        self._task, self._state, self._history = task, state, {}

    def on_epoch_begin(self, epoch, logs=None):
        """Begin a subtask."""
        self._task.begin_epoch(self._snapshot)

    def on_epoch_end(self, epoch, logs=None):
        """End it."""
        for name, value in logs.items():
            self._history.setdefault(name, []).append(value)
        if self._task.end_epoch(self._snapshot):
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        """End the subtask that Ctrl-C has left open."""
        self._task.abandon_epoch()

    def _snapshot(self):
        """Return the state and the history as if training ended now."""
        if self.params["push"] is not None:
            self.params["push"]()
        weights, optimizer_state = get_state(self.model)
        state = self._state._replace(
            weights=weights,
            optimizer_state=optimizer_state,
            # A copy: training must not notice what callbacks do with the snapshot.
            rng=copy.deepcopy(self._state.rng),
        )
        return state, self._history


def has_batch_hook(callback):
    """Return whether a callback wants to be called for each batch."""
    if isinstance(callback, keras.callbacks.ModelCheckpoint):
        return callback.save_freq != "epoch"
    return any(
        getattr(getattr(callback, hook), "__func__", None)
        is not getattr(keras.callbacks.Callback, hook)
        for hook in _BATCH_HOOKS
    )
