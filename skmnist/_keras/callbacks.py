"""Keras callbacks: which of them need batches, and one that calls observers."""

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


class ObserverCallback(keras.callbacks.Callback):
    """Calls the observers of a training.

    Parameters
    ----------
    observers : list of Observer
        The observers to call.
    """

    def __init__(self, observers):
        super().__init__()
        self._observers = observers

    def on_train_begin(self, logs=None):
        for observer in self._observers:
            observer.begin_training(self.params["epochs"])

    def on_epoch_begin(self, epoch, logs=None):
        for observer in self._observers:
            observer.begin_epoch(self._snapshot)

    def on_epoch_end(self, epoch, logs=None):
        for observer in self._observers:
            if observer.end_epoch(epoch, logs, self._snapshot):
                self.model.stop_training = True

    def on_train_end(self, logs=None):
        for observer in self._observers:
            observer.end_training()

    def _snapshot(self):
        return get_state(self.model)


def release(callback):
    """Make a callback forget the model, as before the training.

    It stays a parameter of the estimator, which must not keep, copy or pickle a model
    that the next fit may train.
    """
    if isinstance(callback, keras.callbacks.Callback):
        # Those of the base class: others, such as TensorBoard's, use the model at once.
        keras.callbacks.Callback.set_model(callback, None)
        keras.callbacks.Callback.set_params(callback, None)


def has_batch_hook(callback):
    """Return whether a callback wants to be called for each batch."""
    if isinstance(callback, keras.callbacks.ModelCheckpoint):
        return callback.save_freq != "epoch"
    return any(
        getattr(getattr(callback, hook), "__func__", None)
        is not getattr(keras.callbacks.Callback, hook)
        for hook in _BATCH_HOOKS
    )
