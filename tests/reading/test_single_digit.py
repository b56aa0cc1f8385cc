import numpy as np
import pytest
from PIL import Image, ImageDraw

from skmnist import DigitNormalizer, load_pretrained
from tests.pen import write_by_pen
from tests.sample_pictures import IMAGES, TARGET, assert_in_form, write


def stretch_to_square(image):
    """Crop the digit and stretch it to a square, in black and white."""
    rows, columns = (np.flatnonzero(image.max(axis) > 127) for axis in (1, 0))
    digit = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if np.ptp(columns) < 0.4 * np.ptp(rows):
        return image  # a 1, which would become a block
    return np.asarray(Image.fromarray(digit).resize((20, 20))) > 150


def test_a_digit_stretched_to_a_square_is_read():
    rows = DigitNormalizer().transform([stretch_to_square(image) for image in IMAGES])
    assert (load_pretrained().predict(rows) == TARGET).sum() >= 93


def test_the_long_bar_of_a_four_is_not_a_ruled_line():
    """It is half as long again as what remains without the stem, also a line."""
    picture = Image.new("L", (160, 100), 30)
    for line in [(95, 5), (10, 75), (135, 75)], [(95, 5), (95, 95)]:
        ImageDraw.Draw(picture).line(line, fill=255, width=3)
    image = DigitNormalizer().fit_transform([picture]).reshape(28, 28)
    assert (image > 0).sum(axis=1).max() == 20


def test_a_four_is_not_a_box_around_one_of_its_strokes():
    picture = Image.new("L", (280, 280), 0)
    for line in [(218, 50), (150, 235)], [(110, 50), (78, 108)]:
        ImageDraw.Draw(picture).line(line, fill=255, width=20)
    ImageDraw.Draw(picture).line([(50, 155), (225, 155)], fill=255, width=36)
    rows = DigitNormalizer().transform([picture])
    assert load_pretrained().predict(rows) == [4]


def test_a_digit_may_be_small_on_a_large_page():
    pictures = [
        np.pad(write(image), ((300, 70), (20, 500)), constant_values=235)
        for image in IMAGES[:10]
    ]
    rows = DigitNormalizer().transform(pictures)
    assert_in_form(rows)
    assert (load_pretrained().predict(rows) == TARGET[:10]).sum() >= 9


def test_a_noisy_digit_close_to_the_edge_keeps_its_parts():
    """The bar of a 5, apart from the rest, three pixels from the edge."""
    image = Image.new("L", (48, 64), 225)
    pen = ImageDraw.Draw(image)
    pen.line([2, 6, 46, 6], fill=60, width=6)
    pen.line([5, 6, 5, 32], fill=60, width=6)
    pen.arc([-14, 29, 46, 61], -90, 110, fill=60, width=6)
    model = load_pretrained()
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(0, 8, (64, 48))
        five = np.clip(image + noise, 0, 255).astype(np.uint8)
        assert model.predict(DigitNormalizer().transform([five])) == [5]


def test_a_page_of_digits_brings_a_hint_to_what_reads_them():
    page = write_by_pen("1984", height=40)
    with pytest.warns(UserWarning, match="the picture shows 4 digits of about .* read"):
        (row,) = DigitNormalizer().transform([page])
    assert_in_form(row[None])


def test_what_is_smaller_than_the_digit_brings_no_hint():
    page = np.full((300, 400), 235, np.uint8)
    page[40:260, 60:260] = np.minimum(
        235, Image.fromarray(write(IMAGES[3])).resize((200, 220))
    )
    page[270:295, 300:380] = np.asarray(
        Image.fromarray(write_by_pen("27", height=20)).resize((80, 25))
    )
    DigitNormalizer().transform([page])
