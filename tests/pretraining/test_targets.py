import numpy as np
import pytest
from numpy.testing import assert_allclose

pytest.importorskip("detector.targets", reason="the folder pretraining is not here")

from detector.marks import CLASSES, IGNORED
from detector.page import draw_page
from detector.targets import (
    HAS_BOX,
    N_CLASSES,
    OFFSET,
    SIZE,
    STRIDE,
    WEIGHT,
    make_target,
)


def test_peak_where_a_box_is():
    box = np.array([[50, 61, 70, 99]], np.float32)
    target = make_target(box, np.array([4]))
    heat = target[..., :N_CLASSES]
    row, column, label = np.unravel_index(heat.argmax(), heat.shape)
    assert label == 4
    assert heat.max() == 1
    assert (heat == 1).sum() == 1
    cell = target[row, column]
    middle = (np.array([column, row]) + 0.5 + cell[OFFSET : OFFSET + 2]) * STRIDE
    assert_allclose(middle, [60, 80], atol=1e-4)
    assert_allclose(np.exp(cell[SIZE : SIZE + 2]), [20, 38], rtol=1e-5)
    assert target[..., HAS_BOX].sum() == 9


def test_every_digit_of_a_page_has_its_peak(material):
    for number in range(10):
        _, boxes, labels = draw_page(material, 1, number)
        target = make_target(boxes, labels)
        for box, label in zip(boxes, labels, strict=True):
            if label == IGNORED:
                continue
            x, y = ((box[:2] + box[2:]) / 2 / STRIDE).astype(int)
            assert target[y, x, label] == 1
            assert target[y, x, WEIGHT] == 1
            assert target[y, x, HAS_BOX] == 1


def test_ignored_place_does_not_count():
    box = np.array([[40, 40, 60, 80]], np.float32)
    target = make_target(box, np.array([IGNORED]))
    assert not target[..., : len(CLASSES)].any()
    assert not target[10:20, 10:15, WEIGHT].any()
    assert target[..., WEIGHT].sum() == target[..., WEIGHT].size - 50


def test_page_without_digits_is_all_nothing():
    target = make_target(np.zeros((0, 4), np.float32), np.zeros(0, int))
    assert not target[..., :N_CLASSES].any()
    assert target[..., WEIGHT].all()
