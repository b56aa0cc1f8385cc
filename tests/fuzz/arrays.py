"""Arrays of any shape, dtype and content, each made from a seed."""

import numpy as np

from tests.fuzz.model_files import EXTREMES

_SHAPES = [
    *((), (0,), (1,), (784,), (28, 28), (1, 1), (1, 784), (5, 784), (0, 784), (5, 9)),
    *((1, 28, 28), (4, 28, 28), (28, 28, 1), (28, 28, 3), (28, 28, 4), (28, 28, 2)),
    *((0, 28, 28), (4, 28, 28, 1), (4, 1, 28, 28), (1, 1, 1, 1, 1), (60, 90)),
    *((1, 5000), (5000, 1), (3, 400), (300, 300)),
]
_DTYPES = [
    *("u1", "i1", "u2", "i2", "u4", "i8", "f2", "f4", "f8", "?", ">f4", ">u2"),
    *("c8", "O", "U3", "M8[s]", "S2", "g"),
]
_VALUES = [*EXTREMES, 1, 2, 15, 16, 128, 255, 256, 4095, 65535, 2**31, -1, 0.5]


def make_array(rng):
    """Return an array, or a list that looks like one."""
    shape = _SHAPES[rng.integers(len(_SHAPES))]
    values = rng.choice(_VALUES, size=int(rng.integers(1, 4)))
    array = rng.choice(values, size=shape)
    if rng.random() < 0.4:
        array = rng.uniform(0, rng.choice([1, 255, 65535]), size=shape)
    with np.errstate(all="ignore"):
        array = np.asarray(array).astype(_DTYPES[rng.integers(len(_DTYPES))])
    match rng.integers(6):
        case 0:
            return array.tolist()
        case 1 if array.ndim:
            return array[::-1]
        case 2:
            return np.asfortranarray(array)
    return array


def make_labels(rng, n):
    """Return labels for n rows, most of them fit for a training."""
    pools = [[0, 1], [3, 7, 9], ["a", "b"], [True, False], [0.5, 1], [None, 1], [1]]
    pool = pools[rng.integers(len(pools))]
    return [pool[i % len(pool)] for i in range(n)]


def make_weights(rng, n):
    """Return sample weights for n rows, or None."""
    if rng.random() < 0.3:
        return None
    values = [*EXTREMES, 1e308, 5e-324, 1, 2, -1]
    return rng.choice(rng.choice(values, size=2), size=n)
