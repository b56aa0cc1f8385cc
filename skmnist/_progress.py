"""EpochPrinter: one plain line an epoch, for `verbose=1`."""

import time

from skmnist._backend import keras


class EpochPrinter(keras.callbacks.Callback):
    """Print the epoch, its figures and the time left to standard output.

    Lines are plain: no control characters, so that they read as well in a notebook, a
    log file and a terminal.
    """

    def on_train_begin(self, logs=None):
        """Start the clock."""
        self._started, self._done = time.perf_counter(), 0

    def on_epoch_end(self, epoch, logs=None):
        """Print one line."""
        self._done += 1
        total = self.params["epochs"]
        seconds = (time.perf_counter() - self._started) / self._done
        figures = "  ".join(f"{name} {value:.4f}" for name, value in logs.items())
        left = seconds * (total - epoch - 1)
        print(
            f"Epoch {epoch + 1:{len(str(total))}}/{total}  {figures}  "
            f"{seconds:.2f} s/epoch, {left:.0f} s left",
            flush=True,
        )
