import pickle
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

from skmnist import DigitNormalizer, MNISTClassifier, load_digits28
from tests.network.test_onnx_session import run_python
from tests.sample_pictures import (
    DIGITS,
    HELD_OUT,
    IMAGES,
    KINDS,
    TARGET,
    assert_in_form,
    save,
    write,
)

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


@pytest.fixture(scope="module")
def classifier():
    """A classifier that was not trained on the held-out digits; do not refit it."""
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


# Of a hundred digits, how many more may be wrong than of the originals. In a dark
# frame, the detector overlooks some digits of a few pixels.
MOST_LOST = dict.fromkeys(KINDS, 3) | {"dark-edge": 12}


def test_a_digit_is_read_as_well_as_the_original(normalized, classifier, request):
    kind = request.node.callspec.params["normalized"]
    n_right = (classifier.predict(normalized) == TARGET).sum()
    n_of_originals = (classifier.predict(IMAGES) == TARGET).sum()
    assert n_right >= n_of_originals - MOST_LOST[kind]


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
def test_images_in_the_form_of_mnist_come_back_bit_for_bit(give, stroke_width):
    rows = DIGITS.data[:90]
    normalizer = DigitNormalizer(stroke_width=stroke_width)
    np.testing.assert_array_equal(normalizer.transform(give(rows)), rows)


def test_inverted_images_are_not_redrawn():
    rows = DIGITS.data[:90]
    inverted = DigitNormalizer().transform(255 - rows)
    np.testing.assert_allclose(inverted.astype(int), rows, rtol=0, atol=12)


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


@pytest.fixture
def bad_files(tmp_path):
    """Digits alternating with pictures that show none, and other files."""
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
        (5, ValueError, r"'.*notes\.txt' is not a picture that can be opened"),
        (7, FileNotFoundError, r"No such file: '.*missing\.png'"),
        (9, ValueError, "the picture must show a digit, but there is no ink in it"),
        (11, ValueError, "the picture must hold finite, non-negative numbers, got nan"),
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
def test_what_cannot_be_a_picture_is_a_type_error_that_names_it(
    picture, handle_invalid
):
    normalizer = DigitNormalizer(handle_invalid=handle_invalid)
    with pytest.raises(
        TypeError, match=rf"`pictures\[1\]`: .*{type(picture).__name__}"
    ):
        normalizer.transform([IMAGES[0], picture])


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
def test_the_error_for_a_single_picture_says_how_to_wrap_it(picture):
    with pytest.raises(ValueError, match=r"got one, .*: wrap it as \[picture\]"):
        DigitNormalizer().transform(picture)


def test_fit_is_optional_and_changes_nothing(mixed):
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
    """With pictures of two sizes, which only a list can hold."""
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


def test_normalizing_imports_no_tensorflow_keras_or_matplotlib(tmp_path):
    program = tmp_path / "imports.py"
    program.write_text(IMPORTS)
    assert run_python(program).strip() == "[]"
