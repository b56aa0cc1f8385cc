"""Undoes a fit that fails."""

from contextlib import contextmanager


@contextmanager
def all_or_nothing(estimator):
    """Restore the estimator's attributes if the body raises an exception.

    Parameters
    ----------
    estimator : estimator instance
        The estimator that the body changes.
    """
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
