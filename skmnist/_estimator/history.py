"""The history of a training in several parts."""

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
