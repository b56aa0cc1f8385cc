import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.ndimage import binary_erosion

from skmnist import DigitNormalizer
from tests.sample_pictures import DIGITS, IMAGES, KINDS, assert_in_form


def draw_circle(width, side=200, colour=0):
    """Draw a 0 with a stroke of `width` pixels."""
    picture = Image.new("L", (side, side), 255)
    box = (side * 0.25, side * 0.15, side * 0.75, side * 0.85)
    ImageDraw.Draw(picture).ellipse(box, outline=colour, width=width)
    return np.asarray(picture)


@pytest.mark.parametrize(("widths", "factor"), [((4.2, 4.5), 1.1), ((1, 1.2), 0.8)])
def test_inverted_images_get_the_given_widths(widths, factor):
    inverted = 255 - DIGITS.data[:90]
    rows = DigitNormalizer(stroke_width=widths).transform(inverted)
    kept = DigitNormalizer().transform(inverted)
    change = np.median(rows.sum(axis=1) / kept.sum(axis=1))
    assert change > factor if factor > 1 else change < factor


@pytest.mark.parametrize("index", [39, 47, 77])
@pytest.mark.parametrize("kind", ["boolean", "ten-times-as-large", "drawn-large"])
def test_a_heavy_stroke_is_not_hollowed_out(kind, index):
    result = DigitNormalizer().explain(KINDS[kind](IMAGES[index], None)).result
    inner = binary_erosion(IMAGES[index] > 200, iterations=2)
    assert inner.any()
    assert (result[inner] > 127).all()


@pytest.mark.parametrize("side", [28, 60, 200, 800])
def test_thin_strokes_become_wider(side):
    pictures = [draw_circle(max(side // 200, 1), side)]
    rows = DigitNormalizer().transform(pictures)
    plain = DigitNormalizer(stroke_width=None).transform(pictures)
    assert rows.sum() > 1.3 * plain.sum()
    assert_in_form(np.concatenate([rows, plain]))


def test_thick_strokes_become_thinner():
    pictures = [draw_circle(45)]
    rows = DigitNormalizer().transform(pictures)
    plain = DigitNormalizer(stroke_width=None).transform(pictures)
    assert rows.sum() < 0.9 * plain.sum()


def test_strokes_within_the_range_stay_as_they_are():
    pictures = [draw_circle(22)]
    rows = DigitNormalizer().transform(pictures)
    plain = DigitNormalizer(stroke_width=None).transform(pictures)
    np.testing.assert_array_equal(rows, plain)


@pytest.mark.parametrize("width", [2, 15, 45])
def test_strokes_get_the_given_width(width):
    widths = [1.5, 2.5, 3.5, 4.5]
    sums = [
        DigitNormalizer(stroke_width=(w, w)).transform([draw_circle(width)]).sum() / 255
        for w in widths
    ]
    # The circumference of an ellipse with axes 20 and 20 * 5 / 7, along the middle of
    # the stroke.
    lengths = [np.pi / 2 * (20 + 20 * 5 / 7 - 2 * w) for w in widths]
    np.testing.assert_allclose(sums, np.multiply(lengths, widths), rtol=0.25)
