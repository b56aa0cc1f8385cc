import numpy as np
import pytest

from skmnist._reading.touching_digits import split_touching_digits

WIDTH = 4


def draw_pair():
    """Draw two strokes joined by a hair: together, a fifth wider than high."""
    ink = np.zeros((70, 82), np.float32)
    ink[5:65, 5 : 5 + WIDTH] = ink[5:65, 77 - WIDTH : 77] = 1
    ink[34, 5:77] = 1
    return ink


def read(classes, whole, ink):
    """Read labels; the whole drawing looks like `whole`, its strokes like ones.

    1 is the first of the classes.
    """
    classes = np.array(classes)

    def classify(inks):
        return np.stack([look(part > 0.5) for part in inks])

    def look(part):
        n_strokes = np.count_nonzero(part.sum(axis=0) > 50) / WIDTH
        best = {2: classes == whole, 1: classes == classes[0]}.get(n_strokes)
        if best is None:
            return np.full(len(classes), 1 / len(classes))
        return np.where(best, 0.97, 0.03 / (len(classes) - 1))

    parts = split_touching_digits(ink, classify([ink])[0], WIDTH, classify, classes)
    return [classes[probability.argmax()] for _, probability in parts]


@pytest.mark.parametrize(
    ("whole", "expected"),
    [(0, [0]), (2, [2]), (9, [1, 1]), (6, [1, 1])],
    ids=["zero", "two", "nine", "six"],
)
def test_a_wide_drawing_is_cut_if_its_digit_is_usually_narrow(whole, expected):
    """0 and 2 may be a fifth wider than high; 6 and 9 hardly ever are."""
    order = [1, 0, *range(2, 10)]
    assert read(order, whole, draw_pair()) == expected
    assert read(np.array(order, float), whole, draw_pair()) == expected
    names = list(map(str, order))
    assert read(names, str(whole), draw_pair()) == list(map(str, expected))


def test_classes_may_be_of_any_kind_and_number():
    letters = list("abcdefghijklmnopqrstuvwxyz")
    assert read(letters, "z", draw_pair()) == ["a", "a"]


def test_the_parts_are_where_they_were():
    ink = draw_pair()
    likely = np.array([0.97, 0.03])
    parts = split_touching_digits(
        ink, likely[::-1], WIDTH, lambda inks: [likely] * len(inks), np.array([1, 9])
    )
    left, *_, right = (part for part, _ in parts)
    np.testing.assert_array_equal(left[:, 5:9], ink[:, 5:9])
    np.testing.assert_array_equal(right[:, 73:77], ink[:, 73:77])
    np.testing.assert_array_equal(sum(part for part, _ in parts), ink)
