"""The signature of a saved network: what its first bytes say.

This imports nothing heavy, so that a wrong file can be refused at once.
"""

import os

# Bytes at the start of a file, of which a few name the program that wrote it.
_LONGEST_START = 32


def is_saved_classifier(path):
    """Return whether a file is one that `save_classifier` wrote, by its first bytes.

    Parameters
    ----------
    path : str or path-like
        The file. A FIFO is not read, because nobody else could read these bytes again.

    Returns
    -------
    bool
        False if it cannot be read.
    """
    try:
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            return is_ours(file.read(_LONGEST_START))
    except (OSError, ValueError):  # ValueError: the name holds a null character
        return False


def is_ours(start):
    """Return whether bytes are the start of a file that `save_classifier` wrote.

    Parameters
    ----------
    start : bytes-like
        The first bytes, or all.

    Returns
    -------
    bool
        Whether skmnist wrote them.
    """
    # ONNX names the program that wrote a model right after the version of the format.
    return b"skmnist" in bytes(start[:_LONGEST_START])
