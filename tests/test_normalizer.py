import pickle
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image, ImageDraw
from scipy import sparse
from scipy.ndimage import binary_erosion
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

from skmnist import (
    DigitNormalizer,
    MNISTClassifier,
    load_digits28,
    load_pretrained,
)
from tests.test_session import run_python

DIGITS = load_digits28()
HELD_OUT = np.arange(len(DIGITS.target)) % 18 == 0  # 100 digits
IMAGES, TARGET = DIGITS.images[HELD_OUT], DIGITS.target[HELD_OUT]
WHITE = np.full((60, 50), 255, np.uint8)

IMPORTS = """
import sys
import numpy as np
from skmnist import DigitNormalizer

picture = np.full((60, 50), 255, np.uint8)
picture[15:45, 22:28] = 0
assert DigitNormalizer().fit([picture]).transform([picture]).shape == (1, 784)
print([name for name in ("tensorflow", "keras", "matplotlib") if name in sys.modules])
"""


def enlarge(image, factor=3, margin=2):
    """Ink from 0 to 1, smoothly enlarged and with paper around it."""
    image = Image.fromarray(np.pad(image, margin))
    size = (image.width * factor, image.height * factor)
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC)) / 255


def write(image, **options):
    """Dark ink on bright paper, as 8 bits."""
    return lay(enlarge(image, **options), paper=235, colour=40)


def lay(ink, paper, colour):
    ink = ink.reshape(*ink.shape, *[1] * np.ndim(paper))
    return np.rint(ink * colour + (1 - ink) * paper).astype(np.uint8)


def save(array, path, **options):
    Image.fromarray(array).save(path, **options)
    return path


