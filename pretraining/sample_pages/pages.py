"""Six pages, each for another use, with what is written on them."""

from dataclasses import dataclass

import numpy as np

from sample_pages.photograph import View
from sample_pages.sheet import Sheet
from sample_pages.writer import Writer

# Pixels to a millimetre of a sheet: about 1.6 times as fine as in the photographs.
_SCALE = 12

_WHITE, _CREAM = (0.96, 0.96, 0.95), (0.97, 0.955, 0.915)
_BLUE, _BLACK = (0.09, 0.15, 0.5), (0.1, 0.1, 0.12)
_PENCIL, _BLUE_BLACK = (0.33, 0.33, 0.36), (0.1, 0.12, 0.28)
_GRID, _LINE, _MARGIN = (0.56, 0.68, 0.82), (0.6, 0.66, 0.76), (0.86, 0.5, 0.52)
_PRINT = (0.25, 0.27, 0.31)


@dataclass
class Tools:
    """What every page is drawn with.

    Parameters
    ----------
    models : Models
        Digits to write.
    letters : Face
        A font whose letters are written by hand.
    print, bold : Face
        Fonts that are printed.
    """

    models: object
    letters: object
    print: object
    bold: object


@dataclass
class Hand:
    """A writer, a pen and a sheet.

    Parameters
    ----------
    sheet : Sheet
        Where.
    writer : Writer
        Who writes.
    height : float
        Of a digit, millimetres.
    width : float
        Of a line, millimetres.
    colour : tuple of float
        Of the ink.
    grain : float
        How much of the paper's grain shows in it.
    """

    sheet: Sheet
    writer: Writer
    height: float
    width: float
    colour: tuple
    grain: float = 0.12

    def write(self, text, x, y, slope=0.0, size=1.0, from_right=False):
        """Write a text from a place in millimetres, or up to it."""
        scale, height = self.sheet.scale, size * self.height * self.sheet.scale
        x, y = x * scale, y * scale
        if from_right:
            x -= self.writer.measure(text, height)
        lines, _ = self.writer.write(text, x, y, height, slope)
        self.sheet.ink(lines, self.width, self.colour, self.grain)

    def underline(self, start, stop):
        """Draw a line by hand, from place to place in millimetres."""
        t = np.linspace(0, 1, 60)[:, None]
        line = (np.array(start) * (1 - t) + np.array(stop) * t) * self.sheet.scale
        line[:, 1] += 0.12 * self.sheet.scale * np.sin(4 * t[:, 0] + 0.5)
        self.sheet.ink([line], self.width, self.colour, self.grain)


def draw_account(rng, tools):
    """Draw a month's expenses on squared paper, with their sum."""
    sheet = Sheet(rng, (105, 118), _SCALE, _CREAM)
    _draw_squares(sheet, 5)
    writer = Writer(rng, tools.models, tools.letters, slant=0.04)
    hand = Hand(sheet, writer, 5.4, 0.5, _BLUE)
    rows = {
        "Rent": "640.00",
        "Heat": "58.30",
        "Water": "27.45",
        "Internet": "19.99",
        "Train": "49.00",
        "Market": "312.76",
    }
    total = f"{sum(map(float, rows.values())):.2f}"
    hand.write("May", 43, 13.7, size=1.15)
    hand.underline((42, 16), (58, 15.7))
    for k, (word, amount) in enumerate(rows.items()):
        y = 28.7 + 10 * k + rng.normal(0, 0.3)
        hand.write(word, 14 + rng.normal(0, 0.5), y, -0.006)
        hand.write(amount, 88 + rng.normal(0, 0.5), y, -0.008, from_right=True)
    hand.underline((50, 84), (90, 83.2))
    hand.write("Total", 14, 93.6)
    hand.write(total, 88, 93.4, -0.008, from_right=True)
    hand.underline((52, 97), (90, 96.4))
    view = View(
        (780, 860),
        [(0.05, 0.035), (0.962, 0.05), (0.985, 1.04), (0.02, 1.03)],
        lamp=(0.25, 0.1),
        shadow=(0.86, 0.95, 0.7),
    )
    return sheet, view, "\n".join([*rows.values(), total])


