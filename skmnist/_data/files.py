"""Reading a file within limits, and replacing one without ever leaving half of it."""

import os
import secrets
import shutil
import stat
from contextlib import suppress


def replace_file(path, content):
    """Replace a file atomically: at any moment the old or the new one is complete.

    Parameters
    ----------
    path : Path
        The file, with symbolic links resolved: a link itself would be replaced.
    content : bytes
        What to write.

    Raises
    ------
    OSError
        If the file cannot be written; the old one is kept.
    """
    temporary = path.with_name(f".skmnist-{secrets.token_hex(8)}")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
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
