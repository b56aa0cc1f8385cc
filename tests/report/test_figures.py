import numpy as np
import pytest
from matplotlib.colors import to_rgba

from skmnist._report.figures import draw_confusion_matrix
from skmnist._report.prediction_sections import _format_threshold

Y_TRUE = np.repeat([0, 1, 2], 100)
Y_PRED = Y_TRUE.copy()
Y_PRED[:9] = 2
Y_PRED[150:153] = 0


def colours_of(figure):
    """Return the colour of each cell of a confusion matrix."""
    (image,) = figure.axes[0].images
    return image.to_rgba(image.get_array())


def test_the_confusion_matrix_is_coloured_by_the_mistakes():
    colours = colours_of(draw_confusion_matrix(Y_TRUE, Y_PRED))
    grey = to_rgba("0.92")
    for i in range(3):
        np.testing.assert_allclose(colours[i, i], grey)
    brightness = colours[..., :3].sum(axis=2)
    # Nine mistakes, three, and none.
    assert brightness[0, 2] < brightness[1, 0] < brightness[0, 1]


def test_all_numbers_of_the_confusion_matrix_are_legible():
    figure = draw_confusion_matrix(Y_TRUE, Y_PRED)
    colours = colours_of(figure)
    for text in figure.axes[0].texts:
        i, j = (round(place) for place in reversed(text.get_position()))
        if text.get_text() != "0":
            text_brightness = sum(to_rgba(text.get_color())[:3])
            assert abs(text_brightness - colours[i, j, :3].sum()) > 0.9


def test_a_confusion_matrix_without_mistakes_is_grey():
    colours = colours_of(draw_confusion_matrix(Y_TRUE, Y_TRUE))
    np.testing.assert_allclose(colours[1, 1], to_rgba("0.92"))
    assert colours[0, 1, :3].sum() > 2.8


@pytest.mark.parametrize(
    ("threshold", "text"),
    [(0.98, "0.9800"), (0.99997, "0.99997"), (0.9999999, "0.9999999"), (1.0, "1.0000")],
)
def test_a_threshold_below_one_is_not_shown_as_one(threshold, text):
    assert _format_threshold(threshold) == text
