import numpy as np
import pytest
from numpy.testing import assert_array_equal

pytest.importorskip("detector.page", reason="the folder pretraining is not here")

from detector.canvas import SIDE, Canvas, Ink
from detector.digits import Manner
from detector.hands import DotHand, EnlargedHand, PenHand, PrintHand
from detector.marks import CLASSES, IGNORED, NOTHING, is_word, label_of
from detector.page import draw_page, find_boxes
from detector.pens import Pen
from detector.writing import Style, choose_style, compose_number, write


def make_hand(kind, material, rng):
    if kind == "pen":
        hand = PenHand(rng, material.digits, material.handwritten[0], Manner(rng))
        hand.pen = Pen(width=0.08)
        return hand
    if kind == "enlarged":
        return EnlargedHand(rng, material.digits)
    if kind == "print":
        return PrintHand(material.printed[0])
    return DotHand(rng)


def find_ink(page):
    rows, columns = np.nonzero(page < 0.6)
    return np.array(
        [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], float
    )


def test_same_page_for_the_same_seed_and_number(material):
    first, again = draw_page(material, 3, 5), draw_page(material, 3, 5)
    for one, other in zip(first, again, strict=True):
        assert_array_equal(one, other)


@pytest.mark.parametrize(("seed", "number"), [(3, 6), (4, 5)])
def test_another_page_for_another_seed_or_number(material, seed, number):
    page, _, _ = draw_page(material, seed, number)
    assert (page != draw_page(material, 3, 5)[0]).any()


def test_page_is_grey_and_its_boxes_lie_on_it(material):
    n_digits = 0
    for number in range(30):
        page, boxes, labels = draw_page(material, 0, number)
        assert page.shape == (SIDE, SIDE)
        assert page.dtype == np.uint8
        assert boxes.shape == (len(labels), 4)
        assert (boxes[:, :2] < boxes[:, 2:]).all()
        assert boxes.min(initial=0) >= 0
        assert boxes.max(initial=0) <= SIDE
        assert set(labels) <= {IGNORED, *range(len(CLASSES))}
        n_digits += (labels >= 0).sum()
    assert n_digits > 100


@pytest.mark.parametrize("kind", ["pen", "enlarged", "print", "dots"])
@pytest.mark.parametrize("character", CLASSES)
def test_box_lies_on_the_ink(material, kind, character):
    rng = np.random.default_rng(0)
    hand = make_hand(kind, material, rng)
    for _ in range(5):
        canvas = Canvas(1.0)
        style = choose_style(rng, 40.0, hand)
        write(canvas, rng, hand, character, (80, 110), style, Ink(0.0))
        (mark,) = canvas.marks
        assert CLASSES[mark.label] == character
        assert np.abs(mark.box() - find_ink(canvas.page)).max() < 2


def test_text_is_written_in_order(material):
    rng = np.random.default_rng(1)
    hand = make_hand("pen", material, rng)
    canvas = Canvas(1.0)
    write(canvas, rng, hand, "30-7.5/2:1", (5, 60), Style(16.0), Ink(0.0))
    assert "".join(CLASSES[mark.label] for mark in canvas.marks) == "30-7.5/2:1"


@pytest.mark.parametrize(
    ("character", "height", "expected"),
    [
        ("7", 30, 7),
        (",", 30, CLASSES.index(".")),
        ("7", 5, NOTHING),
        ("7", 13, IGNORED),
        ("7", 70, IGNORED),
        ("7", 200, NOTHING),
        ("k", 30, NOTHING),
        ("O", 30, IGNORED),
        ("O", 200, NOTHING),
    ],
)
def test_label_depends_on_the_height(character, height, expected):
    assert label_of(character, height) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("O", {IGNORED}), ("Il", {IGNORED}), ("Horst", {NOTHING}), ("107", {1, 0, 7})],
)
def test_letters_that_look_like_digits_are_nothing_in_words(text, expected):
    labels = {label_of(c, 30, is_in_word=is_word(text)) for c in text}
    assert labels == expected


def test_digits_that_cannot_be_seen_are_ignored(material):
    rng = np.random.default_rng(4)
    canvas = Canvas(1.0)
    hand = make_hand("pen", material, rng)
    for y, tone in ((60, 0.2), (140, 0.999)):
        write(canvas, rng, hand, "52", (50, y), Style(40.0, gap=0.4), Ink(tone))
    clean = np.round(canvas.page * 255).astype(np.uint8)
    _, labels = find_boxes(canvas.marks, clean, noise=0.0)
    assert list(labels) == [5, 2, IGNORED, IGNORED]


def test_numbers_have_what_the_hand_can_write():
    rng = np.random.default_rng(2)
    texts = [compose_number(rng, "0123456789-") for _ in range(300)]
    assert set("".join(texts)) == set("0123456789-")


def test_covered_digits_are_forgotten(material):
    rng = np.random.default_rng(3)
    canvas = Canvas(1.0)
    hand = make_hand("print", material, rng)
    write(canvas, rng, hand, "1234567", (10, 60), Style(30.0), Ink(0.0))
    cover = np.zeros_like(canvas.page)
    cover[:, :60] = 1
    canvas.cover(cover, 0.5)
    labels = [mark.label for mark in canvas.marks]
    assert len(labels) < 7
    assert labels[-1] == 7
    assert all(mark.box()[2] > 60 for mark in canvas.marks)