def draw_phones(rng, tools):
    """Draw a list of telephone numbers on ruled paper."""
    sheet = Sheet(rng, (112, 92), _SCALE, _WHITE)
    for y in np.arange(16, 92, 9):
        sheet.draw_rule((0, y), (112, y), 0.22, _LINE, 0.9)
    sheet.draw_rule((16, 0), (16, 92), 0.25, _MARGIN, 0.8)
    writer = Writer(rng, tools.models, tools.letters, slant=0.03, gap=0.2)
    hand = Hand(sheet, writer, 5.0, 0.42, _BLACK)
    # Numbers that are kept free for films and books.
    rows = {
        "Nora": "07700 900461",
        "Walter": "020 7946 0318",
        "Kim": "0117 496 0852",
        "Mum": "0131 496 0274",
        "Frank": "07700 900736",
        "Tennis": "0121 496 0539",
    }
    hand.write("Phone", 19, 15.8, size=1.1)
    for k, (name, number) in enumerate(rows.items()):
        y = 34 + 9 * k + rng.normal(0, 0.25)
        hand.write(name, 19 + rng.normal(0, 0.5), y, 0.004)
        hand.write(number, 49 + rng.normal(0, 0.6), y, 0.004)
    view = View(
        (860, 690),
        [(-0.03, 0.02), (0.965, -0.03), (0.99, 0.95), (-0.015, 0.985)],
        desk=(0.3, 0.32, 0.34),
        wood=0.012,
        lamp=(0.75, 0.05),
        fall=0.24,
        white=(0.97, 0.985, 1.0),
    )
    return sheet, view, "\n".join(rows.values())


def draw_scores(rng, tools):
    """Draw a score sheet: a printed table, filled in round by round."""
    sheet = Sheet(rng, (120, 104), _SCALE, _WHITE)
    sheet.print("Rummy", (14, 14), 4.4, tools.bold, _PRINT)
    columns, top, pitch = [14, 34, 58, 82, 106], 20, 10
    bottoms = top + pitch * np.arange(8)
    for y in bottoms:
        sheet.draw_rule((14, y), (106, y), 0.3, _PRINT, 0.9)
    for x in columns:
        sheet.draw_rule((x, top), (x, bottoms[-1]), 0.3, _PRINT, 0.9)
    for x, word in zip(columns, ["Round", "Ann", "Max", "Eva"], strict=False):
        sheet.print(word, (x + 2.5, top + 7), 3.1, tools.print, _PRINT)
    writer = Writer(rng, tools.models, tools.letters, slant=0.0, gap=0.24)
    hand = Hand(sheet, writer, 5.6, 0.55, _BLUE_BLACK)
    scores = [(25, 40, 15), (60, 5, 35), (10, 75, 20), (45, 30, 90), (80, 55, 0)]
    rows = [(str(k + 1), *row) for k, row in enumerate(scores)]
    for k, row in enumerate(rows):
        y = bottoms[k + 1] + 7.7
        sheet.print(row[0], (columns[0] + 8, y - 0.4), 3.8, tools.print, _PRINT)
        for x, score in zip(columns[1:4], row[1:], strict=True):
            at = x + 17 + rng.normal(0, 0.7), y + rng.normal(0, 0.3)
            hand.write(str(score), *at, from_right=True)
    totals = np.sum(scores, axis=0).tolist()
    y = bottoms[6] + 7
    sheet.print("Total", (columns[0] + 2.5, y), 3.1, tools.bold, _PRINT)
    for x, score in zip(columns[1:4], totals, strict=True):
        hand.write(str(score), x + 18.5 + rng.normal(0, 0.6), y + 0.6, from_right=True)
    view = View(
        (840, 730),
        [(0.02, 0.03), (1.02, 0.0), (1.01, 1.02), (0.01, 0.985)],
        desk=(0.5, 0.4, 0.29),
        lamp=(0.5, 0.3),
        fall=0.26,
        white=(1.0, 0.965, 0.9),
    )
    text = [" ".join(map(str, row)) for row in [*rows, totals]]
    return sheet, view, "\n".join(text)


def draw_form(rng, tools):
    """Draw a form with a box for each digit."""
    sheet = Sheet(rng, (118, 92), _SCALE, _WHITE)
    sheet.print("Meter reading", (12, 15), 4.6, tools.bold, _PRINT)
    sheet.print("Please write clearly.", (12, 22), 2.3, tools.print, _PRINT)
    writer = Writer(rng, tools.models, tools.letters, slant=0.02)
    hand = Hand(sheet, writer, 5.2, 0.5, _BLUE)
    fields = {
        "Customer": ["4071926"],
        "Meter": ["30518827"],
        "Date": ["14", "06", "2025"],
        "Reading": ["062483"],
    }
    for k, (word, groups) in enumerate(fields.items()):
        top, x = 30 + 14 * k, 38.0
        sheet.print(word, (12, top + 6), 3.2, tools.print, _PRINT)
        for group in groups:
            for digit in group:
                sheet.draw_box((x, top, x + 7, top + 9), 0.3, _PRINT, 0.8)
                at = x + 1.9 + rng.normal(0, 0.35), top + 7.2 + rng.normal(0, 0.25)
                hand.write(digit, *at)
                x += 7
            x += 6
    sheet.print("kWh", (38 + 6 * 7 + 3, 30 + 42 + 6), 3.2, tools.print, _PRINT)
    view = View(
        (840, 660),
        [(0.01, -0.02), (0.985, 0.03), (0.975, 1.02), (-0.01, 0.97)],
        desk=(0.2, 0.24, 0.28),
        wood=0.015,
        lamp=(0.2, 0.8),
        white=(0.985, 0.99, 1.0),
    )
    return sheet, view, "\n".join(" ".join(groups) for groups in fields.values())


