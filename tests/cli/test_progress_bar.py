import io
import re
import time

import pytest
from rich.console import Console

from skmnist._cli.fitting import _list_figures
from skmnist._cli.progress_bar import StepTask, format_time, make_bar

LOGS = {"loss": 0.0022, "accuracy": 0.99, "val_loss": 0.045, "val_accuracy": 0.97}


def make_console(width):
    return Console(file=io.StringIO(), force_terminal=True, width=width)


def draw(bar, width):
    """Return what a bar looks like now, without colours."""
    console = make_console(width)
    console.print(bar.get_renderable())
    return re.sub(r"\x1b\[[0-9;]*m", "", console.file.getvalue()).rstrip()


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, "accuracy 0.9900 (val 0.9700)"),
        (50, "val 0.9700"),
        (80, "loss 0.0022  accuracy 0.9900 (val 0.9700)"),
        (110, "loss 0.0022 (val 0.0450)  accuracy 0.9900 (val 0.9700)"),
    ],
)
def test_the_epoch_the_bar_and_the_time_are_whole_at_any_width(width, shown):
    bar = make_bar(make_console(width), "Epoch")
    task = StepTask(bar, 50)
    task.step(_list_figures(LOGS), 7)
    text = draw(bar, width)
    assert re.fullmatch(r"Epoch 7/50 [━╸╺]{5,} (.*) \d\.\d s left", text)[1] == shown
    assert len(text) <= width - 3


def test_the_time_taken_is_named_at_the_end():
    bar = make_bar(make_console(80), "Fit")
    task = StepTask(bar, 2)
    task.step()
    task.step(["last accuracy 0.9000"])
    assert re.fullmatch(r"Fit 2/2 ━+ last accuracy 0.9000 in \d\.\d s", draw(bar, 80))


def test_a_bar_without_a_total_shows_what_it_waits_for():
    bar = make_bar(make_console(80), "Epoch")
    task = StepTask(bar, None, description="Preparing ...")
    assert draw(bar, 80).startswith("Preparing ... ━")
    task.begin(3, ["the first epoch may compile", "may compile"])
    assert re.fullmatch(r"Epoch 0/3 ━+ the first epoch may compile", draw(bar, 80))


def test_the_bar_moves_between_two_steps(monkeypatch):
    clock = iter([0.0, 8.0, 8.0, 10.0, 10.0, 11.0, 11.8, 99.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    bar = make_bar(make_console(80), "Epoch")
    task = StepTask(bar, 4)
    shares = []
    for finishes in [True, True, False, False, False]:
        if finishes:
            task.step()
        (drawn,) = (
            column.render(bar.tasks[0])
            for column in bar.columns
            if type(column).__name__ == "_MovingColumn"
        )
        shares.append(drawn.completed)
    # A step takes 2 s: the first one, which compiles, does not count.
    assert shares == pytest.approx([1, 2, 2.5, 2.9, 2.95])


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (200, "3:20 min")]
    + [(3599.7, "1:00 h"), (3905, "1:05 h")],
)
def test_times_have_a_unit(seconds, text):
    assert format_time(seconds) == text


@pytest.mark.parametrize("width", [50, 60, 80, 110])
def test_nothing_is_cut(width):
    bar = make_bar(make_console(width), "Epoch")
    task = StepTask(bar, None, description="Preparing ...")
    task.begin(50, ["x" * n for n in range(width, 0, -1)])
    text = draw(bar, width)
    assert "…" not in text
    assert re.fullmatch(r"Epoch 0/50 ━{5,} x{20,}", text)
