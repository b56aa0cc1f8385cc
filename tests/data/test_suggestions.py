import pytest

from skmnist._data.suggestions import suggest

NAMES = ["jaccard", "accuracy", "learning_rate_schedule", "learning_rate", "epochs"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("epoch", " Did you mean 'epochs'?"),
        ("schedule", " Did you mean 'learning_rate_schedule'?"),
        ("learn_rate", " Did you mean 'learning_rate'?"),
        ("foo", ""),
        ("", ""),
    ],
)
def test_the_nearest_name_is_suggested(name, expected):
    assert suggest(name, NAMES) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("acc", "accuracy"), ("learning", "learning_rate")]
)
def test_a_name_that_begins_alike_comes_first(name, expected):
    assert suggest(name, NAMES) == f" Did you mean {expected!r}?"
