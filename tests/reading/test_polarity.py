import numpy as np
import pytest

from skmnist import DigitNormalizer, load_pretrained
from tests.sample_pictures import IMAGES, KINDS, TARGET, enlarge, lay


@pytest.fixture(scope="module")
def grey_card():
    """A dark digit on the left of grey paper and a light one on the right."""
    dark, light = (enlarge(image, margin=4) for image in IMAGES[[7, 4]])
    return np.hstack([lay(dark, 128, 20), lay(light, 128, 235)])


@pytest.mark.parametrize(("polarity", "index"), [("dark", 7), ("light", 4)])
def test_polarity_chooses_the_ink(polarity, index, grey_card):
    rows = DigitNormalizer(polarity=polarity).transform([grey_card])
    assert load_pretrained().predict(rows)[0] == TARGET[index]


@pytest.mark.parametrize(
    ("polarity", "kind"),
    [("dark", "inverted"), ("dark", "drawn-large"), ("light", "light-on-dark")],
)
def test_auto_finds_the_polarity(polarity, kind):
    pictures = [KINDS[kind](image, None) for image in IMAGES[:20]]
    expected = DigitNormalizer(polarity=polarity).transform(pictures)
    np.testing.assert_array_equal(DigitNormalizer().transform(pictures), expected)


def test_an_image_in_mnist_form_has_no_dark_ink():
    image = IMAGES[:1]
    assert (
        DigitNormalizer(polarity="light").transform(image)[0] == image.ravel()
    ).all()
    rows = DigitNormalizer(polarity="dark", handle_invalid="blank").transform(image)
    assert not (rows[0] == image.ravel()).all()


@pytest.mark.parametrize("deviation", [8, 25])
@pytest.mark.parametrize("shape", [(28, 28), (40, 40), (64, 64), (300, 30), (60, 400)])
def test_noise_on_blank_paper_shows_no_digit(shape, deviation):
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(0, deviation, shape)
        with pytest.raises(ValueError, match="must show a digit"):
            DigitNormalizer().transform([np.clip(200 + noise, 0, 255)])


@pytest.mark.parametrize("shape", [(28, 28), (200, 300), (1200, 900), (5, 4)])
@pytest.mark.parametrize("level", [0, 1, 3, 128, 254, 255])
def test_a_blank_picture_shows_no_digit(shape, level):
    with pytest.raises(ValueError, match="must show a digit"):
        DigitNormalizer().transform([np.full(shape, level, np.uint8)])


def test_blank_paper_in_uneven_light_shows_no_digit():
    y, x = np.indices((200, 300)) / 200
    paper = 240 - 80 * y - 30 * x
    with pytest.raises(ValueError, match="must show a digit"):
        DigitNormalizer().transform([paper.astype(np.uint8)])
