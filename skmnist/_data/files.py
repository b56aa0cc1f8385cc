"""replace_file: writing a file without ever leaving half of one."""

import os
import secrets
import shutil
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
