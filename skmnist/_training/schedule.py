"""Learning-rate schedules: what the rate of each step is multiplied by."""

import numpy as np

SCHEDULES = ("constant", "cosine", "onecycle")

# Smith and Topin, "Super-convergence", 2019: the rate rises to its maximum, then falls
# far below where it began. The numbers are those of PyTorch's OneCycleLR.
_RISE, _FIRST, _LAST = 0.3, 1 / 25, 1 / 250_000


def learning_rate_factors(schedule, n_steps):
    """Return what the learning rate is multiplied by, step by step.

    Parameters
    ----------
    schedule : str
        "constant", "cosine" (from 1 to 0 along half a wave; Loshchilov and Hutter,
        "SGDR", ICLR 2017, equation 5) or "onecycle" (rising for three tenths of the
        steps, then falling to next to nothing, along half a wave each).
    n_steps : int
        Of all epochs.

    Returns
    -------
    ndarray of shape (n_steps,), float64, or None
        In (0, 1]; None for a constant rate.
    """
    if schedule == "constant":
        return None
    done = np.arange(n_steps) / n_steps
    if schedule == "cosine":
        return _half_wave(1, 0, done)
    rising, falling = done / _RISE, (done - _RISE) / (1 - _RISE)
    return np.where(
        done < _RISE, _half_wave(_FIRST, 1, rising), _half_wave(1, _LAST, falling)
    )


def _half_wave(start, end, done):
    """Go from one number to another along half a cosine."""
    return end + (start - end) * (1 + np.cos(np.pi * done)) / 2
