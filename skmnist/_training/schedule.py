"""Learning-rate schedules: a multiplier of the learning rate for each step."""

import numpy as np

SCHEDULES = ("constant", "cosine", "onecycle")

# Share of the steps in which the rate rises; first and last multiplier. The one-cycle
# policy of Smith and Topin, "Super-convergence", 2019, with the defaults of PyTorch's
# OneCycleLR.
_RISE, _FIRST, _LAST = 0.3, 1 / 25, 1 / 250_000

# The multiplier for training that goes on when a schedule is over: there, a high rate
# would undo what the falling rate has settled.
AFTERWARDS = _FIRST


def learning_rate_multipliers(schedule, n_steps):
    """Return the multiplier of the learning rate for each step.

    Parameters
    ----------
    schedule : str
        "constant", "cosine" (annealing from 1 to 0; Loshchilov and Hutter, "SGDR", ICLR
        2017, equation 5) or "onecycle" (warm-up from 1/25 over 30 % of the steps, then
        annealing to 1/250,000; both along half a cosine).
    n_steps : int
        Number of steps in all epochs.

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
    """Return the values on half a cosine from `start` to `end`."""
    return end + (start - end) * (1 + np.cos(np.pi * done)) / 2
