"""Undoes a fit that fails."""

from contextlib import contextmanager

import numpy as np


@contextmanager
def all_or_nothing(estimator):
    """Restore the estimator's attributes if the body raises an exception.

    Parameters
    ----------
    estimator : estimator instance
        The estimator that the body, a fit, changes.
    """
    before = vars(estimator).copy()
    try:
        # Numbers that underflow become 0, also if the user has NumPy raise for that.
        with np.errstate(under="ignore"):
            yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
