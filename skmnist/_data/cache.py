"""Where downloaded files are kept, and errors that say how to change that."""

import os
from pathlib import Path

from sklearn.utils import check_scalar


def find_cache(data_home=None):
    """Return where downloaded files are kept, without making the folder.

    Parameters
    ----------
    data_home : str or path-like, default=None
        As given to `fetch_mnist`.

    Returns
    -------
    folder : Path
        The folder.
    source : str
        What it depends on: a parameter or an environment variable.
    """
    check_scalar(data_home, "data_home", (str, os.PathLike, type(None)))
    home, source = data_home, "`data_home`"
    if home is None:
        home, source = os.environ.get("SCIKIT_LEARN_DATA"), "SCIKIT_LEARN_DATA"
    if not home:
        home, source = Path("~", "scikit_learn_data"), "HOME"
    return Path(os.path.expanduser(home), "skmnist"), source


def find_obstacle(folder):
    """Return why a folder cannot be made or written to.

    Parameters
    ----------
    folder : Path
        It need not exist.

    Returns
    -------
    str or None
        None if nothing is known that stands in the way.
    """
    folder = folder.absolute()
    nearest = next(path for path in (folder, *folder.parents) if os.path.exists(path))
    if not os.path.isdir(nearest):
        return f"'{nearest}' is not a folder"
    if not os.access(nearest, os.W_OK | os.X_OK):
        return f"'{nearest}' cannot be written to"
    return None


def describe_cache(folder, source, fault):
    """Return a sentence on a cache that cannot be used.

    Parameters
    ----------
    folder : Path
        The folder.
    source : str
        What it depends on, as `find_cache` returns it.
    fault : str
        What is wrong with it.

    Returns
    -------
    str
        With what to do about it.
    """
    setting = source if source != "HOME" else "SCIKIT_LEARN_DATA"
    return (
        f"MNIST cannot be kept in '{folder}', which depends on {source}: {fault}. Set "
        f"{setting} to a folder that can be written to, or SKMNIST_DATA to one that "
        "holds MNIST's files."
    )
