"""Opening a file that holds a picture, without waiting for anybody."""

import io
import os
import stat

from skmnist._pictures.hints import describe_missing, quote

# Bytes that are read from a FIFO: more than any picture has that can be read, 179
# million pixels of 8 bytes.
_MOST_BYTES = 2**31


def open_file(path):
    """Open a file for reading.

    Parameters
    ----------
    path : str
        The file. A FIFO is read at once.

    Returns
    -------
    binary file
        To be closed by the caller.

    Raises
    ------
    FileNotFoundError
        If it does not exist.
    ValueError
        If it cannot be opened, or is a data URL, or a FIFO that nobody writes to.
    """
    if path.startswith("data:"):
        raise ValueError(
            f"{quote(path[:40])}... is a data URL, not a path: decode what follows "
            "its comma with base64.b64decode and pass it as io.BytesIO(content)."
        )
    try:
        file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115, see above
    except FileNotFoundError:
        raise FileNotFoundError(describe_missing(path)) from None
    except (OSError, ValueError) as error:  # a null character is a ValueError
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"{quote(path)} cannot be opened: {reason}.") from None
    if not stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
        return file
    with file:
        return io.BytesIO(_read_fifo(file, quote(path)))


def _open_at_once(path, flags):
    """Open a file; do not wait until somebody writes to a FIFO."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _read_fifo(file, name):
    os.set_blocking(file.fileno(), True)
    content = file.read(_MOST_BYTES + 1)
    if not content:
        raise ValueError(f"{name} is a pipe that nobody writes to.")
    if len(content) > _MOST_BYTES:
        raise ValueError(f"{name} has more than {_MOST_BYTES:,} bytes.")
    return content
