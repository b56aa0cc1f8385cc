"""EarlyStopper: when to stop, and the weights of the best epoch."""

import warnings

from skmnist._training.observers import Observer


class EarlyStopper(Observer):
    """Keeps the weights of the best epoch, and stops when none is better for long.

    Keras's EarlyStopping with `monitor="val_accuracy"` and `restore_best_weights=True`.

    Parameters
    ----------
    patience : int
        Epochs in a row without a better validation accuracy, after which to stop.

    Attributes
    ----------
    best_epoch : int or None
        Counted from 1. None before the end of the first epoch, and without the metric.
    best_weights : list of ndarray or None
        The weights after it.
    """

    def __init__(self, patience):
        self._patience, self._best, self._warned = patience, None, False
        self.best_epoch = self.best_weights = None

    def end_epoch(self, epoch, logs, snapshot):
        """Compare the validation accuracy with the best so far."""
        accuracy = logs.get("val_accuracy")
        if accuracy is None:
            self._warn_once(logs)
            return False
        if self._best is None or accuracy > self._best:
            self._best, self.best_epoch = accuracy, epoch + 1
            self.best_weights, _ = snapshot()
            return False
        return epoch + 1 - self.best_epoch >= self._patience

    def _warn_once(self, logs):
        if not self._warned:
            warnings.warn(
                "`early_stopping` needs the metric 'val_accuracy', but the model that "
                f"`network` returned reports only {', '.join(map(repr, logs))}: "
                "training goes on for all epochs.",
                stacklevel=2,
            )
        self._warned = True
