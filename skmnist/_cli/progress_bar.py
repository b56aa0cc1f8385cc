"""The progress bar of all commands."""

import sys
import time

from rich.constrain import Constrain
from rich.progress import Progress, ProgressColumn
from rich.progress_bar import ProgressBar
from rich.table import Column
from rich.text import Text

# Columns: the shortest bar that still shows something. What does not fit beside it is
# left out.
_SHORTEST_BAR = 5

# Share of a step: until it is finished, the bar moves no further than this.
_MOST_OF_A_STEP = 0.95


# Unlike the bar, all other columns keep their width.
_WHOLE = Column(no_wrap=True)


class _Bar(Progress):
    """A bar that leaves room for the ^C that a terminal echoes.

    At the end of a full line the echo would start another, and the bar be drawn twice.
    """

    def __init__(self, *columns, console, **options):
        self._terminal = console  # needed before Progress has set its own
        super().__init__(*columns, console=console, **options)

    def get_renderable(self):
        """Return what to draw."""
        return Constrain(super().get_renderable(), find_width(self._terminal))


def find_width(console):
    """Return the columns that a bar may take."""
    return console.width - len("^C") - 1


class _CountColumn(ProgressColumn):
    """Shows what is counted, or the description of a task without a total."""

    def __init__(self, noun):
        super().__init__(_WHOLE)
        self._noun = noun

    def render(self, task):
        return Text(_count(self._noun, task))


class _MovingColumn(ProgressColumn):
    """A bar that also moves between two steps, by the time that the last one took."""

    def render(self, task):
        return ProgressBar(
            total=task.total,
            completed=task.completed + _find_share(task),
            # Nobody knows how long the first step takes.
            pulse=not task.completed,
            animation_time=task.get_time(),
        )


class _FiguresColumn(ProgressColumn):
    """Shows the first of the texts in the field `figures` that fits."""

    def __init__(self, console, noun):
        super().__init__(_WHOLE)
        self._console, self._noun = console, noun

    def render(self, task):
        others = (_count(self._noun, task), "-" * _SHORTEST_BAR, _describe_time(task))
        # A space follows each column.
        room = find_width(self._console) - sum(map(len, others)) - len(others) - 1
        texts = [text for text in task.fields["figures"] if len(text) <= room]
        return Text(texts[0] if texts else "")


class _TimeColumn(ProgressColumn):
    """Shows the time left, and at the end the time taken."""

    def render(self, task):
        return Text(_describe_time(task))


def _count(noun, task):
    if task.total is None:
        return task.description
    return f"{noun} {int(task.completed)}/{task.total}"


def _find_share(task):
    """Return how much of the present step is probably done."""
    if not task.completed or task.finished:
        return 0
    elapsed = time.monotonic() - task.fields["stepped"]
    return min(elapsed / max(task.fields["seconds"], 1e-9), _MOST_OF_A_STEP)


def _describe_time(task):
    if task.finished:
        return f"in {format_time(task.finished_time)}"
    if not task.completed:
        return ""
    left = task.total - task.completed - _find_share(task)
    return f"{format_time(left * task.fields['seconds'])} left"


def format_time(seconds):
    """Return a time as text.

    Parameters
    ----------
    seconds : float
        The time.

    Returns
    -------
    str
        Such as "23 s", "3:20 min" or "1:05 h".
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02} min"
    return f"{seconds // 3600}:{seconds % 3600 // 60:02} h"


def make_bar(console, noun):
    """Return a progress bar.

    Parameters
    ----------
    console : rich.console.Console
        A terminal.
    noun : str
        The name of what the bar counts.

    Returns
    -------
    rich.progress.Progress
        Not started. `add_step_task` gives it a task.
    """
    moving = _MovingColumn(table_column=Column(ratio=1))
    figures = _FiguresColumn(console, noun)
    return _Bar(
        *(_CountColumn(noun), moving, figures, _TimeColumn(_WHOLE)),
        console=console,
        expand=True,
        # What a file gets must not be drawn on the terminal.
        redirect_stderr=sys.stderr.isatty(),
    )


class StepTask:
    """The task of a bar that counts steps, and remembers how long they take.

    Parameters
    ----------
    bar : rich.progress.Progress
        From `make_bar`.
    total : int or None
        The number of steps. None if the first one has not begun.
    completed : int, default=0
        Steps that were finished before.
    description : str, default=""
        Shown until there is a total.
    """

    def __init__(self, bar, total, completed=0, description=""):
        self._bar, self._total = bar, total
        self._before = self._completed = completed
        self._begun = time.monotonic()
        self._timed = None  # step and time from which on the others are timed
        self._task = bar.add_task(
            description,
            total=total,
            completed=completed,
            figures=[],
            stepped=self._begun,
            seconds=0,
        )

    def begin(self, total, figures=()):
        """Begin the first step.

        Parameters
        ----------
        total : int
            The number of steps.
        figures : sequence of str, default=()
            What to show until it is finished, as in `step`.
        """
        if self._total is None:
            self._total, self._begun = total, time.monotonic()
            self._bar.update(self._task, total=total, figures=list(figures))

    def step(self, figures=(), completed=None):
        """Finish a step.

        Parameters
        ----------
        figures : sequence of str, default=()
            What to show beside the bar: the first text that fits, so the shortest is
            the last.
        completed : int, default=None
            Steps finished so far. None for one more than before.
        """
        now = time.monotonic()
        self._completed = self._completed + 1 if completed is None else completed
        # The first step includes compilation; the time left comes from the others.
        if self._timed is None:
            self._timed = self._completed, now
            n_timed, seconds = self._completed - self._before, now - self._begun
        else:
            n_timed, seconds = self._completed - self._timed[0], now - self._timed[1]
        self._bar.update(
            self._task,
            completed=self._completed,
            figures=list(figures),
            stepped=now,
            seconds=seconds / max(n_timed, 1),
        )
