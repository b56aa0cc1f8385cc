import numpy as np
import pytest

from skmnist._reading.detection import Things
from skmnist._reading.text_lines import find_lines

CLASSES = "0123456789-./:"
TEXTS = "90210", "4711", "12345", "8086"
HEIGHT, WIDTH, ADVANCE = 30, 18, 24
# Width, top and bottom of the signs, in heights of a digit.
SIGNS = {"-": (0.4, 0.5, 0.6), ".": (0.1, 0.9, 1), "/": (0.5, 0, 1), ":": (0.1, 0.3, 1)}


def place(text, left=50, top=50, rise=0.0, height=HEIGHT):
    """Return (character, box) of each character of a text."""
    found = []
    for character in text:
        width, high, low = SIGNS.get(character, (WIDTH / HEIGHT, 0, 1))
        y = top - rise * (left - 50)
        box = left, y + high * height, left + width * height, y + low * height
        if character != " ":
            found.append((character, box))
        left += (width + (ADVANCE - WIDTH) / HEIGHT) * height
    return found


def read(found, probability=0.9):
    """Return the texts of the numbers of each line."""
    found = [found[i] for i in np.random.default_rng(0).permutation(len(found))]
    boxes = np.array([box for _, box in found], float).reshape(-1, 4)
    kinds = np.array([CLASSES.index(character) for character, _ in found], int)
    probabilities = np.zeros((len(found), len(CLASSES)))
    probabilities[np.arange(len(found)), kinds] = probability
    things = Things(boxes, probabilities)
    digits = things.take(kinds < 10)
    labels = kinds[kinds < 10]
    return [
        ["".join(c.sign or str(labels[c.digit]) for c in number) for number in line]
        for line in find_lines(digits, [(1.0, things)], CLASSES)
    ]


@pytest.mark.parametrize("rise", [-0.2, 0, 0.2])
@pytest.mark.parametrize(
    "text", ["7", "1984", "-31.4", "31/4", "3:14", "-7", "0.5", "12-3", "1.2.3"]
)
def test_digits_and_signs_side_by_side_are_a_number(text, rise):
    assert read(place(text, rise=rise)) == [[text]]


def test_a_wide_gap_ends_a_number():
    assert read(place("12   340   5")) == [["12", "340", "5"]]


def test_digits_that_are_far_apart_like_those_of_a_form_are_a_number():
    found = [pair for k in range(6) for pair in place("5", left=50 + 45 * k)]
    assert read(found) == [["555555"]]


def test_single_digits_of_columns_are_numbers():
    found = [pair for k in range(4) for pair in place(str(k), left=50 + 200 * k)]
    assert read(found) == [["0", "1", "2", "3"]]


@pytest.mark.parametrize("rise", [-0.2, -0.05, 0, 0.05, 0.2])
def test_lines_are_read_from_top_to_bottom(rise):
    found = []
    for k, text in enumerate(TEXTS):
        found += place(text, top=150 + 50 * k, rise=rise)
    assert read(found) == [[text] for text in TEXTS]


def test_two_columns_share_their_rows():
    found = []
    for k in range(3):
        found += place("81", top=50 + 60 * k) + place("307", left=400, top=50 + 60 * k)
    assert read(found) == [["81", "307"]] * 3


def test_columns_between_whose_rows_is_half_a_row_are_kept_apart():
    found = place("81") + place("307", left=400, top=90)
    assert read(found) == [["81"], ["307"]]


def test_a_row_of_mixed_heights_is_one_row():
    found = place("12") + place("3", left=98, top=44, height=38)
    found += place("4", left=130, top=56, height=24)
    assert read(found) == [["1234"]]


def test_a_small_digit_beside_large_ones_is_no_part_of_their_number():
    found = place("12", height=80) + place("3", left=200, top=50, height=20)
    assert ["12"] in read(found)


@pytest.mark.parametrize("sign", SIGNS)
def test_signs_without_digits_are_nothing(sign):
    assert read(place(sign)) == []
    assert read(place(f"12{' ' * 9}{sign}")) == [["12"]]


@pytest.mark.parametrize("text", ["12.", "12/", "12-", ":12", "/12"])
def test_signs_need_digits_where_they_have_them(text):
    assert read(place(text)) == [["12"]]


def test_signs_in_a_digit_are_parts_of_it():
    found = place("47")
    x = found[0][1][0] + WIDTH / 2
    assert read([*found, ("-", (x - 5, 64, x + 5, 67))]) == [["47"]]


def test_doubtful_signs_are_left_out():
    assert read(place("31.4"), probability=0.3) == [["314"]]


def test_no_digits_are_no_lines():
    assert read([]) == []
