"""How numbers lie on a page: in rows, cells, tables, boxes, alone."""

from dataclasses import replace

import numpy as np

from detector.canvas import SIDE, Ink, choose_ink
from detector.rules import choose_rule, draw_box, draw_lines, make_lines
from detector.writing import Style, choose_style, compose_number, compose_word, write


def write_rows(canvas, rng, material, height, box=None, paper=None):
    """Write numbers, and words beside them, in rows.

    Parameters
    ----------
    canvas : Canvas
        Where.
    rng : numpy.random.Generator
        Draws all of it.
    material : Material
        Hands to write with.
    height : float
        Of the digits, pixels.
    box : array-like of 4 numbers, optional
        Left, top, right and bottom of the part to write on; the page by default.
    paper : float, optional
        How light the paper is there; the canvas's by default.
    """
    left, top, right, bottom = (0, 0, SIDE, SIDE) if box is None else box
    paper = canvas.paper if paper is None else paper
    hand, ink = material.choose_hand(rng), choose_ink(rng, paper)
    slope = rng.normal(0, 0.025) if rng.random() < 0.9 else rng.uniform(-0.17, 0.17)
    style = choose_style(rng, height, hand, slope)
    pitch = rng.uniform(1.15, 2.6) if rng.random() < 0.8 else rng.uniform(2.6, 5)
    y = top + rng.uniform(0.3, 1.8) * height
    while y < bottom + 0.15 * height:
        if rng.random() < 0.25:  # another pen, another way to write
            if rng.random() < 0.4:
                hand = material.choose_hand(rng)
            ink = choose_ink(rng, paper)
            style = choose_style(rng, height, hand, slope)
        x = left + rng.uniform(-0.6 * height, 0.5 * (right - left))
        if rng.random() < 0.65:
            x = left + rng.uniform(-0.3, 1.5) * height
        at = x, y + slope * (x - SIDE / 2)
        _write_row(canvas, rng, material, hand, at, style, ink, right)
        y += height * pitch * rng.uniform(0.92, 1.1)


def _write_row(canvas, rng, material, hand, place, style, ink, right):
    """Write numbers side by side until the row is full."""
    x, y = place
    height = style.height
    letters = None
    for _ in range(int(rng.integers(1, 6))):
        if x > right - 0.5 * height:
            break
        at = x, y + style.slope * (x - place[0])
        if rng.random() < 0.1:
            letters = letters or material.choose_letters(rng)
            relaxed = replace(style, gap=max(style.gap, 0.05))
            x = write(canvas, rng, letters, compose_word(rng), at, relaxed, ink)
        else:
            text = compose_number(rng, hand.characters)
            room = max(int((right - x) / (height * (0.6 + max(style.gap, 0)))), 1)
            x = write(canvas, rng, hand, text[: room + 2], at, style, ink)
        if rng.random() < 0.12:
            _underline(canvas, rng, place[0], x, at[1], style, ink)
        x += height * (rng.uniform(0.5, 2.5) + max(style.gap, 0))


def _underline(canvas, rng, start, stop, y, style, ink):
    """Draw a line by hand below a number, or two."""
    for _ in range(int(rng.integers(1, 3))):
        y += style.height * rng.uniform(0.12, 0.35)
        t = np.linspace(0, 1, 12)
        points = np.stack(
            [
                start + (stop - start) * (t * rng.uniform(0.8, 1.2)),
                y + style.slope * (stop - start) * t + rng.normal(0, 1.5) * t * (1 - t),
            ],
            axis=1,
        )
        edges = np.stack([np.arange(11), np.arange(1, 12)], axis=1)
        radius = max(style.height * rng.uniform(0.02, 0.08), 0.8) / 2
        canvas.stroke(points, edges, radius, ink)


