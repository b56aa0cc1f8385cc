import errno
import os
import re
import shutil
import stat
import tempfile
import threading

import pytest
from typer.testing import CliRunner

from skmnist import MNISTClassifier
from skmnist._cli.app import app
from tests.cli.test_pictures import DIGITS, draw_page
from tests.data.test_files import make_null_device, needs_devices, needs_fifos

TRAIN = ["train", "--dataset", "digits", "--hidden-layer-sizes", 8, "--epochs", 1]
SEARCH = ["search", "--dataset", "digits", "--cv", 2, "--param", "epochs=1"]
SEARCH += ["--param", "hidden_layer_sizes=8"]
BOTH = pytest.mark.parametrize("command", ["predict", "read"])


def run(*args):
    """Run a command in this process."""
    return CliRunner().invoke(app, [*map(str, args)], catch_exceptions=False)


def assert_refused(result, fault):
    """Assert status 2, no output, and one line on stderr that names the fault."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(r"Error: [^\n]+\n", result.stderr)
    assert fault in result.stderr


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a network, whose labels give it away, and a picture of a three."""
    folder = tmp_path_factory.mktemp("networks")
    labels = DIGITS.target[:500] + 100
    network = MNISTClassifier((16,), epochs=8, random_state=0)
    network.fit(DIGITS.data[:500], labels).save(folder / "network.onnx")
    draw_page([3]).save(folder / "three.png")
    return folder


@pytest.fixture
def model(folder):
    return folder / "network.onnx"


@pytest.fixture
def three(folder):
    return folder / "three.png"


@BOTH
@pytest.mark.parametrize("name", ["net.h5", "net.bin", "net.png", "net", "NET.ONNX"])
def test_a_network_is_known_by_its_content(command, name, model, three):
    shutil.copy(model, name)
    result = run(command, name, three)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "103" in result.stdout


@BOTH
def test_a_network_is_an_argument_or_an_option(command, model, three):
    expected = run(command, model, three)
    assert (expected.exit_code, expected.stderr) == (0, "")
    for args in (["--model", model, three], [three, "--model", model]):
        result = run(command, *args)
        assert (result.exit_code, result.output) == (0, expected.output)


@pytest.mark.parametrize("args", [["info"], ["evaluate", "--dataset", "digits"]])
def test_other_commands_have_the_same_option(args, model):
    expected, result = run(*args, model), run(*args, "--model", model)
    assert result.exit_code == expected.exit_code == 0
    assert result.stdout.replace("--model", "") == expected.stdout
    assert_refused(run(*args, model, "--model", model), "the network is given twice")


@BOTH
@pytest.mark.parametrize("name", ["net.onnx", "net.bin", "net.h5"])
def test_a_network_among_the_pictures_is_refused(command, name, model, three):
    # By default the pretrained network would read the others.
    shutil.copy(model, name)
    assert_refused(run(command, three, name), f"the network '{name}' must come before")
    result = run(command, "--model", model, name, three)
    assert_refused(result, "the network is given twice")


@BOTH
@pytest.mark.parametrize("name", ["net.h5", "net.keras", "net.onnx"])
def test_a_network_of_another_program_is_no_picture(command, name, three, tmp_path):
    (tmp_path / "empty" / name).write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    for args in ([name, three], ["--model", name, three]):
        fault = "is not a network saved by skmnist"
        assert_refused(run(command, *args), fault)


@BOTH
def test_a_missing_network_is_refused(command, three):
    fault = "'missing.onnx' does not exist."
    assert_refused(run(command, "--model", "missing.onnx", three), fault)


@pytest.mark.parametrize("command", [TRAIN, SEARCH], ids=["train", "search"])
@pytest.mark.parametrize("name", ["net.h5", "net.keras", "net.pkl", "net", "onnx"])
def test_other_names_are_refused_before_training(command, name):
    result = run(*command, "--out", name)
    assert_refused(
        result, f"must end in .onnx, because networks are saved as ONNX, got '{name}'"
    )
    assert os.listdir() == []


