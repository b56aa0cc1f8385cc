import numpy as np
import pytest

from skmnist._reading import detection
from skmnist._reading.detection import N_DIGITS, Things, detect, get_classes
from skmnist._reading.pyramid import LARGEST, SMALLEST
from tests.pen import PAPER, Sheet, write_by_pen


def make_things(n):
    boxes = np.tile([10.0, 20.0, 16.0, 30.0], (n, 1)) + np.arange(n)[:, None]
    return Things(boxes, np.full((n, 14), 0.1))


def find_best(levels):
    """Return digits and boxes of the level that shows most of them."""
    found = []
    for _, things in levels:
        best = things.probabilities.argmax(axis=1)
        sure = (best < N_DIGITS) & (things.probabilities.max(axis=1) > 0.5)
        order = np.argsort(things.centres[sure][:, 0])
        text = "".join(str(k) for k in best[sure][order])
        found.append((text, things.boxes[sure][order]))
    return max(found, key=lambda pair: len(pair[0]))


def test_classes_are_the_digits_and_signs():
    assert get_classes()[:N_DIGITS] == "0123456789"
    assert {*get_classes()[N_DIGITS:]} == {*"-./:"}


def test_things_are_taken_and_joined():
    things = make_things(5)
    joined = Things.join([things.take([0, 1]), things.take(np.arange(5) > 1)])
    np.testing.assert_array_equal(joined.boxes, things.boxes)
    assert len(joined) == 5
    np.testing.assert_array_equal(things.heights, [10] * 5)
    np.testing.assert_array_equal(things.take([2]).centres, [[15, 27]])


@pytest.mark.parametrize("ink", [40, 255], ids=["dark", "light"])
@pytest.mark.parametrize("height", [20, 40, 90])
def test_digits_are_found_in_their_places(height, ink):
    sheet = Sheet(height * 6, height * 3, paper=PAPER if ink == 40 else 60)
    page = sheet.write("528", height, height, height, height / 12, ink).scan(noise=0)
    text, boxes = find_best(detect(page))
    assert text == "528"
    is_ink = np.abs(page.astype(int) - page[0, 0]) > 60
    rows, columns = np.nonzero(is_ink)
    outermost = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    inked = [columns.min(), rows.min()], [columns.max() + 1, rows.max() + 1]
    np.testing.assert_allclose(outermost, inked, atol=0.15 * height)


def test_a_digit_is_seen_on_several_scales():
    levels = detect(write_by_pen("5"))
    n_seen = 0
    for scale, things in levels:
        is_same = np.abs(things.heights - 40).min(initial=99) < 12
        n_seen += is_same and SMALLEST <= 40 * scale <= LARGEST
    assert n_seen >= 2


@pytest.mark.parametrize(
    ("probabilities", "wanted"),
    [((0.3, 0.5), "1"), ((0.1, 0.8), "/"), ((0.0, 0.5), "/"), ((0.8, 0.1), "1")],
)
def test_a_stroke_is_a_slash_only_if_that_is_far_likelier_than_a_one(
    probabilities, wanted, monkeypatch
):
    classes = get_classes()
    row = np.zeros((1, len(classes)))
    row[0, [1, classes.index("/")]] = probabilities
    monkeypatch.setattr(
        detection,
        "_look_at_part",
        lambda *_: (np.array([[20.0, 20, 10, 30]]), row.copy()),
    )
    things = Things.join([things for _, things in detect(write_by_pen("5"))])
    assert {classes[k] for k in things.probabilities.argmax(axis=1)} == {wanted}


@pytest.mark.parametrize("left", [5, 300, 585])
@pytest.mark.parametrize("top", [5, 480, 500, 520, 700])
def test_digits_are_found_wherever_a_page_is_divided(left, top):
    sheet = Sheet(700, 760).write("7352", left, top, 36)
    assert find_best(detect(sheet.scan(noise=0)))[0] == "7352"


@pytest.mark.parametrize("shape", [(4, 4), (60, 90), (1000, 30)])
def test_nothing_is_found_on_a_blank_page(shape):
    levels = detect(np.full(shape, PAPER, np.uint8))
    assert levels
    for _, things in levels:
        assert things.boxes.shape == (0, 4)
        assert things.probabilities.shape == (0, len(get_classes()))
