"""load_sample_pages: pages of handwriting, and what is written on them."""

from pathlib import Path

from sklearn.utils import Bunch

_FOLDER = Path(__file__).parents[1] / "sample_pages"

# Name of the files -> what the page is.
_PAGES = {
    "account": "a month's expenses on squared paper, with their sum",
    "phones": "telephone numbers on ruled paper",
    "scores": "a score sheet: a printed table, filled in by hand",
    "form": "a form with a box for each digit",
    "lab": "a lab notebook: times, temperatures and voltages, in pencil",
    "label": "a parcel's label: a printed number, and numbers written beside it",
}

_DESCR = """\
Six photographs of pages with handwritten numbers, and what is written on them:

{listed}

The pages are drawn by a program, not written by people. The digits are strokes of
MNIST's test images, thinned to their middle line, smoothed and drawn with a pen; each
page has one writer, whose digits look alike. Words and print follow the free fonts
Rufscript and Carlito. Paper, desk, light and camera are simulated. The telephone
numbers are reserved for fiction. `pretraining/draw_sample_pages.py`, in the
repository, draws the same pages again.

The pages are made to be easy to read: the digits have common forms, the hands are
nearly upright, and most words are free of letters that look like digits. Therefore
they show what reading is like, but do not measure it. The pictures are part of
skmnist and have its licence, BSD-3-Clause.
"""


def load_sample_pages():
    """Load six pages of handwritten numbers, and what is written on them.

    They are drawn photographs: an account, telephone numbers, a score sheet, a form, a
    lab notebook and a parcel's label. They come with the package, so nothing is
    downloaded.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With these attributes:

        pages : list of pathlib.Path
            The pages, as PNG files.
        texts : list of str
            What is written on each page, in the form of `Reading.text`: rows separated
            by a newline, numbers in a row by one space. Words are left out.
        DESCR : str
            What the pages show, and how they were drawn.

    See Also
    --------
    NumberReader : Reads the pages.
    load_digits28 : Single digits, to train on.

    Examples
    --------
    >>> from skmnist import NumberReader, load_sample_pages
    >>> samples = load_sample_pages()
    >>> samples.pages[0].name
    'account.png'
    >>> print(NumberReader().read(samples.pages[0]).text)
    640.00
    58.30
    27.45
    19.99
    49.00
    312.76
    1107.50
    """
    files = [_FOLDER / f"{name}.txt" for name in _PAGES]
    listed = "\n".join(f"- {name}.png: {what}" for name, what in _PAGES.items())
    return Bunch(
        pages=[_FOLDER / f"{name}.png" for name in _PAGES],
        texts=[file.read_text("utf-8").rstrip("\n") for file in files],
        DESCR=_DESCR.format(listed=listed),
    )