def save_turned(image, path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right
    return save(np.rot90(write(image)), path.with_suffix(".jpg"), exif=exif)


def save_transparent(image, path):
    opacity = np.rint(255 * enlarge(image)).astype(np.uint8)
    return save(np.dstack([np.zeros_like(opacity)] * 3 + [opacity]), path)


def light_unevenly(image):
    """Light from the upper left, of which little more than a third is left below."""
    picture = write(image)
    y, x = np.indices(picture.shape) / len(picture)
    return (picture * (1 - 0.4 * y - 0.25 * x)).astype(np.uint8)


def darken_corners(image, factor=3):
    """As a lens does: half of the light is left in the corners."""
    picture = write(image, factor=factor)
    y, x = np.mgrid[-1 : 1 : len(picture) * 1j, -1 : 1 : len(picture) * 1j]
    return (picture * (1 - (x**2 + y**2) / 4)).astype(np.uint8)


def draw_edge(image):
    """A dark line along the edge of a small picture."""
    picture = write(image, factor=1)
    picture[[0, -1]] = picture[:, [0, -1]] = 40
    return picture


def strew_specks(image):
    picture = write(image)
    y, x = np.random.default_rng(0).integers(0, len(picture) - 1, (2, 25))
    picture[y, x] = picture[y, x + 1] = 40
    return picture


def salt_and_pepper(image):
    """A tenth of the pixels black or white."""
    rng = np.random.default_rng(0)
    spoilt = rng.random(image.shape) < 0.1
    return np.where(spoilt, rng.choice([0, 255], image.shape), image).astype(np.uint8)


def expose_badly(image):
    """Noise of an eighth of the contrast, as photographs taken in the dark have."""
    picture = write(image, factor=5).astype(float)
    noise = np.random.default_rng(0).normal(0, 24, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def dither(image):
    """Dark grey on light grey, in dots of black and white."""
    grey = Image.fromarray(lay(enlarge(image), paper=207, colour=60))
    return np.asarray(grey.convert("1"))


def rule_below(image):
    picture = write(image, margin=6)
    picture[-20:-17] = 90
    return picture


def rule_through(image):
    picture = write(image, margin=6)
    picture[len(picture) // 2 :][:2] = 90
    return picture


def draw_box(image):
    picture = write(image, margin=4)
    for side in (slice(6, 8), slice(-8, -6)):
        picture[side, 6:-6] = picture[6:-6, side] = 60
    return picture


def stretch_to_square(image):
    """Nothing but the digit, its width made its height, in black and white."""
    rows, columns = (np.flatnonzero(image.max(axis) > 127) for axis in (1, 0))
    digit = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if np.ptp(columns) < 0.4 * np.ptp(rows):
        return image  # a one, which would become a block
    return np.asarray(Image.fromarray(digit).resize((20, 20))) > 150


KINDS = {
    "as-it-is": lambda image, path: image,
    "inverted": lambda image, path: 255 - image,
    "off-the-centre": lambda image, path: np.pad(image, ((3, 40), (50, 9))),
    "drawn-large": lambda image, path: write(image),
    "ten-times-as-large": lambda image, path: image.repeat(10, 0).repeat(10, 1),
    "boolean": lambda image, path: enlarge(image) < 0.5,
    "light-on-dark": lambda image, path: lay(enlarge(image), paper=30, colour=220),
    "faint": lambda image, path: lay(enlarge(image), paper=225, colour=185),
    "blue-on-yellow": lambda image, path: lay(
        enlarge(image), paper=[250, 240, 150], colour=[40, 60, 180]
    ),
    "red-on-as-dark-a-green": lambda image, path: lay(
        enlarge(image), paper=[0, 110, 0], colour=[215, 0, 0]
    ),
    "float": lambda image, path: 1 - enlarge(image),
    "poor-JPEG-file": lambda image, path: save(
        write(image), path.with_suffix(".jpg"), quality=30
    ),
    "turned-JPEG-file": save_turned,
    "transparent-PNG-file": save_transparent,
    "uneven-light": lambda image, path: light_unevenly(image),
    "dark-corners": lambda image, path: darken_corners(image),
    "dark-corners-small": lambda image, path: darken_corners(image, factor=1),
    "dark-edge": lambda image, path: draw_edge(image),
    "specks": lambda image, path: strew_specks(image),
    "salt-and-pepper": lambda image, path: salt_and_pepper(image),
    "salt-and-pepper-dark": lambda image, path: 255 - salt_and_pepper(image),
    "noisy": lambda image, path: expose_badly(image),
    "dithered": lambda image, path: dither(image),
    "line-below": lambda image, path: rule_below(image),
    "line-through": lambda image, path: rule_through(image),
    "box-around": lambda image, path: draw_box(image),
}


@pytest.fixture(scope="module")
def classifier():
    """A classifier that has not seen the digits held out; not to be refitted."""
    model = MNISTClassifier(epochs=15, random_state=0)
    return model.fit(DIGITS.images[~HELD_OUT], DIGITS.target[~HELD_OUT])


@pytest.fixture(scope="module", params=KINDS)
def normalized(request, tmp_path_factory):
    """A hundred digits in pictures of one kind, brought to MNIST's form."""
    folder = tmp_path_factory.mktemp(request.param)
    draw = KINDS[request.param]
    pictures = [draw(image, folder / f"{i}.png") for i, image in enumerate(IMAGES)]
    return DigitNormalizer().transform(pictures)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Ten digits, in pictures of various kinds and sizes."""
    folder = tmp_path_factory.mktemp("mixed")
    draws = list(KINDS.values())[2:12]
    return [
        draw(image, folder / f"{i}.png")
        for i, (draw, image) in enumerate(zip(draws, IMAGES[:10], strict=True))
    ]


def assert_in_form(rows):
    """Hold rows against what MNIST's paper says of its images."""
    assert rows.dtype == np.uint8
    assert rows.shape[1:] == (784,)
    images = rows.reshape(-1, 28, 28)
    assert (images.max(axis=(1, 2)) == 255).all()
    inked = [images.any(axis=axis) for axis in (2, 1)]
    sides = [28 - i.argmax(axis=1) - i[:, ::-1].argmax(axis=1) for i in inked]
    assert (np.maximum(*sides) == 20).all()
    mass, middles = images.astype(float), np.arange(28) + 0.5
    centres = np.stack([mass.sum(axis=axis) @ middles for axis in (2, 1)])
    assert (np.floor(centres / mass.sum(axis=(1, 2))) == 14).all()


def draw_circle(width, side=200, colour=0):
    """A zero, its stroke so many pixels wide."""
    picture = Image.new("L", (side, side), 255)
    box = (side * 0.25, side * 0.15, side * 0.75, side * 0.85)
    ImageDraw.Draw(picture).ellipse(box, outline=colour, width=width)
    return np.asarray(picture)


def test_a_digit_is_read_as_well_as_before(normalized, classifier):
    """At most three in a hundred may be lost."""
    n_right = (classifier.predict(normalized) == TARGET).sum()
    assert n_right >= (classifier.predict(IMAGES) == TARGET).sum() - 3


def test_every_result_has_the_form_of_mnist(normalized):
    assert normalized.shape == (100, 784)
    assert_in_form(normalized)


def test_normalizing_again_changes_nothing(normalized):
    again = DigitNormalizer().transform(normalized)
    np.testing.assert_allclose(again.astype(int), normalized, rtol=0, atol=1)


@pytest.mark.parametrize(
    "give",
    [
        pytest.param(lambda rows: rows, id="rows"),
        pytest.param(lambda rows: rows.reshape(-1, 28, 28), id="images"),
        pytest.param(lambda rows: rows.reshape(-1, 28, 28, 1), id="channel"),
        pytest.param(lambda rows: list(rows.reshape(-1, 28, 28)), id="list"),
        pytest.param(np.ndarray.tolist, id="nested-lists"),
        pytest.param(pd.DataFrame, id="pandas"),
        pytest.param(pl.DataFrame, id="polars"),
        pytest.param(sparse.csr_array, id="csr"),
        pytest.param(lambda rows: rows.astype(np.float64), id="float64"),
        pytest.param(lambda rows: np.float32(rows) / 255, id="shares"),
        pytest.param(lambda rows: rows * np.uint16(257), id="uint16"),
    ],
)
@pytest.mark.parametrize("stroke_width", [(2.65, 4.0), None])
def test_what_has_the_form_of_mnist_comes_back_bit_for_bit(give, stroke_width):
    rows = DIGITS.data[:90]
    normalizer = DigitNormalizer(stroke_width=stroke_width)
    np.testing.assert_array_equal(normalizer.transform(give(rows)), rows)


def test_what_is_inverted_only_is_not_redrawn():
    rows = DIGITS.data[:90]
    inverted = DigitNormalizer().transform(255 - rows)
    np.testing.assert_allclose(inverted.astype(int), rows, rtol=0, atol=12)


@pytest.mark.parametrize(("widths", "factor"), [((4.2, 4.5), 1.1), ((1, 1.2), 0.8)])
def test_what_is_inverted_gets_the_widths_asked_for(widths, factor):
    inverted = 255 - DIGITS.data[:90]
    rows = DigitNormalizer(stroke_width=widths).transform(inverted)
    kept = DigitNormalizer().transform(inverted)
    change = np.median(rows.sum(axis=1) / kept.sum(axis=1))
    assert change > factor if factor > 1 else change < factor


@pytest.mark.parametrize(
    "give",
    [
        pytest.param(lambda array, path: np.dstack([array] * 3), id="RGB"),
        pytest.param(
            lambda array, path: np.dstack([array] * 3 + [array | 255]), id="opaque-RGBA"
        ),
        pytest.param(lambda array, path: array * np.uint16(257), id="16-bit"),
        pytest.param(lambda array, path: np.float32(array) / 255, id="float"),
        pytest.param(lambda array, path: Image.fromarray(array), id="PIL-image"),
        pytest.param(save, id="path"),
        pytest.param(lambda array, path: str(save(array, path)), id="str"),
        pytest.param(
            lambda array, path: BytesIO(save(array, path).read_bytes()), id="file"
        ),
    ],
)
def test_the_same_picture_gives_the_same_in_every_container(give, tmp_path):
    pictures = [write(image) for image in IMAGES[:5]]
    given = [give(p, tmp_path / f"{i}.png") for i, p in enumerate(pictures)]
    expected = DigitNormalizer().transform(pictures)
    np.testing.assert_allclose(
        DigitNormalizer().transform(given).astype(int), expected, rtol=0, atol=1
    )


def test_a_list_may_mix_pictures_of_all_kinds(mixed, classifier):
    rows = DigitNormalizer().transform(mixed)
    singles = [DigitNormalizer().transform([picture])[0] for picture in mixed]
    np.testing.assert_array_equal(rows, singles)
    assert (classifier.predict(rows) == TARGET[:10]).sum() >= 9


def test_a_digit_that_was_stretched_to_fill_a_square_is_read():
    rows = DigitNormalizer().transform([stretch_to_square(image) for image in IMAGES])
    assert (load_pretrained().predict(rows) == TARGET).sum() >= 93


def test_the_long_bar_of_a_four_is_no_ruled_line():
    """It is half as long again as what is left without the stem, a line as well."""
    picture = Image.new("L", (160, 100), 30)
    for line in [(95, 5), (10, 75), (135, 75)], [(95, 5), (95, 95)]:
        ImageDraw.Draw(picture).line(line, fill=255, width=3)
    image = DigitNormalizer().fit_transform([picture]).reshape(28, 28)
    assert (image > 0).sum(axis=1).max() == 20


@pytest.mark.parametrize("index", [39, 47, 77])
@pytest.mark.parametrize("kind", ["boolean", "ten-times-as-large", "drawn-large"])
def test_a_heavy_stroke_is_not_hollowed_out(kind, index):
    result = DigitNormalizer().explain(KINDS[kind](IMAGES[index], None)).result
    inner = binary_erosion(IMAGES[index] > 200, iterations=2)
    assert inner.any()
    assert (result[inner] > 127).all()


def test_a_digit_may_be_small_on_a_large_page(classifier):
    pictures = [
        np.pad(write(image), ((300, 70), (20, 500)), constant_values=235)
        for image in IMAGES[:10]
    ]
    rows = DigitNormalizer().transform(pictures)
    assert_in_form(rows)
    assert (classifier.predict(rows) == TARGET[:10]).sum() >= 9


@pytest.mark.parametrize("seed", range(8))
def test_noise_gives_the_form_of_mnist_or_an_error(seed):
    rng = np.random.default_rng(seed)
    shapes = [(4, 4), (4, 90), (70, 5), (28, 28), (60, 80)]
    pictures = [
        (rng.integers(0, 256, shape) * (rng.random(shape) < seed / 8)).astype(np.uint8)
        for shape in shapes
    ]
    rows = DigitNormalizer(handle_invalid="blank").transform(pictures)
    drawn = rows[rows.any(axis=1)]
    assert (drawn.max(axis=1) == 255).all()


# polarity


@pytest.fixture(scope="module")
def grey_card():
    """A dark digit at the left of grey paper and a light one at its right."""
    dark, light = (enlarge(image, margin=4) for image in IMAGES[[7, 4]])
    return np.hstack([lay(dark, 128, 20), lay(light, 128, 235)])


@pytest.mark.parametrize(("polarity", "index"), [("dark", 7), ("light", 4)])
def test_polarity_tells_what_is_ink(polarity, index, grey_card, classifier):
    rows = DigitNormalizer(polarity=polarity).transform([grey_card])
    assert classifier.predict(rows)[0] == TARGET[index]


@pytest.mark.parametrize(
    ("polarity", "kind"),
    [("dark", "inverted"), ("dark", "drawn-large"), ("light", "light-on-dark")],
)
def test_auto_finds_the_polarity(polarity, kind):
    pictures = [KINDS[kind](image, None) for image in IMAGES[:20]]
    expected = DigitNormalizer(polarity=polarity).transform(pictures)
    np.testing.assert_array_equal(DigitNormalizer().transform(pictures), expected)


def test_dark_ink_is_not_taken_for_what_has_the_form_of_mnist():
    image = IMAGES[:1]
    assert (
        DigitNormalizer(polarity="light").transform(image)[0] == image.ravel()
    ).all()
    rows = DigitNormalizer(polarity="dark", handle_invalid="blank").transform(image)
    assert not (rows[0] == image.ravel()).all()


# stroke_width


@pytest.mark.parametrize("side", [28, 60, 200, 800])
def test_thin_strokes_become_wider(side):
    pictures = [draw_circle(max(side // 200, 1), side)]
    rows = DigitNormalizer().transform(pictures)
    plain = DigitNormalizer(stroke_width=None).transform(pictures)
    assert rows.sum() > 1.3 * plain.sum()
    assert_in_form(np.concatenate([rows, plain]))


def test_thick_strokes_become_thinner():
    pictures = [draw_circle(45)]
    rows = DigitNormalizer().transform(pictures)
    plain = DigitNormalizer(stroke_width=None).transform(pictures)
    assert rows.sum() < 0.9 * plain.sum()


def test_strokes_in_the_range_are_left():
    pictures = [draw_circle(22)]
    rows = DigitNormalizer().transform(pictures)
    plain = DigitNormalizer(stroke_width=None).transform(pictures)
    np.testing.assert_array_equal(rows, plain)


@pytest.mark.parametrize("width", [2, 15, 45])
def test_strokes_are_as_wide_as_asked_for(width):
    widths = [1.5, 2.5, 3.5, 4.5]
    sums = [
        DigitNormalizer(stroke_width=(w, w)).transform([draw_circle(width)]).sum() / 255
        for w in widths
    ]
    # An ellipse, its axes 20 and 20 * 5 / 7, measured along the middle of the stroke.
    lengths = [np.pi / 2 * (20 + 20 * 5 / 7 - 2 * w) for w in widths]
    np.testing.assert_allclose(sums, np.multiply(lengths, widths), rtol=0.25)


# handle_invalid


@pytest.fixture
def bad_files(tmp_path):
    """Digits with, in between, all that is no picture of a digit."""
    save(WHITE, tmp_path / "blank.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "blank.png").read_bytes()[:50])
    (tmp_path / "notes.txt").write_text("one, two, three")
    names = ["blank.png", "cut.png", "notes.txt", "missing.png"]
    bad = [tmp_path / name for name in names] + [WHITE, np.full((9, 9), np.nan)]
    good = [write(image) for image in IMAGES[: len(bad)]]
    return [picture for pair in zip(good, bad, strict=True) for picture in pair]


def test_pictures_without_a_digit_may_become_zeros(bad_files):
    rows = DigitNormalizer(handle_invalid="blank").transform(bad_files)
    assert not rows[1::2].any()
    np.testing.assert_array_equal(
        rows[::2], DigitNormalizer().transform(bad_files[::2])
    )


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [
        (1, ValueError, r"'.*blank\.png' must show a digit, but there is no ink in it"),
        (3, ValueError, r"'.*cut\.png' cannot be read as a picture: .+"),
        (5, ValueError, r"'.*notes\.txt' must be in a format that Pillow reads"),
        (7, FileNotFoundError, r"'.*missing\.png' must be a picture file"),
        (9, ValueError, "the picture must show a digit, but there is no ink in it"),
        (11, ValueError, "the picture must hold finite numbers from 0 on, got nan"),
    ],
)
def test_an_error_names_the_picture_and_its_file(index, error, message, bad_files):
    pictures = [*bad_files[::2], bad_files[index]]
    with pytest.raises(error, match=rf"^`pictures\[6\]`: {message}.*\.$"):
        DigitNormalizer().transform(pictures)
    with pytest.raises(error, match=f"^{message}"):
        DigitNormalizer(handle_invalid="blank").explain(bad_files[index])


@pytest.mark.parametrize("handle_invalid", ["error", "blank"])
@pytest.mark.parametrize("picture", [None, 7, {}])
def test_what_could_be_no_picture_is_a_type_error_that_names_it(
    picture, handle_invalid
):
    normalizer = DigitNormalizer(handle_invalid=handle_invalid)
    with pytest.raises(
        TypeError, match=rf"`pictures\[1\]`: .*{type(picture).__name__}"
    ):
        normalizer.transform([IMAGES[0], picture])


@pytest.mark.parametrize("deviation", [8, 25])
@pytest.mark.parametrize("shape", [(28, 28), (40, 40), (64, 64), (300, 30), (60, 400)])
def test_noise_on_blank_paper_shows_no_digit(shape, deviation):
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(0, deviation, shape)
        with pytest.raises(ValueError, match="must show a digit"):
            DigitNormalizer().transform([np.clip(200 + noise, 0, 255)])


def test_a_noisy_digit_close_to_the_edge_keeps_its_parts():
    """The bar of a five, apart from the rest, three pixels from the edge."""
    image = Image.new("L", (48, 64), 225)
    pen = ImageDraw.Draw(image)
    pen.line([2, 6, 46, 6], fill=60, width=6)
    pen.line([5, 6, 5, 32], fill=60, width=6)
    pen.arc([-14, 29, 46, 61], -90, 110, fill=60, width=6)
    model = load_pretrained()
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(0, 8, (64, 48))
        five = np.clip(image + noise, 0, 255).astype(np.uint8)
        assert model.predict(DigitNormalizer().transform([five])) == [5]


def test_what_is_far_fainter_than_the_lines_about_it_is_refused():
    image = Image.new("L", (11, 78), 220)
    pen = ImageDraw.Draw(image)
    pen.line([5, 20, 6, 54], fill=144, width=2)
    pen.line([10, 43, 10, 8], fill=65, width=3)
    pen.line([0, 7, 11, 7], fill=171)
    with pytest.raises(ValueError, match="far fainter than its lines"):
        DigitNormalizer().transform([image])


@pytest.mark.parametrize("shape", [(28, 28), (200, 300), (1200, 900), (5, 4)])
@pytest.mark.parametrize("level", [0, 1, 3, 128, 254, 255])
def test_a_blank_picture_shows_no_digit(shape, level):
    with pytest.raises(ValueError, match="must show a digit"):
        DigitNormalizer().transform([np.full(shape, level, np.uint8)])


def test_blank_paper_in_uneven_light_shows_no_digit():
    y, x = np.indices((200, 300)) / 200
    paper = 240 - 80 * y - 30 * x
    with pytest.raises(ValueError, match="must show a digit"):
        DigitNormalizer().transform([paper.astype(np.uint8)])


# parameters


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("polarity", "black", r"must be one of \('auto', 'dark', 'light'\)"),
        ("polarity", None, r"must be one of \('auto', 'dark', 'light'\)"),
        ("polarity", ["dark"], r"must be one of \('auto', 'dark', 'light'\)"),
        ("handle_invalid", "ignore", r"must be one of \('error', 'blank'\)"),
        ("handle_invalid", False, r"must be one of \('error', 'blank'\)"),
        ("stroke_width", 3, "must be None or two numbers"),
        ("stroke_width", (3,), "must be None or two numbers"),
        ("stroke_width", (1, 2, 3), "must be None or two numbers"),
        ("stroke_width", (4.0, 2.65), "the lower first"),
        ("stroke_width", (0, 3), "above 0"),
        ("stroke_width", (-1, 3), "above 0"),
        ("stroke_width", (2, 28), "below 28"),
        ("stroke_width", (2, np.inf), "below 28"),
        ("stroke_width", (np.nan, 3), "above 0"),
        ("stroke_width", ("2", "3"), "must be None or two numbers"),
        ("stroke_width", "ab", "must be None or two numbers"),
    ],
)
@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda normalizer: normalizer.fit(IMAGES), id="fit"),
        pytest.param(lambda normalizer: normalizer.transform(IMAGES), id="transform"),
        pytest.param(lambda normalizer: normalizer.explain(IMAGES[0]), id="explain"),
    ],
)
def test_a_wrong_parameter_is_named(call, name, value, rule):
    found = re.escape(f"got {value!r}.")
    with pytest.raises(ValueError, match=f"^`{name}` .*{rule}.*{found}$"):
        call(DigitNormalizer(**{name: value}))


@pytest.mark.parametrize("picture", [IMAGES[0], "digit.png", Path("digit.png")])
def test_a_single_picture_is_answered_with_how_to_wrap_it(picture):
    with pytest.raises(ValueError, match=r"got one, .*: wrap it as \[picture\]"):
        DigitNormalizer().transform(picture)


# scikit-learn


def test_no_fit_is_needed_and_fit_changes_nothing(mixed):
    normalizer = DigitNormalizer()
    unfitted = normalizer.transform(mixed)
    assert normalizer.fit(mixed) is normalizer
    assert vars(normalizer) == vars(DigitNormalizer())
    np.testing.assert_array_equal(normalizer.transform(mixed), unfitted)
    np.testing.assert_array_equal(normalizer.fit_transform(mixed), unfitted)


@pytest.mark.parametrize(
    "copy", [clone, lambda normalizer: pickle.loads(pickle.dumps(normalizer))]
)
def test_a_copy_does_the_same(copy, mixed):
    normalizer = DigitNormalizer(polarity="dark", stroke_width=(3, 5))
    copied = copy(normalizer)
    assert copied.get_params() == normalizer.get_params()
    np.testing.assert_array_equal(
        copied.transform(mixed[1:2]), normalizer.transform(mixed[1:2])
    )


def test_given_pictures_are_not_changed(mixed):
    arrays = [p for p in mixed if isinstance(p, np.ndarray)] + [
        DIGITS.images[:3].copy()
    ]
    before = [array.copy() for array in arrays]
    DigitNormalizer().transform(arrays[:-1])
    DigitNormalizer().transform(arrays[-1])[:] = 7
    for array, expected in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, expected)


