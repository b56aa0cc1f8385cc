"""What happens around each epoch: printing, and reporting to callbacks.

An observer sees the network only through `snapshot`, a function that returns copies of
the weights and of the optimizer's state, both lists of arrays in Keras's order.
"""

import copy
import time


class Observer:
    """Does nothing; the base of all observers."""

    def begin_training(self, n_epochs):
        """Begin, before the first epoch."""

    def begin_epoch(self, snapshot):
        """Begin an epoch."""

    def end_epoch(self, epoch, logs, snapshot):
        """End an epoch, counted from 0; return whether training should stop."""
        return False

    def end_training(self):
        """End, also after Ctrl-C."""


def announce_compilation():
    """Print why the first epoch has to wait."""
    print("Compiling the training kernel (once for this installation)", flush=True)


def announce_network(number, total):
    """Print which network of an ensemble is trained next."""
    print(f"Network {number} of {total}", flush=True)


class EpochPrinter(Observer):
    """Prints the epoch, its metrics and the time left to standard output.

    The lines have no control characters, so that they read equally well in a notebook,
    a log file and a terminal.
    """

    def begin_training(self, n_epochs):
        """Start the clock."""
        self._n_epochs, self._started = n_epochs, time.perf_counter()

    def end_epoch(self, epoch, logs, snapshot):
        """Print one line."""
        now, total = time.perf_counter(), self._n_epochs
        if epoch == 0:
            # TensorFlow compiles in the first: the time left comes from the others.
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
        return False


class EpochReporter(Observer):
    """Reports each epoch to scikit-learn's callbacks, and stops when they ask for it.

    Parameters
    ----------
    task : FitTask
        Calls the callbacks.
    state : NetworkState
        The network when training started.
    """

    def __init__(self, task, state):
        self._task, self._state, self._history = task, state, {}

    def begin_epoch(self, snapshot):
        """Begin a subtask."""
        self._task.begin_epoch(lambda: self._describe(snapshot))

    def end_epoch(self, epoch, logs, snapshot):
        """End it."""
        for name, value in logs.items():
            self._history.setdefault(name, []).append(value)
        return self._task.end_epoch(lambda: self._describe(snapshot))

    def end_training(self):
        """End the subtask that Ctrl-C has left open."""
        self._task.abandon_epoch()

    def _describe(self, snapshot):
        """Return the state and the history as if training ended now."""
        weights, optimizer_state = snapshot()
        state = self._state._replace(
            weights=weights,
            optimizer_state=optimizer_state,
            # A copy: training must not notice what callbacks do with the state.
            rng=copy.deepcopy(self._state.rng),
        )
        return state, self._history
