import numpy as np
import pytest

from skmnist import load_pretrained
from skmnist._data.mnist_form import has_mnist_form
from skmnist._reading.cutting import as_rows, cut_digits
from tests.pages import DIGITS
from tests.pen import Sheet, write_by_pen

CLASSIFIER = load_pretrained()
DARK, LIGHT = 40, 225
# x of the digits of `draw`, their size.
LEFT, TOP, HEIGHT, ADVANCE = 40, 40, 48, 41


def draw(text="25079", ink=DARK, paper=235, pen=4.0):
    """Return a page with a row of digits, and their boxes."""
    sheet = Sheet(2 * LEFT + len(text) * ADVANCE, 2 * TOP + HEIGHT, paper)
    boxes = []
    for k, character in enumerate(text):
        before = sheet.page.copy()
        sheet.write(character, LEFT + k * ADVANCE, TOP, HEIGHT, pen, ink)
        rows, columns = np.nonzero(np.abs(sheet.page - before) > abs(paper - ink) / 2)
        boxes.append([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    return sheet, np.array(boxes, float)


def classify(page, boxes):
    rows = as_rows(cut_digits(page, boxes).drawings)
    assert rows.dtype == np.uint8
    assert has_mnist_form(rows.reshape(-1, 28, 28)).all()
    return "".join(map(str, CLASSIFIER.predict(rows)))


@pytest.mark.parametrize("pen", [2.0, 4.0, 7.0])
@pytest.mark.parametrize(("ink", "paper"), [(DARK, 235), (LIGHT, 50), (190, 225)])
def test_digits_are_brought_to_mnist_form(ink, paper, pen):
    sheet, boxes = draw(ink=ink, paper=paper, pen=pen)
    assert classify(sheet.scan(), boxes) == "25079"


def test_each_digit_has_its_own_polarity():
    sheet, boxes = draw("25")
    dark, _ = draw("25", ink=LIGHT, paper=50)
    middle, gap = LEFT + ADVANCE, 24
    page = np.hstack([sheet.page[:, :middle], np.full((len(dark.page), gap), 235.0)])
    page = np.hstack([page, np.full_like(page[:, :gap], 50), dark.page[:, middle:]])
    boxes[1, [0, 2]] += 2 * gap
    assert classify(page.astype(np.uint8), boxes) == "25"
    assert cut_digits(page.astype(np.uint8), boxes).is_light.tolist() == [False, True]


def test_light_may_be_uneven():
    sheet, boxes = draw()
    sheet.page *= np.linspace(1, 0.4, sheet.page.shape[1])
    sheet.page *= np.linspace(0.8, 1, len(sheet.page))[:, None]
    assert classify(sheet.scan(), boxes) == "25079"


@pytest.mark.parametrize("distance", [4, 8, 12])
def test_lines_beside_a_digit_are_left_out(distance):
    sheet, boxes = draw("5")
    left, _, right, bottom = boxes[0].astype(int)
    sheet.page[:, left - distance - 3 : left - distance] = DARK
    sheet.page[:, right + distance : right + distance + 3] = DARK
    sheet.page[bottom + distance : bottom + distance + 3] = DARK
    assert classify(sheet.scan(), boxes) == "5"


def test_specks_in_the_box_are_left_out():
    sheet, boxes = draw("0")
    left, top, right, bottom = boxes[0].astype(int)
    y, x = (top + bottom) // 2, (left + right) // 2
    clean = as_rows(cut_digits(sheet.scan(), boxes).drawings)
    sheet.page[y : y + 2, x : x + 2] = DARK
    spoilt = as_rows(cut_digits(sheet.scan(), boxes).drawings)
    assert np.abs(clean.astype(int) - spoilt).mean() < 2


@pytest.mark.parametrize("share", [-0.06, 0.06])
def test_boxes_may_be_a_bit_wrong(share):
    sheet, boxes = draw()
    size = boxes[:, 2:] - boxes[:, :2]
    boxes = np.hstack([boxes[:, :2] - share * size, boxes[:, 2:] + share * size])
    assert classify(sheet.scan(), boxes) == "25079"


def test_a_digit_may_touch_the_border_of_the_page():
    sheet, boxes = draw("5")
    left, top, right, bottom = boxes[0].astype(int)
    page = sheet.scan()[top:bottom, left:right]
    assert classify(page, boxes - [left, top, left, top]) == "5"


def test_images_of_mnist_keep_their_form():
    """Cut out of their frame, nine of ten have the class that they had."""
    images, target = DIGITS.images[::60], DIGITS.target[::60]
    page = 255 - np.hstack(np.pad(images, [(0, 0), (6, 6), (6, 6)]))
    boxes = []
    for k, image in enumerate(images):
        rows, columns = np.nonzero(image > 60)
        x = 40 * k + 6
        boxes.append(
            [x + columns.min(), 6 + rows.min(), x + columns.max() + 1, 7 + rows.max()]
        )
    read = np.array([*map(int, classify(page, np.array(boxes, float)))])
    assert np.mean(read == target) > 0.9


def test_blank_paper_gives_a_blank_row():
    page = np.full((100, 100), 235, np.uint8)
    cuts = cut_digits(page, np.array([[20.0, 20, 60, 70]]))
    assert not as_rows(cuts.drawings).any()


def test_no_boxes_give_no_rows():
    cuts = cut_digits(np.full((50, 50), 235, np.uint8), np.zeros((0, 4)))
    assert len(cuts.is_light) == 0
    assert as_rows(cuts.drawings).shape == (0, 784)


def test_many_digits_are_cut_as_each_alone():
    page = write_by_pen("25347")
    left = np.linspace(0, page.shape[1] - 30, 70)[:, None]
    boxes = left * [1, 0, 1, 0] + [0, 10, 28, page.shape[0] - 10]
    together = cut_digits(page, boxes)
    alone = [cut_digits(page, box[None]) for box in boxes]
    assert len(together.contrast) == 70
    for cut, field in zip(together, together._fields, strict=True):
        expected = np.concatenate([getattr(one, field) for one in alone])
        np.testing.assert_allclose(cut, expected, atol=1e-3)
