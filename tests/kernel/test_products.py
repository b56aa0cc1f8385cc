"""The products and transposes of the kernel against NumPy."""

import numpy as np
import pytest
from numba import njit

from kernel.products import add_products, transpose
from skmnist._training.dense_arrays import LANES


@njit
def multiply(total, factors, rows, keep):
    add_products(total, factors, rows, keep)


@njit
def turn(target, source):
    transpose(target, source)


def draw(*shape):
    """Return random numbers, as part of a larger array."""
    rng = np.random.default_rng(0)
    whole = rng.standard_normal((shape[0], shape[1] + LANES), dtype=np.float32)
    return whole[:, : shape[1]]


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("n_terms", [0, 1, 256, 300])
@pytest.mark.parametrize("n_rows", [1, 2, 5, 17])
def test_products_are_those_of_numpy(n_rows, n_terms, keep):
    factors, rows = draw(n_rows, n_terms), draw(n_terms, 3 * LANES)
    total = draw(n_rows, 3 * LANES)
    expected = total * keep + factors @ rows
    multiply(total, factors, rows, keep)
    np.testing.assert_allclose(total, expected, rtol=1e-5, atol=1e-4)


def test_factors_may_be_transposed():
    factors, rows, total = draw(40, 13), draw(40, LANES), draw(13, LANES)
    multiply(total, factors.T, rows, False)
    np.testing.assert_allclose(total, factors.T @ rows, rtol=1e-5, atol=1e-4)


def test_the_bits_of_a_row_do_not_depend_on_the_other_rows():
    factors, rows = draw(17, 300), draw(300, 3 * LANES)
    whole, alone = draw(17, 3 * LANES), draw(17, 3 * LANES)
    multiply(whole, factors, rows, False)
    for row in range(17):
        part = slice(row, row + 1)
        multiply(alone[part], factors[part], rows, False)
    np.testing.assert_array_equal(whole, alone)


def test_the_transpose_is_that_of_numpy():
    source, target = draw(2 * LANES, 3 * LANES), draw(3 * LANES, 2 * LANES)
    turn(target, source)
    np.testing.assert_array_equal(target, source.T)
