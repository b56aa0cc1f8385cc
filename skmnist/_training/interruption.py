"""TrainingInterrupted: the warning after Ctrl-C."""

import warnings


class TrainingInterrupted(UserWarning):
    """Ctrl-C ended the training; what was learned is kept."""


def warn_of_interruption():
    """Warn the caller of the training."""
    message = "Training interrupted by user."
    warnings.warn(message, TrainingInterrupted, stacklevel=3)
