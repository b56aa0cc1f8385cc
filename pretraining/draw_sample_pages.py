"""Draw the pages that `load_sample_pages` returns, each with what is written on it.

Run as `python pretraining/draw_sample_pages.py`: it writes `skmnist/sample_pages/`, the
same bits again on the same machine and versions. It needs MNIST's test images (see
`fetch_mnist`) and the Debian packages fonts-rufscript and fonts-crosextra-carlito.

The digits are strokes of MNIST's test images: thinned to their middle line, smoothed,
and drawn with a pen at the size of a page. Each page has a writer, who has a few digits
of each kind that look alike. The pages are to be easy to read: the digits have common
forms, the hands are nearly upright, and most words are free of letters that look like
digits. The seed was not chosen by what the package reads on the pages.
"""

import argparse
import io
from pathlib import Path

import numpy as np
from detector.fonts import find_faces
from sample_pages.pages import PAGES, Tools
from sample_pages.photograph import photograph
from sample_pages.writer import Models

from skmnist import fetch_mnist

_FOLDER = Path(__file__).parents[1] / "skmnist" / "sample_pages"
_SEED = 1

# Packages of Debian -> files. The detector has not seen the printed digits in training.
_LETTERS = {"fonts-rufscript": ["Rufscript010"]}
_PRINT = {"fonts-crosextra-carlito": ["Carlito-Regular", "Carlito-Bold"]}


def main():
    """Draw all pages."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=_FOLDER, help="folder to write to")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    tools = make_tools()
    for name in PAGES:
        png, text = draw(name, tools)
        (folder / f"{name}.png").write_bytes(png)
        (folder / f"{name}.txt").write_text(text + "\n", newline="\n")


def make_tools():
    """Return what the pages are drawn with."""
    digits = fetch_mnist(subset="test")
    (letters,) = find_faces(_LETTERS)
    return Tools(Models(digits.images, digits.target), letters, *find_faces(_PRINT))


def draw(name, tools):
    """Draw a page.

    Parameters
    ----------
    name : str
        A key of `PAGES`.
    tools : Tools
        What it is drawn with.

    Returns
    -------
    png : bytes
        The photograph, a PNG file.
    text : str
        What is written on the page: digits and signs, row by row.
    """
    rng = np.random.default_rng([_SEED, list(PAGES).index(name)])
    sheet, view, text = PAGES[name](rng, tools)
    file = io.BytesIO()
    photograph(sheet.page, view, rng).save(file, "PNG", optimize=True)
    return file.getvalue(), text


if __name__ == "__main__":
    main()
