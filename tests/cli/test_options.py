import pytest
import typer

from skmnist._cli.options import number_option, parse_widths


@pytest.mark.parametrize(
    ("text", "widths"),
    [
        ("128", (128,)),
        ("128x64", (128, 64)),
        ("128,64", (128, 64)),
        ("(128, 64)", (128, 64)),
        ("(128,)", (128,)),
        ("", ()),
        ("()", ()),
        ("none", ()),
    ],
)
def test_widths_may_be_written_in_several_ways(text, widths):
    assert parse_widths(text) == widths


@pytest.mark.parametrize("text", ["128y64", "128xx64", "x", "(128", "1.5", "128;64"])
def test_other_widths_are_refused(text):
    with pytest.raises(typer.BadParameter, match="joined by x, such as 128x64") as info:
        parse_widths(text, "--param")
    assert repr(text) in str(info.value)
    assert info.value.param_hint == "'--param'"


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        (int, "ten", "must be a whole number, got 'ten'."),
        (int, "1.5", "must be a whole number, got '1.5'."),
        (float, "x", "must be a number, got 'x'."),
        (float, "-0.1", "must be at least 0, got -0.1."),
        (float, "nan", "must be at least 0, got nan."),
        (float, "1.1", "must be at most 1, got 1.1."),
    ],
)
def test_numbers_are_checked(kind, text, fault):
    parse = number_option(kind, "", at_least=0, at_most=1).parser
    assert parse("1") == 1
    with pytest.raises(typer.BadParameter) as info:
        parse(text)
    assert info.value.message == fault
