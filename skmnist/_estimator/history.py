"""The history of a training that went on."""

import numpy as np


def join_histories(earlier, later):
    """Join two histories; where one lacks a figure, its epochs have NaN.

    Parameters
    ----------
    earlier, later : dict of str to list of float
        One number an epoch and figure.

    Returns
    -------
    dict of str to list of float
        Those of `earlier`, then those of `later`.
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
