"""The pictures that the demo offers to try."""

from pathlib import Path

import numpy as np
from PIL import Image

# Indices of scikit-learn's digits: a digit to look at, and a page of three numbers.
_SINGLE = 7
_ROWS = [[1, 9, 8, 4], [0, 6, 1, 2], [3, 5, 7, 10]]
# How many times a digit of 28 pixels is enlarged on the page, and grey levels of it.
_ZOOM = 5
_PAPER, _INK = 238, 40


def list_examples(folder):
    """Return the paths of the pictures, in the order in which they are shown.

    Parameters
    ----------
    folder : path-like
        Where to write those that are not files of the package.

    Returns
    -------
    list of Path
        The names of the files are shown, with spaces for underscores.
    """
    folder = Path(folder)
    return [*_list_pages(folder), _write_digit(folder / "one_digit.png")]


def _list_pages(folder):
    """Return the paths of pages; the only function that chooses them."""
    try:
        from skmnist import load_sample_pages
    except ImportError:
        return [_write_page(folder / "three_numbers.png")]
    return [Path(page) for page in load_sample_pages().pages]


def _write_digit(path):
    from skmnist import load_digits28

    Image.fromarray(load_digits28().images[_SINGLE]).save(path)
    return path


def _write_page(path):
    from skmnist import load_digits28

    images = load_digits28().images
    rows = [np.pad(np.hstack(images[row]), ((6, 6), (10, 10))) for row in _ROWS]
    ink = Image.fromarray(np.pad(np.vstack(rows), 8))
    size = (_ZOOM * ink.width, _ZOOM * ink.height)
    ink = np.asarray(ink.resize(size, Image.Resampling.BICUBIC)) / 255
    Image.fromarray(np.rint(ink * _INK + (1 - ink) * _PAPER).astype(np.uint8)).save(
        path
    )
    return path
