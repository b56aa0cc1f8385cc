"""Pages on which a reader could lose or invent digits without a word about it."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from skmnist import NumberReader
from tests.pen import PAPER, Sheet, write_by_pen

READER = NumberReader()


def assert_read(page, expected):
    """Check that each character is right or marked as uncertain, and few are."""
    text = READER.read(page).text
    assert [*map(len, text.split("\n"))] == [*map(len, expected.split("\n"))], text
    pairs = zip(text, expected, strict=True)
    assert all(read in (character, "?") for read, character in pairs), text
    assert text.count("?") <= len(expected) // 5, text


@pytest.mark.parametrize(("height", "pen"), [(30, 2), (40, 3), (60, 4)])
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("-31.4", "-31.4"),
        ("12,5", "12.5"),
        ("31/4", "31/4"),
        ("3:14", "3:14"),
        ("12   340   5", "12 340 5"),
        ("9075\n-8\n26", "9075\n-8\n26"),
    ],
)
def test_signs_and_spaces_are_read(written, expected, height, pen):
    assert_read(write_by_pen(written, height, pen), expected)


def test_columns_are_numbers_of_one_row():
    sheet = Sheet(800, 330).write("812\n40\n677", 40, 40)
    assert_read(
        sheet.write("35\n9024\n168", 560, 40).scan(), "812 35\n40 9024\n677 168"
    )


def test_columns_whose_rows_differ_are_kept_apart():
    sheet = Sheet(800, 330).write("812\n40\n677", 40, 40)
    page = sheet.write("35\n9024", 560, 80).scan()
    assert_read(page, "812\n35\n40\n9024\n677")


@pytest.mark.parametrize("dark", [np.s_[130:], np.s_[:130]], ids=["lower", "upper"])
def test_light_ink_on_the_dark_half_of_a_page_is_read(dark):
    sheet = Sheet(500, 260)
    sheet.page[dark] = 50
    inks = [40 if row[60] == PAPER else 225 for row in sheet.page[[60, 200]]]
    sheet.write("48210", 60, 45, ink=inks[0]).write("97536", 60, 175, ink=inks[1])
    assert_read(sheet.scan(), "48210\n97536")


def test_pencil_beside_pen_is_read():
    sheet = Sheet(620, 120).write("4827", 40, 40, pen=4, ink=30)
    assert_read(sheet.write("3596", 340, 40, pen=2, ink=180).scan(), "4827 3596")


def test_pencil_below_pen_is_read():
    sheet = Sheet(400, 260).write("48273", 40, 40, pen=4, ink=30)
    page = sheet.write("35960", 40, 150, pen=2, ink=180).scan()
    assert_read(page, "48273\n35960")


def test_all_rows_of_a_long_receipt_are_read():
    rng = np.random.default_rng(0)
    rows = [str(rng.integers(1000, 99999)) for _ in range(12)]
    sheet = Sheet(240, 3600)
    for i, row in enumerate(rows):
        sheet.write(row, 30, 100 + 295 * i, height=34)
    assert_read(sheet.scan(), "\n".join(rows))


@pytest.mark.parametrize("right", [False, True], ids=["left", "right"])
@pytest.mark.parametrize("low", [False, True], ids=["upper", "lower"])
def test_a_number_in_the_corner_of_a_large_page_is_read(low, right):
    side = 2400
    sheet = Sheet(side, side)
    sheet.write("48207", side - 240 if right else 40, side - 80 if low else 40)
    assert_read(sheet.scan(noise=0), "48207")


def draw_specks(rng):
    page = Image.new("L", (400, 400), PAPER)
    for x, y in rng.uniform(0, 400, (60, 2)):
        radius = rng.uniform(0.5, 2)
        box = x - radius, y - radius, x + radius, y + radius
        ImageDraw.Draw(page).ellipse(box, fill=60)
    return page


def draw_words(rng):
    page = Image.new("L", (640, 200), PAPER)
    font = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    text = "The quick brown fox jumps over\nthe lazy dog, and runs away with\nwhat was"
    font = ImageFont.truetype(font, 30)
    ImageDraw.Draw(page).text((30, 30), text, font=font, fill=40)
    return page


def draw_halftone(rng):
    y, x = np.mgrid[:300, :400]
    dots = np.cos(2 * np.pi * (x + y) / 9) + np.cos(2 * np.pi * (x - y) / 9)
    return np.where(dots / 4 + 0.5 > x / 400, PAPER, 40).astype(np.uint8)


def draw_squares(pitch):
    def draw(rng):
        y, x = np.mgrid[:240, :320] // pitch
        return np.where((x + y) % 2, PAPER, 40).astype(np.uint8)

    return draw


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(draw_specks, id="specks"),
        pytest.param(draw_words, id="words"),
        pytest.param(draw_halftone, id="halftone"),
        *(
            pytest.param(draw_squares(pitch), id=f"squares of {pitch}")
            for pitch in (1, 2, 3, 5, 8, 13, 21, 34)
        ),
    ],
)
def test_what_is_no_digit_gives_hardly_any(draw):
    picture = draw(np.random.default_rng(0))
    assert len(READER.read(picture).digits) <= 3