@needs_devices
@pytest.mark.parametrize("command", [TRAIN, SEARCH], ids=["train", "search"])
def test_out_may_be_a_device(command):
    device = make_null_device(".")
    result = run(*command, "--out", device)
    assert (result.exit_code, result.stderr) == (0, "")
    assert stat.S_ISCHR(device.stat().st_mode)
    assert os.listdir() == [device.name]


def read_fifo(path):
    """Return a running thread that reads a FIFO, and a list that gets what it read."""
    content = []
    os.mkfifo(path)

    def read():
        with open(path, "rb") as file:
            content.append(file.read())

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread, content


@needs_fifos
def test_out_may_be_a_fifo(tmp_path):
    thread, content = read_fifo("fifo")
    result = run(*TRAIN, "--out", "fifo")
    assert (result.exit_code, result.stderr) == (0, "")
    thread.join(10)
    (tmp_path / "got.onnx").write_bytes(content[0])
    assert MNISTClassifier.load(tmp_path / "got.onnx").n_iter_ == 1
    assert stat.S_ISFIFO(os.stat("fifo").st_mode)


@needs_fifos
def test_scores_may_go_to_a_fifo():
    thread, content = read_fifo("fifo")
    result = run(*SEARCH, "--results", "fifo", "--out", "best.onnx")
    assert (result.exit_code, result.stderr) == (0, "")
    thread.join(10)
    assert content[0].startswith(b"param_epochs,")
    assert sorted(os.listdir()) == ["best.onnx", "best.onnx.journal", "fifo"]


@needs_fifos
def test_a_network_that_no_reader_takes_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    os.mkfifo("fifo")
    result = run(*TRAIN, "--out", "fifo")
    assert result.exit_code == 1
    found = re.fullmatch(
        r"Error: 'fifo' cannot be written: Nothing reads from it; the network is kept "
        r"in '(.*/skmnist-\w+/fifo\.onnx)'\.\n",
        result.stderr,
    )
    assert MNISTClassifier.load(found[1]).n_iter_ == 1


@pytest.fixture
def full_disk(monkeypatch, tmp_path):
    """Make the disk full once the place has been tried, except for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    replace = os.replace

    def refuse(old, new):
        if "skmnist-" in os.path.basename(os.path.dirname(new)):
            return replace(old, new)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", refuse)


@pytest.mark.parametrize("command", [TRAIN, SEARCH], ids=["train", "search"])
def test_a_network_is_kept_elsewhere_if_the_disk_is_full(command, full_disk):
    result = run(*command, "--out", "net.onnx")
    assert result.exit_code == 1
    found = re.fullmatch(
        r"Error: 'net\.onnx' cannot be written: No space left on device; the network "
        r"is kept in '(.*/skmnist-\w+/net\.onnx)'\.\n",
        result.stderr,
    )
    assert MNISTClassifier.load(found[1]).n_iter_ == 1
    assert "net.onnx" not in os.listdir()


def test_a_network_that_no_place_takes_is_lost(monkeypatch, tmp_path):
    def save(self, path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(MNISTClassifier, "save", save)
    result = run(*TRAIN, "--out", "net.onnx")
    assert result.exit_code == 1
    expected = "Error: 'net.onnx' cannot be written: No space left on device; the "
    assert result.stderr == f"{expected}network is lost.\n"
    assert os.listdir(tmp_path) == ["empty"]
    assert os.listdir() == []


@pytest.mark.parametrize("name", ["file", "report"])
def test_other_things_in_the_folder_do_not_matter(name, tmp_path):
    (tmp_path / "empty" / name).mkdir()
    result = run(*TRAIN, "--out", "net.onnx", "--report", "report")
    assert (result.exit_code, result.stderr) == (0, "")


OUTPUTS = {
    "train --out": [*TRAIN, "--out", "net.onnx"],
    "train --report": [*TRAIN, "--report", "report"],
    "search --out": [*SEARCH, "--out", "net.onnx"],
    "search --results": [*SEARCH, "--results", "scores.csv"],
}


@pytest.mark.parametrize("command", OUTPUTS)
def test_a_full_disk_is_known_before_training(command, monkeypatch):
    def fsync(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    fault = f"{command.split()[1]}': the folder '"
    result = run(*OUTPUTS[command])
    assert_refused(result, fault)
    assert "cannot be written to: No space left on device." in result.stderr
