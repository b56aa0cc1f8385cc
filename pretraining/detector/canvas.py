"""A page to draw on, with the marks that were drawn."""

from dataclasses import dataclass

import numpy as np

from detector.marks import IGNORED, NOTHING, Mark
from detector.raster import draw_segments

# Pixels: the side of a page.
SIDE = 192

# Pixels: the side of the squares that are known to be free or taken.
_CELL = 4


@dataclass
class Ink:
    """What a line is drawn with.

    Parameters
    ----------
    tone : float
        How light it is, 0 to 1.
    opacity : float
        How much of the paper it hides, 0 to 1.
    """

    tone: float
    opacity: float = 1.0


def choose_ink(rng, paper, faintest=0.2):
    """Choose an ink that can be seen on a paper.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws it.
    paper : float
        How light the paper is, 0 to 1.
    faintest : float
        Contrast at least, as a fraction of what is possible.

    Returns
    -------
    Ink
        Darker than light paper, lighter than dark paper.
    """
    contrast = rng.uniform(faintest, 0.4) if rng.random() < 0.2 else 0.0
    contrast = contrast or rng.uniform(0.4, 1)
    if paper > rng.uniform(0.35, 0.5):
        return Ink(paper * (1 - contrast), rng.uniform(0.85, 1))
    return Ink(paper + (1 - paper) * max(contrast, 0.3), rng.uniform(0.85, 1))


class Canvas:
    """A page.

    Parameters
    ----------
    paper : float
        How light the empty page is, 0 to 1.

    Attributes
    ----------
    page : ndarray of shape (side, side), float32
        How light it is, 0 to 1.
    marks : list of Mark
        What is to be found, and what is to be ignored.
    """

    def __init__(self, paper):
        self.paper = paper
        self.page = np.full((SIDE, SIDE), paper, np.float32)
        self.marks = []
        self._taken = np.zeros((SIDE // _CELL, SIDE // _CELL), bool)

    def blend(self, alpha, left, top, ink):
        """Lay ink onto the page where alpha says."""
        height, width = alpha.shape
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + width, SIDE), min(top + height, SIDE)
        if x0 >= x1 or y0 >= y1:
            return
        part = alpha[y0 - top : y1 - top, x0 - left : x1 - left] * ink.opacity
        below = self.page[y0:y1, x0:x1]
        below += part * (ink.tone - below)

    def put(self, glyph, x, y, ink, label):
        """Draw a glyph, and remember its place unless it is nothing.

        Parameters
        ----------
        glyph : Glyph
            What is drawn.
        x, y : int
            Where it begins on its line, pixels.
        ink : Ink
            What it is drawn with.
        label : int
            What it is.
        """
        self.blend(glyph.alpha, x + glyph.left, y + glyph.top, ink)
        if not len(glyph.points):  # too small to leave any ink
            return
        mark = Mark(label, glyph.points + np.float32([x, y]), glyph.margin)
        self.take(mark.box())
        if label != NOTHING:
            self.marks.append(mark)

    def stroke(self, points, edges, radius, ink, softness=1.0):
        """Draw lines that are nothing to be found.

        Parameters
        ----------
        points : ndarray of shape (n_points, 2)
            x and y, pixels.
        edges : ndarray of shape (n_edges, 2)
            The points that each line joins.
        radius : float or ndarray of shape (n_edges,)
            Half a line's width, pixels.
        ink : Ink
            What they are drawn with.
        softness : float
            Pixels over which the ink fades at a line's edge.
        """
        alpha = np.zeros_like(self.page)
        radii = np.broadcast_to(np.float32(radius), len(edges)).astype(np.float32)
        points = np.asarray(points, np.float32)
        draw_segments(alpha, points, np.asarray(edges), radii, softness)
        self.blend(alpha, 0, 0, ink)

    def take(self, box):
        """Remember that a box is taken."""
        self._taken[self._cells(box)] = True

    def is_free(self, box):
        """Return whether nothing lies in a box."""
        return not self._taken[self._cells(box)].any()

    def cover(self, alpha, tone):
        """Lay something opaque over the page, and forget or ignore what it hides."""
        self.page += alpha * (tone - self.page)
        self.marks = [m for m in self.marks if self._share(alpha, m.box()) < 0.7]
        for mark in self.marks:
            if self._share(alpha, mark.box()) > 0.12:
                mark.label = IGNORED

    def least_height(self):
        """Return the height of the lowest digit to be found; without any, the side."""
        boxes = [mark.box() for mark in self.marks if 0 <= mark.label < 10]
        # The very lowest may be cut by the border.
        return float(np.quantile([b[3] - b[1] for b in boxes], 0.2)) if boxes else SIDE

    def _cells(self, box):
        left, top = (max(int(v // _CELL), 0) for v in box[:2])
        right, bottom = (max(int(-(-v // _CELL)), 0) for v in box[2:])
        return slice(top, bottom), slice(left, right)

    def _share(self, alpha, box):
        """Return the mean of alpha in a box, of what lies on the page."""
        left, top = (int(min(max(v, 0), SIDE - 1)) for v in box[:2])
        right, bottom = (int(min(max(np.ceil(v), 1), SIDE)) for v in box[2:])
        return alpha[top : max(bottom, top + 1), left : max(right, left + 1)].mean()
