from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmnist._reading.detection import Things, detect, get_classes
from skmnist._reading.margin import add_margin
from skmnist._reading.orientation import find_digits
from skmnist._reading.recognition import recognize, recognize_digits
from skmnist._reading.suppression import merge_scales
from tests.pen import INK, PAPER, write_by_pen


def find_box(page):
    """Return the box of all ink."""
    rows, columns = np.nonzero(page < (PAPER + INK) / 2)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])


@pytest.mark.parametrize("height", [14, 30, 90])
@pytest.mark.parametrize("digit", "023456789")
def test_a_digit_of_any_height_and_polarity_is_recognized(digit, height):
    page = write_by_pen(digit, height=height)
    for picture in (page, 255 - page):
        (probabilities,) = recognize(picture, find_box(page)[None].astype(float))
        assert get_classes()[probabilities[:-1].argmax()] == digit
        assert probabilities[:10].max() > 0.5


def test_parts_of_digits_and_paper_are_nothing():
    page = np.asarray(write_by_pen("8", height=120))
    left, top, *_ = find_box(page)
    boxes = [[left, top, left + 20, top + 40], [0, 0, 20, 30]]
    assert (recognize(page, np.array(boxes, float))[:, -1] > 0.5).all()


def test_a_window_is_recognized_the_same_beside_any_others():
    """Blocks of windows are shared by threads."""
    page = write_by_pen("31415926535897932384", height=30)
    boxes = np.tile(merge_scales(detect(page), 0.3).boxes, (6, 1))
    assert len(boxes) > 100
    together = recognize(page, boxes)
    with ThreadPoolExecutor(4) as pool:
        each = list(pool.map(lambda box: recognize(page, box[None])[0], boxes[::17]))
    assert_array_equal(together[::17], each)


def test_no_box_is_no_probability():
    blank = np.full((50, 50), PAPER, np.uint8)
    assert recognize(blank, np.zeros((0, 4))).shape == (0, len(get_classes()) + 1)
    assert len(recognize_digits(blank, merge_scales(detect(blank), 0.3))) == 0


def test_what_is_found_keeps_its_place_and_gets_the_opinion_of_both():
    page, _ = add_margin(write_by_pen("2075", height=40))
    found = find_digits(page, "upright").digits
    digits = recognize_digits(page, merge_scales(detect(page), 0.3))
    assert_array_equal(digits.boxes, found.boxes)
    order = digits.boxes[:, 0].argsort()
    assert digits.probabilities[order].argmax(axis=1).tolist() == [2, 0, 7, 5]
    assert (digits.probabilities.sum(axis=1) <= 1).all()


def test_what_is_no_digit_is_left_out():
    page = np.asarray(write_by_pen("8", height=120))
    left, top, *_ = find_box(page)
    boxes = np.array([[left, top, left + 20, top + 40], find_box(page)], float)
    detected = np.zeros((2, len(get_classes())))
    detected[:, 8] = 0.6
    digits = recognize_digits(page, Things(boxes, detected))
    assert_array_equal(digits.boxes, boxes[1:])
