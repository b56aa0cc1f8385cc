"""Tests of how a picture's noise is measured, and how much it is smoothed for it."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from skmnist import load_digits28
from skmnist._pictures.noise import find_grain, measure_noise

RNG = np.random.default_rng(0)
DIGIT = 1 - load_digits28().images[0].repeat(8, 0).repeat(8, 1) / np.float32(255)
SLOPE = np.mgrid[0.2:0.6:224j, 0:0.3:224j].sum(axis=0).astype(np.float32)
CLEAN = {"flat": np.full((224, 224), 0.5, np.float32), "slope": SLOPE, "digit": DIGIT}


def add_noise(picture, deviation):
    noise = RNG.normal(0, deviation, picture.shape)
    return (picture + noise).astype(np.float32)


@pytest.mark.parametrize("picture", CLEAN.values(), ids=CLEAN)
def test_surfaces_and_strokes_are_no_noise(picture):
    assert measure_noise(picture) < 1e-6


@pytest.mark.parametrize("deviation", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("picture", CLEAN.values(), ids=CLEAN)
def test_noise_is_measured_whatever_it_lies_on(picture, deviation):
    measured = measure_noise(add_noise(picture, deviation))
    assert measured == pytest.approx(deviation, rel=0.1)


@pytest.mark.parametrize("shape", [(1, 1), (2, 50), (50, 19)])
def test_pictures_too_small_to_tell_have_none(shape):
    assert measure_noise(RNG.random(shape, np.float32)) == 0


def test_large_pictures_are_measured_on_a_part_of_their_pixels():
    noise = add_noise(np.zeros((1500, 2100), np.float32), 0.1)
    assert measure_noise(noise) == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("side", [28, 200, 400, 2000])
def test_clean_pictures_are_smoothed_by_their_size_alone(side):
    picture = np.zeros((side, side // 2), np.float32)
    picture[:, side // 8 :: side // 4] = 1
    assert find_grain(picture).smoothing == min(side / 400, 2)


@pytest.mark.parametrize("deviation", [0.02, 0.05])
def test_noise_is_smoothed_to_a_hundredth_of_the_contrast(deviation):
    noisy = add_noise(DIGIT, deviation)
    smooth = gaussian_filter(noisy, find_grain(noisy).smoothing)
    assert smooth[:16, :16].std() < 0.013 * np.ptp(noisy)


def test_no_noise_blurs_strokes_away():
    noise = RNG.random((28, 28), np.float32)
    assert find_grain(noise).smoothing == pytest.approx(28 / 40)
    assert find_grain(noise.repeat(30, 0).repeat(30, 1)).smoothing <= 2


def test_a_blank_picture_is_no_error():
    assert find_grain(np.ones((40, 40), np.float32)) == (0.1, 0)
