import os
import re
from pathlib import Path

import pytest
from sklearn.datasets import get_data_home
from typer.testing import CliRunner

from skmnist import fetch_mnist
from skmnist._cli.app import app
from skmnist._data.cache import find_cache, find_obstacle


@pytest.fixture
def blocked(tmp_path):
    """A folder that cannot be made, because a part of its path is a file."""
    (tmp_path / "file").touch()
    return tmp_path / "file" / "data"


@pytest.fixture(params=["SCIKIT_LEARN_DATA", "HOME"])
def variable(request, blocked, monkeypatch):
    """A variable that names a folder that cannot be made."""
    for name in ("SKMNIST_DATA", "SCIKIT_LEARN_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(request.param, str(blocked))
    if request.param == "HOME":
        monkeypatch.setenv("USERPROFILE", str(blocked))  # what Windows looks at
    return request.param


@pytest.mark.parametrize("data_home", [None, "text", Path("path"), "~/tilde"])
@pytest.mark.parametrize("of_variable", [None, "variable", "~/of variable"])
def test_the_cache_is_in_the_folder_that_scikit_learn_chooses(
    of_variable, data_home, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.delenv("SCIKIT_LEARN_DATA", raising=False)
    if of_variable:
        monkeypatch.setenv("SCIKIT_LEARN_DATA", of_variable)
    folder, _ = find_cache(data_home)
    assert os.listdir(tmp_path) == []
    assert folder == Path(get_data_home(data_home), "skmnist")


def test_data_home_of_another_type_is_refused_by_name():
    with pytest.raises(TypeError, match="data_home must be"):
        fetch_mnist(data_home=3)


def test_an_obstacle_is_found_before_the_folder_is_made(blocked, tmp_path):
    assert find_obstacle(tmp_path / "new" / "folder") is None
    assert find_obstacle(blocked) == f"'{blocked.parent}' is not a folder"


@pytest.mark.parametrize("download", [True, False])
def test_a_cache_that_cannot_be_made_is_an_os_error(variable, blocked, download):
    with pytest.raises(OSError, match="data") as caught:
        fetch_mnist(download_if_missing=download)
    assert str(blocked) in str(caught.value)
    if download:
        assert f"depends on {variable}" in str(caught.value)
        assert "or SKMNIST_DATA to one" in str(caught.value)


def test_data_home_that_cannot_be_made_is_named(blocked):
    with pytest.raises(OSError, match="depends on `data_home`"):
        fetch_mnist(data_home=blocked)


@pytest.mark.parametrize("args", [["fetch"], ["train", "--dataset", "mnist"]])
def test_commands_say_in_one_line_what_to_set(args, variable, blocked):
    result = CliRunner().invoke(app, args, catch_exceptions=False)
    assert result.exit_code == 1
    assert re.fullmatch(r"Error: MNIST cannot be kept in [^\n]+\n", result.stderr)
    assert str(blocked) in result.stderr
    assert f"which depends on {variable}" in result.stderr


def test_info_shows_the_rest(variable, blocked):
    result = CliRunner().invoke(app, ["info"], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    assert " tensorflow: " in result.stdout
    (line,) = re.findall(r"^MNIST: .*$", result.stdout, re.MULTILINE)
    assert line.startswith("MNIST: none. MNIST cannot be kept in ")
    assert str(blocked) in line
    assert f"which depends on {variable}" in line


def test_training_goes_on_with_other_data(variable):
    args = ["train", "--hidden-layer-sizes", "8", "--epochs", "1"]
    result = CliRunner().invoke(app, args, catch_exceptions=False)
    assert result.exit_code == 0
    assert "MNIST is not available: MNIST cannot be kept in" in result.stderr
