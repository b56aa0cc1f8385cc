"""The progress bar of all commands."""

from rich.constrain import Constrain
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text


class _Bar(Progress):
    """A bar that leaves room for the ^C that a terminal echoes.

    At the end of a full line the echo would start another, and the bar be drawn twice.
    """

    def __init__(self, *columns, console, **options):
        self._terminal = console  # needed before Progress has set its own
        super().__init__(*columns, console=console, **options)

    def get_renderable(self):
        """Return what to draw."""
        return Constrain(super().get_renderable(), self._terminal.width - len("^C") - 1)


class _CountColumn(ProgressColumn):
    """Shows what is counted, or the description of a task without a total."""

    def __init__(self, noun):
        super().__init__()
        self._noun = noun

    def render(self, task):
        if task.total is None:
            return Text(task.description)
        return Text(f"{self._noun} {task.completed}/{task.total}")


def make_bar(console, noun):
    """Return a progress bar whose tasks have a text field `figures`.

    Parameters
    ----------
    console : rich.console.Console
        A terminal.
    noun : str
        The name of what the bar counts.

    Returns
    -------
    rich.progress.Progress
        Not started.
    """
    return _Bar(
        _CountColumn(noun),
        BarColumn(bar_width=None, table_column=Column(ratio=1)),
        TextColumn("{task.fields[figures]}"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        console=console,
        expand=True,
        # Seconds of epochs that the time left is estimated from. The default of 30 may
        # not hold a whole epoch.
        speed_estimate_period=600,
    )
