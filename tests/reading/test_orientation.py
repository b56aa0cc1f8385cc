import numpy as np
import pytest
from PIL import Image, ImageDraw

from skmnist import NumberReader
from tests.pages import draw_ink, find_box, lay, write


def test_narrow_upright_digits_are_not_turned():
    page = Image.new("L", (1000, 300), 255)
    for left in range(60, 960, 90):
        box = left, 100, left + 6, 130
        ImageDraw.Draw(page).ellipse(box, outline=60, width=1)
    reading = NumberReader(min_probability=0).read(page)
    assert (reading.turned, len(reading.rows)) == (0, 1)


@pytest.mark.parametrize("n_turns", [1, 2, 3])
def test_a_page_that_is_not_upright_is_turned(n_turns):
    text = "26042937\n53184726"
    ink = draw_ink(text, margin=30)
    # The pretrained network gives low probabilities to what is not a digit.
    reader = NumberReader()
    reading = reader.read(np.rot90(lay(ink), n_turns))
    assert reading.text == text
    assert reading.turned == 360 - 90 * n_turns
    # The boxes are in pixels of the given picture.
    for digit, upright in zip(
        reading.digits, reader.read(lay(ink)).digits, strict=True
    ):
        blank = np.zeros(ink.shape, bool)
        left, top, right, bottom = upright.box
        blank[top:bottom, left:right] = True
        expected = find_box(np.rot90(blank, n_turns))
        np.testing.assert_allclose(digit.box, expected, atol=2)


def test_upright_pages_are_not_turned(reader, classifier):
    # 6 and 9 are equally good upside down.
    assert reader.read(write("69")).turned == 0
    lying = np.rot90(write("604\n2937"))
    upright = NumberReader(classifier, orientation="upright").read(lying)
    assert upright.turned == 0
    assert upright.text != "604\n2937"
