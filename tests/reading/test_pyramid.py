import numpy as np
import pytest

from skmnist._reading.pyramid import (
    LARGEST,
    SMALLEST,
    STEP,
    find_parts,
    make_levels,
    widen,
)

PAPER = 200


@pytest.mark.parametrize(
    "shape", [(4, 4), (28, 28), (500, 500), (40, 3000), (3000, 40), (1200, 900)]
)
def test_levels_become_smaller_by_one_step(shape):
    scales, levels = zip(*make_levels(np.full(shape, PAPER, np.uint8)), strict=True)
    np.testing.assert_allclose(np.array(scales[:-1]) / scales[1:], STEP)
    for scale, level in zip(scales, levels, strict=True):
        np.testing.assert_allclose(level.shape, scale * np.array(shape), atol=1)
        assert level.dtype == np.uint8


@pytest.mark.parametrize("share", [1.0, 0.1, 0.03])
@pytest.mark.parametrize("side", [28, 200, 1000, 3000])
def test_each_digit_has_a_height_that_the_detector_knows(side, share):
    """On two levels at least, but where it fills the page or is a few pixels high."""
    height = share * side
    scales = [scale for scale, _ in make_levels(np.zeros((side, side), np.uint8))]
    heights = height * np.array(scales)
    n_known = np.count_nonzero((heights >= SMALLEST) & (heights <= LARGEST))
    assert n_known >= (2 if height >= 8 else 0)


def test_large_pages_are_not_enlarged():
    assert next(make_levels(np.zeros((600, 700), np.uint8)))[0] == 1


def test_levels_show_the_page():
    page = np.full((400, 600), PAPER, np.uint8)
    page[100:200, 300:450] = 20
    for scale, level in make_levels(page):
        rows, columns = np.nonzero(level < (PAPER + 20) / 2)
        edges = [rows.min(), rows.max() + 1, columns.min(), columns.max() + 1]
        np.testing.assert_allclose(
            np.array(edges) / scale, [100, 200, 300, 450], atol=1 / scale
        )


@pytest.mark.parametrize("shape", [(1, 1), (30, 50), (1300, 1100)])
@pytest.mark.parametrize("difference", [0, 2])
def test_a_blank_level_has_no_parts(shape, difference):
    level = np.full(shape, PAPER, np.uint8)
    level[: shape[0] // 2] += np.uint8(difference)
    assert find_parts(level) == []


def test_noise_has_no_parts():
    noise = np.random.default_rng(0).normal(0, 3, (300, 300))
    assert find_parts((PAPER + noise).astype(np.uint8)) == []


@pytest.mark.parametrize("shape", [(37, 41), (1500, 900), (900, 1500)])
@pytest.mark.parametrize("ink", [0, 255])
def test_all_ink_lies_in_one_part(shape, ink):
    rng = np.random.default_rng(0)
    level = np.full(shape, PAPER if ink == 0 else 40, np.uint8)
    for _ in range(12):
        y, x = rng.integers(0, np.array(shape) - 10)
        level[y : y + 10, x : x + 3] = ink
    n_parts = np.zeros(shape, int)
    for part in find_parts(level):
        n_parts[part] += 1
    assert (n_parts[level == ink] == 1).all()
    assert n_parts.max() == 1


def test_most_of_an_empty_page_is_left_out():
    level = np.full((2000, 2000), PAPER, np.uint8)
    level[1900:1930, 1800:1810] = 20
    assert sum(level[part].size for part in find_parts(level)) < level.size / 100


def test_a_part_is_widened_within_its_level():
    rows, columns = widen((slice(10, 300), slice(900, 1000)), (400, 1000))
    assert (rows.start, columns.stop) == (0, 1000)
    assert 300 + LARGEST <= rows.stop <= 400
    assert 700 <= columns.start <= 900 - LARGEST
