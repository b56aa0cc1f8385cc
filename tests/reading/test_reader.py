import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skmnist import MNISTClassifier, NumberReader, PixelScaler
from tests.pages import DIGITS, INK, PAPER, draw_ink, find_box, lay, write

pytestmark = pytest.mark.usefixtures("pyplot")
BLANK = np.full((60, 90), PAPER, np.uint8)


def draw_rules(picture):
    image = Image.fromarray(picture)
    for y in range(8, image.height, 30):
        ImageDraw.Draw(image).line([(0, y), (image.width, y)], fill=150)
    return np.asarray(image)


@pytest.mark.parametrize("digit", "0123456789")
def test_a_single_digit_is_read(reader, digit):
    assert reader.read(write(digit)).text == digit


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
def test_the_kind_of_picture_changes_nothing(reader, change):
    assert reader.read(change(write("604\n2938"))).text == "604\n2938"


def test_a_blot_is_no_digit(reader):
    page = Image.fromarray(write("2947", 3, margin=40))
    ImageDraw.Draw(page).rectangle((208, 40, 292, 140), fill=PAPER)
    ImageDraw.Draw(page).rectangle((225, 58, 275, 116), fill=INK)
    assert reader.read(page).text in ("29?7", "29 7")


@pytest.mark.parametrize(
    ("polarity", "picture"), [("dark", write("352")), ("light", 255 - write("352"))]
)
def test_polarity_separates_ink_from_paper(classifier, polarity, picture):
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
        np.testing.assert_allclose(digit.box, expected, atol=1.5 * tolerance)
        assert all(isinstance(edge, int) for edge in digit.box)


def test_boxes_of_a_turned_photo_are_in_the_upright_picture(reader, tmp_path):
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


def test_improbable_digits_are_marked(classifier):
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
    """Noise of an eighth of the contrast, in small pictures that are enlarged."""
    ink = write("52", zoom)
    noise = np.random.default_rng(0).normal(0, 25, ink.shape)
    assert NumberReader().read(np.clip(ink + noise, 0, 255)).text == "52"


def test_a_transparent_picture_gives_nothing(reader):
    assert reader.read(np.zeros((50, 40, 4), np.uint8)).digits == []


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


def test_the_given_picture_is_not_changed(reader):
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
def test_what_is_not_a_picture_is_refused(reader, picture, error, said):
    with pytest.raises(error, match=said):
        reader.read(picture)


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
