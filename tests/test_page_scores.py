"""The scores of `benchmarks/pages.py`."""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

scores = pytest.importorskip("_page_scores", reason="the benchmarks are not here")


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("123", "123", (0, 3)),
        ("12 3", "123", (0, 3)),
        ("12 3", "1 23", (2, 4)),
        ("12\n3", "12\n34", (1, 5)),
        ("123", "12\n3", (1, 4)),
        ("", "1234", (4, 4)),
        ("99999999", "1", (1, 1)),
    ],
)
def test_mistakes_are_edits(text, label, expected):
    assert scores.count_mistakes(text, label) == expected


def test_owners_count_alike_in_their_mean():
    found = [("a", 0, 10), ("a", 5, 10), ("b", 2, 2)]
    right, by_owner = scores.rate(found)
    assert right == pytest.approx(15 / 22)
    assert by_owner == pytest.approx((0.75 + 0) / 2)


def test_owners_are_named_before_the_first_two_underscores():
    assert scores.find_owner("a_b__c__d.png") == "a_b"