def write_grid(canvas, rng, material, height):
    """Write a digit into each cell of a grid, as in puzzles and forms.

    Parameters
    ----------
    canvas : Canvas
        Where.
    rng : numpy.random.Generator
        Draws all of it.
    material : Material
        Hands to write with: print and pen may share a grid.
    height : float
        Of the digits, pixels.
    """
    wide, high = height * rng.uniform(1.1, 2.2), height * rng.uniform(1.15, 2)
    if rng.random() < 0.6:
        high = wide
    left, top = rng.uniform(-wide, 0.35 * SIDE), rng.uniform(-high, 0.5 * SIDE)
    n_columns = int(rng.integers(2, 14))
    n_rows = int(rng.integers(1, 12)) if rng.random() < 0.6 else 1
    slope = rng.normal(0, 0.015)
    _draw_grid(canvas, rng, (left, top, wide, high), (n_rows, n_columns), slope)
    if rng.random() < 0.15:  # what is to be filled in
        box = left, top - rng.uniform(8, 22), left + 4 * wide, top - 2
        write_print(canvas, rng, material, box, rng.uniform(3.5, 8))
    hands = [material.choose_hand(rng)]
    if rng.random() < 0.5:
        hands.append(material.choose_print(rng))
    inks = [choose_ink(rng, canvas.paper) for _ in hands]
    styles = [choose_style(rng, height, hand, slope) for hand in hands]
    share = 1 - rng.uniform(0, 0.9) ** 2
    letters = material.choose_letters(rng) if rng.random() < 0.2 else None
    for row in range(n_rows):
        for column in range(n_columns):
            x, y = left + wide * (column + 0.5), top + high * (row + 0.5)
            if not (-wide < x < SIDE + wide and -high < y < SIDE + high):
                continue
            if rng.random() > share:
                continue
            which = int(rng.integers(len(hands)))
            if hands[which].is_print:
                shift = rng.normal(0, 0.04, 2) * height
            else:
                shift = rng.normal(0, 0.1, 2) * height
            at = x - 0.3 * height + shift[0], y + 0.5 * height + shift[1]
            at = at[0], at[1] + slope * (x - SIDE / 2)
            hand, text = hands[which], str(rng.integers(10))
            if letters is not None and rng.random() < 0.5:
                hand, text = letters, str(rng.choice(list("AEFGHKLMNPRSTUVWXY")))
            write(canvas, rng, hand, text, at, styles[which], inks[which])


def _draw_grid(canvas, rng, origin, shape, slope):
    """Draw a grid's lines, each third perhaps bolder, or its boxes apart."""
    left, top, wide, high = origin
    n_rows, n_columns = shape
    rule = choose_rule(rng, canvas.paper)
    if rng.random() < 0.12:
        return
    if rng.random() < 0.12:  # boxes that stand apart
        inset = rng.uniform(0.03, 0.1) * min(wide, high)
        for row in range(n_rows):
            for column in range(n_columns):
                x, y = left + column * wide, top + row * high
                if -wide < x < SIDE and -high < y < SIDE:
                    box = x + inset, y + inset, x + wide - inset, y + high - inset
                    draw_box(canvas, box, rule)
        return
    across = top + high * np.arange(n_rows + 1)
    down = left + wide * np.arange(n_columns + 1)
    right, bottom = down[-1], across[-1]
    lines = [
        make_lines(across, slope, False, left, right),
        make_lines(down, slope, True, top, bottom),
    ]
    draw_lines(canvas, np.concatenate(lines), rule)
    if rng.random() < 0.35:
        bold = replace(rule, width=rule.width * rng.uniform(1.6, 3), gap=0.0)
        lines = [
            make_lines(across[::3], slope, False, left, right),
            make_lines(down[::3], slope, True, top, bottom),
        ]
        draw_lines(canvas, np.concatenate(lines), bold)


