import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from skmnist._data.files import is_stream, replace_file, try_folder

LEFTOVER = ".skmnist-0123456789abcdef"

# Prints when a file is half written, and then waits to be killed.
WRITE_HALFWAY = """
import os, sys, time
from skmnist._data.files import replace_file

def fsync(file):
    print("halfway", flush=True)
    time.sleep(60)

os.fsync = fsync
replace_file(sys.argv[1], bytes(100_000))
"""


def make_null_device(folder):
    """Make a device of our own that forgets what it gets, as /dev/null does."""
    path = Path(folder, "null")
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))
    return path


def can_make_devices():
    with tempfile.TemporaryDirectory() as folder:
        try:
            make_null_device(folder)
        except (AttributeError, OSError):
            return False
        return True


needs_fifos = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
needs_devices = pytest.mark.skipif(
    not can_make_devices(), reason="only some users may make devices, and on Linux only"
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


@pytest.fixture
def fifo(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    return tmp_path / "fifo"


@pytest.mark.parametrize("old", [None, b"", b"old"])
def test_a_file_is_written_and_nothing_else(old, path):
    if old is not None:
        path.write_bytes(old)
    try_folder(path.parent)
    assert (path.read_bytes() if path.exists() else None) == old
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(path.parent) == ["file"]


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("relative", [True, False])
def test_links_keep_pointing(exists, relative, path, tmp_path):
    if exists:
        path.write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    link, other = tmp_path / "folder" / "link", tmp_path / "folder" / "other"
    link.symlink_to("../file" if relative else path)
    other.symlink_to("link")
    replace_file(other, b"new")
    assert link.is_symlink()
    assert other.is_symlink()
    assert not path.is_symlink()
    assert path.read_bytes() == other.read_bytes() == b"new"


@needs_devices
@pytest.mark.parametrize("linked", [True, False])
def test_a_device_is_written_to_and_stays_one(linked, tmp_path):
    device = make_null_device(tmp_path)
    if linked:
        (tmp_path / "link").symlink_to(device)
    path = tmp_path / "link" if linked else device
    assert is_stream(path)
    replace_file(path, b"new")
    assert stat.S_ISCHR(device.stat().st_mode)
    assert path.is_symlink() == linked


@needs_fifos
def test_a_fifo_gets_the_content_and_stays_one(fifo):
    content, got = bytes(range(256)) * 1000, []  # more than a FIFO holds
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()), daemon=True)
    holder = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)  # there from the beginning
    reader.start()
    replace_file(fifo, content)
    reader.join(10)
    os.close(holder)
    assert got == [content]
    assert stat.S_ISFIFO(fifo.stat().st_mode)


@needs_fifos
def test_a_fifo_without_a_reader_is_an_error_at_once(fifo):
    assert is_stream(fifo)
    with pytest.raises(OSError, match=r"Nothing reads from it: .*fifo") as caught:
        replace_file(fifo, b"new")
    assert caught.value.errno == errno.ENXIO
    assert stat.S_ISFIFO(fifo.stat().st_mode)


@needs_fifos
def test_a_fifo_whose_reader_leaves_is_an_error(fifo):
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    timer = threading.Timer(0.2, os.close, [reader])
    timer.start()
    with pytest.raises(BrokenPipeError, match="fifo"):
        replace_file(fifo, bytes(1_000_000))
    timer.join()


@needs_devices
def test_a_disk_is_not_written(tmp_path):
    path = tmp_path / "disk"
    os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(0, 0))  # there is no such disk
    for function in (is_stream, lambda path: replace_file(path, b"new")):
        with pytest.raises(OSError, match=r"Neither a file nor a FIFO: .*disk"):
            function(path)
    assert stat.S_ISBLK(path.stat().st_mode)


@pytest.mark.parametrize("function", ["fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_errors_name_the_file_and_leave_nothing_behind(
    number, function, path, monkeypatch
):
    path.write_bytes(b"old")

    def fail(*args):
        raise OSError(number, os.strerror(number), "hidden")

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        replace_file(path, b"new")
    assert caught.value.errno == number
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == ["file"]


@pytest.mark.parametrize("place", ["missing/file", "file/file", ".", "loop"])
def test_a_place_that_cannot_be_written_is_an_error_with_its_path(place, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match=r"\[Errno") as caught:
        replace_file(tmp_path / place, b"new")
    assert caught.value.filename == str(tmp_path / place)
    assert sorted(os.listdir(tmp_path)) == ["file", "loop"]


@pytest.mark.parametrize("place", ["missing", "file"])
def test_a_folder_that_cannot_be_written_to_is_known_before(place, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"\[Errno") as caught:
        try_folder(tmp_path / place)
    assert caught.value.filename == str(tmp_path / place)


def test_a_full_disk_is_known_before(path, monkeypatch):
    def fsync(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        try_folder(path.parent)
    assert os.listdir(path.parent) == []


def write_halfway(path):
    """Return a process that has written half a file."""
    child = subprocess.Popen(
        [sys.executable, "-c", WRITE_HALFWAY, path],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
    )
    assert child.stdout.readline() == b"halfway\n"
    return child


@pytest.mark.parametrize("save", [True, False])
def test_the_leftovers_of_killed_processes_are_removed(save, path):
    with write_halfway(path) as child:
        child.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    (leftover,) = os.listdir(path.parent)
    assert len(leftover) == len(LEFTOVER)
    (path.parent / LEFTOVER).touch()
    (path.parent / f"{LEFTOVER}0").touch()  # not one of ours
    if save:
        replace_file(path, b"new")
    else:
        try_folder(path.parent)
    assert {*os.listdir(path.parent)} - {"file"} == {f"{LEFTOVER}0"}


def test_files_that_another_process_is_writing_are_no_leftovers(path):
    with write_halfway(path) as child:
        (unfinished,) = os.listdir(path.parent)
        replace_file(path, b"new")
        assert sorted(os.listdir(path.parent)) == [unfinished, "file"]
        child.kill()


def test_many_threads_can_write_to_one_folder(tmp_path):
    def write(number):
        for _ in range(50):
            replace_file(tmp_path / f"{number % 2}", bytes([number]) * 1000)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(os.listdir(tmp_path)) == ["0", "1"]
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert content == content[:1] * 1000


@needs_fifos
def test_a_fifo_with_the_name_of_a_leftover_is_left_alone(path):
    os.mkfifo(path.parent / LEFTOVER)
    replace_file(path, b"new")
    assert sorted(os.listdir(path.parent)) == [LEFTOVER, "file"]
