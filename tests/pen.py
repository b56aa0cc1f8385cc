"""Pages written with a pen: anti-aliased strokes, as people write and scan them."""

import numpy as np
from PIL import Image, ImageDraw

PAPER, INK = 235, 40
_FINER = 4  # strokes are drawn so many times larger and shrunk
# Heights of a digit: from one character to the next, and the middle of its strokes.
_ADVANCE, _MIDDLE = 0.85, 0.3


def _arc(x, y, across, down, start, stop):
    """Return points on an ellipse; angles in degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, stop, 25))
    return [*zip(x + across * np.cos(angles), y + down * np.sin(angles), strict=True)]


# Strokes of each character; a digit is 1 high, y is counted downwards.
STROKES = {
    "0": [_arc(0.3, 0.5, 0.28, 0.5, -80, 285)],
    "1": [[(0.14, 0.22), (0.34, 0), (0.3, 1)]],
    "2": [
        [*_arc(0.3, 0.27, 0.26, 0.27, 190, 390), (0.03, 0.98), (0.3, 0.94), (0.6, 0.98)]
    ],
    "3": [
        [
            *_arc(0.27, 0.25, 0.24, 0.25, 205, 450),
            *_arc(0.25, 0.74, 0.3, 0.26, -90, 155),
        ]
    ],
    "4": [[(0.36, 0), (0.02, 0.62), (0.6, 0.58)], [(0.44, 0.3), (0.4, 1)]],
    "5": [
        [(0.56, 0.02), (0.14, 0.02), (0.1, 0.43), *_arc(0.26, 0.7, 0.3, 0.3, 235, 510)]
    ],
    "6": [[(0.46, 0), (0.2, 0.3), *_arc(0.3, 0.72, 0.26, 0.28, 180, 540)]],
    "7": [[(0.03, 0.04), (0.3, 0.02), (0.58, 0.03), (0.36, 0.45), (0.2, 1)]],
    "8": [
        [
            *_arc(0.3, 0.24, 0.22, 0.24, -60, -270),
            *_arc(0.3, 0.74, 0.27, 0.26, -90, 270),
            *_arc(0.3, 0.24, 0.22, 0.24, 90, -60),
        ]
    ],
    "9": [[*_arc(0.3, 0.27, 0.26, 0.27, -20, -375), (0.52, 0.6), (0.42, 1)]],
    "-": [[(0.1, 0.52), (0.5, 0.5)]],
    ".": [[(0.3, 0.98), (0.31, 0.98)]],
    ",": [[(0.32, 0.94), (0.24, 1.14)]],
    "/": [[(0.56, -0.08), (0.06, 1.08)]],
    ":": [[(0.3, 0.3), (0.31, 0.3)], [(0.3, 0.8), (0.31, 0.8)]],
}
_NARROW = {"1": 0.6, ".": 0.5, ",": 0.5, ":": 0.6, " ": 0.85}


class Sheet:
    """A sheet of paper to write on.

    Parameters
    ----------
    width, height : int
        Pixels.
    paper : int or array-like of shape (height, width)
        Grey levels.
    """

    def __init__(self, width, height, paper=PAPER):
        self.page = np.full((height, width), paper, np.float32)

    def write(self, text, left, top, height=40, pen=3.0, ink=INK):
        """Write lines of characters.

        Parameters
        ----------
        text : str
            Characters, spaces and newlines.
        left, top : int
            Of the first character, pixels.
        height : float
            Of a digit, pixels. Lines are twice as far apart.
        pen : float
            Width of a stroke, pixels.
        ink : int
            Its grey level.
        """
        rng = np.random.default_rng(len(text))
        for i, line in enumerate(text.split("\n")):
            x = left
            for character in line:
                advance = _NARROW.get(character, 1) * _ADVANCE * height
                place = x + advance / 2 - _MIDDLE * height, top + 2 * i * height
                self._draw(character, place, height, pen, ink, rng)
                x += advance
        return self

    def _draw(self, character, place, height, pen, ink, rng):
        """Draw a character, a little different each time."""
        left, top = place
        # People press a pen to make a point.
        pen *= 1.5 if character in ".:" else 1
        slant, turn = rng.uniform(0, 0.15), rng.uniform(-0.05, 0.05)
        side = int(2 * height)
        x, y = int(left - 0.5 * height), int(top - 0.5 * height)
        drawing = Image.new("L", (_FINER * side, _FINER * side))
        for stroke in STROKES.get(character, []):
            points = np.array(stroke) @ np.array([[1, turn], [-slant, 1]]) + [
                slant / 2,
                0,
            ]
            points = points * height + [left - x, top - y]
            _stroke(drawing, _FINER * points, _FINER * pen)
        alpha = drawing.resize((side, side), Image.Resampling.BOX)
        alpha = np.asarray(alpha, np.float32) / 255
        rows, columns = np.mgrid[y : y + side, x : x + side]
        is_on = (rows >= 0) & (rows < self.page.shape[0])
        is_on &= (columns >= 0) & (columns < self.page.shape[1])
        place = rows[is_on], columns[is_on]
        self.page[place] += alpha[is_on] * (ink - self.page[place])

    def scan(self, noise=2.0):
        """Return the page in 8-bit grey levels, with a scanner's noise."""
        noise = np.random.default_rng(0).normal(0, noise, self.page.shape)
        return np.clip(np.rint(self.page + noise), 0, 255).astype(np.uint8)


def _stroke(drawing, points, width):
    """Draw a line with round ends and joints."""
    draw, radius = ImageDraw.Draw(drawing), width / 2
    draw.line([tuple(p) for p in points], fill=255, width=round(width))
    for x, y in points:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def write_by_pen(text, height=40, pen=3.0, margin=40, **options):
    """Return a page with dark strokes on bright paper."""
    lines = text.split("\n")
    width = round(max(map(len, lines)) * _ADVANCE * height) + 2 * margin
    sheet = Sheet(width, round(2 * len(lines) * height) - int(height) + 2 * margin)
    return sheet.write(text, margin, margin, height, pen, **options).scan()