def test_features_are_named_as_in_the_data_sets():
    names = DigitNormalizer().get_feature_names_out()
    assert names.dtype == object
    assert names.tolist() == DIGITS.feature_names
    given = DigitNormalizer().get_feature_names_out(["a", "b"])
    np.testing.assert_array_equal(given, names)


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_rows_come_as_a_data_frame(container, mixed):
    normalizer = DigitNormalizer().set_output(transform=container)
    frame = normalizer.transform(mixed)
    assert type(frame).__module__.startswith(container)
    assert list(frame.columns) == DIGITS.feature_names
    np.testing.assert_array_equal(frame, DigitNormalizer().transform(mixed))


def test_a_data_frame_keeps_its_index():
    X = load_digits28(as_frame=True).data.sample(5, random_state=0)
    frame = DigitNormalizer().set_output(transform="pandas").transform(X)
    pd.testing.assert_frame_equal(frame, X)


def test_tags_say_that_it_takes_pictures_and_needs_no_fit():
    tags = get_tags(DigitNormalizer())
    assert not tags.requires_fit
    assert tags.input_tags.three_d_array
    assert tags.input_tags.string
    assert tags.input_tags.sparse
    assert tags.transformer_tags.preserves_dtype == []


def test_it_is_the_first_step_of_a_pipeline():
    """Of pictures of two sizes, which only a list can hold."""
    images, target = 255 - DIGITS.images[:200], DIGITS.target[:200]
    pictures = [np.pad(p, i % 2, mode="edge") for i, p in enumerate(images)]
    model = make_pipeline(DigitNormalizer(), MNISTClassifier(epochs=5, random_state=0))
    scores = cross_val_score(model, pictures, target, cv=2, error_score="raise")
    assert scores.min() > 0.6


