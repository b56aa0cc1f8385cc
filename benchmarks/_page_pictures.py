"""Pictures of pages, drawn: numbers, and what is no number."""

import math
from functools import partial

import numpy as np
from _handwriting import SIDE, compose
from PIL import Image, ImageDraw, ImageFont

from skmnist._data.mnist_form import BOX

PAPER, INK = 235, 40
_MARGIN = 8  # pixels that `compose` leaves around a string
_DIGITS = 5  # of each number
_SENTENCE = (
    "The quick brown fox jumps over the lazy dog, and whoever saw it run was sure that "
    "nothing like it had ever been seen between the river and the old mill"
)
PITCHES = 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64


def make_cases(test):
    """Return the pictures whose reading is timed.

    Parameters
    ----------
    test : Bunch
        MNIST's test images.

    Returns
    -------
    dict of str to callable
        Name -> function without arguments that returns a picture and its text.
    """
    pages = {
        "12 megapixels with 100 digits": ((3000, 4000), 4, 10, 2),
        "a receipt of 400 x 12,000 pixels with 40 rows": ((12_000, 400), 1.5, 40, 1),
        "a number in the corner of 8,000 x 8,000 pixels": ((8000, 8000), 2, 1, 1),
    }
    cases = {name: partial(draw_page, test, *page) for name, page in pages.items()}
    cases["1,000 digits of two parts each"] = partial(draw_broken_digits, test)
    nothing = {
        "1,600 x 1,600 pixels with 1,000 specks": partial(draw_specks, 1000),
        "ten lines of print without digits": draw_print,
        "a halftone of 1,600 x 1,600 pixels": draw_halftone,
        "a checkerboard of 90 x 110 pixels, squares of 1": partial(
            draw_squares, (110, 90), 1
        ),
    }
    for pitch in PITCHES:
        name = f"a checkerboard of 1,600 x 1,600 pixels, squares of {pitch}"
        nothing[name] = partial(draw_squares, (1600, 1600), pitch)
    for name, draw in nothing.items():
        cases[name] = partial(lambda draw: (draw(), ""), draw)
    return cases


def draw_page(test, shape, zoom, n_rows, n_columns):
    """Draw numbers of MNIST's digits, evenly over a page or in its lower right corner.

    Returns
    -------
    page : ndarray of shape `shape`, uint8
        Dark on bright.
    text : str
        What is written.
    """
    rng = np.random.default_rng(0)
    ink = np.zeros(shape, np.uint8)
    n_lone = n_rows * n_columns == 1
    texts = []
    for i in range(n_rows):
        row = []
        for j in range(n_columns):
            chosen = rng.integers(len(test.data), size=_DIGITS)
            string, text = compose(
                test.images[chosen], test.target[chosen], (3, 6), rng
            )
            string = _enlarge(string, zoom)
            y = int((i + 0.5) * shape[0] / n_rows - string.shape[0] / 2)
            x = int((j + 0.5) * shape[1] / n_columns - string.shape[1] / 2)
            if n_lone:
                y, x = shape[0] - string.shape[0], shape[1] - string.shape[1]
            ink[y : y + string.shape[0], x : x + string.shape[1]] = string
            row.append(text)
        texts.append(" ".join(row))
    return _lay(ink), "\n".join(texts)


