"""Pictures that no network was trained on: real ones, and corrupted MNIST images."""

import csv
import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 28

# The styles of the manifests and the data sets, as the pages call them.
STYLES = {
    "photo": "photos and scans",
    "draw": "drawn on a screen",
    "draw28": "drawn at 28 x 28 pixels",
    "photo28": "photos shrunk to 28 x 28 pixels",
    "cell": "cells of a log book",
    "printed": "printed fonts",
    "hwd1000": "hwd1000, a data set",
    "semeion": "Semeion, a data set",
    "usps_train": "USPS, a data set",
    "photo or scan": "photos and scans",
    "form": "a form",
    "historic scan": "historic scans",
    "photo grid": "photos of grids",
}
SOURCES = (
    "The pictures of real digits and pages were photographed, scanned or drawn by many "
    "people, collected from public repositories, without copies of MNIST images, and "
    "labelled by eye. Most sources state no licence, so the pictures are not part of "
    "skmnist. Cells of a log book have low contrast, and table lines at their edges."
)


def find_folders():
    """Return the folders that SKMNIST_HANDWRITING names, separated as in PATH."""
    names = os.environ.get("SKMNIST_HANDWRITING", "").split(os.pathsep)
    return [Path(name) for name in names if name and (Path(name) / "single").is_dir()]


def read_manifest(folder):
    """Return the rows of a folder's manifest.csv, a dict for each picture."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def resize_crudely(pictures):
    """Convert pictures to MNIST's size in the simplest way.

    Parameters
    ----------
    pictures : list of path or ndarray
        As for DigitNormalizer.

    Returns
    -------
    ndarray of shape (n_pictures, 784), uint8
        The whole picture resized to 28 x 28, and inverted if it is bright.
    """
    rows = np.empty((len(pictures), SIDE * SIDE), np.uint8)
    for i, picture in enumerate(pictures):
        if isinstance(picture, np.ndarray):
            picture = Image.fromarray(picture)
        elif not isinstance(picture, Image.Image):
            picture = Image.open(picture)
        small = np.asarray(picture.convert("L").resize((SIDE, SIDE)))
        rows[i] = (255 - small if small.mean() > 127 else small).ravel()
    return rows


def count_edits(text, label):
    """Return the edit distance between a text and its label."""
    edits = list(range(len(label) + 1))
    for i, character in enumerate(text, 1):
        diagonal, edits[0] = edits[0], i
        for j, wanted in enumerate(label, 1):
            replaced = diagonal + (character != wanted)
            diagonal = edits[j]
            edits[j] = min(edits[j] + 1, edits[j - 1] + 1, replaced)
    return edits[-1]


def compose(images, labels, gaps, rng):
    """Put digits side by side.

    Parameters
    ----------
    images : list of ndarray of shape (28, 28), uint8
        Ink high; blank columns on the left and right are cut off.
    labels : list of int
        The digits.
    gaps : tuple of (int, int)
        Smallest and largest number of pixels between two digits; negative numbers make
        them overlap.
    rng : numpy.random.Generator
        Draws the gaps.

    Returns
    -------
    picture : ndarray of shape (44, width), uint8
        With a margin of 8 pixels.
    text : str
        The digits in it.
    """
    row = np.zeros((SIDE, 0), np.uint8)
    for image in images:
        columns = np.flatnonzero(image.any(axis=0))
        start = max(row.shape[1] + rng.integers(*gaps, endpoint=True), 0)
        start = start if row.size else 0
        image = image[:, columns[0] : columns[-1] + 1]
        stop = start + image.shape[1]
        row = np.pad(row, ((0, 0), (0, max(stop - row.shape[1], 0))))
        row[:, start:stop] = np.maximum(row[:, start:stop], image)
    return np.pad(row, 8), "".join(map(str, labels))


def photograph(image, shape=(3000, 4000), zoom=60, seed=0):
    """Return a colour JPEG file, as bytes: a digit on paper under uneven light."""
    rng = np.random.default_rng(seed)
    height, width = shape
    large = Image.fromarray(image).resize((SIDE * zoom,) * 2, Image.Resampling.BICUBIC)
    paper = np.zeros(shape, np.float32)
    top, left = (height - SIDE * zoom) // 3, (width - SIDE * zoom) // 4
    paper[top : top + SIDE * zoom, left : left + SIDE * zoom] = large
    light = np.linspace(1, 0.6, width) * np.linspace(0.9, 0.7, height)[:, None]
    grey = 230 * light * (1 - 0.7 / 255 * paper) + rng.normal(0, 3, shape)
    colours = np.clip(grey[..., None] * [1, 0.97, 0.9], 0, 255).astype(np.uint8)
    return _encode(colours, quality=90).getvalue()


def _encode(array, quality):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "JPEG", quality=quality)
    return file


def _shift(image, rng, margin):
    """Shift an image by 6 pixels on both axes, on a canvas with this margin."""
    down, right = margin + rng.choice([-6, 6], 2)
    canvas = np.zeros((2 * 6 + SIDE + 2 * margin,) * 2, np.uint8)
    canvas[6 + down : 6 + down + SIDE, 6 + right : 6 + right + SIDE] = image
    return canvas[6:-6, 6:-6]


def _enlarge(image, _):
    side = 10 * SIDE
    return np.asarray(
        Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
    )


def _write_on_glass(image, _):
    """Return black ink on a transparent background."""
    picture = np.zeros((SIDE, SIDE, 4), np.uint8)
    picture[..., 3] = image
    return picture


def _compress(image, _):
    return np.asarray(Image.open(_encode(image, quality=30)))


def _light_unevenly(image, _):
    """Return dark ink on paper that is four times brighter in one corner."""
    light = np.linspace(0.4, 1, SIDE)[:, None] * np.linspace(0.6, 1, SIDE)
    return ((255 - 0.8 * image) * light).astype(np.uint8)


def _pepper(image, rng):
    """Return an image with a tenth of its pixels black or white."""
    replaced = rng.random(image.shape) < 0.1
    values = rng.choice([0, 255], image.shape)
    return np.where(replaced, values, image).astype(np.uint8)


def _multiply(image, rng):
    """Return an image with each pixel multiplied by noise of variance 0.1."""
    noise = 1 + rng.normal(0, np.sqrt(0.1), image.shape)
    return np.clip(image * noise, 0, 255).astype(np.uint8)


def _expose_badly(image, rng):
    """Return an image five times larger, with noise of 10 % of white."""
    large = Image.fromarray(image).resize((5 * SIDE,) * 2, Image.Resampling.BICUBIC)
    noise = rng.normal(0, 25.5, (5 * SIDE,) * 2)
    return np.clip(large + noise, 0, 255).astype(np.uint8)


# Name -> function of an image and a Generator that returns the corrupted image.
CORRUPTIONS = {
    "unchanged": lambda image, _: image,
    "inverted": lambda image, _: 255 - image,
    "moved by 6 pixels on a larger canvas": lambda image, rng: _shift(image, rng, 6),
    "moved by 6 pixels, cut at the edge": lambda image, rng: _shift(image, rng, 0),
    "on a canvas four times as wide": lambda image, _: np.pad(image, 3 * SIDE // 2),
    "enlarged ten times": _enlarge,
    "black on transparent": _write_on_glass,
    "JPEG, quality 30": _compress,
    "dark under uneven light": _light_unevenly,
    "10 % of the pixels black or white": _pepper,
    "dark, 10 % of the pixels black or white": lambda x, rng: 255 - _pepper(x, rng),
    "multiplied by noise of variance 0.1": _multiply,
    "enlarged five times, with noise of 10 % of white": _expose_badly,
}
