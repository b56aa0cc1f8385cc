import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image, ImageDraw
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skmnist import MNISTClassifier, NumberReader, PixelScaler, load_digits28

pytestmark = pytest.mark.usefixtures("pyplot")

DIGITS = load_digits28()
PIXELS = DIGITS.data.astype(float)
MEANS = np.stack([PIXELS[DIGITS.target == digit].mean(axis=0) for digit in range(10)])
# The most typical image of each digit; the classifiers learn them too.
EXAMPLES = DIGITS.images[
    [np.linalg.norm(PIXELS - mean, axis=1).argmin() for mean in MEANS]
]
PAPER, INK = 235, 40
BLANK = np.full((60, 90), PAPER, np.uint8)


@pytest.fixture(scope="module")
def classifier():
    return MNISTClassifier(epochs=10, random_state=0).fit(DIGITS.data, DIGITS.target)


@pytest.fixture(scope="module")
def reader(classifier):
    return NumberReader(classifier)


def write(text, zoom=2, margin=20, rise=0.0):
    """Dark digits on bright paper, a field of 28 pixels each and twice as many a line.

    Each digit stands `rise` fields higher than the one to its left.
    """
    return lay(draw_ink(text, zoom, margin, rise))


def draw_ink(text, zoom=2, margin=20, rise=0.0):
    lines, side = text.split("\n"), 28 * zoom
    longest = max(map(len, lines))
    climb = round(abs(rise) * side * longest)
    sheet = Image.new("L", (side * longest, climb + 3 * side * len(lines) // 2))
    for i, line in enumerate(lines):
        for j, digit in enumerate(line):
            image = Image.fromarray(EXAMPLES[int(digit)]).resize(
                (side, side), Image.Resampling.BICUBIC
            )
            top = (
                3 * i * side // 2 + (climb if rise > 0 else 0) - round(rise * j * side)
            )
            sheet.paste(image, (j * side, top))
    return np.pad(np.asarray(sheet) / 255, margin)


def lay(ink):
    """Ink from 0 to 1 as dark grey on bright paper."""
    return np.rint(ink * INK + (1 - ink) * PAPER).astype(np.uint8)


def find_box(ink):
    """The box of all ink, as left, top, right and bottom."""
    rows, columns = (np.flatnonzero((ink > 0.5).any(axis=axis)) for axis in (1, 0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def draw_rules(picture):
    image = Image.fromarray(picture)
    for y in range(8, image.height, 30):
        ImageDraw.Draw(image).line([(0, y), (image.width, y)], fill=150)
    return np.asarray(image)


def draw_boxes(digits, zoom=2, gap=8):
    """Digits in the boxes of a form."""
    boxes = []
    for digit in digits:
        box = lay(draw_ink(digit, zoom, margin=6))[: 28 * zoom + 12]
        box[[0, 1, -2, -1]] = box[:, [0, 1, -2, -1]] = INK
        boxes += [box, np.full((len(box), gap), PAPER, np.uint8)]
    return np.pad(np.hstack(boxes[:-1]), 20, constant_values=PAPER)


@pytest.mark.parametrize("digit", "0123456789")
def test_a_single_digit_is_read(reader, digit):
    assert reader.read(write(digit)).text == digit


@pytest.mark.parametrize(
    "text", ["31", "1984", "0123456789", "2024\n1776", "12\n3456\n789\n0"]
)
def test_rows_are_read_from_the_top_and_digits_from_the_left(reader, text):
    reading = reader.read(write(text))
    assert reading.text == text
    assert [len(row) for row in reading.rows] == [*map(len, text.split("\n"))]
    assert "".join(str(digit.label) for digit in reading.digits) == text.replace(
        "\n", ""
    )


@pytest.mark.parametrize("rise", [-0.2, -0.1, 0.1, 0.2])
def test_rows_may_rise_and_fall(reader, rise):
    assert reader.read(write("31405926", rise=rise)).text == "31405926"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda picture: 255 - picture, id="light on dark"),
        pytest.param(lambda p: np.pad(p, 300, constant_values=PAPER), id="margins"),
        pytest.param(draw_rules, id="ruled"),
        pytest.param(lambda picture: picture[..., None], id="a channel"),
        pytest.param(lambda picture: np.stack([picture] * 3, axis=2), id="colour"),
        pytest.param(lambda picture: picture / 255, id="from 0 to 1"),
        pytest.param(
            lambda p: (p * np.linspace(1, 0.5, p.shape[1])).astype(np.uint8), id="shade"
        ),
        pytest.param(lambda p: p.repeat(4, axis=0).repeat(4, axis=1), id="large"),
        pytest.param(Image.fromarray, id="a PIL image"),
    ],
)
def test_how_a_picture_is_made_changes_nothing(reader, change):
    assert reader.read(change(write("604\n2938"))).text == "604\n2938"


def test_the_boxes_of_a_form_are_not_read(reader):
    assert reader.read(draw_boxes("2907436")).text == "2907436"


@pytest.mark.parametrize("rise", [-0.03, 0.04])
def test_boxes_that_touch_each_other_and_the_digits_are_not_read(reader, rise):
    assert reader.read(draw_strip("2907436", rise)).text == "2907436"


def draw_strip(digits, rise):
    """Digits in the boxes of a form, which share their sides, photographed askew."""
    zoom, room = 3, 60
    ink = draw_ink(digits, zoom, margin=0)[: 28 * zoom]
    ink = np.pad(ink, room)
    # Close to the feet of what is written, and to its heads.
    for y in (room + 2 * zoom, room + 26 * zoom):
        ink[y : y + 3, room - 2 : -room + 2] = 1
    for x in range(room, ink.shape[1] - room + 1, 28 * zoom):
        ink[room + 2 * zoom : room + 26 * zoom + 3, x - 1 : x + 2] = 1
    picture = Image.fromarray(lay(ink))
    return np.asarray(
        picture.transform(
            picture.size,
            Image.Transform.AFFINE,
            (1, 0, 0, rise, 1, -rise * ink.shape[1] / 2),
            fillcolor=PAPER,
        )
    )


def test_digits_grown_together_with_the_lines_of_a_table_are_read(reader):
    rows, side = ["290743", "436158", "582094"], 90
    ink = np.zeros((360, 640))
    for i, row in enumerate(rows):
        for j, digit in enumerate(row):
            # Some stand on the line below, some hang from the one above.
            top, left = 50 + i * side + 8 * ((i + j) % 3 - 1), 53 + j * side
            own = draw_ink(digit, 3, margin=0)[:84]
            ink[top : top + 84, left : left + 84] = own
    # The lines spread, as on a photograph taken from the side.
    table = Image.new("L", ink.shape[::-1])
    for i in range(7):
        x, y, spread = 50 + i * side, 50 + i * side, 2 * (i - 3)
        lines = [(x - spread, 50, x + spread, 320)]
        lines += [(50, y - spread, 590, y + spread)] if i < 4 else []
        for line in lines:
            ImageDraw.Draw(table).line(line, fill=255, width=3)
    ink = np.maximum(ink, np.asarray(table) / 255)
    assert reader.read(lay(ink)).text == "\n".join(rows)


@pytest.mark.parametrize("side", [50, 60])
def test_squared_paper_is_not_read(reader, side):
    ink = draw_ink("6290\n4175", 3, margin=40)
    for i in (10, 11):
        ink[i::side] = ink[:, 20 + i :: side] = 0.9
    assert reader.read(lay(ink)).text == "6290\n4175"


def test_a_blot_is_marked(reader):
    page = Image.fromarray(write("2947", 3, margin=40))
    ImageDraw.Draw(page).rectangle((208, 40, 292, 140), fill=PAPER)
    ImageDraw.Draw(page).rectangle((225, 58, 275, 116), fill=INK)
    assert reader.read(page).text == "29?7"


def test_bands_fainter_than_strokes_are_not_read(reader):
    ink = np.hstack([draw_ink(digit, 3)[:, 10:-10] for digit in "6290"])
    for y in (len(ink) // 3, 2 * len(ink) // 3):
        ink[y : y + 6] = np.maximum(ink[y : y + 6], 0.4)
    assert reader.read(lay(ink)).text == "6290"


def test_the_lines_along_which_a_cell_was_cut_out_are_not_read(reader):
    cell = lay(draw_ink("147", 3, margin=30))
    cell[-4:-2] = cell[:, 3:5] = cell[: len(cell) // 2, -7:-4] = 120
    assert reader.read(cell).text == "147"


def test_traces_that_no_pen_left_are_not_read(reader):
    page = draw_ink("604\n2938", 3, margin=60)
    page[30:80, 20:23] = page[-70:-20, -30:-27] = 0.35
    assert reader.read(lay(page)).text == "604\n2938"


@pytest.mark.parametrize(("height", "width"), [(22, 6), (30, 7), (30, 9), (40, 8)])
def test_fine_strokes_on_a_large_page_keep_their_loops(height, width):
    """Though the page is smoothed, to tell ink from grain."""
    page = Image.new("L", (1000, 300), 255)
    for left in range(60, 960, 90):
        box = left, 100, left + width, 100 + height
        ImageDraw.Draw(page).ellipse(box, outline=60, width=1)
    assert NumberReader(min_probability=0).read(page).text == "0" * 10


def test_what_would_lie_on_its_side_is_not_turned():
    page = Image.new("L", (1000, 300), 255)
    for left in range(60, 960, 90):
        box = left, 100, left + 6, 130
        ImageDraw.Draw(page).ellipse(box, outline=60, width=1)
    reading = NumberReader(min_probability=0).read(page)
    assert (reading.turned, len(reading.rows)) == (0, 1)


def test_a_nine_with_a_long_tail_that_fades_is_one_digit(reader):
    nine = Image.new("L", (56, 84))
    ImageDraw.Draw(nine).ellipse([16, 4, 40, 30], outline=255, width=5)
    ImageDraw.Draw(nine).line([(38, 12), (36, 78), (18, 78)], fill=255, width=5)
    nine = np.asarray(nine) / 255
    nine[36:60] /= 4
    ink = np.pad(np.hstack([draw_ink("3535", margin=0), nine]), 20)
    reading = reader.read(lay(ink))
    assert [len(row) for row in reading.rows] == [5]
    assert np.diff(reading.digits[-1].box[1::2]) > 70


@pytest.mark.parametrize("n_turns", [1, 2, 3])
def test_a_page_that_is_not_upright_is_turned(n_turns):
    text = "26042937\n53184726"
    ink = draw_ink(text, margin=30)
    # The pretrained network, which doubts what is no digit.
    reader = NumberReader()
    reading = reader.read(np.rot90(lay(ink), n_turns))
    assert reading.text == text
    assert reading.turned == 360 - 90 * n_turns
    # The boxes are where the digits are in the picture as it was given.
    for digit, upright in zip(
        reading.digits, reader.read(lay(ink)).digits, strict=True
    ):
        blank = np.zeros(ink.shape, bool)
        left, top, right, bottom = upright.box
        blank[top:bottom, left:right] = True
        expected = find_box(np.rot90(blank, n_turns))
        np.testing.assert_allclose(digit.box, expected, atol=2)


def test_what_is_upright_stays_so(reader, classifier):
    # 6 and 9 turned are as good.
    assert reader.read(write("69")).turned == 0
    lying = np.rot90(write("604\n2937"))
    upright = NumberReader(classifier, orientation="upright").read(lying)
    assert upright.turned == 0
    assert upright.text != "604\n2937"


def test_what_a_sheet_lies_on_is_not_read(reader):
    sheet = write("604\n2938", zoom=3, margin=60)
    table = np.full(np.add(sheet.shape, 300), 120, np.uint8)
    table[150:-150, 150:-150] = sheet
    for column in (40, 80, table.shape[1] - 60):  # the grain of the wood
        table[200:290, column : column + 8] = 60
    assert reader.read(table).text == "604\n2938"


def test_a_light_digit_is_no_sheet(reader):
    # Its ring, filled, would be as convex as a sheet.
    assert reader.read(255 - write("0")).text == "0"
    assert reader.read(255 - write("0", zoom=12, margin=0)).text == "0"


@pytest.mark.parametrize("text", ["604293", "5028"])
def test_digits_may_be_cropped_closely(reader, text):
    ink = draw_ink(text, 3, margin=0)
    left, top, right, bottom = find_box(ink)
    assert reader.read(lay(ink[top:bottom, left:right])).text == text


@pytest.mark.parametrize("shape", [(4, 3000), (3000, 4), (5, 700)])
def test_long_thin_pictures_are_no_error(reader, shape):
    picture = np.full(shape, PAPER, np.uint8)
    picture[1:3, 1:3] = INK
    assert reader.read(picture).text in {"", "?", *"0123456789"}


def test_ones_as_high_as_the_lines_they_stand_between_are_read(reader):
    page = draw_ink("174174", 3, margin=30)
    page[30 + 4 * 3 - 2 : 30 + 4 * 3 + 1] = page[30 + 23 * 3 : 30 + 23 * 3 + 3] = 1
    assert reader.read(lay(page)).text == "174174"


def test_ink_near_the_edge_of_a_sheet_that_leaves_the_picture_is_read(reader):
    sheet = write("604293", zoom=3, margin=30)
    table = np.full((len(sheet) // 2, sheet.shape[1]), 120, np.uint8)
    assert reader.read(np.vstack([table, sheet])).text == "604293"


def test_what_is_beside_a_bright_wall_is_read(reader):
    board = 255 - write("604\n2938", zoom=3, margin=60)
    wall = np.full((len(board), board.shape[1] // 2), 240, np.uint8)
    assert reader.read(np.hstack([wall, board])).text == "604\n2938"


@pytest.mark.parametrize(
    ("polarity", "picture"), [("dark", write("352")), ("light", 255 - write("352"))]
)
def test_polarity_tells_ink_from_paper(classifier, polarity, picture):
    assert NumberReader(classifier, polarity=polarity).read(picture).text == "352"


@pytest.mark.parametrize("as_path", [str, lambda path: path], ids=["str", "Path"])
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_files_are_read(reader, tmp_path, suffix, as_path):
    path = tmp_path / f"page.{suffix}"
    Image.fromarray(write("186")).save(path)
    assert reader.read(as_path(path)).text == "186"
    with path.open("rb") as file:
        assert reader.read(file).text == "186"


@pytest.mark.parametrize("zoom", [1, 3, 40], ids=["small", "plain", "shrunk"])
def test_boxes_are_in_pixels_of_the_picture(reader, zoom):
    text, margin = "47", 30 * zoom
    ink = draw_ink(text, zoom, margin)
    digits = reader.read(lay(ink)).digits
    assert "".join(str(digit.label) for digit in digits) == text
    middle = ink.shape[1] // 2
    parts = [(ink[:, :middle], 0), (ink[:, middle:], middle)]
    tolerance = max(2, 3 * max(ink.shape) / 1600)
    for digit, (part, shift) in zip(digits, parts, strict=True):
        expected = find_box(part) + np.array([shift, 0, shift, 0])
        np.testing.assert_allclose(digit.box, expected, atol=tolerance)
        assert all(isinstance(edge, int) for edge in digit.box)


def test_boxes_of_a_turned_photo_are_in_the_picture_that_is_seen(reader, tmp_path):
    ink = draw_ink("5")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right
    path = tmp_path / "photo.png"
    Image.fromarray(np.rot90(lay(ink))).save(path, exif=exif)
    reading = reader.read(path)
    assert reading.text == "5"
    assert reading.size == ink.shape
    np.testing.assert_allclose(reading.digits[0].box, find_box(ink), atol=2)


def test_boxes_lie_in_the_picture(reader):
    ink = draw_ink("83", margin=0)
    left, top, right, bottom = find_box(ink)
    picture = lay(ink[top - 2 : bottom + 2, left - 2 : right + 2])
    boxes = np.array([digit.box for digit in reader.read(picture).digits])
    assert len(boxes) == 2
    assert boxes.min() >= 0
    assert (boxes[:, [2, 3]] <= picture.shape[::-1]).all()
    assert (boxes[:, [0, 1]] < boxes[:, [2, 3]]).all()


def test_touching_digits_get_boxes_side_by_side(reader):
    ink = draw_ink("45")
    inked = np.flatnonzero((ink > 0.5).any(axis=0))
    gap = np.diff(inked).argmax()
    touching = np.delete(ink, np.s_[inked[gap] : inked[gap + 1]], axis=1)
    reading = reader.read(lay(touching))
    assert reading.text == "45"
    first, second = (digit.box for digit in reading.digits)
    assert abs(first[2] - second[0]) <= 12


def test_probabilities_are_those_of_the_labels(reader):
    for digit in reader.read(write("0123456789")).digits:
        assert isinstance(digit.probability, float)
        assert 0.5 <= digit.probability <= 1
        assert digit.certain is True


def test_what_is_not_probable_enough_is_marked(classifier):
    picture = write("0123456789")
    certain = NumberReader(classifier, min_probability=0).read(picture)
    threshold = float(np.median([digit.probability for digit in certain.digits]))
    reading = NumberReader(classifier, min_probability=threshold).read(picture)
    marks = [digit.probability < threshold for digit in reading.digits]
    assert 0 < sum(marks) < 10
    assert [not digit.certain for digit in reading.digits] == marks
    assert [c == "?" for c in reading.text] == marks
    assert certain.text == "0123456789"
    labels = [digit.label for digit in reading.digits]
    assert labels == [digit.label for digit in certain.digits]


@pytest.mark.parametrize("value", [0, 1], ids=["black", "one"])
@pytest.mark.parametrize("picture", [BLANK, 0 * BLANK, 255 + 0 * BLANK])
def test_a_blank_picture_gives_nothing(reader, picture, value):
    reading = reader.read(picture + np.uint8(value) * (picture == 0))
    assert reading.text == ""
    assert reading.digits == []
    assert reading.plot().ax_.patches[:] == []


@pytest.mark.parametrize(("side", "deviation"), [(28, 20), (100, 8), (100, 30)])
def test_noise_on_blank_paper_gives_nothing(side, deviation):
    noise = np.random.default_rng(0).normal(0, deviation, (side, side))
    assert NumberReader().read(np.clip(200 + noise, 0, 255)).text == ""


@pytest.mark.parametrize("zoom", [2, 5])
def test_noisy_digits_are_read(zoom):
    """Noise of an eighth of the contrast, in pictures smaller than are worked on."""
    ink = write("52", zoom)
    noise = np.random.default_rng(0).normal(0, 25, ink.shape)
    assert NumberReader().read(np.clip(ink + noise, 0, 255)).text == "52"


def test_a_transparent_picture_gives_nothing(reader):
    assert reader.read(np.zeros((50, 40, 4), np.uint8)).digits == []


def test_a_page_of_rules_gives_nothing(reader):
    page = np.full((200, 300), PAPER, np.uint8)
    page[20::40] = page[21::40] = 120
    assert reader.read(page).text == ""


def test_labels_may_be_of_any_type():
    names = np.array(["nil", "one", "two", "more"])[np.minimum(DIGITS.target, 3)]
    model = KNeighborsClassifier(1).fit(DIGITS.data, names)
    reading = NumberReader(model).read(write("20"))
    assert [digit.label for digit in reading.digits] == ["two", "nil"]
    assert reading.text == "twonil"


@pytest.mark.parametrize(
    "model",
    [
        KNeighborsClassifier(3),
        make_pipeline(PixelScaler(), KNeighborsClassifier(3)),
        make_pipeline(MNISTClassifier(epochs=5, random_state=0)),
    ],
    ids=["neighbours", "pipeline", "pipeline of the network"],
)
def test_other_classifiers_may_read(model):
    reader = NumberReader(model.fit(DIGITS.data, DIGITS.target))
    assert reader.read(write("5069\n724")).text == "5069\n724"


def test_reading_twice_gives_the_same(reader):
    picture = write("3087")
    assert reader.read(picture).digits == reader.read(picture).digits


def test_the_picture_stays_as_it_is(reader):
    picture = write("3087")
    before = picture.copy()
    reader.read(picture)
    np.testing.assert_array_equal(picture, before)


def test_clone_and_parameters(classifier):
    reader = NumberReader(classifier, polarity="dark", min_probability=0.8)
    params = reader.get_params(deep=False)
    assert params == {
        "classifier": classifier,
        "polarity": "dark",
        "orientation": "auto",
        "min_probability": 0.8,
    }
    copy = clone(reader)
    assert (copy.polarity, copy.min_probability) == ("dark", 0.8)
    with pytest.raises(NotFittedError):  # as scikit-learn's clone does it
        copy.read(write("1"))
    assert "min_probability=0.8" in repr(reader)
    assert reader.set_params(classifier__epochs=10).read(write("1")).text == "1"


def test_an_unfitted_classifier_is_refused():
    with pytest.raises(NotFittedError):
        NumberReader(MNISTClassifier()).read(write("1"))


@pytest.mark.parametrize(
    ("name", "value", "error", "rule"),
    [
        ("min_probability", -0.1, ValueError, ">= 0"),
        ("min_probability", 1.5, ValueError, "<= 1"),
        ("min_probability", "half", TypeError, "must be an instance of"),
        ("min_probability", float("nan"), ValueError, "nan"),
        ("polarity", "grey", ValueError, "must be one of"),
        ("polarity", None, ValueError, "must be one of"),
        ("polarity", np.array(["dark", "light"]), ValueError, "must be one of"),
        ("orientation", "left", ValueError, "must be one of"),
        ("orientation", 90, ValueError, "must be one of"),
    ],
)
def test_invalid_parameters_are_named(classifier, name, value, error, rule):
    reader = NumberReader(classifier, **{name: value})
    with pytest.raises(error, match=rule) as raised:
        reader.read(write("1"))
    assert name in str(raised.value)


@pytest.mark.parametrize(
    ("picture", "error", "said"),
    [
        ("nowhere.png", FileNotFoundError, "nowhere.png"),
        (np.full((30, 30), np.nan), ValueError, "picture"),
        (np.zeros((2, 3, 4, 5)), ValueError, "shape"),
        (np.zeros((0, 0)), ValueError, "at least 4 x 4"),
        (None, (TypeError, ValueError), "picture"),
        (7, TypeError, "picture"),
    ],
    ids=["no file", "nan", "four axes", "empty", "None", "a number"],
)
def test_what_is_no_picture_is_refused(reader, picture, error, said):
    with pytest.raises(error, match=said):
        reader.read(picture)


def test_a_reading_shows_its_text(reader):
    assert repr(reader.read(write("42"))) == "Reading('42')"


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


READ = """
import sys
import numpy as np
from skmnist import MNISTClassifier, NumberReader
classifier = MNISTClassifier.load(sys.argv[1])
assert NumberReader(classifier).read(np.load(sys.argv[2])).text == "1984"
print([name for name in ("tensorflow", "keras", "matplotlib") if name in sys.modules])
"""


def test_reading_with_a_saved_model_imports_no_tensorflow(classifier, tmp_path):
    classifier.save(tmp_path / "model.onnx")
    np.save(tmp_path / "page.npy", write("1984"))
    paths = [str(tmp_path / name) for name in ("model.onnx", "page.npy")]
    result = subprocess.run(
        [sys.executable, "-c", READ, *paths], capture_output=True, text=True
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "[]\n"
