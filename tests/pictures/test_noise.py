import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from skmnist import load_digits28
from skmnist._pictures.noise import (
    estimate_noise,
    estimate_sigma,
    remove_impulse_noise,
)

RNG = np.random.default_rng(0)
DIGIT = 1 - load_digits28().images[0].repeat(8, 0).repeat(8, 1) / np.float32(255)
SLOPE = np.mgrid[0.2:0.6:224j, 0:0.3:224j].sum(axis=0).astype(np.float32)
CLEAN = {"flat": np.full((224, 224), 0.5, np.float32), "slope": SLOPE, "digit": DIGIT}
IMAGES = load_digits28().images[:100] / np.float32(255)
IMPULSES = tuple(np.array([[2, 2], [2, 13], [9, 24], [24, 2], [25, 14], [20, 25]]).T)
INK = {"bright": 1.0, "dark": 0.0}


def add_noise(picture, deviation):
    noise = RNG.normal(0, deviation, picture.shape)
    return (picture + noise).astype(np.float32)


@pytest.mark.parametrize("picture", CLEAN.values(), ids=CLEAN)
def test_surfaces_and_strokes_are_not_noise(picture):
    assert estimate_sigma(picture) < 1e-6


@pytest.mark.parametrize("deviation", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("picture", CLEAN.values(), ids=CLEAN)
def test_noise_is_measured_on_any_surface(picture, deviation):
    measured = estimate_sigma(add_noise(picture, deviation))
    assert measured == pytest.approx(deviation, rel=0.1)


@pytest.mark.parametrize("shape", [(1, 1), (2, 50), (50, 19)])
def test_pictures_that_are_too_small_have_no_noise(shape):
    assert estimate_sigma(RNG.random(shape, np.float32)) == 0


def test_large_pictures_are_measured_on_a_part_of_their_pixels():
    noise = add_noise(np.zeros((1500, 2100), np.float32), 0.1)
    assert estimate_sigma(noise) == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("side", [28, 200, 400, 2000])
def test_clean_pictures_are_smoothed_by_their_size_alone(side):
    picture = np.zeros((side, side // 2), np.float32)
    picture[:, side // 8 :: side // 4] = 1
    assert estimate_noise(picture).smoothing == min(side / 400, 2)


@pytest.mark.parametrize("deviation", [0.02, 0.05])
def test_noise_is_smoothed_to_a_hundredth_of_the_contrast(deviation):
    noisy = add_noise(DIGIT, deviation)
    smooth = gaussian_filter(noisy, estimate_noise(noisy).smoothing)
    assert smooth[:16, :16].std() < 0.013 * np.ptp(noisy)


def test_strokes_are_not_blurred_away_by_any_noise():
    noise = RNG.random((28, 28), np.float32)
    assert estimate_noise(noise).smoothing == pytest.approx(28 / 40)
    assert estimate_noise(noise.repeat(30, 0).repeat(30, 1)).smoothing <= 2


def test_a_blank_picture_is_not_an_error():
    assert estimate_noise(np.ones((40, 40), np.float32)) == (0.1, 0)


def draw_paper(ink):
    return np.full((28, 28), 1 - ink, np.float32)


def draw_line(ink, slope):
    """A line one pixel wide, from top to bottom."""
    picture = draw_paper(ink)
    y = np.arange(4, 24)
    picture[y, np.rint(14 + slope * (y - 14)).astype(int)] = ink
    return picture


@pytest.mark.parametrize("ink", INK.values(), ids=INK)
def test_impulses_are_filled_in(ink):
    picture = draw_paper(ink)
    picture[8:20, 10:18] = ink
    noisy = picture.copy()
    noisy[IMPULSES] = ink
    noisy[14, 14] = 1 - ink  # in the ink
    noisy[3, 13] = ink  # beside another
    np.testing.assert_array_equal(remove_impulse_noise(noisy), picture)


@pytest.mark.parametrize("slope", [0, 0.5, 1, -0.7])
@pytest.mark.parametrize("ink", INK.values(), ids=INK)
def test_a_straight_stroke_one_pixel_wide_is_not_noise(ink, slope):
    line = draw_line(ink, slope)
    noisy = line.copy()
    noisy[IMPULSES] = ink
    cleaned = remove_impulse_noise(noisy)
    assert (cleaned[IMPULSES] == 1 - ink).all()
    # Except its ends, which may be impulses.
    np.testing.assert_array_equal(cleaned[5:23], line[5:23])


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_salt_and_pepper_noise_is_removed(share):
    rng = np.random.default_rng(0)
    noisy = rng.random(IMAGES.shape) < share
    values = rng.choice(np.float32([0, 1]), IMAGES.shape)
    pictures = np.where(noisy, values, IMAGES)
    cleaned = np.stack([remove_impulse_noise(picture) for picture in pictures])
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
def test_pictures_without_impulse_noise_are_not_changed(picture):
    assert remove_impulse_noise(picture) is picture