def draw_full_page(test, megapixels):
    """Draw a page of a size that is full of numbers."""
    height = round(1000 * math.sqrt(megapixels))
    width = round(megapixels * 1e6 / height)
    zoom, gap = 2, 6
    high = zoom * (SIDE + 2 * _MARGIN)
    wide = zoom * (_DIGITS * BOX + (_DIGITS - 1) * gap + 2 * _MARGIN)
    return draw_page(test, (height, width), zoom, height // high, width // wide)


def draw_broken_digits(test, n_rows=25, n_columns=40, zoom=2):
    """Draw digits whose upper and lower halves do not touch."""
    rng = np.random.default_rng(0)
    rows, texts = [], []
    for _ in range(n_rows):
        chosen = rng.integers(len(test.data), size=n_columns)
        row, text = compose(test.images[chosen], test.target[chosen], (3, 6), rng)
        row[row.shape[0] // 2 - 1 : row.shape[0] // 2 + 1] = 0
        rows.append(row)
        texts.append(text)
    width = max(row.shape[1] for row in rows)
    rows = [np.pad(row, [(0, 0), (0, width - row.shape[1])]) for row in rows]
    return _lay(_enlarge(np.vstack(rows), zoom)), "\n".join(texts)


def draw_specks(n_specks, side=1600):
    """Draw discs of one to eight pixels across."""
    rng = np.random.default_rng(0)
    page = Image.new("L", (side, side), PAPER)
    draw = ImageDraw.Draw(page)
    places = rng.uniform(0, side, (n_specks, 2))
    for (x, y), radius in zip(places, rng.uniform(0.5, 4, n_specks), strict=True):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=INK)
    return np.asarray(page)


def draw_print(n_lines=10, size=40):
    """Draw lines of words."""
    page = Image.new("L", (1600, round(2 * n_lines * size)), PAPER)
    font, draw = ImageFont.load_default(size), ImageDraw.Draw(page)
    rng = np.random.default_rng(0)
    for i in range(n_lines):
        line = " ".join(rng.choice(_SENTENCE.split(), 12))
        draw.text((60, (2 * i + 0.5) * size), line, font=font, fill=INK)
    return np.asarray(page)


def draw_halftone(side=1600, pitch=9):
    """Draw dots that grow from left to right."""
    y, x = np.mgrid[:side, :side]
    dots = sum(np.cos(2 * np.pi * (x + sign * y) / pitch) for sign in (1, -1))
    return np.where(dots / 4 + 0.5 > x / side, PAPER, INK).astype(np.uint8)


def draw_squares(shape, pitch):
    """Draw a checkerboard."""
    y, x = np.mgrid[: shape[0], : shape[1]] // pitch
    return np.where((x + y) % 2, PAPER, INK).astype(np.uint8)


def draw_printed_page(path, size, n_lines=8):
    """Draw numbers in a font.

    Parameters
    ----------
    path : str
        The font's file.
    size : int
        Of the font, pixels.
    n_lines : int
        Of three or four numbers, a space between them.

    Returns
    -------
    page : ndarray of shape (height, width), uint8
        Dark on bright.
    text : str
        What is written.
    """
    rng = np.random.default_rng(size)
    lines = [
        " ".join(_invent_number(rng) for _ in range(rng.integers(3, 5)))
        for _ in range(n_lines)
    ]
    font = ImageFont.truetype(path, size)
    width = max(font.getlength(line) for line in lines)
    page = Image.new("L", (round(width) + 4 * size, 2 * (n_lines + 1) * size), PAPER)
    for i, line in enumerate(lines):
        ImageDraw.Draw(page).text((2 * size, (2 * i + 1) * size), line, INK, font)
    return np.asarray(page), "\n".join(lines)


def _invent_number(rng):
    """Return a number, a decimal, a fraction or a time of day."""
    digits = "".join(map(str, rng.integers(10, size=rng.integers(2, 6))))
    kind = rng.random()
    if kind < 0.6:
        return digits
    if kind < 0.7:
        return f"-{digits}"
    sign = rng.choice([*"./:"])
    middle = rng.integers(1, len(digits))
    return f"{digits[:middle]}{sign}{digits[middle:]}"


def _enlarge(image, zoom):
    size = [round(n * zoom) for n in image.shape[::-1]]
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))


def _lay(ink):
    """Return dark ink on bright paper."""
    levels = np.rint(PAPER - np.arange(256) * ((PAPER - INK) / 255)).astype(np.uint8)
    return levels[ink]
