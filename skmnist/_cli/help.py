"""The help texts: options in groups and examples, whole on a narrow terminal too."""

from inspect import cleandoc

import typer
from typer.core import TyperCommand

# Columns: longer lines are hard to read.
WIDEST = 100

# Columns: on a terminal with fewer, names take less room. Longer names get a line of
# their own.
_NARROW_TERMINAL = 78
_NARROW, _WIDE = 20, 30


class Command(TyperCommand):
    """A command whose help shows its options in groups and ends with examples.

    The group of an option is its `rich_help_panel`; the examples are the epilog, one a
    line. Typer's own frames would cut long options on a narrow terminal.
    """

    def collect_usage_pieces(self, ctx):
        """Return the words after the name of the command in the first line."""
        pieces = [self.options_metavar]
        for argument in _list_arguments(self, ctx):
            name = argument.metavar
            pieces.append(name if argument.required else f"[{name}]")
        return pieces

    def format_options(self, ctx, formatter):
        """Write arguments and options, group after group."""
        arguments = [(a.metavar, a.help) for a in _list_arguments(self, ctx)]
        groups = {"Arguments": arguments}
        for option in self.get_params(ctx):
            if option.param_type_name == "option":
                group = option.rich_help_panel or "Options"
                groups.setdefault(group, []).append(option.get_help_record(ctx))
        # What each command has comes last.
        groups["Options"] = groups.pop("Options")
        most = _NARROW if formatter.width < _NARROW_TERMINAL else _WIDE
        lengths = [len(name) for group in groups.values() for name, _ in group]
        width = max(length for length in lengths if length <= most)
        for group, records in groups.items():
            if records:
                with formatter.section(as_heading(group)):
                    aligned = [(f"{name:<{width}}", text) for name, text in records]
                    formatter.write_dl(aligned, col_max=width)

    def format_epilog(self, ctx, formatter):
        """Write the examples, line by line as they are."""
        if self.epilog:
            with formatter.section(as_heading("Examples")):
                for line in cleandoc(self.epilog).splitlines():
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")


def _list_arguments(command, ctx):
    return [p for p in command.get_params(ctx) if p.param_type_name == "argument"]


def as_heading(text):
    """Return a heading that stands out on a terminal.

    Parameters
    ----------
    text : str
        The heading.

    Returns
    -------
    str
        Bold; typer removes that if the output is no terminal.
    """
    return typer.style(text, bold=True)
