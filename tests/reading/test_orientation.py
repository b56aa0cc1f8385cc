import numpy as np
import pytest
from PIL import Image, ImageDraw

from skmnist import NumberReader
from skmnist._reading import orientation
from skmnist._reading.detection import detect
from skmnist._reading.orientation import ORIENTATIONS, find_digits, rotate_box_back
from tests.pages import draw_ink, find_box, lay, write
from tests.pen import PAPER, write_by_pen


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


@pytest.mark.parametrize("shape", [(40, 70), (70, 40)])
@pytest.mark.parametrize("n_turns", [0, 1, 2, 3])
def test_boxes_are_rotated_back(shape, n_turns):
    picture = np.zeros(shape, bool)
    picture[10:25, 12:31] = True
    page = np.rot90(picture, n_turns)
    box = rotate_box_back(np.array(find_box(page)), n_turns, page.shape)
    assert tuple(map(int, box)) == find_box(picture)


@pytest.mark.parametrize("n_turns", [0, 1, 2, 3])
def test_a_page_is_turned_the_shortest_number_of_times(n_turns):
    page = write_by_pen("25347\n47352")
    sheet = find_digits(np.rot90(page, n_turns))
    assert sheet.n_turns == -n_turns % 4
    np.testing.assert_array_equal(sheet.page, page)
    assert len(sheet.digits) == 10
    assert sheet.digits.boxes[:, 2:].max() <= max(page.shape)


def test_an_upright_orientation_is_kept():
    page = np.rot90(write_by_pen("25347\n47352"))
    sheet = find_digits(page, "upright")
    assert sheet.n_turns == 0
    np.testing.assert_array_equal(sheet.page, page)


@pytest.mark.parametrize("way", ORIENTATIONS)
def test_a_blank_page_is_not_turned(way):
    sheet = find_digits(np.full((60, 90), PAPER, np.uint8), way)
    assert (sheet.n_turns, len(sheet.digits)) == (0, 0)


@pytest.mark.parametrize("text", ["1", "69", "0", "8", "11", "1001"])
def test_few_digits_that_look_alike_on_their_side_are_not_turned(text):
    assert find_digits(write_by_pen(text)).n_turns == 0


def count_pixels(monkeypatch):
    """Return a list that holds the size of each page that is looked at from now on."""
    sizes = []
    monkeypatch.setattr(
        orientation, "detect", lambda page: sizes.append(page.size) or detect(page)
    )
    return sizes


def test_of_a_large_page_of_noise_only_a_part_is_turned(monkeypatch):
    rng = np.random.default_rng(0)
    page = np.full((1000, 1200), PAPER, np.uint8)
    rows, columns = rng.integers(0, 998, (2, 500))
    for k in range(3):
        page[rows + k, columns] = 40
    sizes = count_pixels(monkeypatch)
    assert find_digits(page).n_turns == 0
    assert sizes[0] == page.size
    assert sum(sizes[1:]) < page.size


@pytest.mark.parametrize("n_turns", [1, 2, 3])
@pytest.mark.parametrize("place", [(40, 30), (700, 500)])
def test_a_large_page_that_is_not_upright_is_turned(n_turns, place):
    page = np.full((1100, 1000), PAPER, np.uint8)
    written = write_by_pen("25347\n47352\n94275")
    rows, columns = (slice(k, k + n) for k, n in zip(place, written.shape, strict=True))
    page[rows, columns] = written
    sheet = find_digits(np.rot90(page, n_turns))
    assert sheet.n_turns == -n_turns % 4
    assert len(sheet.digits) == 15
