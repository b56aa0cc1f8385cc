import matplotlib.pyplot as plt
import pytest

from skmnist import NumberReader
from tests.pages import write

pytestmark = pytest.mark.usefixtures("pyplot")


def test_a_reading_shows_its_text(reader):
    reading = reader.read(write("42\n7"))
    assert repr(reading) == r"Reading('42\n7')"
    assert str(reading) == reading.text == "42\n7"


def test_plot_draws_a_box_and_a_label_for_each_digit(reader):
    reading = reader.read(write("604\n29"))
    assert reading.plot() is reading
    assert len(reading.ax_.patches) == len(reading.digits) == 5
    assert [text.get_text() for text in reading.ax_.texts] == [*"60429"]
    boxes = [(*p.get_xy(), p.get_width(), p.get_height()) for p in reading.ax_.patches]
    for box, digit in zip(boxes, reading.digits, strict=True):
        left, top, right, bottom = digit.box
        assert box == (left, top, right - left, bottom - top)
    assert len(reading.ax_.images) == 1
    assert reading.figure_ is reading.ax_.figure


def test_uncertain_digits_look_different(classifier):
    picture = write("0123456789")
    reading = NumberReader(classifier, min_probability=1).read(picture).plot()
    looks = {
        (digit.certain, patch.get_linestyle(), text.get_text()[1:])
        for digit, patch, text in zip(
            reading.digits, reading.ax_.patches, reading.ax_.texts, strict=True
        )
    }
    assert looks <= {(False, "--", "?"), (True, "-", "")}
    assert (False, "--", "?") in looks


def test_given_axes_and_styles_are_used(reader):
    figure, ax = plt.subplots()
    reading = reader.read(write("31"))
    reading.plot(ax, box_kw={"linewidth": 7}, text_kw={"color": "black"})
    assert (reading.ax_, reading.figure_) == (ax, figure)
    assert plt.get_fignums() == [figure.number]
    assert {patch.get_linewidth() for patch in ax.patches} == {7}
    assert {text.get_color() for text in ax.texts} == {"black"}


@pytest.mark.parametrize(
    "style", [{"ec": "red"}, {"lw": 3}, {"edgecolor": "red"}], ids=str
)
def test_box_styles_take_over_under_any_alias(reader, style):
    patch = reader.read(write("1")).plot(box_kw=style).ax_.patches[0]
    if "lw" in style:
        assert patch.get_linewidth() == 3
    else:
        assert patch.get_edgecolor() == (1, 0, 0, 1)


def test_large_pictures_are_drawn_in_their_own_pixels(reader):
    picture = write("47", zoom=40, margin=100)
    reading = reader.read(picture).plot()
    height, width = picture.shape
    assert reading.ax_.get_xlim() == (0, width)
    assert reading.ax_.get_ylim() == (height, 0)
    assert max(reading.picture.shape) <= 1600
