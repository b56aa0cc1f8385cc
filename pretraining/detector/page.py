"""Pages to train on: pictures, and what is to be found on them."""

import numpy as np

from detector.camera import expose, scan, tilt
from detector.canvas import SIDE
from detector.distractors import draw_distractors, write_too_large, write_too_small
from detector.layouts import (
    write_alone,
    write_grid,
    write_print,
    write_rows,
    write_table,
)
from detector.marks import IGNORED, LARGEST, SMALLEST, TOO_LARGE, TOO_SMALL
from detector.paper import (
    draw_desk,
    draw_second_paper,
    draw_show_through,
    make_canvas,
    make_light,
)
from detector.raster import blur
from detector.rules import draw_ruled_paper

# The share of its box that a digit must have on the page to be found.
_VISIBLE = 0.75

# Grey levels: digits of less contrast with their box are ignored; light or noise has
# swallowed them.
_LEAST_CONTRAST = 6

# Digits that look like no digit and no sign when they lie on their side.
_ON_SIDE = (2, 3, 4, 5, 6, 7, 9)


def draw_page(material, seed, number):
    """Draw a page; the same numbers give the same page.

    Parameters
    ----------
    material : Material
        What is written with.
    seed : int
        The seed of all pages.
    number : int
        The page's number.

    Returns
    -------
    picture : ndarray of shape (side, side), uint8
        Grey.
    boxes : ndarray of shape (n_marks, 4), float32
        Left, top, right and bottom, pixels.
    labels : ndarray of shape (n_marks,), int64
        Indices in `CLASSES`, or `IGNORED`.
    """
    rng = np.random.default_rng([seed, number])
    canvas = make_canvas(rng)
    kind = rng.random()
    if kind < 0.06:
        box, paper = draw_second_paper(canvas, rng)
        height = _choose_height(rng)
        write_rows(canvas, rng, material, height, box, paper)
    else:
        _prepare(canvas, rng, material)
        _write(canvas, rng, material)
    # Many a page is a clean scan, a drawing or a picture of a screen.
    is_clean = rng.random() < 0.15
    if not is_clean and rng.random() < 0.75:
        draw_distractors(canvas, rng, material)
    if not is_clean and rng.random() < 0.13:
        draw_desk(canvas, rng)
    if not is_clean and rng.random() < 0.3:
        tilt(canvas, rng)
    if is_clean:
        picture, clean, noise = scan(canvas, rng)
    else:
        picture, clean, noise = expose(canvas, make_light(rng), rng)
    boxes, labels = find_boxes(canvas.marks, clean, noise)
    if rng.random() < 0.03:
        return _lay_on_side(picture, boxes, labels)
    return picture, boxes, labels


def _prepare(canvas, rng, material):
    """Draw what is on the paper before somebody writes on it."""
    if rng.random() < 0.1:
        draw_show_through(canvas, rng, material.choose_letters(rng))
    if rng.random() < 0.4:
        draw_ruled_paper(canvas, rng)


def _write(canvas, rng, material):
    """Write the numbers, or what is to be taken for none."""
    kind, height = rng.random(), _choose_height(rng)
    if kind < 0.38:
        write_rows(canvas, rng, material, height)
    elif kind < 0.45:
        write_print(
            canvas, rng, material, (rng.uniform(-30, 20), 0, SIDE, SIDE), height
        )
    elif kind < 0.63:
        write_grid(canvas, rng, material, height)
    elif kind < 0.76:
        write_table(canvas, rng, material, height)
    elif kind < 0.86:
        write_alone(canvas, rng, material, height)
    elif kind < 0.93:
        write_too_large(canvas, rng, material)
    elif kind < 0.95:
        write_too_small(canvas, rng, material)
    # The other pages stay without a number.


def _choose_height(rng):
    """Choose the height of digits, mostly one that is to be found at this scale."""
    if rng.random() < 0.92:
        return float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST))))
    return float(np.exp(rng.uniform(np.log(TOO_SMALL), np.log(TOO_LARGE))))


def find_boxes(marks, clean, noise):
    """Find the boxes of what lies on a page.

    Parameters
    ----------
    marks : list of Mark
        What was drawn.
    clean : ndarray of shape (side, side), uint8
        The picture without noise.
    noise : float
        The standard deviation of the picture's noise, grey levels.

    Returns
    -------
    boxes : ndarray of shape (n_marks, 4), float32
        Left, top, right and bottom, pixels.
    labels : ndarray of shape (n_marks,), int64
        `IGNORED` for what is cut by the border or cannot be seen.
    """
    # Light alone changes little within a few pixels.
    detail = clean - blur(clean.astype(np.float32), 6.0)
    least = max(_LEAST_CONTRAST, 0.8 * noise)
    boxes, labels = np.zeros((len(marks), 4), np.float32), []
    for k, mark in enumerate(marks):
        box = mark.box()
        boxes[k] = np.clip(box, 0, SIDE)
        whole = np.prod(box[2:] - box[:2])
        seen = np.prod(boxes[k, 2:] - boxes[k, :2]) / max(whole, 1e-6)
        is_seen = seen > _VISIBLE and _measure_contrast(mark, boxes[k], detail) > least
        labels.append(mark.label if is_seen else IGNORED)
    labels = np.array(labels, np.int64).reshape(-1)
    lies_on_page = (boxes[:, 2:] - boxes[:, :2]).min(axis=1, initial=SIDE) > 0
    return boxes[lies_on_page], labels[lies_on_page]


def _measure_contrast(mark, box, detail):
    """Return how much a mark's ink differs from its box, in grey levels."""
    left, top = np.floor(box[:2]).astype(int)
    right, bottom = np.ceil(box[2:]).astype(int)
    columns, rows = np.clip(mark.points.astype(int), 0, SIDE - 1).T
    paper = np.median(detail[top:bottom, left:right])
    differences = np.abs(detail[rows, columns] - paper)
    # Of an outline's points, half lie beside the ink; of the others, lines may cross
    # some.
    return np.partition(differences, 3 * len(rows) // 4)[3 * len(rows) // 4]


def _lay_on_side(picture, boxes, labels):
    """Turn the page by 90 degrees, where most digits are nothing to be found."""
    turned = np.rot90(picture).copy()
    boxes = np.stack(
        [boxes[:, 1], SIDE - boxes[:, 2], boxes[:, 3], SIDE - boxes[:, 0]], axis=1
    )
    is_same = ~np.isin(labels, _ON_SIDE)
    return turned, boxes[is_same], np.full(is_same.sum(), IGNORED)