def test_stroke_width_can_be_searched():
    pictures, target = 255 - DIGITS.images[:100], DIGITS.target[:100]
    model = make_pipeline(DigitNormalizer(), MNISTClassifier(epochs=2, random_state=0))
    grid = {"digitnormalizer__stroke_width": [None, (5, 6)]}
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(pictures, target)
    assert len(search.cv_results_["params"]) == 2
    assert search.best_params_.keys() == grid.keys()
    assert search.predict(pictures).shape == (100,)


# explain


@pytest.mark.parametrize("kind", KINDS)
def test_explain_ends_with_what_transform_gives(kind, tmp_path):
    picture = KINDS[kind](IMAGES[5], tmp_path / "digit.png")
    stages = DigitNormalizer().explain(picture)
    assert stages.result.dtype == np.uint8
    np.testing.assert_array_equal(
        stages.result.ravel(), DigitNormalizer().transform([picture])[0]
    )
    assert stages.ink.shape == stages.picture.shape
    assert stages.digit.max() <= 1


def test_explain_shows_what_was_removed():
    stages = DigitNormalizer().explain(rule_below(IMAGES[5]))
    assert stages.picture[-19].max() < 0.5
    assert stages.ink[-19].min() > 0.5
    assert stages.digit[-19].max() == 0
    assert stages.digit.max() > 0.9


