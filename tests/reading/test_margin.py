import numpy as np
import pytest

from skmnist._reading.margin import add_margin

PAPER = 200


@pytest.mark.parametrize("shape", [(4, 4), (28, 28), (500, 30), (300, 400)])
def test_the_margin_of_blank_paper_is_blank(shape):
    page, width = add_margin(np.full(shape, PAPER, np.uint8))
    assert page.dtype == np.uint8
    assert width > 0
    assert page.shape == (shape[0] + 2 * width, shape[1] + 2 * width)
    assert np.abs(page.astype(int) - PAPER).max() <= 1


def test_ink_at_the_border_is_not_continued():
    page = np.full((200, 300), PAPER, np.uint8)
    page[:, 100:110] = 20
    wide, width = add_margin(page)
    np.testing.assert_array_equal(wide[width:-width, width:-width], page)
    assert wide[:width].min() > (PAPER + 20) / 2
