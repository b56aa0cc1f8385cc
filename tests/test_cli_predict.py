import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from skmnist import MNISTClassifier, load_digits28
from skmnist._cli import app


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A classifier and the file it is saved in."""
    X, y = load_digits28(return_X_y=True)
    classifier = MNISTClassifier(epochs=10, random_state=0).fit(X, y)
    path = tmp_path_factory.mktemp("model") / "digits.onnx"
    classifier.save(path)
    return classifier, path


@pytest.fixture
def pictures(tmp_path):
    """Three digits as files: grey, coloured, and with an alpha channel."""
    images = load_digits28().images[:3]
    paths = [tmp_path / f"{i}.png" for i in range(3)]
    for image, path, mode in zip(images, paths, ("L", "RGB", "RGBA"), strict=True):
        Image.fromarray(image).convert(mode).save(path)
    return paths


def predict(*args):
    return CliRunner().invoke(app, ["predict", *map(str, args)], catch_exceptions=False)


def test_each_picture_gets_its_label_and_probability(model, pictures):
    classifier, path = model
    result = predict(path, *pictures)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.splitlines()]
    best = classifier.predict_proba(load_digits28().data[:3]).max(axis=1)
    assert [line[:2] for line in lines] == [
        [str(picture), str(digit)] for digit, picture in enumerate(pictures)
    ]
    np.testing.assert_allclose([float(line[2]) for line in lines], best, atol=1e-4)


def test_json_has_the_probability_of_every_class(model, pictures):
    classifier, path = model
    result = predict(path, *pictures, "--json")
    entries = json.loads(result.stdout)
    assert [entry["label"] for entry in entries] == [0, 1, 2]
    np.testing.assert_allclose(
        [list(entry["probabilities"].values()) for entry in entries],
        classifier.predict_proba(load_digits28().data[:3]),
    )


def test_what_cannot_be_read_is_named_and_the_rest_predicted(model, pictures, tmp_path):
    text, large = tmp_path / "text.png", tmp_path / "large.png"
    text.write_text("no picture")
    Image.new("L", (100, 50)).save(large)
    result = predict(model[1], text, pictures[0], large, tmp_path / "missing.png")
    assert result.exit_code == 2
    assert result.stdout.split()[:2] == [str(pictures[0]), "0"]
    errors = result.stderr.splitlines()
    assert len(errors) == 3
    assert "text.png' cannot be read as a picture" in errors[0]
    assert "large.png' must have 28x28 pixels, got 100x50" in errors[1]
    assert "missing.png' cannot be read as a picture" in errors[2]


def test_without_a_picture_usage_is_told(model):
    result = predict(model[1])
    assert result.exit_code == 2
    assert "PICTURE" in result.stderr