def test_the_stages_are_drawn_side_by_side(pyplot):
    stages = DigitNormalizer().explain(draw_box(IMAGES[5]))
    assert stages.plot() is stages
    assert stages.axes_.shape == (4,)
    assert all(ax.figure is stages.figure_ for ax in stages.axes_)
    drawn = [ax.images[0].get_array() for ax in stages.axes_]
    expected = [stages.picture, stages.ink, stages.digit, stages.result]
    assert all(np.array_equal(a, b) for a, b in zip(drawn, expected, strict=True))
    titles = [ax.get_title() for ax in stages.axes_]
    assert titles == ["Picture", "Ink", "Digit", "As MNIST's"]
    left = [ax.get_position().x0 for ax in stages.axes_]
    assert left == sorted(left)


def test_given_axes_and_styles_are_used(pyplot):
    figure, axes = pyplot.subplots(2, 2)
    stages = DigitNormalizer().explain(IMAGES[5])
    stages.plot(axes=axes, image_kw={"cmap": "gray_r"})
    assert stages.figure_ is figure
    assert [*stages.axes_] == [*axes.ravel()]
    assert {ax.images[0].get_cmap().name for ax in axes.ravel()} == {"gray_r"}
    assert pyplot.get_fignums() == [figure.number]


def test_normalizing_imports_no_tensorflow_keras_or_matplotlib(tmp_path):
    program = tmp_path / "imports.py"
    program.write_text(IMPORTS)
    assert run_python(program).strip() == "[]"
