"""Tests of the removal of speckle."""

import numpy as np
import pytest

from skmnist import load_digits28
from skmnist._pictures.speckle import remove_speckle

IMAGES = load_digits28().images[:100] / np.float32(255)
SPECKS = tuple(np.array([[2, 2], [2, 13], [9, 24], [24, 2], [25, 14], [20, 25]]).T)
INK = {"bright": 1.0, "dark": 0.0}


def draw_paper(ink):
    return np.full((28, 28), 1 - ink, np.float32)


def draw_line(ink, slope):
    """A line one pixel wide, from top to bottom."""
    picture = draw_paper(ink)
    y = np.arange(4, 24)
    picture[y, np.rint(14 + slope * (y - 14)).astype(int)] = ink
    return picture


@pytest.mark.parametrize("ink", INK.values(), ids=INK)
def test_specks_are_filled_in(ink):
    picture = draw_paper(ink)
    picture[8:20, 10:18] = ink
    spoilt = picture.copy()
    spoilt[SPECKS] = ink
    spoilt[14, 14] = 1 - ink  # in the ink
    spoilt[3, 13] = ink  # beside another
    np.testing.assert_array_equal(remove_speckle(spoilt), picture)


@pytest.mark.parametrize("slope", [0, 0.5, 1, -0.7])
@pytest.mark.parametrize("ink", INK.values(), ids=INK)
def test_a_straight_stroke_one_pixel_wide_is_no_speckle(ink, slope):
    line = draw_line(ink, slope)
    spoilt = line.copy()
    spoilt[SPECKS] = ink
    cleaned = remove_speckle(spoilt)
    assert (cleaned[SPECKS] == 1 - ink).all()
    # But its ends, which may be specks.
    np.testing.assert_array_equal(cleaned[5:23], line[5:23])


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_what_salt_and_pepper_spoils_is_mended(share):
    rng = np.random.default_rng(0)
    spoilt = rng.random(IMAGES.shape) < share
    values = rng.choice(np.float32([0, 1]), IMAGES.shape)
    pictures = np.where(spoilt, values, IMAGES)
    cleaned = np.stack([remove_speckle(picture) for picture in pictures])
    n_wrong = (np.abs(pictures - IMAGES) > 0.5).sum()
    assert (np.abs(cleaned - IMAGES) > 0.5).sum() < n_wrong / 4


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(IMAGES[3], id="digit"),
        pytest.param(draw_line(1.0, 0.5), id="line"),
        pytest.param(draw_paper(0.0), id="blank"),
        pytest.param(np.zeros((2, 50), np.float32), id="two-rows"),
    ],
)
def test_what_has_no_speckle_is_not_touched(picture):
    assert remove_speckle(picture) is picture
