"""What is no digit of this scale: letters, scribbles, frames, specks, patterns."""

import numpy as np

from detector.canvas import SIDE, choose_ink
from detector.layouts import write_print
from detector.marks import LARGEST, TOO_LARGE, TOO_SMALL
from detector.rules import choose_rule, draw_box
from detector.writing import choose_style, compose_number, compose_word, write


def draw_distractors(canvas, rng, material):
    """Draw some things that are not to be found, where nothing is written.

    Parameters
    ----------
    canvas : Canvas
        With its writing.
    rng : numpy.random.Generator
        Draws which, and all of them.
    material : Material
        Hands and fonts.
    """
    for _ in range(int(rng.integers(0, 5))):
        kind = rng.choice(len(_KINDS), p=_SHARES)
        _KINDS[kind](canvas, rng, material)


def write_too_large(canvas, rng, material):
    """Write a number whose digits are too large for this scale.

    Parameters
    ----------
    canvas : Canvas
        Where; its digits may be cut by the border.
    rng : numpy.random.Generator
        Draws it.
    material : Material
        Hands.
    """
    height = np.exp(rng.uniform(np.log(TOO_LARGE * 1.05), np.log(420)))
    hand, ink = material.choose_hand(rng), choose_ink(rng, canvas.paper)
    style = choose_style(rng, height, hand, rng.normal(0, 0.05))
    place = rng.uniform(-0.8 * height, 0.6 * SIDE), rng.uniform(0.2, 1) * height
    place = place[0], place[1] + rng.uniform(0, max(SIDE - 0.6 * height, 1))
    write(canvas, rng, hand, compose_number(rng, hand.characters), place, style, ink)


def write_too_small(canvas, rng, material):
    """Write rows of digits that are too small for this scale.

    Parameters
    ----------
    canvas : Canvas
        Where.
    rng : numpy.random.Generator
        Draws them.
    material : Material
        Hands.
    """
    height = rng.uniform(4, TOO_SMALL - 0.5)
    hand, ink = material.choose_hand(rng), choose_ink(rng, canvas.paper)
    style = choose_style(rng, height, hand)
    style.gap = min(style.gap, 0.3)
    left, top = rng.uniform(-10, 120), rng.uniform(0, 150)
    for y in np.arange(top, top + rng.uniform(10, 120), height * rng.uniform(1.3, 3)):
        x = left
        for _ in range(int(rng.integers(1, 5))):
            text = compose_number(rng, hand.characters)
            if x > SIDE or not canvas.is_free((x, y - height, x + 4 * height, y)):
                break
            x = write(canvas, rng, hand, text, (x, y), style, ink)
            x += height * rng.uniform(0.5, 3)


def _write_words(canvas, rng, material):
    hand, ink = material.choose_letters(rng), choose_ink(rng, canvas.paper)
    height = np.exp(rng.uniform(np.log(12), np.log(LARGEST * 1.6)))
    style = choose_style(rng, height, hand, rng.normal(0, 0.03))
    style.gap = rng.uniform(0.0, 0.2)
    left, y = rng.uniform(-30, 150), rng.uniform(0.05, 1) * SIDE
    for _ in range(int(rng.integers(1, 5))):
        # As one text: beside other words, letters that look like digits are none.
        text = " ".join(compose_word(rng) for _ in range(rng.integers(1, 6)))
        text = text[: int((SIDE - left) / (0.5 * height)) + 1]
        box = left, y - height, left + 0.7 * height * len(text), y + 0.3 * height
        if canvas.is_free(box):
            write(canvas, rng, hand, text, (left, y), style, ink)
        y += height * rng.uniform(1.4, 2)


def _write_paragraph(canvas, rng, material):
    left, top = rng.uniform(-40, 140), rng.uniform(-10, 170)
    box = left, top, left + rng.uniform(30, 200), top + rng.uniform(6, 90)
    if canvas.is_free(box):
        write_print(canvas, rng, material, box, rng.uniform(3.5, TOO_SMALL - 0.5))


def _write_caption(canvas, rng, material):
    hand = material.choose_font(rng)
    ink = choose_ink(rng, canvas.paper)
    height = rng.uniform(5, 14)
    x, y = rng.uniform(-10, 150), rng.uniform(10, SIDE)
    text = compose_word(rng) + " " + compose_word(rng)
    if canvas.is_free((x, y - height, x + 0.6 * height * len(text), y)):
        style = choose_style(rng, height, hand)
        style.gap = min(style.gap, 0.1)
        write(canvas, rng, hand, text, (x, y), style, ink)


