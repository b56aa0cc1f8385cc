"""Real handwriting from outside MNIST, in the folder that SKMNIST_HANDWRITING names.

The floors are a few pictures below the current accuracy.
"""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from skmnist import DigitNormalizer, MNISTClassifier, NumberReader, fetch_mnist

FOLDER = Path(os.environ.get("SKMNIST_HANDWRITING", ""))

pytestmark = [
    pytest.mark.handwriting,
    pytest.mark.mnist,
    # What lies beside a digit may be a digit, too.
    pytest.mark.filterwarnings("ignore:.* digits of about the same size"),
]


@pytest.fixture(scope="module")
def classifier():
    """The default network; 10 of its 50 epochs are enough for these floors."""
    X, y = fetch_mnist(subset="train", return_X_y=True)
    return MNISTClassifier(epochs=10, random_state=0).fit(X, y)


def read_manifest(kind, style):
    with (FOLDER / kind / "manifest.csv").open(newline="", encoding="utf-8") as file:
        entries = [entry for entry in csv.DictReader(file) if entry["style"] == style]
    return [FOLDER / kind / entry["file"] for entry in entries], [
        entry["label"] for entry in entries
    ]


@pytest.mark.parametrize(
    ("style", "floor"),
    [
        ("photo", 0.90),
        ("draw", 0.92),
        ("draw28", 0.90),
        ("photo28", 0.86),
        ("cell", 0.66),
    ],
)
def test_single_digits_are_recognized(classifier, style, floor):
    paths, labels = read_manifest("single", style)
    rows = DigitNormalizer(handle_invalid="blank").transform(paths)
    assert classifier.score(rows, np.array(labels, int)) >= floor


@pytest.mark.parametrize(
    ("name", "floor"), [("hwd1000", 0.98), ("semeion", 0.80), ("usps_train", 0.95)]
)
def test_other_data_sets_are_recognized(classifier, name, floor):
    with np.load(FOLDER / "datasets" / f"{name}.npz") as data:
        images, labels = data["images"][:1500], data["labels"][:1500]
    rows = DigitNormalizer(handle_invalid="blank").transform(list(images))
    assert classifier.score(rows, labels) >= floor


@pytest.mark.parametrize(
    ("style", "sources", "floor"),
    [
        ("draw", "", 0.8),
        ("photo_or_scan", ("Aiano_", "kshah1_", "scholich_", "zhangshi0512_"), 0.5),
    ],
    ids=["drawn", "photos of clean pages"],
)
def test_numbers_are_read(classifier, style, sources, floor):
    paths, labels = read_manifest("multi", style)
    pages = [
        (path, label.replace("/", "\n"))
        for path, label in zip(paths, labels, strict=True)
        if path.name.startswith(sources)
    ]
    reader = NumberReader(classifier, min_probability=0)
    right = [without_spaces(reader.read(path).text) == label for path, label in pages]
    assert np.mean(right) >= floor


@pytest.mark.parametrize(("style", "floor"), [("photo_or_scan", 0.86), ("cell", 0.88)])
def test_characters_are_read_by_the_pretrained_network(style, floor):
    """Character accuracy: one minus the edit distance over the label's length."""
    reader = NumberReader(min_probability=0)
    n_wrong = n_characters = 0
    for path, label in zip(*read_manifest("multi", style), strict=True):
        label = label.replace("/", "\n")
        edits = count_edits(without_spaces(reader.read(path).text), label)
        n_wrong += min(edits, len(label))
        n_characters += len(label)
    assert 1 - n_wrong / n_characters >= floor


def without_spaces(text):
    """Return the text as the labels are: they have no spaces."""
    return text.replace(" ", "")


def count_edits(text, label):
    """Return the Levenshtein distance."""
    edits = list(range(len(label) + 1))
    for i, character in enumerate(text, 1):
        before, edits = edits, [i]
        for j, wanted in enumerate(label):
            replaced = before[j] + (character != wanted)
            edits.append(min(replaced, before[j + 1] + 1, edits[j] + 1))
    return edits[-1]
