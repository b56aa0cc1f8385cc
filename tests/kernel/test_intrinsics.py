"""The building blocks of the kernel against NumPy."""

import numpy as np
import pytest
from numba import njit

from kernel.intrinsics import add_rows, rows_of, vector
from skmnist._training.dense_arrays import LANES


@njit
def add(total, rows, index, factor, start, stop, keep):
    add_rows(total, rows, index, factor, start, stop, keep)


@njit
def last_of(table):
    return vector(table, 1, np.float32)[-1]


@njit
def second_row_of(array):
    return rows_of(array, 2, 2, 3)[1, 0]


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("width", [LANES, 4 * LANES, 11 * LANES])
def test_rows_are_added_from_start_to_stop(width, keep):
    rng = np.random.default_rng(0)
    # Rows of a wider array, which are not contiguous in memory.
    rows = rng.random((9, 200), dtype=np.float32)[:, :width]
    index = rng.integers(0, 9, 20).astype(np.int32)
    factor = rng.random(20, dtype=np.float32)
    total = rng.random(width, dtype=np.float32)
    expected = total * keep + factor[3:17] @ rows[index[3:17]]
    add(total, rows, index, factor, 3, 17, keep)
    np.testing.assert_allclose(total, expected, rtol=1e-5)


def test_no_rows_give_zero_or_keep_the_total():
    total = np.ones(LANES, dtype=np.float32)
    nothing = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
    add(total, np.ones((2, LANES), dtype=np.float32), *nothing, 0, 0, True)
    assert (total == 1).all()
    add(total, np.ones((2, LANES), dtype=np.float32), *nothing, 0, 0, False)
    assert (total == 0).all()


def test_arrays_are_found_by_their_address():
    array = np.arange(8, dtype=np.float32)
    table = np.zeros((2, 4), dtype=np.int64)
    table[1, :2] = array.ctypes.data, 8
    assert last_of(table) == 7
    assert second_row_of(array) == 5
