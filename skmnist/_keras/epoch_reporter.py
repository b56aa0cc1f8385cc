"""EpochReporter: the Keras callback through which scikit-learn's hear of each epoch."""

import copy

from skmnist._keras.backend import keras
from skmnist._keras.model import get_state


class EpochReporter(keras.callbacks.Callback):
    """Tell a FitTask where the epochs begin and end, and stop where it says so.

    Parameters
    ----------
    task : FitTask
        Who is told.
    state : NetworkState
        Where training started from.
    """

    hands_off = True  # until somebody asks, when `push` brings the model up to date

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
        """End what Ctrl-C has left open."""
        self._task.abandon_epoch()

    def _snapshot(self):
        """Return the state and the history as if training ended here."""
        if self.params["push"] is not None:
            self.params["push"]()
        weights, optimizer_state = get_state(self.model)
        state = self._state._replace(
            weights=weights,
            optimizer_state=optimizer_state,
            # Of its own: what is done with a copy must not reach the training.
            rng=copy.deepcopy(self._state.rng),
        )
        return state, self._history
