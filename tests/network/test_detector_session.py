from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from skmnist._network.detector_session import DetectorSession
from tests.pen import PAPER, write_by_pen

SESSION = DetectorSession()


def test_classes_and_stride_are_those_of_the_file():
    assert SESSION.classes == "0123456789-./:"
    assert SESSION.stride == 4


@pytest.mark.parametrize("shape", [(1, 1), (9, 50), (61, 83), (128, 64)])
def test_each_cell_of_a_page_of_any_shape_has_an_answer(shape):
    heat, boxes = SESSION.run(np.full(shape, PAPER, np.uint8))
    assert heat.shape[0] == len(SESSION.classes)
    assert boxes.shape == (4, *heat.shape[1:])
    assert SESSION.stride * heat.shape[1] >= shape[0]
    assert SESSION.stride * heat.shape[2] >= shape[1]
    assert heat.dtype == boxes.dtype == np.float32
    assert 0 <= heat.min() <= heat.max() < 0.5
    assert (boxes[2:] > 0).all()


@pytest.mark.parametrize("digit", "023456789")
def test_heat_is_highest_at_the_centre_of_a_digit(digit):
    page = write_by_pen(digit, height=36, margin=20)
    heat, boxes = SESSION.run(page)
    kind, row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert str(kind) == digit
    rows, columns = np.nonzero(page < 140)
    middle = (columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2
    place = SESSION.stride * (np.array([column, row]) + 0.5)
    np.testing.assert_allclose(place, middle, atol=1.5 * SESSION.stride)
    x, y, width, height = boxes[:, row, column]
    np.testing.assert_allclose([x, y], middle, atol=4)
    np.testing.assert_allclose(height, np.ptp(rows) + 1, rtol=0.2)
    np.testing.assert_allclose(width, np.ptp(columns) + 1, rtol=0.3)


def test_brightness_and_contrast_change_little():
    page = write_by_pen("5", height=36)
    faint = (180 + page * 0.25).astype(np.uint8)
    heats = [SESSION.run(picture)[0].max() for picture in (page, faint, 255 - page)]
    assert min(heats) > 0.5


def test_threads_get_the_same_answers():
    pages = [write_by_pen(digit) for digit in "57"] * 4
    with ThreadPoolExecutor(4) as pool:
        heats = [heat for heat, _ in pool.map(SESSION.run, pages)]
    for heat, page in zip(heats, pages, strict=True):
        np.testing.assert_array_equal(heat, SESSION.run(page)[0])
