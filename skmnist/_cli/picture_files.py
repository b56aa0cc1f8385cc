"""The pictures that the arguments of predict and read name: files, folders, a pipe."""

import io
import os
import re
import stat
import sys
from contextlib import suppress

from skmnist._pictures.hints import describe_missing

# The argument that stands for standard input.
STANDARD_INPUT = "-"

# Bytes: more than any picture takes that can be read, 179 million pixels of 8 bytes.
_MOST_BYTES = 2**31


class _Content(io.BytesIO):
    """The content of a file, with the name that errors give it."""

    def __init__(self, content, name):
        super().__init__(content)
        self.name = name


def list_pictures(arguments):
    """Return the pictures that the arguments name.

    Parameters
    ----------
    arguments : list of Path
        Files, folders, or `-` for standard input.

    Returns
    -------
    paths : list of Path
        The files, those of a folder in natural order.
    faults : list of str
        Messages for missing files and for folders without pictures.
    notes : list of str
        Messages for files in folders that are passed over.
    """
    paths, faults, notes = [], [], []
    for path in arguments:
        if os.path.isdir(path):
            try:
                found, others = _search_folder(path)
            except OSError as error:
                faults.append(f"the folder '{path}' cannot be read: {error.strerror}.")
                continue
            paths += found
            if not found:
                faults.append(f"the folder '{path}' holds no pictures.")
            elif others:
                notes.append(_describe_skipped(path, others))
        elif _may_be_opened(path):
            paths.append(path)
        else:
            faults.append(describe_missing(str(path)))
    return paths, faults, notes


def open_picture(path):
    """Return what can be loaded as a picture.

    Parameters
    ----------
    path : Path
        One that `list_pictures` returned.

    Returns
    -------
    Path or binary file
        The path itself, unless it is `-` or a FIFO.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If standard input is a terminal, nobody writes to the FIFO, or either does not
        end.
    """
    if str(path) == STANDARD_INPUT:
        return _Content(_read_standard_input(), "standard input")
    with suppress(OSError):  # the loader says what is wrong
        if stat.S_ISFIFO(os.stat(path).st_mode):
            from skmnist._data.files import read_file

            return _Content(read_file(path, _MOST_BYTES), str(path))
    return path


def _read_standard_input():
    if sys.stdin is None or sys.stdin.isatty():
        raise ValueError("standard input must be a picture: use < or | to send one.")
    content = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"standard input has more than {_MOST_BYTES:,} bytes.")
    return content


def _may_be_opened(path):
    # The loader says what to do with a data URL.
    special = str(path) == STANDARD_INPUT or str(path).startswith("data:")
    return special or os.path.exists(path)


def _search_folder(folder):
    """Return the pictures in a folder in natural order, and the other files.

    Hidden files are left out.
    """
    from PIL import Image

    # Photos of phones that Pillow cannot read are named, not passed over.
    suffixes = {".heic", ".heif"} | {
        suffix
        for suffix, name in Image.registered_extensions().items()
        if name in Image.OPEN
    }
    files = [
        path
        for path in folder.iterdir()
        if not path.name.startswith(".") and path.is_file()
    ]
    files.sort(key=_find_order)
    pictures, others = [], []
    for path in files:
        (pictures if path.suffix.lower() in suffixes else others).append(path)
    return pictures, others


def _describe_skipped(folder, files):
    if len(files) == 1:
        return f"Skipped '{files[0]}', which is not a picture."
    return (
        f"Skipped {len(files)} files in '{folder}' that are not pictures, such as "
        f"'{files[0].name}'."
    )


def _find_order(path):
    """Return a key that sorts page2 before page10."""
    parts = re.split(r"([0-9]+)", path.name)
    # Not as int, which refuses thousands of digits.
    parts[1::2] = [
        (len(number), number) for part in parts[1::2] for number in [part.lstrip("0")]
    ]
    return parts, path.name
