"""A sheet of paper in colour, seen straight from above: lines, print and ink."""

import numpy as np
from detector.pens import take_grain
from detector.raster import blur, draw_segments
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter1d


class Sheet:
    """A sheet of paper.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the fibres, and how a pen is pressed.
    size : tuple of float
        Width and height, millimetres.
    scale : float
        Pixels to a millimetre.
    paper : tuple of float
        Red, green and blue, 0 to 1.
    texture : float
        How much the paper's fibres and clouds differ in brightness.

    Attributes
    ----------
    page : ndarray of shape (h, w, 3), float32
        Red, green and blue, 0 to 1.
    scale : float
        Pixels to a millimetre.
    """

    def __init__(self, rng, size, scale, paper, texture=0.005):
        self._rng, self.scale = rng, scale
        width, height = (round(side * scale) for side in size)
        clouds = rng.standard_normal((height, width), np.float32)
        fibres = blur(clouds, 1.1)
        clouds = blur(clouds, 7.0)
        relief = fibres / fibres.std() + 0.5 * clouds / clouds.std()
        self.page = np.float32(paper) * (1 + texture * relief[..., None])

    def draw_rule(self, start, stop, width, colour, strength=1.0):
        """Draw a printed line; places and width in millimetres."""
        points = np.float32([start, stop]) * self.scale
        radii = np.float32([width * self.scale / 2])
        self._draw(points, np.array([[0, 1]]), radii, colour, strength)

    def draw_box(self, box, width, colour, strength=1.0):
        """Draw a printed frame: left, top, right, bottom in millimetres."""
        left, top, right, bottom = box
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        for start, stop in zip(corners, corners[1:] + corners[:1], strict=True):
            self.draw_rule(start, stop, width, colour, strength)

    def fill(self, box, colour):
        """Fill a box: left, top, right, bottom in millimetres."""
        left, top, right, bottom = (round(n * self.scale) for n in box)
        part = self.page[top:bottom, left:right]
        part *= np.float32(colour) / part.mean(axis=(0, 1))

    def print(self, text, place, size, face, colour=(0.16, 0.16, 0.18)):
        """Print a text: where its line begins, and the height of a digit, in mm."""
        height = size * self.scale
        font = ImageFont.truetype(
            face.path,
            round(height / face.size_of_digits),
            layout_engine=ImageFont.Layout.BASIC,
        )
        picture = Image.new("L", self.page.shape[1::-1])
        at = tuple(n * self.scale for n in place)
        ImageDraw.Draw(picture).text(at, text, fill=255, font=font, anchor="ls")
        alpha = np.asarray(picture, np.float32) / 255
        self.page *= 1 - alpha[..., None] * (1 - np.float32(colour))

    def ink(self, lines, width, colour, grain=0.12):
        """Draw the lines of a pen that is pressed more here and less there.

        Parameters
        ----------
        lines : list of ndarray of shape (n_points, 2)
            Pixels.
        width : float
            Of a line, millimetres.
        colour : tuple of float
            Red, green and blue that the ink leaves of white, 0 to 1.
        grain : float
            How much of the paper's grain shows in the ink.
        """
        for line in lines:
            radii = self._press(len(line) - 1, width * self.scale / 2)
            steps = np.arange(len(line) - 1)
            edges = np.stack([steps, steps + 1], axis=1)
            self._draw(np.float32(line), edges, radii, colour, 0.95, grain)

    def _press(self, n_steps, radius):
        """Return half the width along a line: thin where the pen lands and lifts."""
        waves = self._rng.standard_normal(n_steps + 40)
        waves = gaussian_filter1d(waves, 8)[20:-20] * 5
        if n_steps < 6:  # a point is pressed
            return np.full(n_steps, 1.45 * radius, np.float32)
        from_end = np.minimum(np.arange(n_steps), np.arange(n_steps)[::-1])
        landing = 1 - 0.3 * np.exp(-from_end / 2.5)
        return (radius * landing * (1 + 0.1 * waves)).astype(np.float32)

    def _draw(self, points, edges, radii, colour, strength, grain=0.0):
        """Lay lines onto the page, which keeps the colour that both leave."""
        reach = float(radii.max()) + 2
        low = np.maximum(np.floor(points.min(axis=0) - reach), 0).astype(int)
        high = np.ceil(points.max(axis=0) + reach).astype(int) + 1
        part = self.page[low[1] : high[1], low[0] : high[0]]
        if not part.size:
            return
        alpha = np.zeros(part.shape[:2], np.float32)
        draw_segments(alpha, np.float32(points - low), edges, radii, 1.2)
        if grain:
            alpha *= 1 - grain * take_grain(self._rng, alpha.shape, 2)
        part *= 1 - strength * alpha[..., None] * (1 - np.float32(colour))