def write_table(canvas, rng, material, height):
    """Write numbers into columns, with lines between them or without.

    Parameters
    ----------
    canvas : Canvas
        Where.
    rng : numpy.random.Generator
        Draws all of it.
    material : Material
        Hands to write with.
    height : float
        Of the digits, pixels.
    """
    hand, ink = material.choose_hand(rng), choose_ink(rng, canvas.paper)
    slope = rng.normal(0, 0.015)
    style = choose_style(rng, height, hand, slope)
    style.gap = min(style.gap, 0.25)
    high = height * rng.uniform(1.25, 2.2)
    n_digits = int(rng.integers(1, 6))
    wide = height * (0.85 * n_digits + rng.uniform(0.5, 1.5))
    left, top = rng.uniform(-0.5, 0.4) * wide, rng.uniform(-0.8, 1.5) * high
    across = np.arange(top, SIDE + high, high)
    down = left + np.cumsum([0, *rng.uniform(0.8, 1.3, int(SIDE / wide) + 2) * wide])
    if rng.random() < 0.8:
        rule = choose_rule(rng, canvas.paper)
        if rng.random() < 0.9:
            draw_lines(canvas, make_lines(across, slope, False), rule)
        if rng.random() < 0.8:
            draw_lines(canvas, make_lines(down, slope, True), rule)
    heading = material.choose_letters(rng) if rng.random() < 0.3 else None
    share, aligned = rng.uniform(0.5, 1), rng.uniform(0.05, 0.4)
    for row, y in enumerate(across[1:]):
        for column, x in enumerate(down[:-1]):
            if x > SIDE or rng.random() > share:
                continue
            base = y - rng.uniform(0.12, 0.3) * (high - height) - 0.05 * height
            at = x + aligned * height, base + slope * (x - SIDE / 2)
            if heading is not None and (row == 0 or column == 0):
                small = replace(style, height=height * 0.7)
                text = compose_word(rng)[: n_digits + 1]
                write(canvas, rng, heading, text, at, small, ink)
                continue
            text = compose_number(rng, hand.characters)[: max(n_digits, 1)]
            write(canvas, rng, hand, text, at, style, ink)


def write_alone(canvas, rng, material, height):
    """Write one number, or a few, anywhere.

    Parameters
    ----------
    canvas : Canvas
        Where.
    rng : numpy.random.Generator
        Draws all of it.
    material : Material
        Hands to write with.
    height : float
        Of the digits, pixels.
    """
    for _ in range(int(rng.integers(1, 4))):
        hand, ink = material.choose_hand(rng), choose_ink(rng, canvas.paper)
        slope = rng.normal(0, 0.05)
        style = choose_style(rng, height * np.exp(rng.normal(0, 0.25)), hand, slope)
        text = compose_number(rng, hand.characters)
        x, y = rng.uniform(0, 0.7 * SIDE), rng.uniform(0.1, 0.98) * SIDE
        wide = len(text) * style.height * (0.6 + max(style.gap, 0))
        box = x - 4, y - 1.2 * style.height, x + wide, y + 0.3 * style.height
        if canvas.is_free(box):
            write(canvas, rng, hand, text, (x, y), style, ink)


def write_print(canvas, rng, material, box, height):
    """Fill a part of the page with lines of print, words and numbers.

    Parameters
    ----------
    canvas : Canvas
        Where.
    rng : numpy.random.Generator
        Draws the text, digits among it.
    material : Material
        Fonts.
    box : array-like of 4 numbers
        Left, top, right and bottom, pixels.
    height : float
        Of the digits, pixels.
    """
    hand = material.choose_font(rng)
    ink = Ink(choose_ink(rng, canvas.paper, 0.3).tone)
    style = Style(height, gap=0.05)
    left, top, right, bottom = box
    for y in np.arange(top + height, bottom, height * rng.uniform(1.4, 2.2)):
        x = left
        while x < right:
            is_number = rng.random() < 0.25
            text = compose_number(rng, hand.characters) if is_number else None
            text = text or compose_word(rng)
            # A letter alone may be a digit, even beside words.
            is_word = len(text) > 1
            x = write(canvas, rng, hand, text, (x, y), style, ink, is_in_text=is_word)
            x += rng.uniform(0.3, 0.6) * height
