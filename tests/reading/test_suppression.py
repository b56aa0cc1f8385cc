import numpy as np
import pytest

from skmnist._reading.detection import Things
from skmnist._reading.pyramid import LARGEST, SMALLEST
from skmnist._reading.suppression import compare_boxes, merge_scales, weigh

N_CLASSES = 14
SCALES = 1.5, 1.0, 2 / 3


def make_things(scale, *found):
    """Return things from (box, class, probability)."""
    boxes = np.array([box for box, _, _ in found], float).reshape(-1, 4)
    probabilities = np.zeros((len(found), N_CLASSES))
    for row, (_, kind, probability) in zip(probabilities, found, strict=True):
        row[kind] = probability
    return scale, Things(boxes, probabilities)


def see_everywhere(*found):
    return [make_things(scale, *found) for scale in SCALES]


DIGIT = (100, 100, 120, 130)


def test_a_digit_that_all_scales_show_is_kept_once():
    levels = [
        make_things(scale, ((100 + k, 100, 120, 131 + k), 7, 0.9 - k / 10))
        for k, scale in enumerate(SCALES)
    ]
    things = merge_scales(levels, 0.4)
    assert len(things) == 1
    assert things.probabilities[0].argmax() == 7
    assert things.probabilities[0, 7] == pytest.approx(0.8)


def test_what_one_scale_shows_is_doubtful():
    levels = [make_things(scale) for scale in SCALES]
    levels[1] = make_things(1.0, (DIGIT, 1, 0.9))
    assert len(merge_scales(levels, 0.4)) == 0
    (kept,) = merge_scales(levels, 0.2).probabilities
    assert kept[1] == pytest.approx(0.3)


def test_scales_at_which_a_digit_is_too_large_are_not_asked():
    large = (100, 100, 160, 100 + 1.4 * LARGEST)
    levels = see_everywhere((large, 4, 0.9))
    levels[0] = make_things(SCALES[0])  # there it is twice as high as any known
    assert merge_scales(levels, 0.4).probabilities[0, 4] > 0.8


def test_signs_are_no_digits():
    assert len(merge_scales(see_everywhere((DIGIT, 10, 0.9)), 0.4)) == 0


@pytest.mark.parametrize(
    ("other", "n_kept"),
    [
        ((121, 100, 141, 130), 2),  # beside it
        ((115, 100, 135, 130), 2),  # touching it
        ((100, 131, 120, 161), 2),  # below it
        ((104, 102, 119, 128), 1),  # nearly the same
        ((101, 101, 112, 113), 1),  # a loop of it
    ],
)
def test_boxes_of_one_digit_are_kept_once(other, n_kept):
    things = merge_scales(see_everywhere((DIGIT, 8, 0.9), (other, 0, 0.8)), 0.4)
    assert len(things) == n_kept
    np.testing.assert_allclose(things.boxes[0], DIGIT)


def test_slim_ones_side_by_side_are_all_kept():
    ones = [((100 + 6 * k, 100, 103 + 6 * k, 130), 1, 0.9) for k in range(3)]
    assert len(merge_scales(see_everywhere(*ones), 0.4)) == 3


def test_a_part_that_one_scale_shows_of_a_wide_digit_is_no_second_digit():
    whole, left, right = (
        (100, 100, 130, 130),
        (100, 104, 116, 130),
        (112, 100, 131, 130),
    )
    levels = [
        make_things(SCALES[0], (right, 5, 0.9)),
        make_things(SCALES[1], (whole, 5, 0.8)),
        make_things(SCALES[2], (whole, 5, 0.8), (left, 5, 0.7)),
    ]
    things = merge_scales(levels, 0.2)
    assert len(things) == 1
    assert compare_boxes(things.boxes[0], np.array(whole, float))[0] > 0.8


def test_a_box_is_the_mean_of_those_on_all_scales():
    levels = [
        make_things(scale, ((100, 100, 120, 130 + 3 * k), 7, 0.8))
        for k, scale in enumerate(SCALES)
    ]
    (box,) = merge_scales(levels, 0.4).boxes
    np.testing.assert_allclose(box, (100, 100, 120, 133))


def test_the_surer_scale_counts_more_for_a_box():
    levels = [
        make_things(SCALES[0], ((100, 100, 120, 130), 7, 0.9)),
        make_things(SCALES[1], ((100, 100, 120, 140), 7, 0.3)),
        make_things(SCALES[2]),
    ]
    (box,) = merge_scales(levels, 0.3).boxes
    np.testing.assert_allclose(box, (100, 100, 120, 132.5))


def test_the_most_probable_come_first():
    found = [((40 * k, 0, 40 * k + 20, 30), k, 0.5 + k / 20) for k in range(6)]
    things = merge_scales(see_everywhere(*found), 0.4)
    assert things.probabilities.argmax(axis=1).tolist() == [5, 4, 3, 2, 1, 0]


def test_nothing_found_is_nothing_kept():
    things = merge_scales(see_everywhere(), 0.4)
    assert len(things) == 0
    assert things.probabilities.shape == (0, N_CLASSES)


def test_time_grows_with_the_number_of_digits_only():
    """Boxes of many digits need no table of all pairs, nor many rounds."""
    x, y = np.meshgrid(np.arange(50) * 30, np.arange(60) * 40)
    found = [
        ((a, b, a + 20, b + 30), 3, 0.9) for a, b in zip(x.flat, y.flat, strict=True)
    ]
    assert len(merge_scales(see_everywhere(*found), 0.4)) == 3000


def test_known_heights_are_trusted():
    heights = np.array([SMALLEST / 3, SMALLEST, 30, LARGEST, 3 * LARGEST])
    np.testing.assert_allclose(weigh(heights), [0, 1, 1, 1, 0])


def test_boxes_are_compared_by_what_they_share():
    a, b = np.array([0.0, 0, 4, 2]), np.array([[2.0, 0, 4, 2], [9, 9, 10, 10]])
    union, smaller = compare_boxes(a, b)
    np.testing.assert_allclose(union, [0.5, 0])
    np.testing.assert_allclose(smaller, [1, 0])
