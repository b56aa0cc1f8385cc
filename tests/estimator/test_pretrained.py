"""The networks that come with the package, on digits that they were not trained on."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage
from sklearn.metrics import log_loss

import skmnist
from skmnist import (
    DigitNormalizer,
    NumberReader,
    expected_calibration_error,
    fetch_mnist,
    load_digits28,
    load_pretrained,
)
from skmnist._data.mnist_form import to_mnist_form
from skmnist._estimator.pretrained import NAMES

FOLDER = Path(skmnist.__file__).parent / "pretrained"


@pytest.mark.parametrize("name", NAMES)
def test_digits_are_recognised(name):
    X, y = load_digits28(return_X_y=True)
    assert load_pretrained(name).score(X, y) > 0.97


def test_conv_is_the_default():
    X, _ = load_digits28(return_X_y=True)
    expected = load_pretrained("conv").predict_proba(X[:50])
    np.testing.assert_array_equal(load_pretrained().predict_proba(X[:50]), expected)


def test_each_call_returns_a_new_classifier():
    first, second = load_pretrained(), load_pretrained()
    first.set_params(epochs=1)
    assert first is not second
    assert second.epochs != 1


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="`name` must be 'conv' or 'dense', got 'cnn'"):
        load_pretrained("cnn")


def test_all_networks_together_are_smaller_than_five_megabytes():
    files = list(FOLDER.iterdir())
    names = {f"{name}.onnx" for name in (*NAMES, "detector")}
    assert {file.name for file in files} == names
    assert sum(file.stat().st_size for file in files) < 5_000_000


def test_they_load_and_predict_without_tensorflow():
    program = (
        "import sys, numpy as np\n"
        "from skmnist import load_pretrained\n"
        "load_pretrained().predict(np.zeros((1, 784), np.uint8))\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_number_reader_uses_a_pretrained_network_by_default():
    images = load_digits28().images
    assert NumberReader().read(np.hstack(images[[1, 9, 8, 4]])).text == "1984"


def test_flagged_ones_and_crossed_sevens_are_recognised():
    """Drawn as pen strokes on white paper."""
    from PIL import Image, ImageDraw

    one = [(40, 70), (90, 30), (90, 170)]
    seven = [(30, 35), (110, 35), (70, 170)]
    pictures = []
    for strokes in ([one], [seven, [(55, 100), (110, 100)]]):
        picture = Image.new("L", (140, 200), 255)
        pen = ImageDraw.Draw(picture)
        for stroke in strokes:
            pen.line(stroke, fill=0, width=9, joint="curve")
        pictures.append(np.asarray(picture))
    X = DigitNormalizer().transform(pictures)
    np.testing.assert_array_equal(load_pretrained().predict(X), [1, 7])


def test_probabilities_are_low_for_what_is_not_a_digit():
    """Two digits squeezed into one image, as NumberReader may have to classify them."""
    images = load_digits28().images
    pairs = [np.hstack([a[:, 4:24], b[:, 4:24]]) for a, b in pairwise(images[:200])]
    network = load_pretrained()
    X = to_mnist_form(np.array(pairs) / 255)
    unsure = network.predict_proba(X).max(axis=1)
    sure = network.predict_proba(load_digits28().data[:200]).max(axis=1)
    assert np.median(unsure) < 0.8 < np.median(sure)


def write_slanted(images):
    """Return images of digits as somebody would write them who slants strongly."""
    c, s = np.cos(0.6), np.sin(0.6)
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    offset = np.array([0, 13.5, 13.5])
    images = ndimage.affine_transform(images, turn, offset - turn @ offset, order=1)
    return images.reshape(-1, 784)


@pytest.mark.parametrize(
    ("name", "classes", "gain"),
    [("conv", [4], 0.05), ("conv", range(10), 0.01), ("dense", [1, 7], 0.02)],
)
def test_a_few_samples_teach_ones_own_hand(name, classes, gain):
    digits = load_digits28()
    X, y, own = digits.data, digits.target, write_slanted(digits.images)
    samples = np.concatenate([np.flatnonzero(y == k)[:6] for k in classes])
    X, y, own, samples, labels = X[600:], y[600:], own[600:], own[samples], y[samples]
    taught = np.isin(y, classes)
    network = load_pretrained(name)
    temperature, before = network.temperature_, network.predict(X) == y
    own_before = network.score(own[taught], y[taught])
    for _ in range(20):
        network.partial_fit(samples, labels)
    assert network.score(own[taught], y[taught]) > own_before + gain
    after = network.predict(X) == y
    for k in range(10):
        assert after[y == k].mean() > before[y == k].mean() - 0.02
    assert network.temperature_ == temperature


@pytest.mark.mnist
@pytest.mark.parametrize(("name", "accuracy"), [("conv", 0.99), ("dense", 0.98)])
def test_mnist_is_recognised_and_probabilities_can_be_trusted(name, accuracy):
    X, y = fetch_mnist(subset="test", return_X_y=True)
    network = load_pretrained(name)
    p = network.predict_proba(X)
    assert network.score(X, y) > accuracy
    assert expected_calibration_error(y, p) < 0.02
    assert log_loss(y, p) < 0.07
