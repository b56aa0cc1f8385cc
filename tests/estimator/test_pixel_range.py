import re
import warnings

import numpy as np
import pytest
from scipy import ndimage, sparse

from skmnist import (
    MNISTClassifier,
    PixelRangeWarning,
    PixelScaler,
    load_digits28,
    load_pretrained,
)

X = load_digits28().data[:200]
RNG = np.random.default_rng(0)

# What the network was fitted on: a function of 8-bit images with a dark background.
SEEN = {
    "uint8": lambda X: X,
    "unit": lambda X: np.float32(X / 255),
    "inverted": lambda X: 255 - X,
    "uint16": lambda X: X.astype(np.uint16) * 257,
    "standardised": lambda X: np.float32((X - 33.0) / 78),
}


def warning_of(function, *args):
    """Return the text of the only PixelRangeWarning of a call, or None."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*args)
    assert len(caught) <= 1
    assert all(w.category is PixelRangeWarning for w in caught)
    assert all(w.filename == __file__ for w in caught)
    return str(caught[0].message) if caught else None


def pattern(remedy):
    """Return a regular expression in which the parentheses stand for themselves."""
    return remedy.replace("(", r"\(").replace(")", r"\)")


@pytest.fixture(scope="module")
def networks():
    """A classifier for each kind of images that it may have seen."""
    y = load_digits28().target[:200]
    classifier = MNISTClassifier(epochs=1, random_state=0)
    return {
        name: MNISTClassifier(**classifier.get_params()).fit(convert(X), y)
        for name, convert in SEEN.items()
    } | {"pretrained": load_pretrained("dense")}


@pytest.mark.parametrize(
    ("seen", "convert", "remedy"),
    [
        ("uint8", lambda X: X.view(np.int8), "read as int8: pass X.view(np.uint8)"),
        ("pretrained", lambda X: X.view(np.int8), "read as int8"),
        ("unit", lambda X: X.view(np.int8), "read as int8"),
        ("uint8", lambda X: np.int16(X.view(np.int8)), "read as int8"),
        ("uint8", SEEN["standardised"], "Pass raw pixels, not standardised ones"),
        ("pretrained", SEEN["standardised"], "Pass raw pixels, not standardised ones"),
        ("unit", lambda X: X / 127.5 - 1, "Pass raw pixels, not standardised ones"),
        (
            "uint8",
            lambda X: (X - X.mean(0)) / (X.std(0) + 1e-9),
            "Pass raw pixels, not standardised ones",
        ),
        ("uint8", lambda X: 255 - X, "light background.* pass 255 - X"),
        ("pretrained", lambda X: 255 - X, "light background.* pass 255 - X"),
        ("pretrained", lambda X: 255 - X[:1], "light background.* pass 255 - X"),
        ("unit", lambda X: 1 - X / 255, "light background.* pass 1 - X"),
        ("inverted", lambda X: X, "dark background.* pass 255 - X"),
        ("uint8", lambda X: 200 - 0.6 * X, "light background"),  # as in a photo
        ("uint8", lambda X: (255 - X).reshape(-1, 28, 28), "light background"),
        ("uint8", lambda X: sparse.csr_array(255 - X), "light background"),
        ("uint16", lambda X: X, "Multiply them by 257"),
        ("uint16", lambda X: X.astype(np.uint16), "Multiply them by 257"),
        ("uint8", SEEN["uint16"], "Divide them by 257"),
        ("unit", lambda X: 255 - X, "Divide them by their full range"),
    ],
)
def test_pixels_that_contradict_those_of_fit_raise_a_warning(
    seen, convert, remedy, networks
):
    message = warning_of(networks[seen].predict, convert(X))
    assert re.search(pattern(remedy), message)


@pytest.mark.parametrize("seen", [*SEEN, "pretrained"])
@pytest.mark.parametrize(
    "convert",
    [
        pytest.param(lambda X: X, id="images"),
        pytest.param(lambda X: X[:1], id="one"),
        pytest.param(lambda X: 0 * X, id="blank"),
        pytest.param(lambda X: np.vstack([0 * X[:50], X[:5]]), id="mostly-blank"),
        pytest.param(
            lambda X: ndimage.maximum_filter(X.reshape(-1, 28, 28), (0, 5, 5)),
            id="thick",
        ),
    ],
)
def test_images_on_the_scale_of_fit_raise_no_warning(seen, convert, networks):
    images = SEEN.get(seen, SEEN["uint8"])(convert(X))
    assert warning_of(networks[seen].predict, images) is None


@pytest.mark.parametrize(("seen", "scale"), [("uint8", 1), ("unit", 255)])
def test_an_overshoot_of_interpolation_raises_no_warning(seen, scale, networks):
    at_edges = (ndimage.maximum_filter(X, (0, 3)) > 200) & (X == 0)
    images = (X - 20.0 * at_edges) / scale
    assert images.min() < 0
    assert warning_of(networks[seen].predict, images) is None


@pytest.mark.parametrize("value", [0, 7, 255])
def test_pictures_of_nothing_raise_no_warning(value, networks):
    nothing = np.full((3, 784), value, dtype=np.uint8)
    for name in ("uint8", "inverted", "pretrained", "standardised"):
        assert warning_of(networks[name].predict, nothing) is None


@pytest.mark.parametrize(
    "convert",
    [lambda X: X, lambda X: 255 - X, lambda X: -X, lambda X: X / 10 - 3],
)
def test_any_pixels_are_right_for_a_network_of_standardised_ones(convert, networks):
    predict = networks["standardised"].predict
    assert warning_of(predict, convert(np.float32(X))) is None


@pytest.mark.parametrize(
    ("seen", "given"),
    [
        (RNG.random((50, 20)), RNG.normal(size=(5, 20))),
        (RNG.integers(0, 2, (50, 20)), np.ones((1, 20), dtype=int)),
        (RNG.exponential(30, (50, 20)), -RNG.exponential(30, (5, 20))),
        (RNG.exponential(30, (50, 100)), RNG.exponential(60, (5, 100))),
        (RNG.random((50, 100)), RNG.random((5, 100)) - 0.05),
        (RNG.normal(size=(50, 100)), RNG.random((5, 100))),
        (RNG.random((50, 100)), RNG.random((5, 100)) ** 0.2),
        (RNG.poisson(0.2, (50, 100)), RNG.poisson(3, (5, 100))),
        (RNG.integers(-128, 128, (50, 100)).astype(np.int8), X[:5, :100]),
        (RNG.integers(0, 2, (50, 20), dtype=np.uint8), np.full((2, 20), 3)),
        (RNG.integers(0, 200, (50, 20), dtype=np.uint16), np.full((2, 20), 3)),
    ],
)
def test_rows_that_are_not_images_raise_no_warning(seen, given):
    def fit_and_transform():
        return PixelScaler(max_value=1).fit(seen).transform(given)

    assert warning_of(fit_and_transform) is None
    assert warning_of(PixelScaler().fit, seen) is None


@pytest.mark.parametrize(
    ("images", "remedy"),
    [
        (X.view(np.int8), "read as int8: pass X.view(np.uint8)"),
        (np.int64(X.view(np.int8)), "read as int8: pass X.view(np.uint8)"),
        (X.astype(np.uint16), "white is 65535 .* Pass X.astype(np.uint8)"),
        (np.uint16(X > 99), "white is 65535 .* Pass X.astype(np.uint8)"),
        (np.uint8(X > 99), "white is 255 .* Pass X.astype(bool)"),
        (sparse.csr_array(X.astype(np.uint16)), "white is 65535"),
    ],
)
def test_images_in_the_wrong_dtype_raise_a_warning_in_fit(images, remedy):
    y = load_digits28().target[:200]
    with pytest.warns(PixelRangeWarning, match=pattern(remedy)):
        MNISTClassifier(epochs=1).fit(images, y)
    with pytest.warns(PixelRangeWarning, match=pattern(remedy)):
        PixelScaler().fit(images)


@pytest.mark.parametrize(
    "images",
    [
        pytest.param(X, id="uint8"),
        pytest.param(X > 99, id="bool"),
        pytest.param(X // 16, id="4-bit"),
        pytest.param(X.astype(np.int64), id="int64"),
        pytest.param(X.astype(np.uint16) * 257, id="uint16"),
        pytest.param((X.astype(int) - 128).astype(np.int8), id="quantised"),
        pytest.param(np.int8(RNG.normal(0, 40, X.shape).clip(-128, 127)), id="signed"),
        pytest.param(SEEN["standardised"](X), id="standardised"),
        pytest.param(0 * X, id="blank"),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_images_that_may_be_right_raise_no_warning_in_fit(images, weighted):
    y, weight = load_digits28().target[:200], np.arange(200) % 2 if weighted else None
    classifier = MNISTClassifier(epochs=1)
    assert warning_of(classifier.fit, images, y, weight) is None


def test_a_given_scale_is_not_questioned():
    assert warning_of(PixelScaler(max_value=255).fit, X.astype(np.uint16)) is None


def test_validation_data_and_later_parts_are_checked_too(networks):
    y = load_digits28().target[:200]
    with pytest.warns(PixelRangeWarning, match="light background"):
        MNISTClassifier(epochs=1).fit(X, y, X_val=255 - X, y_val=y)
    classifier = MNISTClassifier().partial_fit(X, y, classes=range(10))
    with pytest.warns(PixelRangeWarning, match="read as int8"):
        classifier.partial_fit(X.view(np.int8), y)


@pytest.mark.parametrize("seen", [*SEEN])
def test_a_loaded_network_checks_the_same(seen, networks, tmp_path):
    networks[seen].save(tmp_path / "network.onnx")
    loaded = MNISTClassifier.load(tmp_path / "network.onnx")
    for images in (X, 255 - X, X.view(np.int8)):
        expected = warning_of(networks[seen].predict, images)
        assert warning_of(loaded.predict, images) == expected