def _draw_scribble(canvas, rng, material):
    """Draw a line with many turns, or loops."""
    n_turns = int(rng.integers(5, 20))
    size = np.exp(rng.uniform(np.log(8), np.log(60)))
    steps = rng.normal(0, 1, (n_turns, 2)) * size * (0.5, 0.35)
    if rng.random() < 0.5:  # to and fro, as something is crossed out
        steps[:, 0] = size * rng.uniform(0.6, 1.2, n_turns) * (-1) ** np.arange(n_turns)
        steps[:, 1] = size * rng.uniform(-0.05, 0.25, n_turns)
    points = _round(rng.uniform(0, SIDE, 2) + np.cumsum(steps, axis=0))
    _draw_curve(canvas, rng, points, leaves_writing=True)


def _draw_flat_curve(canvas, rng, material):
    """Draw a line along the page: an underline, a dash, a wave, an arrow."""
    length = np.exp(rng.uniform(np.log(12), np.log(250)))
    t = np.linspace(0, 1, 24)
    wave = np.sin(t * rng.uniform(1, 18) + rng.uniform(0, 6)) * rng.uniform(0, 0.06)
    points = np.stack([t, wave + t * rng.normal(0, 0.12)], axis=1) * length
    if rng.random() < 0.2:  # the head of an arrow
        tip, back = points[-1], rng.uniform(4, 12)
        points = np.concatenate([points, [tip - (back, back * 0.6), tip]])
        points = np.concatenate([points, [tip - (back, -back * 0.6)]])
    _draw_curve(canvas, rng, points + rng.uniform((-60, 0), SIDE, 2))


def _draw_long_line(canvas, rng, material):
    """Draw a line from border to border, by hand."""
    angle, middle = rng.uniform(0, np.pi), rng.uniform(20, SIDE - 20, 2)
    along = np.array([np.cos(angle), np.sin(angle)]) * 1.6 * SIDE
    t = np.linspace(-0.5, 0.5, 24)[:, None]
    aside = along[::-1] * (-1, 1) * rng.normal(0, 0.04) * np.sin(t * rng.uniform(3, 9))
    _draw_curve(canvas, rng, middle + t * along + aside, widest=4)


def _draw_check(canvas, rng, material):
    """Draw a check mark or a cross."""
    size = np.exp(rng.uniform(np.log(8), np.log(60)))
    place = rng.uniform(0, SIDE - size, 2)
    if not canvas.is_free((*place, *(place + size))):
        return
    if rng.random() < 0.5:
        corner = rng.uniform(0.2, 0.4), rng.uniform(0.8, 1)
        points = [(0, rng.uniform(0.4, 0.7)), corner, (1, rng.uniform(-0.2, 0.3))]
        _draw_curve(canvas, rng, place + np.array(points) * size)
        return
    ends = np.array([(0, 0), (1, 1), (1, 0), (0, 1)]) + rng.normal(0, 0.08, (4, 2))
    ink, radius = choose_ink(rng, canvas.paper), rng.uniform(0.5, 2.5)
    points, edges = place + ends * size, np.array([[0, 1], [2, 3]])
    canvas.stroke(points, edges, radius, ink)


def _draw_ring(canvas, rng, material):
    """Draw a ring around a digit, or one too large to be a zero."""
    angle = np.linspace(0, 2 * np.pi * rng.uniform(0.93, 1.2), 40)
    marks = [mark for mark in canvas.marks if 0 <= mark.label < 10]
    if marks and rng.random() < 0.7:
        box = marks[int(rng.integers(len(marks)))].box()
        middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2
        radii = half.max() * rng.uniform(1.35, 1.9) * rng.uniform(0.9, 1.1, 2)
    else:
        middle = rng.uniform(0, SIDE, 2)
        radii = TOO_LARGE * rng.uniform(0.55, 1.2) * rng.uniform(0.85, 1.15, 2)
    points = middle + np.stack([np.cos(angle), np.sin(angle)], axis=1) * radii
    points += np.linspace(0, rng.normal(0, 2), 40)[:, None]
    _draw_curve(canvas, rng, points, leaves_writing=True, widest=3)


def _draw_frame(canvas, rng, material):
    """Draw a frame that no zero of a display looks like."""
    wide = np.exp(rng.uniform(np.log(8), np.log(200)))
    high = wide * rng.uniform(0.1, 0.95)
    left, top = rng.uniform(-20, SIDE - 10, 2)
    rule = choose_rule(rng, canvas.paper)
    draw_box(canvas, (left, top, left + wide, top + high), rule)


def _draw_bar(canvas, rng, material):
    """Draw a broad bar: a table's heading, a redaction, a photograph's border."""
    left, top = rng.uniform(-40, SIDE, 2)
    size = rng.uniform(60, 250), rng.uniform(3, 30)
    wide, high = size if rng.random() < 0.6 else (rng.uniform(3, 30), 120)
    box = left, top, left + wide, top + high
    if canvas.is_free(box):
        ink = choose_ink(rng, canvas.paper)
        canvas.blend(
            np.ones((int(high), int(wide)), np.float32), int(left), int(top), ink
        )


