"""The history of a training in several parts, or of several networks."""

from itertools import zip_longest

import numpy as np


def join_histories(earlier, later):
    """Join two histories; a metric that one of them lacks is NaN in its epochs.

    Parameters
    ----------
    earlier, later : dict of str to list of float
        One number an epoch for each metric.

    Returns
    -------
    dict of str to list of float
        The numbers of `earlier`, then those of `later`.
    """
    lengths = [
        max(map(len, history.values()), default=0) for history in (earlier, later)
    ]
    return {
        name: [
            *earlier.get(name, [np.nan] * lengths[0]),
            *later.get(name, [np.nan] * lengths[1]),
        ]
        for name in (earlier | later)
    }


def average_histories(histories):
    """Return the mean of the histories of the networks of an ensemble.

    Parameters
    ----------
    histories : list of dict of str to list of float
        For each network, one number an epoch for each metric. Early stopping may have
        ended them after different numbers of epochs.

    Returns
    -------
    dict of str to list of float
        For each epoch, the mean over the networks that it trained.
    """
    if len(histories) == 1:
        return histories[0]
    return {
        name: _average([history[name] for history in histories if name in history])
        for name in sorted(set().union(*histories))
    }


def _average(lists):
    columns = zip_longest(*lists)
    present = ([x for x in column if x is not None] for column in columns)
    return [float(np.mean(numbers)) for numbers in present]
