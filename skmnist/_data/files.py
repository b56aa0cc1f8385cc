"""Reading a file within limits, and replacing one without ever leaving half of it."""

import errno
import os
import re
import secrets
import shutil
import stat
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, which removes no file that is open
    fcntl = None

# Names of files that are not complete yet. They are hidden, because a process that is
# killed leaves one.
_PREFIX, _UNFINISHED = ".skmnist-", re.compile(r"\.skmnist-[0-9a-f]{16}")

# Bytes written to find out whether there is room: one block of most disks.
_BLOCK = 4096


def replace_file(path, content):
    """Write a file; replace an existing one atomically.

    At any moment the old or the new file is complete. A FIFO or a character device is
    written to instead, and a symbolic link keeps pointing to its target.

    Parameters
    ----------
    path : path-like
        The file.
    content : bytes
        What to write.

    Raises
    ------
    OSError
        If the file cannot be written; the old one is kept. The error has the path.
    """
    path = Path(path)
    with _errors_of(path):
        if is_stream(path):
            _write_stream(path, content)
            return
        # A link itself would be replaced.
        target = path.resolve()
        with _open_unfinished(target.parent) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, file.name)
            if fcntl is None:
                file.close()  # Windows does not move a file that is open
            os.replace(file.name, target)


def try_folder(folder):
    """Find out whether `replace_file` can write files to a folder.

    Parameters
    ----------
    folder : path-like
        The folder.

    Raises
    ------
    OSError
        If it cannot, for example because the disk is full. The error has the folder.
    """
    folder = Path(folder)
    with _errors_of(folder), _open_unfinished(folder) as file:
        file.write(bytes(_BLOCK))
        file.flush()
        os.fsync(file.fileno())


def is_stream(path):
    """Return whether a path is that of a FIFO or a character device.

    Parameters
    ----------
    path : path-like
        It may not exist.

    Returns
    -------
    bool
        Whether it is written to instead of being replaced.

    Raises
    ------
    OSError
        If it is a folder, or something else that cannot be written.
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
        return True
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "Neither a file nor a FIFO", str(path))
    return False


@contextmanager
def _errors_of(path):
    """Give errors the path that the user knows, not that of a temporary file."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def _write_stream(path, content):
    with open(path, "wb", opener=_open_stream) as file:
        if hasattr(os, "set_blocking"):
            os.set_blocking(file.fileno(), True)
        file.write(content)


def _open_stream(path, flags):
    """Open a FIFO or a device without creating it, and without waiting for a reader."""
    flags &= ~(os.O_CREAT | os.O_TRUNC)
    try:
        return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "Nothing reads from it", str(path)) from error
        raise


def read_file(path, most):
    """Read a file or a pipe.

    Parameters
    ----------
    path : str or path-like
        The file. A pipe is read until its writer closes it.
    most : int
        The most bytes that it may have.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is larger, a device, or a pipe that nobody writes to.
    """
    name = repr(str(path))
    with open(path, "rb", opener=_open_at_once) as file:
        status = os.fstat(file.fileno())
        if stat.S_ISREG(status.st_mode):
            _check_size(name, status.st_size, most)
            return file.read(status.st_size)
        if not stat.S_ISFIFO(status.st_mode):
            raise ValueError(f"{name} must be a file or a pipe, and is neither.")
        os.set_blocking(file.fileno(), True)
        content = file.read(most + 1)
    if not content:
        raise ValueError(f"{name} is a pipe that nobody writes to.")
    _check_size(name, len(content), most)
    return content


def _open_at_once(path, flags):
    """Open a file for reading; do not wait until somebody writes to a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _check_size(name, size, most):
    if size > most:
        raise ValueError(
            f"{name} is too large: it has {size:,} bytes, more than {most:,}."
        )


@contextmanager
def _open_unfinished(folder):
    """Yield a new file in a folder; remove it at the end unless it was moved."""
    _remove_leftovers(folder)
    file = _create(folder)
    try:
        yield file
    finally:
        with suppress(OSError):
            if fcntl is None:
                file.close()
            os.unlink(file.name)
        with suppress(OSError):  # the disk is full: what the buffer holds is lost
            file.close()


def _create(folder):
    """Create a file that other processes do not take for a leftover."""
    while True:
        name = f"{_PREFIX}{secrets.token_hex(8)}"
        file = open(folder / name, "xb")  # noqa: SIM115, because the caller closes it
        # Some network disks have no locks, and there nothing is removed.
        with suppress(OSError):
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX)
        # Another process may have removed it before it was locked.
        if os.path.exists(file.name):
            return file
        file.close()


def _remove_leftovers(folder):
    """Remove the unfinished files of processes that were killed."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _UNFINISHED.fullmatch(entry.name) and entry.is_file(
                follow_symlinks=False
            ):
                _remove_unless_open(entry.path)


def _remove_unless_open(path):
    with suppress(OSError):
        if fcntl is None:
            os.unlink(path)
            return
        with open(path, "rb") as file:
            # The process that writes it holds a lock, which ends with the process.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
