"""The console: standard output, with a spinner if it is a terminal."""

import os
import sys
from contextlib import nullcontext

from rich.console import Console

# Columns: do not wrap tables that are written to a pipe.
_PIPE_WIDTH = 500


def make_console():
    """Return a console that writes control characters to a terminal only.

    Returns
    -------
    rich.console.Console
        For standard output, without markup in strings.
    """
    # Rich also looks at environment variables (FORCE_COLOR and those of some CI
    # services), and would write control characters to a log file. It knows dumb
    # terminals, but not that an empty TERM says the same.
    on_terminal = sys.stdout.isatty() and os.environ.get("TERM") != ""
    return Console(
        force_terminal=on_terminal,
        width=None if on_terminal else _PIPE_WIDTH,
        markup=False,
        emoji=False,
        highlight=False,
    )


def busy(console, message):
    """Return a context that shows a spinner on a terminal.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    message : str
        What is going on.

    Returns
    -------
    context manager
        It does nothing if the output is not a terminal.
    """
    if not console.is_interactive:
        return nullcontext()
    spinner = "dots" if console.encoding.startswith("utf") else "line"
    return console.status(message, spinner=spinner)
