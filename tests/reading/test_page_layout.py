import numpy as np
import pytest
from PIL import Image, ImageDraw

from skmnist import NumberReader
from tests.pages import INK, PAPER, draw_ink, find_box, lay, write


def draw_boxes(digits, zoom=2, gap=8):
    """Draw digits in the boxes of a form."""
    boxes = []
    for digit in digits:
        box = lay(draw_ink(digit, zoom, margin=6))[: 28 * zoom + 12]
        box[[0, 1, -2, -1]] = box[:, [0, 1, -2, -1]] = INK
        boxes += [box, np.full((len(box), gap), PAPER, np.uint8)]
    return np.pad(np.hstack(boxes[:-1]), 20, constant_values=PAPER)


@pytest.mark.parametrize(
    "text", ["31", "1984", "0123456789", "2024\n1776", "12\n3456\n789\n0"]
)
def test_rows_are_read_from_the_top_and_digits_from_the_left(reader, text):
    reading = reader.read(write(text))
    assert reading.text == text
    assert [len(row) for row in reading.rows] == [*map(len, text.split("\n"))]
    assert "".join(str(digit.label) for digit in reading.digits) == text.replace(
        "\n", ""
    )


@pytest.mark.parametrize("rise", [-0.2, -0.1, 0.1, 0.2])
def test_rows_may_rise_and_fall(reader, rise):
    assert reader.read(write("31405926", rise=rise)).text == "31405926"


def test_the_boxes_of_a_form_are_not_read(reader):
    assert reader.read(draw_boxes("2907436")).text == "2907436"


@pytest.mark.parametrize("rise", [-0.03, 0.04])
def test_boxes_that_touch_each_other_and_the_digits_are_not_read(reader, rise):
    assert reader.read(draw_strip("2907436", rise)).text == "2907436"


def draw_strip(digits, rise):
    """Draw digits in the boxes of a form that share their sides, skewed."""
    zoom, room = 3, 60
    ink = draw_ink(digits, zoom, margin=0)[: 28 * zoom]
    ink = np.pad(ink, room)
    # Close to the tops and the bottoms of the digits.
    for y in (room + 2 * zoom, room + 26 * zoom):
        ink[y : y + 3, room - 2 : -room + 2] = 1
    for x in range(room, ink.shape[1] - room + 1, 28 * zoom):
        ink[room + 2 * zoom : room + 26 * zoom + 3, x - 1 : x + 2] = 1
    picture = Image.fromarray(lay(ink))
    return np.asarray(
        picture.transform(
            picture.size,
            Image.Transform.AFFINE,
            (1, 0, 0, rise, 1, -rise * ink.shape[1] / 2),
            fillcolor=PAPER,
        )
    )


def test_lines_fainter_than_strokes_are_not_read(reader):
    ink = np.hstack([draw_ink(digit, 3)[:, 10:-10] for digit in "6290"])
    for y in (len(ink) // 3, 2 * len(ink) // 3):
        ink[y : y + 6] = np.maximum(ink[y : y + 6], 0.4)
    assert reader.read(lay(ink)).text == "6290"


def test_the_lines_along_which_a_cell_was_cut_out_are_not_read(reader):
    cell = lay(draw_ink("147", 3, margin=30))
    cell[-4:-2] = cell[:, 3:5] = cell[: len(cell) // 2, -7:-4] = 120
    assert reader.read(cell).text == "147"


def test_marks_too_faint_for_the_pen_are_not_read(reader):
    page = draw_ink("604\n2938", 3, margin=60)
    page[30:80, 20:23] = page[-70:-20, -30:-27] = 0.35
    assert reader.read(lay(page)).text == "604\n2938"


@pytest.mark.parametrize(("height", "width"), [(22, 6), (30, 7), (30, 9), (40, 8)])
def test_fine_strokes_on_a_large_page_keep_their_loops(height, width):
    """Even though the page is smoothed against noise."""
    page = Image.new("L", (1000, 300), 255)
    for left in range(60, 960, 90):
        box = left, 100, left + width, 100 + height
        ImageDraw.Draw(page).ellipse(box, outline=60, width=1)
    assert NumberReader(min_probability=0).read(page).text == "0" * 10


def test_a_nine_with_a_long_tail_that_fades_is_one_digit(reader):
    nine = Image.new("L", (56, 84))
    ImageDraw.Draw(nine).ellipse([16, 4, 40, 30], outline=255, width=5)
    ImageDraw.Draw(nine).line([(38, 12), (36, 78), (18, 78)], fill=255, width=5)
    nine = np.asarray(nine) / 255
    nine[36:60] /= 4
    ink = np.pad(np.hstack([draw_ink("3535", margin=0), nine]), 20)
    reading = reader.read(lay(ink))
    assert [len(row) for row in reading.rows] == [5]
    assert np.diff(reading.digits[-1].box[1::2]) > 70


@pytest.mark.parametrize("text", ["604293", "5028"])
def test_digits_may_be_cropped_closely(reader, text):
    ink = draw_ink(text, 3, margin=0)
    left, top, right, bottom = find_box(ink)
    assert reader.read(lay(ink[top:bottom, left:right])).text == text


@pytest.mark.parametrize("shape", [(4, 3000), (3000, 4), (5, 700)])
def test_long_thin_pictures_are_not_an_error(reader, shape):
    picture = np.full(shape, PAPER, np.uint8)
    picture[1:3, 1:3] = INK
    assert reader.read(picture).text in {"", "?", *"0123456789"}


def test_ones_as_high_as_the_lines_they_stand_between_are_read(reader):
    page = draw_ink("174174", 3, margin=30)
    page[30 + 4 * 3 - 2 : 30 + 4 * 3 + 1] = page[30 + 23 * 3 : 30 + 23 * 3 + 3] = 1
    assert reader.read(lay(page)).text == "174174"


def test_a_page_of_ruled_lines_gives_nothing(reader):
    page = np.full((200, 300), PAPER, np.uint8)
    page[20::40] = page[21::40] = 120
    assert reader.read(page).text == ""