def _draw_specks(canvas, rng, material):
    """Strew dust, or the halves of a star of ink."""
    n_specks = int(np.exp(rng.uniform(0, np.log(120))))
    points = rng.uniform(0, SIDE, (n_specks, 2))
    if rng.random() < 0.3:
        points = rng.uniform(0, SIDE, 2) + rng.normal(0, 20, (n_specks, 2))
    # Specks apart from digits only: beside them, they could be points.
    boxes = np.concatenate([points - 8, points + 8], axis=1)
    points = points[[canvas.is_free(box) for box in boxes]]
    if not len(points):
        return
    ends = points + rng.normal(0, rng.uniform(0, 1.5), points.shape)
    numbers = np.arange(2 * len(points)).reshape(2, -1).T
    radii = rng.uniform(0.3, rng.uniform(0.6, 2.6), len(points)).astype(np.float32)
    canvas.stroke(
        np.concatenate([points, ends]), numbers, radii, choose_ink(rng, canvas.paper)
    )


def _draw_stain(canvas, rng, material):
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    place, size = rng.uniform(0, SIDE, 2), rng.uniform(5, 60, 2)
    square = ((rows - place[0]) / size[0]) ** 2 + ((columns - place[1]) / size[1]) ** 2
    edge = np.clip(0.5 + (1 - square) * rng.uniform(0.5, 4), 0, 1)
    canvas.page *= 1 - rng.uniform(0.04, 0.3) * edge.astype(np.float32)


def _draw_pattern(canvas, rng, material):
    """Fill a part with a halftone, a checkerboard or stripes."""
    left, top = rng.integers(-40, SIDE - 20, 2)
    wide, high = rng.integers(24, 150, 2)
    if not canvas.is_free((left, top, left + wide, top + high)):
        return
    pitch, turn = rng.uniform(2, 14, 2), rng.uniform(0, np.pi)
    if rng.random() < 0.7:
        pitch[1], turn = pitch[0], 0
    rows, columns = np.mgrid[0:high, 0:wide]
    u = np.cos(turn) * columns + np.sin(turn) * rows
    v = np.cos(turn) * rows - np.sin(turn) * columns
    wave = np.sin(2 * np.pi * u / pitch[0])
    if rng.random() < 0.65:
        wave = wave * np.sin(2 * np.pi * v / pitch[1])
    alpha = np.clip(0.5 + wave * rng.uniform(1, 5) + rng.uniform(-1, 1), 0, 1)
    ink = choose_ink(rng, canvas.paper)
    canvas.blend(alpha.astype(np.float32), int(left), int(top), ink)


def _draw_holes(canvas, rng, material):
    """Punch a row of holes along a border, as of a spiral binding."""
    pitch = rng.uniform(7, 24)
    places = np.arange(rng.uniform(-pitch, 0), SIDE, pitch)
    aside = np.full_like(places, rng.uniform(2, 14))
    points = np.stack([aside, places], axis=1)
    if rng.random() < 0.5:
        points = SIDE - points
    if rng.random() < 0.4:
        points = points[:, ::-1]
    numbers = np.stack([np.arange(len(points))] * 2, axis=1)
    radius = rng.uniform(0.15, 0.36) * pitch
    canvas.stroke(points, numbers, radius, choose_ink(rng, canvas.paper))


def _draw_curve(canvas, rng, points, leaves_writing=False, widest=6):
    """Stroke a line, unless it would cross what is written."""
    box = np.concatenate([points.min(axis=0), points.max(axis=0)])
    if not leaves_writing and not canvas.is_free(box):
        return
    steps = np.arange(len(points))
    edges = np.stack([steps[:-1], steps[1:]], axis=1)
    radius = np.exp(rng.uniform(np.log(0.4), np.log(widest / 2)))
    canvas.stroke(points, edges, radius, choose_ink(rng, canvas.paper))


def _round(points):
    """Round the corners of a line by splitting them twice."""
    for _ in range(2):
        early = 0.75 * points[:-1] + 0.25 * points[1:]
        late = 0.25 * points[:-1] + 0.75 * points[1:]
        points = np.stack([early, late], axis=1).reshape(-1, 2)
    return points


# How often each is drawn, beside the others.
_WEIGHTS = {
    _write_words: 8,
    _write_paragraph: 3,
    _write_caption: 2,
    write_too_small: 2,
    write_too_large: 0.6,
    _draw_scribble: 2,
    _draw_flat_curve: 3,
    _draw_long_line: 1.5,
    _draw_check: 1.5,
    _draw_ring: 1,
    _draw_frame: 1.5,
    _draw_bar: 1.5,
    _draw_specks: 3,
    _draw_stain: 1,
    _draw_pattern: 1,
    _draw_holes: 0.7,
}
_KINDS = list(_WEIGHTS)
_SHARES = np.array(list(_WEIGHTS.values())) / sum(_WEIGHTS.values())
