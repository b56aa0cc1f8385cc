import numpy as np
import pytest
from PIL import Image

from skmnist import NumberReader
from skmnist._reading.table_cells import Mark, arrange_cells
from tests.pages import EXAMPLES, INK, PAPER

BLANK = np.full((1, 1), PAPER, np.uint8)
SUDOKU = [
    "53..7....",
    "6..195...",
    ".98....6.",
    "8...6...3",
    "4..8.3..1",
    "7...2...6",
    ".6....28.",
    "...419..5",
    "....8..79",
]
CELLS = [["" if digit == "." else digit for digit in row] for row in SUDOKU]
SCORES = [["12", "7", "105"], ["9", "31", "88"], ["40", "6", "254"], ["3", "28", "97"]]


def straight(x, y):
    return x, y


def rising(x, y):
    return x + 0.12 * y, y - 0.15 * x


def from_below(x, y):
    """See a page as a camera does that is held at an angle."""
    depth = 1 + 0.0006 * y + 0.0003 * x
    return x / depth, y / depth


VIEWS = pytest.mark.parametrize(
    "view", [straight, rising, from_below], ids=lambda view: view.__name__
)


def place_marks(cells, view=straight, pitch=(60, 60), right=False):
    """Place digits of 30 pixels at random near the middle of their cells."""
    rng = np.random.default_rng(0)
    marks = []
    for i, row in enumerate(cells):
        for j, cell in enumerate(row):
            for text in cell.split():
                first = -1 if cell.split()[1:] else -len(text) / 2 + 0.5
                first = 1 - len(text) if right else first
                shift = 0 if text == cell.split()[0] else 40
                for k, character in enumerate(text):
                    x, y = rng.uniform(-6, 6, 2) * (not right)
                    x += pitch[0] * (j + 0.5) + 24 * (first + k) + shift
                    x, y = view(x, y + pitch[1] * (i + 0.5))
                    box = (x - 10, y - 15, x + 10, y + 15)
                    number = len(marks) if k == 0 else marks[-1].number
                    marks.append(Mark(box, character, number))
    return marks


@VIEWS
def test_each_digit_of_a_sudoku_is_in_its_cell(view):
    marks = place_marks(CELLS, view)
    assert arrange_cells(BLANK, marks, 9, 9) == CELLS


def test_digits_taken_for_one_number_are_separated():
    marks = place_marks(CELLS)
    joined = [mark._replace(number=int(mark.box[1] // 60)) for mark in marks]
    assert arrange_cells(BLANK, joined, 9, 9) == CELLS


def test_what_lies_around_the_table_is_left_out():
    marks = place_marks(CELLS)
    around = [(700, 100), (130, -75), (300, 640), (-80, 300)]
    marks += [Mark((x, y, x + 20, y + 30), "4", 1000 + x) for x, y in around]
    assert arrange_cells(BLANK, marks, 9, 9) == CELLS


@pytest.mark.parametrize("size", [(None, None), (4, 3)], ids=["unknown", "known"])
@pytest.mark.parametrize("right", [False, True], ids=["centred", "right"])
@VIEWS
def test_columns_are_found_by_the_gaps(view, right, size):
    marks = place_marks(SCORES, view, pitch=(130, 60), right=right)
    assert arrange_cells(BLANK, marks, *size) == SCORES


def test_two_numbers_in_a_cell_are_joined_by_a_space():
    cells = [["1 2", "7"], ["3", "8"], ["4 5", "6"]]
    marks = place_marks(cells, pitch=(200, 60))
    assert arrange_cells(BLANK, marks, n_columns=2) == cells


def test_an_empty_column_and_an_empty_row_are_recognised():
    cells = [["12", "7", "", "70"], ["31", "9", "", "8"], [""] * 4, ["4", "", "", "21"]]
    marks = place_marks(cells, pitch=(130, 60))
    assert arrange_cells(BLANK, marks, 4, 4) == cells
    assert arrange_cells(BLANK, marks, 4) == [[*row[:2], row[3]] for row in cells]


@pytest.mark.parametrize("size", [(None, None), (2, 3)], ids=["unknown", "known"])
def test_a_page_without_digits_has_empty_cells(size):
    cells = arrange_cells(BLANK, [], *size)
    assert cells == [[""] * (size[1] or 0)] * (size[0] or 0)


def draw(cells, pitch, lines=None):
    """Draw a table; "dotted" lines have a dot of two pixels in every five."""
    height, width = pitch[1] * len(cells), pitch[0] * len(cells[0])
    page = Image.new("L", (width + 80, height + 80), PAPER)
    for i, row in enumerate(cells):
        for j, cell in enumerate(row):
            for k, character in enumerate(cell):
                digit = Image.fromarray(EXAMPLES[int(character)]).resize((42, 42))
                left = 40 + round(pitch[0] * (j + 0.5) + 32 * (k - len(cell) / 2)) - 5
                top = 40 + round(pitch[1] * (i + 0.5)) - 21
                page.paste(INK, (left, top), digit)
    pixels = np.asarray(page).copy()
    if lines:
        shown = np.arange(max(pixels.shape)) % 5 < (5 if lines == "solid" else 2)
        for y in range(40, height + 41, pitch[1]):
            pixels[y : y + 2, 40 : width + 41][:, shown[: width + 1]] = 90
        for x in range(40, width + 41, pitch[0]):
            pixels[40 : height + 41, x : x + 2][shown[: height + 1]] = 90
    return pixels


@pytest.mark.parametrize("lines", ["solid", "dotted", None])
def test_sudokus_are_read(lines):
    table = NumberReader().read_table(draw(CELLS, (60, 60), lines), 9, 9)
    assert table.to_numpy().tolist() == CELLS


@pytest.mark.parametrize("lines", ["solid", "dotted", None])
def test_score_sheets_are_read(lines):
    table = NumberReader().read_table(draw(SCORES, (170, 70), lines))
    assert table.to_numpy().tolist() == SCORES


@pytest.mark.parametrize("n_columns", [None, 5])
def test_boxes_of_a_form_are_a_row(n_columns):
    boxes = draw(["86523"], (56, 60), "solid")
    table = NumberReader().read_table(boxes, n_columns=n_columns)
    assert table.to_numpy().tolist() == [[*"86523"]]


def test_a_photo_at_an_angle_is_read():
    page = Image.fromarray(draw(CELLS, (60, 60), "solid"))
    width, height = page.size
    corners = (0, 0, 0, height, width, height, width, 0)
    seen = np.add(corners, (-40, -30, 0, 40, 40, -30, -20, 20))
    photo = page.transform(
        page.size,
        Image.Transform.QUAD,
        tuple(map(float, seen)),
        Image.Resampling.BICUBIC,
        fillcolor=PAPER,
    )
    table = NumberReader().read_table(photo, 9, 9)
    assert table.to_numpy().tolist() == CELLS


def test_a_page_on_its_side_is_read():
    page = np.rot90(draw(SCORES, (170, 70)))
    assert NumberReader().read_table(page).to_numpy().tolist() == SCORES


@pytest.mark.parametrize("name", ["n_rows", "n_columns"])
@pytest.mark.parametrize(
    ("value", "error", "rule"),
    [
        (0, ValueError, ">= 1"),
        (2.5, TypeError, "instance"),
        ("9", TypeError, "instance"),
    ],
)
def test_an_invalid_size_is_named(name, value, error, rule):
    with pytest.raises(error, match=rule) as raised:
        NumberReader().read_table(np.full((60, 90), PAPER, np.uint8), **{name: value})
    assert name in str(raised.value)
