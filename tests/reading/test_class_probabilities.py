import numpy as np
import pytest
from numpy.testing import assert_allclose

from skmnist._reading.class_probabilities import combine


@pytest.fixture
def rows():
    return np.random.default_rng(0).dirichlet(np.ones(10), (2, 20))


def test_rows_sum_to_one(rows):
    assert_allclose(combine(*rows).sum(axis=1), 1)


def test_equal_weights_of_one_give_the_product(rows):
    product = rows[0] * rows[1]
    product /= product.sum(axis=1, keepdims=True)
    assert_allclose(combine(*rows, (1, 1)), product)


def test_a_network_that_says_nothing_does_not_count(rows):
    detected, _ = rows
    assert_allclose(combine(detected, np.ones((20, 10)), (1, 0.5)), detected)


def test_the_detector_counts_more_by_default():
    detected, classified = np.full((2, 1, 10), 0.01)
    detected[0, 1], classified[0, 7] = 0.91, 0.91
    assert combine(detected, classified).argmax() == 1


def test_certain_zeros_do_not_rule_a_class_out():
    detected, classified = np.eye(10)[[3]], np.eye(10)[[4]]
    probabilities = combine(detected, classified, (1, 1))
    assert_allclose(probabilities[0, [3, 4]], 0.5, atol=1e-4)
