"""The building blocks of compiled code against NumPy."""

import subprocess
import sys

import numpy as np
import pytest

from skmnist._training.intrinsics import LANES, add_rows, compiled, without_refcount


@compiled
def add(total, rows, index, factor, start, stop, keep):
    add_rows(total, rows, index, factor, start, stop, keep)


@compiled
def second_row(arrays):
    arrays = without_refcount(arrays)
    return arrays[0][1].sum() + arrays[1]


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


def test_arrays_without_refcount_keep_their_values_and_stay_alive():
    array = np.arange(6.0).reshape(2, 3)
    before = sys.getrefcount(array)
    assert second_row((array, 1)) == 13
    assert sys.getrefcount(array) == before


def test_functions_compile_without_a_cache_folder(tmp_path):
    program = """
import numba.core.caching as caching
caching.CacheImpl._locator_classes = []
from skmnist._training.intrinsics import compiled

@compiled
def double(x):
    return 2 * x

assert double(3) == 6
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
