"""Lines of paper, tables and forms: solid, dotted and dashed."""

from dataclasses import dataclass

import numpy as np

from detector.canvas import SIDE, Ink


@dataclass
class Rule:
    """How a straight line looks.

    Parameters
    ----------
    ink : Ink
        What it is drawn with.
    width : float
        Pixels.
    dash, gap : float
        Pixels inked and left out in turn; a gap of 0 is a solid line, a dash of 0 one
        of dots.
    softness : float
        Pixels over which the ink fades at its edges.
    """

    ink: Ink
    width: float = 1.0
    dash: float = 0.0
    gap: float = 0.0
    softness: float = 1.0


def choose_rule(rng, paper):
    """Choose how lines look on a paper.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws it.
    paper : float
        How light the paper is, 0 to 1.

    Returns
    -------
    Rule
        Faint or dark, mostly thin and solid.
    """
    contrast = rng.uniform(0.06, 0.4) if rng.random() < 0.6 else rng.uniform(0.4, 1)
    darker = paper > 0.4 if rng.random() < 0.95 else paper < 0.6
    tone = paper * (1 - contrast) if darker else paper + (1 - paper) * contrast
    width = rng.uniform(0.7, 1.6) if rng.random() < 0.75 else rng.uniform(1.6, 4)
    rule = Rule(Ink(tone), width, softness=rng.uniform(0.7, 1.5))
    kind = rng.random()
    if kind < 0.1:
        rule.gap = rng.uniform(1.8, 4) * max(width, 1)
    elif kind < 0.2:
        rule.dash, rule.gap = rng.uniform(2, 8), rng.uniform(1.5, 6)
    return rule


def draw_lines(canvas, lines, rule):
    """Draw straight lines.

    Parameters
    ----------
    canvas : Canvas
        Where.
    lines : ndarray of shape (n_lines, 4)
        x and y of each start and stop, pixels.
    rule : Rule
        How they look.
    """
    starts, stops = [], []
    for line in np.asarray(lines, float).reshape(-1, 4):
        start, stop = line[:2], line[2:]
        if not rule.gap:
            starts.append(start[None])
            stops.append(stop[None])
            continue
        length = max(np.hypot(*(stop - start)), 1)
        pitch = rule.dash + rule.gap
        places = np.arange(0, length, pitch)[:, None]
        along = (stop - start) / length
        starts.append(start + along * places)
        stops.append(start + along * np.minimum(places + rule.dash, length))
    if not starts:
        return
    points = np.concatenate(starts + stops)
    numbers = np.arange(len(points)).reshape(2, -1).T
    canvas.stroke(points, numbers, rule.width / 2, rule.ink, rule.softness)


def draw_ruled_paper(canvas, rng):
    """Draw a page's own lines: ruled, squared or a few, uneven ones.

    Parameters
    ----------
    canvas : Canvas
        Where.
    rng : numpy.random.Generator
        Draws all of it.
    """
    rule = choose_rule(rng, canvas.paper)
    slope = rng.normal(0, 0.02)
    kind = rng.random()
    across, down = kind < 0.85, kind > 0.45
    pitch = rng.uniform(14, 70) if across and down else rng.uniform(20, 80)
    for wanted, upright in ((across, False), (down, True)):
        if not wanted:
            continue
        is_even = rng.random() < 0.85
        step = pitch if is_even else rng.uniform(30, 120)
        places = np.arange(rng.uniform(-step, 0), SIDE, step)
        if not is_even:
            places = places + rng.uniform(-0.35, 0.35, len(places)) * step
        draw_lines(canvas, make_lines(places, slope, upright), rule)
    if rng.random() < 0.15:  # a margin
        rule = choose_rule(rng, canvas.paper)
        place = rng.uniform(5, SIDE - 5)
        draw_lines(canvas, make_lines([place], slope, True), rule)


def make_lines(places, slope, upright, start=-20.0, stop=SIDE + 20.0):
    """Return lines across the page, or down, that cross its middle at places.

    Parameters
    ----------
    places : array-like of shape (n_lines,)
        y, or x of upright lines, pixels.
    slope : float
        How far a line falls for each pixel to the right.
    upright : bool
        Whether the lines go down.
    start, stop : float
        x where lines begin and end, or y of upright ones.

    Returns
    -------
    ndarray of shape (n_lines, 4)
        x and y of starts and stops.
    """
    places = np.asarray(places, float)
    low = slope * (start - SIDE / 2)
    high = slope * (stop - SIDE / 2)
    begin, end = np.full_like(places, start), np.full_like(places, stop)
    if upright:
        return np.stack([places - low, begin, places - high, end], axis=1)
    return np.stack([begin, places + low, end, places + high], axis=1)


def draw_box(canvas, box, rule):
    """Draw a frame; a box is left, top, right, bottom in pixels."""
    left, top, right, bottom = box
    lines = [
        (left, top, right, top),
        (left, bottom, right, bottom),
        (left, top, left, bottom),
        (right, top, right, bottom),
    ]
    draw_lines(canvas, lines, rule)
