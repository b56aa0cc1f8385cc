"""Files that are replaced only by complete ones."""

import os
import secrets
import shutil
from contextlib import suppress


def replace_file(path, content):
    """Write a file so that at any moment the old or the new one is there, complete.

    Parameters
    ----------
    path : Path
        The file, with links already resolved: a link itself would be replaced.
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
