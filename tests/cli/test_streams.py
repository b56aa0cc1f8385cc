import errno
import io
import os
import subprocess
import sys

import pytest

import skmnist
from skmnist import MNISTClassifier
from skmnist._cli.app import main
from skmnist._cli.streams import finish_streams, protect_streams
from tests.cli.test_pictures import DIGITS, draw_page

PROGRAM = [sys.executable, "-m", "skmnist"]
TRAIN = ["train", "--dataset", "digits", "--hidden-layer-sizes", "8", "--epochs", "1"]
SEARCH = ["search", "--dataset", "digits", "--cv", "2", "--param", "epochs=1"]

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such shell")


class Broken(io.RawIOBase):
    """A raw stream that cannot be written to."""

    def __init__(self, number):
        self.number = number

    def writable(self):
        return True

    def write(self, data):
        raise OSError(self.number, os.strerror(self.number))


class Unhurried(io.BytesIO):
    """A raw stream that now and then takes nothing, or a part only."""

    calls = 0

    def write(self, data):
        self.calls += 1
        return None if self.calls % 2 else super().write(bytes(data[:3]))

    def fileno(self):
        return sys.__stderr__.fileno()  # one that can be written to


def make_stream(raw, encoding="utf-8"):
    """Return a text stream like those of Python at its start."""
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding, errors="strict")


def make_streams(kind):
    """Return standard output and standard error of a kind."""
    if kind == "closed":
        return None, None
    if kind == "broken":
        return make_stream(Broken(errno.EPIPE)), make_stream(Broken(errno.EPIPE))
    return tuple(make_stream(KeptBytes(), kind) for _ in range(2))


class KeptBytes(io.BytesIO):
    """Bytes that can be read even when the stream is closed."""

    def write(self, data):
        self.kept = getattr(self, "kept", b"") + bytes(data)
        return len(data)


@pytest.fixture(autouse=True)
def no_mnist(monkeypatch, tmp_path):
    monkeypatch.setenv("SKMNIST_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def run_main(args, out, err):
    """Run `main` with these streams, and return the exit status."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["skmnist", *map(str, args)])
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        with pytest.raises(SystemExit) as end:
            main()
    return end.value.code or 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a network whose labels are not ASCII, and with pictures."""
    folder = tmp_path_factory.mktemp("streams")
    labels = ["null", "ein€s", "zwei", "drei", "vier", "fünf", "٦", "7", "8", "нуль"]
    y = [labels[digit] for digit in DIGITS.target[:500]]
    network = MNISTClassifier((16,), epochs=8, random_state=0).fit(DIGITS.data[:500], y)
    network.save(folder / "network.onnx")
    draw_page([3]).save(folder / "dréi_٣.png")
    return folder


COMMANDS = {
    "info": (["info"], 0),
    "info on a network": (["info", "{}/network.onnx"], 0),
    "help": (["--help"], 0),
    "help of read": (["read", "--help"], 0),
    "version": (["--version"], 0),
    "a bad folder": (["fetch", "--data-home", "{}/network.onnx"], 2),
    "predict": (["predict", "{}/network.onnx", "{}/dréi_٣.png"], 0),
    "JSON": (["predict", "{}/network.onnx", "{}/dréi_٣.png", "--json"], 0),
    "a missing picture": (["predict", "{}/network.onnx", "{}/vièr.png"], 2),
    "read": (["read", "{}/network.onnx", "{}/dréi_٣.png", "--out", "réad.png"], 0),
    "bad labels": (["evaluate", "{}/network.onnx", "--dataset", "digits"], 2),
    "train": ([*TRAIN, "--out", "nétwork.onnx"], 0),
    "a bad option": ([*TRAIN, "--epochs", "é"], 2),
    "search": ([*SEARCH, "--out", "bést.onnx", "--results", "scórés.csv"], 0),
}


@pytest.mark.parametrize("kind", ["closed", "broken", "ascii", "cp1252"])
@pytest.mark.parametrize("command", COMMANDS)
def test_commands_do_their_work_whatever_the_output(kind, command, folder):
    args, status = COMMANDS[command]
    args = [arg.replace("{}", str(folder)) for arg in args]
    assert run_main(args, *make_streams(kind)) == status
    if "--out" in args:
        assert os.path.getsize(args[args.index("--out") + 1]) > 0


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("ascii", "dr\\xe9i_\\u0663.png  drei"),
        ("cp1252", "dréi_\\u0663.png  drei"),
        ("utf-8", "dréi_٣.png  drei"),
    ],
)
def test_what_cannot_be_encoded_is_escaped(encoding, expected, folder, monkeypatch):
    monkeypatch.chdir(folder)
    out, err = KeptBytes(), KeptBytes()
    args = ["predict", "network.onnx", "dréi_٣.png", "vièr.png"]
    streams = make_stream(out, encoding), make_stream(err, encoding)
    assert run_main(args, *streams) == 2
    assert out.kept.decode(encoding).startswith(expected)
    missing = "vi\\xe8r.png" if encoding == "ascii" else "vièr.png"
    assert missing in err.kept.decode(encoding)


