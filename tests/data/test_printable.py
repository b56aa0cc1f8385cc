import pytest

from skmnist._data.printable import printable


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("", ""),
        ("7", "7"),
        (7, "7"),
        ("a\\b $ <i>", "a\\b $ <i>"),
        ("Häuser, \u0663, \N{DIGIT ONE FULL STOP}", "Häuser, \u0663, ⒈"),
        ("99.6\u202f%, 5\xa0s", "99.6\u202f%, 5\xa0s"),  # spaces that do not break
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[2J\x07\x00\x7f\x9b", r"\x1b[2J\x07\x00\x7f\x9b"),
        ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
        ("\u202e\u200b\ufeff", r"\u202e\u200b\ufeff"),
        ("\ud800\udcff", r"\ud800\udcff"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_does_not_print_as_itself_is_escaped(text, printed):
    assert printable(text) == printed
    printed.encode()
