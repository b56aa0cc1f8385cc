"""Pages of digits that the tests draw."""

import numpy as np
from PIL import Image

from skmnist import load_digits28

DIGITS = load_digits28()
PIXELS = DIGITS.data.astype(float)
MEANS = np.stack([PIXELS[DIGITS.target == digit].mean(axis=0) for digit in range(10)])
# The most typical image of each digit in a fine pen, since bold ones, enlarged,
# are blots; the classifiers were trained on them too.
INK_SUMS = PIXELS.sum(axis=1)
FINE = np.flatnonzero(np.quantile(INK_SUMS, 0.25) > INK_SUMS)
EXAMPLES = DIGITS.images[
    [FINE[np.linalg.norm(PIXELS[FINE] - mean, axis=1).argmin()] for mean in MEANS]
]
PAPER, INK = 235, 40


def write(text, zoom=2, margin=20, rise=0.0):
    """Write dark digits on bright paper, each on 28 x 28 pixels times the zoom.

    Each digit is higher than the one to its left by `rise` of that.
    """
    return lay(draw_ink(text, zoom, margin, rise))


def draw_ink(text, zoom=2, margin=20, rise=0.0):
    lines, side = text.split("\n"), 28 * zoom
    longest = max(map(len, lines))
    climb = round(abs(rise) * side * longest)
    sheet = Image.new("L", (side * longest, climb + 3 * side * len(lines) // 2))
    for i, line in enumerate(lines):
        for j, digit in enumerate(line):
            image = Image.fromarray(EXAMPLES[int(digit)]).resize(
                (side, side), Image.Resampling.BICUBIC
            )
            top = (
                3 * i * side // 2 + (climb if rise > 0 else 0) - round(rise * j * side)
            )
            sheet.paste(image, (j * side, top))
    return np.pad(np.asarray(sheet) / 255, margin)


def lay(ink):
    """Return ink from 0 to 1 as dark grey on bright paper."""
    return np.rint(ink * INK + (1 - ink) * PAPER).astype(np.uint8)


def find_box(ink):
    """Return left, top, right and bottom of all ink."""
    rows, columns = (np.flatnonzero((ink > 0.5).any(axis=axis)) for axis in (1, 0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
