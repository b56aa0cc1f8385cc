"""Paper, what shines through it, the desk beside it and the light on it."""

import numpy as np

from detector.canvas import SIDE, Canvas, Ink
from detector.marks import NOTHING
from detector.pens import take_grain
from detector.raster import blur

_ROWS, _COLUMNS = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE - 0.5


def make_canvas(rng):
    """Choose a paper.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws how light it is, and its grain.

    Returns
    -------
    Canvas
        Empty.
    """
    kind = rng.random()
    if kind < 0.72:
        paper = rng.uniform(0.6, 1)
    elif kind < 0.84:
        paper = rng.uniform(0.3, 0.6)
    else:
        paper = rng.uniform(0.02, 0.3)
    canvas = Canvas(paper)
    if rng.random() < 0.35:
        strength = rng.uniform(0, 0.06)
        grain = take_grain(rng, (SIDE, SIDE), int(rng.integers(4)))
        canvas.page += strength * (grain - 0.5)
    return canvas


def draw_second_paper(canvas, rng):
    """Cover a band or half of the page with other paper, light beside dark.

    Parameters
    ----------
    canvas : Canvas
        Still empty.
    rng : numpy.random.Generator
        Draws it.

    Returns
    -------
    box : ndarray of shape (4,)
        Left, top, right and bottom of the other paper, pixels.
    paper : float
        How light it is.
    """
    low, high = np.sort(rng.uniform(-0.2, 1.2, 2)) * SIDE
    high = max(high, low + 50)
    box = np.array([low, -1, high, SIDE + 1])
    box = box if rng.random() < 0.3 else box[[1, 0, 3, 2]]
    if rng.random() < 0.6:
        paper = 1 - canvas.paper * rng.uniform(0.6, 1)
    else:
        paper = canvas.paper * rng.uniform(0.6, 1.1)
    paper = float(np.clip(paper, 0.02, 1))
    left, top, right, bottom = np.clip(np.round(box), 0, SIDE).astype(int)
    canvas.page[top:bottom, left:right] = paper
    return box, paper


def draw_show_through(canvas, rng, hand):
    """Let the writing of the other side shine through, mirrored and blurred.

    Parameters
    ----------
    canvas : Canvas
        Still without writing.
    rng : numpy.random.Generator
        Draws what is written.
    hand : PenHand or PrintHand
        Who wrote it.
    """
    behind = Canvas(0.0)
    height = np.exp(rng.uniform(np.log(8), np.log(45)))
    frame = np.array([[1.0, 0.2], [0.0, 1.0]]) if not hand.is_print else np.eye(2)
    for y in np.arange(rng.uniform(0, 2) * height, SIDE, rng.uniform(1.3, 3) * height):
        x = rng.uniform(-20, 100)
        while x < SIDE and rng.random() < 0.9:
            letter = rng.choice(list("aehkmnrtuvwxyAEFHKMNRTUVW"))
            glyph = hand.draw(rng, str(letter), height, frame)
            if glyph is not None:
                behind.put(glyph, int(x), int(y), Ink(1.0), NOTHING)
                x += glyph.advance
            x += height * rng.uniform(0.05, 0.4)
    shine = blur(np.ascontiguousarray(behind.page[:, ::-1]), rng.uniform(0.8, 2.5))
    canvas.page *= 1 - rng.uniform(0.03, 0.16) * shine


def draw_desk(canvas, rng):
    """Let the paper end: beyond its edge lies a desk, or the dark of a scanner.

    Parameters
    ----------
    canvas : Canvas
        With its writing, which is forgotten or ignored where it is covered.
    rng : numpy.random.Generator
        Draws where and what.
    """
    mask = make_half_plane(rng, rng.uniform(0.4, 1.6), rng.uniform(0.2, 0.48))
    desk = rng.uniform(0, 1)
    if rng.random() < 0.35:
        desk = rng.uniform(0, 0.1)
    tone = np.full_like(canvas.page, desk)
    if rng.random() < 0.6:
        grain = take_grain(rng, tone.shape, int(rng.integers(4)))
        tone += rng.uniform(0, 0.3) * (grain - 0.5)
    if rng.random() < 0.25:  # wood
        waves = np.sin(
            rng.uniform(20, 120) * (_ROWS + rng.uniform(-0.4, 0.4) * _COLUMNS)
        )
        tone += rng.uniform(0.01, 0.08) * waves
    if rng.random() < 0.4:  # the paper's shadow
        canvas.page *= 1 - rng.uniform(0.05, 0.4) * blur(mask, rng.uniform(2, 6))
    canvas.cover(mask, np.clip(tone, 0, 1))


def make_half_plane(rng, softness, distance):
    """Return a map that is 1 on one side of a straight edge.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws its direction, mostly along the page.
    softness : float
        Of the edge, pixels.
    distance : float
        From the middle of the page, in pages.

    Returns
    -------
    ndarray of shape (side, side), float32
        From 0 to 1.
    """
    angle = rng.choice(4) * np.pi / 2
    angle += rng.normal(0, 0.06) if rng.random() < 0.7 else rng.uniform(-0.8, 0.8)
    away = np.cos(angle) * _COLUMNS + np.sin(angle) * _ROWS - distance
    return np.clip(0.5 + away * (SIDE / softness / 2), 0, 1).astype(np.float32)


def make_light(rng):
    """Draw the light on a page.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws gradients, vignettes and shadows.

    Returns
    -------
    ndarray of shape (side, side), float32
        What the page is to be multiplied by.
    """
    light = np.ones((SIDE, SIDE), np.float32)
    if rng.random() < 0.6:
        fall = rng.normal(0, 0.25, 2)
        light *= np.clip(1 + fall[0] * _ROWS + fall[1] * _COLUMNS, 0.3, 1.7)
    if rng.random() < 0.2:
        place = rng.uniform(-0.7, 0.7, 2)
        square = (_ROWS - place[0]) ** 2 + (_COLUMNS - place[1]) ** 2
        light *= 1 - rng.uniform(0.1, 0.6) * np.minimum(square, 1.2)
    if rng.random() < 0.22:
        softness = np.exp(rng.uniform(np.log(1.5), np.log(60)))
        mask = make_half_plane(rng, softness, rng.uniform(-0.4, 0.45))
        light *= 1 - rng.uniform(0.1, 0.6) * mask
    if rng.random() < 0.12:  # a hand's or a phone's shadow
        place, size = rng.uniform(-0.6, 0.6, 2), rng.uniform(0.15, 0.5, 2)
        square = ((_ROWS - place[0]) / size[0]) ** 2
        square += ((_COLUMNS - place[1]) / size[1]) ** 2
        light *= 1 - rng.uniform(0.1, 0.55) / (1 + square ** rng.uniform(1, 4))
    if rng.random() < 0.08:  # a lamp
        place, size = rng.uniform(-0.5, 0.5, 2), rng.uniform(0.1, 0.4)
        square = (_ROWS - place[0]) ** 2 + (_COLUMNS - place[1]) ** 2
        light *= 1 + rng.uniform(0.1, 0.5) * np.exp(-square / size**2)
    return light
