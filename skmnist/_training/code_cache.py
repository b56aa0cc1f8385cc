"""Keeps the compiled kernel for the next process."""

import hashlib
import os
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

from skmnist._data.cache import find_cache
from skmnist._data.files import replace_file

_FOLDER_VARIABLE = "SKMNIST_KERNEL_CACHE"
_DIGEST_SIZE = 32  # bytes of SHA-256


def find_code(target):
    """Return the machine code that was saved for a target.

    Parameters
    ----------
    target : str
        As `describe_target` returns it.

    Returns
    -------
    bytes or None
        None if there is none, or if it is damaged: running damaged code ends the
        process.
    """
    for folder in _folders():
        with suppress(OSError):
            content = (folder / _file_name(target)).read_bytes()
            digest, code = content[:_DIGEST_SIZE], content[_DIGEST_SIZE:]
            if hashlib.sha256(code).digest() == digest:
                return code
    return None


def save_code(target, code):
    """Save machine code where the next process finds it, if any place is writable.

    Parameters
    ----------
    target : str
        As `describe_target` returns it.
    code : bytes
        The machine code.
    """
    content = hashlib.sha256(code).digest() + code
    for folder in _folders():
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            replace_file(folder / _file_name(target), content)
            return


def _file_name(target):
    return f"kernel-{target}.bin"


def _folders():
    """Return the folders to look in, in order."""
    if os.environ.get(_FOLDER_VARIABLE):
        return [Path(os.environ[_FOLDER_VARIABLE])]
    # Beside Python's own compiled files; otherwise in the home of the user.
    beside = Path(cache_from_source(__file__)).parent
    return [beside, find_cache()[0]]
