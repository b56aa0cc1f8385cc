import inspect
import re
import shlex
import subprocess
import sys
from typing import get_args

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import skmnist._cli.training
from skmnist import RECIPES
from skmnist._cli.app import app
from skmnist._estimator.parameters import NETWORKS
from skmnist._training.augmentation import AUGMENTATIONS
from skmnist._training.schedule import SCHEDULES

GROUP = get_command(app)
COMMANDS = sorted(GROUP.commands)
ALL = pytest.mark.parametrize("command", [[], *([command] for command in COMMANDS)])

HEAVY = {"tensorflow", "keras", "scikeras", "matplotlib", "onnx", "onnxruntime"}
HEAVY |= {"numba", "pandas", "scipy", "sklearn"}


def show_help(*command, columns=80):
    # As on a terminal: a column stays free on each side.
    width = columns - 2
    result = CliRunner().invoke(app, [*command, "--help"], terminal_width=width)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def import_times(*args):
    """Run a command; return the process and the names of the imported modules."""
    program = [sys.executable, "-X", "importtime", "-m", "skmnist", *args]
    done = subprocess.run(program, capture_output=True, text=True)
    lines = done.stderr.splitlines()
    timed = [line for line in lines if line.startswith("import time:")]
    imported = {line.rpartition("|")[2].strip() for line in timed}
    assert "typer" in imported
    return done, imported


@ALL
def test_each_command_has_help_with_examples(command):
    text = show_help(*command)
    assert text.startswith("Usage: ")
    examples = text.partition("\nExamples:\n")[2]
    assert f"  skmnist {' '.join(command)}".rstrip() in examples


def test_a_bare_command_shows_help():
    result = CliRunner().invoke(app, [], terminal_width=78)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == show_help()


@ALL
@pytest.mark.parametrize("columns", [60, 80, 110])
def test_help_is_whole_on_any_terminal(command, columns):
    text = show_help(*command, columns=columns)
    assert max(map(len, text.splitlines())) <= columns
    assert "…" not in text
    found = GROUP.commands[command[0]] if command else GROUP
    for parameter in found.params:
        for word in parameter.opts:
            assert word in text or parameter.param_type_name == "argument"


@ALL
def test_help_shows_no_types(command):
    assert not re.search("<(bool|str|int|float|int range|list.*)>", show_help(*command))


def test_help_shows_options_in_groups():
    headings = re.findall(r"^(\w+):$", show_help("train"), re.MULTILINE)
    groups = ["Network", "Training", "Data", "Output", "Options", "Examples"]
    assert headings == groups


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("recipe", tuple(RECIPES)),
        ("network", NETWORKS),
        ("learning_rate_schedule", SCHEDULES),
        ("augmentation", tuple(AUGMENTATIONS)),
    ],
)
def test_choices_are_those_of_the_estimator(name, expected):
    parameter = inspect.signature(skmnist._cli.training.train).parameters[name]
    annotation = get_args(parameter.annotation)[0]
    choices = get_args(annotation)
    # Of `Literal[...] | None`.
    choices = choices if type(None) not in choices else get_args(choices[0])
    assert choices == expected
    # Typer has changed the bar; long choices are in the description.
    text = " ".join(show_help("train").split())
    assert re.search("(?:.|, | or )".join(expected), text)


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_use_options_that_exist(command):
    found = GROUP.commands[command]
    known = {word for parameter in found.params for word in parameter.opts}
    text = found.epilog.replace("\\\n", " ")
    for line in filter(None, map(str.strip, text.splitlines())):
        program, name, *words = shlex.split(line)
        assert (program, name) == ("skmnist", command)
        assert {word for word in words if word.startswith("--")} <= known


@ALL
def test_help_imports_nothing_heavy(command):
    done, imported = import_times(*command, "--help")
    assert done.returncode == 0
    assert not HEAVY & imported


@pytest.mark.parametrize(
    "args",
    [
        ["predict", "nowhere.png"],
        ["read", "nowhere.png", "nowhere.onnx"],
        ["read", "a.txt", "--out", "nowhere/marked.png"],
        ["predict", "--model", "a.txt", "a.txt"],
        ["predict", "fifo.onnx", "a.txt"],
        ["evaluate", "nowhere.onnx"],
        ["evaluate", "a.txt"],
        ["info", "a.txt"],
        ["train", "--out", "net.h5"],
        ["train", "--out", "nowhere/net.onnx"],
        ["train", "--report", "a.txt/report"],
        ["train", "--epochs", "ten"],
        ["train", "--network", "cnn"],
        ["search", "--param", "alpha=1", "--out", "net.h5"],
        ["search", "--param", "alpha=1", "--results", "nowhere/scores.csv"],
        ["search", "--param", "alpha=1", "--cv", "1"],
        ["fetch", "--data-home", "a.txt"],
    ],
    ids=" ".join,
)
def test_mistakes_about_files_are_found_before_heavy_imports(
    args, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("neither picture nor network")
    done, imported = import_times(*args)
    assert done.returncode == 2
    assert not HEAVY & imported
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
