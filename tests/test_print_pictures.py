"""The pictures and the verdicts of `benchmarks/applications.py`."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

applications = pytest.importorskip("applications", reason="the benchmarks are not here")
pictures = pytest.importorskip("_print_pictures", reason="the benchmarks are not here")


@pytest.mark.parametrize("kind", pictures.KINDS)
def test_texts_have_the_form_of_their_kind(kind):
    draw, form = pictures.KINDS[kind]
    texts = [draw(np.random.default_rng(seed))[1] for seed in range(20)]
    assert all(re.search(form, text) for text in texts)
    assert len({*texts}) > 5


@pytest.mark.parametrize("condition", applications.CONDITIONS)
def test_pictures_are_the_same_in_every_run(condition):
    ((first, text),) = applications.make_pictures("plate", condition, 1)
    ((second, _),) = applications.make_pictures("plate", condition, 1)
    ((_, usual),) = applications.make_pictures("plate", "usual", 1)
    np.testing.assert_array_equal(first, second)
    assert text == usual


def photograph(picture, **how):
    return pictures.photograph(picture, np.random.default_rng(0), noise=0, **how)


@pytest.fixture
def picture():
    return pictures.draw_plate(np.random.default_rng(0))[0]


def test_a_photograph_is_as_large_as_its_digits(picture):
    sizes = [photograph(picture, height=height).shape for height in (32, 16)]
    assert sizes[0] == tuple(np.multiply(sizes[1], (2, 2, 1)))


def test_from_the_side_a_picture_is_narrower_and_slants(picture):
    front, side = (photograph(picture, angle=angle) for angle in (0, 60))
    assert side.shape[1] < 0.6 * front.shape[1]
    assert side.shape[0] > front.shape[0]


def test_blur_takes_contrast_away_and_night_takes_light_away(picture):
    usual, blurred, night = (
        photograph(picture, **how) for how in ({}, {"blur": 0.2}, {"white": 40})
    )
    assert blurred.std() < 0.9 * usual.std()
    assert night.max() < 60


@pytest.mark.parametrize(
    ("found", "text", "form", "verdict"),
    [
        ("123 456", "123456", r"^\d{6}$", "right"),
        ("12?456", "123456", r"^\d{6}$", "noticed"),
        ("12345", "123456", r"^\d{6}$", "noticed"),
        ("123457", "123456", r"^\d{6}$", "unnoticed"),
        ("8 1234", "1234", r"\d{4}$", "right"),
    ],
)
def test_mistakes_in_the_form_are_noticed(found, text, form, verdict):
    assert applications.judge(found, text, form) == verdict


def test_shares_are_counted_over_kinds_and_conditions():
    right, noticed = ("right", "right"), ("unnoticed", "noticed")
    verdicts = {
        ("meter", "usual"): [right, right],
        ("meter", "dusk"): [right, noticed],
        ("plate", "usual"): [noticed, noticed],
    }
    assert applications.rate(verdicts, ["meter"], ["usual", "dusk"]) == 75
    assert applications.rate(verdicts, ["meter", "plate"], ["usual"]) == 50
    assert applications.rate(verdicts, ["plate"], ["usual"], "noticed", 1) == 100
