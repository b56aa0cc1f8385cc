import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmnist._reading.windows import cut_windows


@pytest.fixture
def page():
    return np.random.default_rng(0).integers(0, 256, (60, 90)).astype(np.uint8)


def test_a_box_lies_in_the_middle_of_its_window(page):
    box = np.array([[20, 10, 30, 30]])
    windows, sides = cut_windows(page, box, n_pixels=32, long_side=20)
    assert windows.dtype == np.uint8
    assert_array_equal(sides, [32])
    # Nothing is resized: the window is a part of the page.
    assert_array_equal(windows[0], page[4:36, 9:41])


def test_the_long_side_decides_the_scale(page):
    boxes = np.array([[10, 10, 30, 20], [40, 5, 50, 45]])
    assert_allclose(cut_windows(page, boxes, 32, 20)[1], [32, 64])


def test_beyond_the_border_the_last_pixels_are_repeated(page):
    (window,), _ = cut_windows(page, np.array([[0, 0, 20, 20]]), 32, 20)
    assert_array_equal(window[6:, 6:], page[:26, :26])
    assert_array_equal(window[0], window[6])
    assert_array_equal(window[:, 0], window[:, 6])


def test_larger_and_smaller_boxes_show_the_same(page):
    flat = np.full((60, 90), 200, np.uint8)
    flat[20:40, 30:40] = 60
    box = np.array([[30, 20, 40, 40]])
    for factor in (2, 3):
        larger = flat.repeat(factor, axis=0).repeat(factor, axis=1)
        (window,), _ = cut_windows(larger, factor * box, 32, 20)
        expected = cut_windows(flat, box, 32, 20)[0][0]
        assert np.abs(window.astype(int) - expected).mean() < 5


def test_no_box_is_no_window(page):
    windows, sides = cut_windows(page, np.zeros((0, 4)), 32, 20)
    assert windows.shape == (0, 32, 32)
    assert sides.shape == (0,)
