"""WeightAverager: the mean of the weights over the last epochs."""

import numpy as np

from skmnist._training.observers import Observer


class WeightAverager(Observer):
    """Averages the weights at the ends of the last epochs.

    Izmailov et al., "Averaging weights leads to wider optima and better
    generalization", UAI 2018.

    Parameters
    ----------
    n_skipped : int
        Number of epochs before the first that counts.
    """

    def __init__(self, n_skipped):
        self._n_skipped, self._sums, self._count = n_skipped, None, 0

    def end_epoch(self, epoch, logs, snapshot):
        """Add the weights."""
        if epoch < self._n_skipped:
            return False
        weights, _ = snapshot()
        if self._sums is None:
            self._sums = [np.zeros(w.shape, dtype=np.float64) for w in weights]
        for total, array in zip(self._sums, weights, strict=True):
            total += array
        self._count += 1
        return False

    def average(self):
        """Return the mean weights.

        Returns
        -------
        list of ndarray, float32, or None
            None if training ended before an epoch counted.
        """
        if self._sums is None:
            return None
        return [(total / self._count).astype(np.float32) for total in self._sums]
