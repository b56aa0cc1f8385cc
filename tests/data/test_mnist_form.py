import numpy as np
import pytest

from skmnist import fetch_mnist, load_digits28
from skmnist._data.mnist_form import has_mnist_form, to_mnist_form

DIGITS = load_digits28().images
SHAPES = [(20, 20), (28, 28), (7, 5), (31, 90), (160, 40), (3, 200), (1, 1), (1, 9)]


def draw_ink(shape, n_samples=50):
    """Drawings with one rectangle of ink each, of any size and anywhere."""
    rng = np.random.default_rng(sum(shape))
    ink = np.zeros((n_samples, *shape))
    for drawing in ink:
        spans = [np.sort(rng.integers(0, n, 2)) for n in shape]
        window = tuple(slice(start, stop + 1) for start, stop in spans)
        drawing[window] = rng.uniform(0.2, 1, drawing[window].shape)
    return ink


def find_spans(images):
    """Where the ink starts and stops, as (n_samples, 2) for rows and for columns."""
    inked = [np.asarray(images).any(axis=axis) for axis in (2, 1)]
    stops = [i.shape[1] - i[:, ::-1].argmax(axis=1) for i in inked]
    starts = [i.argmax(axis=1) for i in inked]
    return [np.stack(span, axis=1) for span in zip(starts, stops, strict=True)]


def find_sides(images):
    return np.stack(
        [stop - start for start, stop in map(np.transpose, find_spans(images))]
    )


def find_centres(images):
    """Centres of mass, as (2, n_samples); the first pixel's centre is at 0.5."""
    mass = np.asarray(images, dtype=float)
    middles = np.arange(mass.shape[1]) + 0.5
    return np.stack([mass.sum(axis=axis) @ middles for axis in (2, 1)]) / mass.sum(
        axis=(1, 2)
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_drawings_come_out_as_images_of_eight_bits(shape):
    images = to_mnist_form(draw_ink(shape))
    assert images.shape == (50, 28, 28)
    assert images.dtype == np.uint8
    assert (images.max(axis=(1, 2)) == 255).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_long_side_of_the_ink_is_20_pixels(shape):
    assert (find_sides(to_mnist_form(draw_ink(shape))).max(axis=0) == 20).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_centre_of_mass_is_in_the_middle_pixel(shape):
    centres = find_centres(to_mnist_form(draw_ink(shape)))
    assert (centres >= 14).all()
    assert (centres < 15).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_normalized_drawings_have_the_form_of_mnist(shape):
    assert has_mnist_form(to_mnist_form(draw_ink(shape))).all()


@pytest.mark.parametrize(
    ("height", "width"), [(40, 40), (40, 20), (60, 15), (15, 60), (10, 8), (100, 5)]
)
def test_the_aspect_ratio_is_kept(height, width):
    ink = np.pad(np.ones((1, height, width)), ((0, 0), (3, 50), (9, 2)))
    sides = find_sides(to_mnist_form(ink) > 127)[:, 0]
    np.testing.assert_allclose(
        sides, 20 * np.array([height, width]) / max(height, width), atol=1
    )


def test_each_pixel_gets_its_share_of_ink():
    ink = np.zeros((1, 40, 40))
    ink[0, :, ::2] = 1
    ink[0, :, 38:] = 1
    image = to_mnist_form(ink)[0]
    assert (np.unique(image) == [0, 128, 255]).all()
    assert (image == 255).sum() == 20


@pytest.mark.parametrize("shift", [(0, 0), (3, 5), (0, 60)])
def test_the_place_of_the_ink_does_not_matter(shift):
    ink = draw_ink((30, 30))
    moved = np.pad(ink, ((0, 0), (shift[0], 7), (shift[1], 0)))
    np.testing.assert_array_equal(to_mnist_form(moved), to_mnist_form(ink))


@pytest.mark.parametrize("turns", range(4))
def test_the_far_end_of_one_sided_ink_is_cut_off(turns):
    """As in MNIST: here the end of a long hair that starts at a blot."""
    ink = np.zeros((1, 100, 100))
    ink[0, 49, :] = 0.2
    ink[0, 45:55, :10] = 1
    ink = np.rot90(ink, turns, axes=(1, 2))
    images = to_mnist_form(ink)
    assert has_mnist_form(images)[0]
    assert 14 <= find_sides(images).max() < 20
    assert (images == 255).sum() == 4


def test_images_in_the_form_of_mnist_stay_as_they_are():
    np.testing.assert_array_equal(to_mnist_form(DIGITS / 255), DIGITS)


def test_digits28_have_the_form_of_mnist():
    assert has_mnist_form(DIGITS).all()


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize("shift", [-2, -1, 1, 2])
def test_images_off_centre_do_not_have_the_form_of_mnist(shift, axis):
    assert not has_mnist_form(np.roll(DIGITS, shift, axis=axis)).any()


@pytest.mark.parametrize("length", [1, 19, 21, 28])
def test_longer_or_shorter_ink_does_not_have_the_form_of_mnist(length):
    """The bars are centred, so only their length is wrong."""
    start = 14 - length // 2
    images = np.zeros((2, 28, 28), np.uint8)
    images[0, start : start + length, 14] = 255
    images[1] = images[0].T
    assert (np.floor(find_centres(images)) == 14).all()
    assert not has_mnist_form(images).any()
    assert has_mnist_form(to_mnist_form(images / 255)).all()


def test_a_blank_image_does_not_have_the_form_of_mnist():
    assert not has_mnist_form(np.zeros((1, 28, 28), np.uint8))[0]


@pytest.mark.parametrize("level", [0, 255])
def test_each_image_is_judged_alone(level):
    images = np.stack([DIGITS[0], np.full((28, 28), level, np.uint8), DIGITS[1]])
    assert has_mnist_form(images).tolist() == [True, False, True]


@pytest.mark.mnist
def test_nearly_all_of_mnist_has_its_form():
    assert has_mnist_form(fetch_mnist().images).mean() > 0.9995