def draw_lab(rng, tools):
    """Draw a page of a lab notebook: times, temperatures and voltages in pencil."""
    sheet = Sheet(rng, (112, 104), _SCALE, _CREAM)
    _draw_squares(sheet, 5, (0.5, 0.74, 0.68))
    writer = Writer(rng, tools.models, tools.letters, slant=0.02, gap=0.22)
    hand = Hand(sheet, writer, 5.0, 0.48, _PENCIL, grain=0.5)
    places = 14, 46, 80
    for x, word in zip(places, ["time", "temp", "V"], strict=True):
        hand.write(word, x + 2, 16.2)
    hand.underline((12, 19.5), (101, 18.6))
    rows = [
        ("12:45", "-18.5", "0.482"),
        ("12:50", "-11.2", "0.517"),
        ("12:55", "-3.75", "0.569"),
        ("13:10", "2.4", "0.630"),
        ("13:30", "9.8", "0.694"),
        ("14:05", "17.6", "0.731"),
        ("14:40", "21.3", "0.748"),
    ]
    for k, row in enumerate(rows):
        y = 29.2 + 10 * k + rng.normal(0, 0.3)
        for x, text in zip(places, row, strict=True):
            shift = 3.3 if x == places[1] and text[0] != "-" else 0.0
            hand.write(text, x + shift + rng.normal(0, 0.5), y, -0.004)
    view = View(
        (820, 760),
        [(-0.02, 0.05), (1.03, 0.035), (1.06, 1.03), (-0.05, 1.04)],
        desk=(0.35, 0.42, 0.45),
        wood=0.01,
        lamp=(0.6, 0.2),
        fall=0.22,
        curl=0.012,
    )
    return sheet, view, "\n".join(" ".join(row) for row in rows)


def draw_label(rng, tools):
    """Draw a parcel's label: print, and what somebody wrote beside it."""
    sheet = Sheet(rng, (100, 70), _SCALE, (0.95, 0.95, 0.94), texture=0.006)
    sheet.draw_box((4, 4, 96, 66), 0.5, _BLACK)
    sheet.draw_rule((4, 24), (96, 24), 0.5, _BLACK)
    sheet.draw_rule((50, 24), (50, 66), 0.5, _BLACK)
    sheet.print("ORDER", (8, 11), 2.6, tools.print, _BLACK)
    sheet.print("4017-2286", (8, 20.5), 6, tools.bold, _BLACK)
    sheet.print("WEIGHT (kg)", (8, 30.5), 2.6, tools.print, _BLACK)
    sheet.print("PARCEL", (54, 30.5), 2.6, tools.print, _BLACK)
    writer = Writer(rng, tools.models, tools.letters, slant=0.02, gap=0.22)
    hand = Hand(sheet, writer, 8.5, 1.0, _BLACK, grain=0.05)
    hand.write("12.40", 10, 53, -0.02, size=1.25)
    hand.write("3/8", 61, 54, -0.02, size=1.5)
    view = View(
        (760, 560),
        [(0.09, 0.1), (0.94, 0.07), (0.95, 0.9), (0.07, 0.94)],
        desk=(0.69, 0.53, 0.37),
        wood=0.015,
        lamp=(0.8, 0.3),
        fall=0.25,
        curl=0.006,
    )
    return sheet, view, "4017-2286\n12.40 3/8"


def _draw_squares(sheet, pitch, colour=_GRID):
    """Draw squared paper; the pitch is in millimetres."""
    height, width = (n / sheet.scale for n in sheet.page.shape[:2])
    for x in np.arange(0.6 * pitch, width, pitch):
        sheet.draw_rule((x, 0), (x, height), 0.18, colour, 0.8)
    for y in np.arange(0.8 * pitch, height, pitch):
        sheet.draw_rule((0, y), (width, y), 0.18, colour, 0.8)


PAGES = {
    "account": draw_account,
    "phones": draw_phones,
    "scores": draw_scores,
    "form": draw_form,
    "lab": draw_lab,
    "label": draw_label,
}
