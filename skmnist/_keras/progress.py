"""EpochPrinter: one plain line an epoch, for `verbose=1`."""

import time

from skmnist._keras.backend import keras


class EpochPrinter(keras.callbacks.Callback):
    """Print the epoch, its figures and the time left to standard output.

    Lines are plain: no control characters, so that they read as well in a notebook, a
    log file and a terminal.
    """

    hands_off = True  # the model is neither looked at nor changed

    def on_train_begin(self, logs=None):
        """Start the clock."""
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Print one line."""
        now, total = time.perf_counter(), self.params["epochs"]
        if epoch == 0:
            # The first epoch compiles: the time left is told from the others.
            seconds, self._compiled = now - self._started, now
        else:
            seconds = (now - self._compiled) / epoch
        names = sorted(logs, key=lambda n: (n.startswith("val_"), "accuracy" in n))
        figures = "  ".join(f"{name} {logs[name]:.4f}" for name in names)
        left = seconds * (total - epoch - 1)
        print(
            f"Epoch {epoch + 1:{len(str(total))}}/{total}  {figures}  "
            f"{seconds:.2f} s/epoch, {left:.0f} s left",
            flush=True,
        )
