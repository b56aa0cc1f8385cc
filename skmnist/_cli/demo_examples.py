"""The pictures that the demo offers to try."""

from pathlib import Path

from PIL import Image

from skmnist import load_digits28, load_sample_pages

_SINGLE = 7  # index of one of scikit-learn's digits


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
    digit = Path(folder) / "one_digit.png"
    Image.fromarray(load_digits28().images[_SINGLE]).save(digit)
    return [*load_sample_pages().pages, digit]