@pytest.mark.parametrize("command", ["", "train", "search", "read", "predict"])
def test_help_is_readable_in_ascii(command):
    out = KeptBytes()
    status = run_main(
        [*command.split(), "--help"], make_stream(out, "ascii"), make_stream(out)
    )
    assert status == 0
    assert b"Usage:" in out.kept
    assert b"\\u" not in out.kept


def test_output_that_cannot_be_written_is_a_failure(folder):
    err = KeptBytes()
    args = ["info", folder / "network.onnx"]
    assert run_main(args, make_stream(Broken(errno.ENOSPC)), make_stream(err)) == 1
    message = "Error: standard output cannot be written: No space left on device.\n"
    assert err.kept.decode().endswith(message)


def test_a_network_is_saved_though_the_output_cannot_be_written(tmp_path):
    path = tmp_path / "network.onnx"
    args = [*TRAIN, "--out", path]
    assert (
        run_main(
            args, make_stream(Broken(errno.ENOSPC)), make_stream(Broken(errno.ENOSPC))
        )
        == 1
    )
    MNISTClassifier.load(path)


def test_a_failure_keeps_its_status():
    args = ["info", "missing.onnx"]
    assert (
        run_main(
            args, make_stream(Broken(errno.ENOSPC)), make_stream(Broken(errno.ENOSPC))
        )
        == 2
    )


@posix
def test_a_stream_that_is_busy_gets_all_of_the_text(monkeypatch):
    raw = Unhurried()
    monkeypatch.setattr(sys, "stdout", make_stream(raw))
    monkeypatch.setattr(sys, "stderr", make_stream(KeptBytes()))
    protect_streams()
    sys.stdout.write("all of this, however long it takes\n")
    assert finish_streams(0) == 0
    assert raw.getvalue() == b"all of this, however long it takes\n"


def test_streams_that_are_not_pythons_are_left_alone(monkeypatch):
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    protect_streams()
    assert (sys.stdout, sys.stderr) == (out, err)
    assert finish_streams(3) == 3


@posix
@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_nothing_is_printed_into_a_file_when_streams_are_closed(closed, tmp_path):
    # The first file that a program opens gets the number of a closed stream.
    path = tmp_path / "network.onnx"
    command = f"exec {' '.join([*PROGRAM, *TRAIN])} --out {path} {closed}"
    assert subprocess.run(["sh", "-c", command]).returncode == 0
    assert MNISTClassifier.load(path).n_iter_ == 1


@posix
def test_a_reader_that_leaves_stops_nothing(tmp_path):
    path = tmp_path / "network.onnx"
    command = [*PROGRAM, *TRAIN, "--epochs", "3", "--out", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
        assert p.stdout.readline().startswith(b"Training on")
        p.stdout.close()
        assert p.stderr.read() == b""
    assert p.returncode == 0
    assert MNISTClassifier.load(path).n_iter_ == 3


@posix
@pytest.mark.parametrize("terminal", ["dumb", ""])
def test_terminals_that_can_only_print_get_plain_lines(terminal, folder):
    ours, theirs = os.openpty()
    env = os.environ | {"TERM": terminal, "NO_COLOR": "1"}
    command = [*PROGRAM, "info", str(folder / "network.onnx")]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=env) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
        except OSError:  # Linux's sign that the other end is closed
            pass
    os.close(ours)
    assert process.returncode == 0
    assert b"parameters" in shown
    assert b"\x1b" not in shown


def test_version_is_printed_by_main():
    out = KeptBytes()
    assert run_main(["--version"], make_stream(out), make_stream(out)) == 0
    assert out.kept.decode() == f"skmnist {skmnist.__version__}\n"
