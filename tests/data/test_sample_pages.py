from difflib import SequenceMatcher

import numpy as np
import pytest
from PIL import Image

from skmnist import NumberReader, load_sample_pages

NAMES = ["account", "phones", "scores", "form", "lab", "label"]


@pytest.fixture(scope="module")
def samples():
    return load_sample_pages()


@pytest.fixture(scope="module")
def readings(samples):
    return [NumberReader().read(page).text for page in samples.pages]


def test_there_are_six_pages_with_their_texts(samples):
    assert [page.stem for page in samples.pages] == NAMES
    assert len(samples.texts) == 6
    assert all(name in samples.DESCR for name in NAMES)


@pytest.mark.parametrize("number", range(6), ids=NAMES)
def test_pages_are_colour_pictures_of_a_telephone(number, samples):
    with Image.open(samples.pages[number]) as picture:
        assert picture.format == "PNG"
        assert 500 < min(picture.size) < max(picture.size) < 1000
        # A page in grey levels has no colour anywhere.
        assert np.ptp(np.asarray(picture.convert("RGB"), int), axis=2).max() > 20


def test_pages_add_little_to_the_installation(samples):
    assert sum(page.stat().st_size for page in samples.pages) < 1_500_000


@pytest.mark.parametrize("number", range(6), ids=NAMES)
def test_texts_have_the_form_of_a_reading(number, samples):
    text = samples.texts[number]
    assert set(text) <= set("0123456789-./: \n")
    assert text == "\n".join(" ".join(row.split()) for row in text.split("\n"))


def test_the_account_adds_up(samples):
    *amounts, total = map(float, samples.texts[0].split())
    assert sum(amounts) == pytest.approx(total)


def test_most_pages_are_read_without_a_mistake(samples, readings):
    pairs = zip(samples.texts, readings, strict=True)
    assert sum(text == reading for text, reading in pairs) >= 4


def test_nearly_all_characters_are_read(samples, readings):
    n_wrong = 0
    for text, reading in zip(samples.texts, readings, strict=True):
        blocks = SequenceMatcher(None, text, reading, autojunk=False)
        n_same = sum(block.size for block in blocks.get_matching_blocks())
        n_wrong += max(len(text), len(reading)) - n_same
    assert n_wrong <= 0.03 * sum(map(len, samples.texts))
