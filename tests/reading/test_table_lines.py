import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.ndimage import binary_opening

from skmnist._reading.table_lines import remove_table_lines
from tests.pages import draw_ink, lay

HEIGHT = 30  # pixels: text height


def draw(lines, width=3):
    image = Image.new("1", (400, 300))
    for line in lines:
        ImageDraw.Draw(image).line(line, fill=1, width=width)
    return np.array(image)


def draw_table(slope):
    """Draw four by three cells of 80 pixels, with skewed lines."""
    down, along = 340 * slope, 260 * slope
    level = [(30, y, 370, y + down) for y in range(30, 280, 80)]
    upright = [(x, 20, x - along, 280) for x in range(40, 380, 80)]
    return draw(level) | draw(upright)


def draw_stroke(left, top, bottom):
    mask = np.zeros((300, 400), bool)
    mask[top:bottom, left : left + 5] = True
    return mask


def find_written(mask, tallest):
    """Return what remains, except the ends of lines."""
    found = remove_table_lines(mask, HEIGHT, tallest)
    return binary_opening(found, np.ones((5, 3)))


@pytest.mark.parametrize("slope", [-0.04, -0.02, 0, 0.03])
def test_skewed_lines_that_cross_each_other_are_removed(slope):
    assert not find_written(draw_table(slope), HEIGHT).any()


def test_strokes_in_the_cells_stay():
    written = draw_stroke(75, 50, 80) | draw_stroke(155, 132, 162)
    found = find_written(draw_table(0) | written, HEIGHT)
    np.testing.assert_array_equal(found, written)


def test_strokes_across_the_lines_stay_whole():
    written = draw_stroke(75, 95, 125)
    found = find_written(draw_table(0) | written, HEIGHT)
    np.testing.assert_array_equal(found, written)


def test_digits_of_two_rows_are_not_joined():
    written = draw_stroke(75, 85, 135)
    found = find_written(draw_table(0) | written, 1.3 * HEIGHT)
    assert not found[110].any()
    assert found[100].any()
    assert found[120].any()


@pytest.mark.parametrize(
    "mask",
    [
        draw([(20, 100, 380, 100), (20, 200, 380, 200)]),
        draw([(100, 80, 100, 140), (80, 110, 140, 110)]),
        draw([(20, 200, 380, 200), (100, 117, 100, 200)]),
        draw([(100, 50, 300, 250)], width=100),
        np.zeros((300, 400), bool),
    ],
    ids=["rules", "small cross", "tall one on a line", "blot", "blank"],
)
def test_what_is_not_a_table_stays_as_it_is(mask):
    assert remove_table_lines(mask, HEIGHT, HEIGHT) is mask


def test_digits_merged_with_the_lines_of_a_table_are_read(reader):
    rows, side = ["290743", "436158", "582094"], 90
    ink = np.zeros((360, 640))
    for i, row in enumerate(rows):
        for j, digit in enumerate(row):
            # Some touch the line below, some the line above.
            top, left = 50 + i * side + 8 * ((i + j) % 3 - 1), 53 + j * side
            own = draw_ink(digit, 3, margin=0)[:84]
            ink[top : top + 84, left : left + 84] = own
    # The lines diverge, as in a photograph taken from the side.
    table = Image.new("L", ink.shape[::-1])
    for i in range(7):
        x, y, spread = 50 + i * side, 50 + i * side, 2 * (i - 3)
        lines = [(x - spread, 50, x + spread, 320)]
        lines += [(50, y - spread, 590, y + spread)] if i < 4 else []
        for line in lines:
            ImageDraw.Draw(table).line(line, fill=255, width=3)
    ink = np.maximum(ink, np.asarray(table) / 255)
    assert reader.read(lay(ink)).text == "\n".join(rows)


@pytest.mark.parametrize("side", [50, 60])
def test_squared_paper_is_not_read(reader, side):
    ink = draw_ink("6290\n4175", 3, margin=40)
    for i in (10, 11):
        ink[i::side] = ink[:, 20 + i :: side] = 0.9
    assert reader.read(lay(ink)).text == "6290\n4175"
