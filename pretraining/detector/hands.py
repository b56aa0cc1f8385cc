"""Hands that write digits: pens, MNIST's images enlarged, fonts, dot matrices."""

import functools
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from detector.dot_matrix import CHARACTERS, PITCH, make_dots
from detector.pens import Pen, draw_pen
from detector.skeletons import Skeleton, make_line, trace

# Pixels: height at which a font's digit is drawn before it is thinned; MNIST's are
# about as high.
_TRACED_HEIGHT = 24

# Pixels: the greatest height of MNIST's digits.
_MNIST_HEIGHT = 20

# Heights of a digit: the least room for a character, so that ones and points do not
# run together.
_NARROWEST = 0.22


@dataclass
class Glyph:
    """A character drawn.

    Parameters
    ----------
    alpha : ndarray of shape (h, w), float32
        Coverage.
    left, top : int
        Where its first pixel lies, seen from where the character begins on its line.
    points : ndarray of shape (n, 2), float32
        Of its ink, the outermost among them, seen from there.
    margin : float
        Pixels that its ink reaches beyond the points.
    advance : float
        Width of the character before it was slanted or turned, pixels.
    """

    alpha: np.ndarray
    left: int
    top: int
    points: np.ndarray
    margin: float
    advance: float


class PenHand:
    """A pen and a hand.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the pen and the manner.
    digits : Digits
        Whose lines are stroked.
    face : Face
        A font whose letters are stroked, and in `takes_digits` its digits.
    manner : Manner
        How the digits are changed.
    takes_digits : bool
        Whether the font's digits are written in the place of MNIST's.
    """

    characters = CHARACTERS + ","
    is_print = False

    def __init__(self, rng, digits, face, manner, takes_digits=False):
        self.pen = draw_pen(rng)
        self._digits, self._face, self._manner = digits, face, manner
        self._takes_digits = takes_digits
        self._shake = rng.uniform(0, 0.035)

    def draw(self, rng, character, height, frame):
        """Write a character.

        Parameters
        ----------
        rng : numpy.random.Generator
            Draws what differs from one time to the next.
        character : str
            One character.
        height : float
            Height of a digit, pixels.
        frame : ndarray of shape (2, 2), float64
            What slants, stretches and turns it.

        Returns
        -------
        Glyph or None
            None where the hand does not know the character.
        """
        skeleton = self._find(rng, character)
        if skeleton is None or not len(skeleton.edges):
            return None
        points = _shake(skeleton.points, self._shake, rng)
        turned = ((points - (0, 1)) * height @ frame.T).astype(np.float32)
        pen = _press(self.pen) if character in ".:" else self.pen
        alpha, left, top = pen.draw(turned, skeleton.edges, height, rng)
        on_lines = turned[skeleton.edges.ravel()]
        radius = pen.radius(height)
        advance = max(skeleton.width(), _NARROWEST) * height * frame[0, 0]
        return Glyph(alpha, left, top, on_lines, radius, advance)

    def _find(self, rng, character):
        """Return the lines of a character."""
        if character in _SIGNS:
            return _SIGNS[character](rng)
        if character.isdigit() and not self._takes_digits:
            digit = int(character)
            skeleton = self._digits.skeletons[self._digits.choose(digit, rng)]
            return self._manner.change(skeleton, digit, rng)
        return trace_font(self._face, character)


class EnlargedHand:
    """MNIST's images, enlarged or reduced: blurred as they are.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws how dark they are.
    digits : Digits
        Whose images are used.
    """

    characters = CHARACTERS + ","
    is_print = False

    def __init__(self, rng, digits):
        self._digits = digits
        self._gain = rng.uniform(1, 1.7)
        self._pen = Pen(width=rng.uniform(0.09, 0.15), softness=rng.uniform(1.2, 2.5))

    def draw(self, rng, character, height, frame):
        """Write a character; see `PenHand.draw`."""
        if character in _SIGNS:
            return self._draw_sign(rng, character, height, frame)
        if not character.isdigit():
            return None
        image = self._digits.crops[self._digits.choose(int(character), rng)]
        scale = height / max(image.shape[0], 0.7 * image.shape[1])
        scale = min(scale, 1.4 * height / _MNIST_HEIGHT)
        alpha, left, top = transform(image, frame * scale)
        alpha = np.minimum(alpha * self._gain, 1)
        points = find_outline(alpha) + (left, top)
        advance = max(image.shape[1] * scale, _NARROWEST * height)
        return Glyph(alpha, left, top, points, 0.0, advance)

    def _draw_sign(self, rng, character, height, frame):
        skeleton = _SIGNS[character](rng)
        points = ((skeleton.points - (0, 1)) * height @ frame.T).astype(np.float32)
        alpha, left, top = self._pen.draw(points, skeleton.edges, height, rng)
        radius = self._pen.radius(height)
        return Glyph(alpha, left, top, points, radius, skeleton.width() * height)


class PrintHand:
    """A font.

    Parameters
    ----------
    face : Face
        The font.
    """

    is_print = True

    def __init__(self, face):
        self._face = face
        self.characters = face.characters

    def draw(self, rng, character, height, frame):
        """Print a character; see `PenHand.draw`."""
        if character in _SIGNS and character not in self.characters:
            return None
        alpha, left, top, advance = self._face.render(character, height)
        if not alpha.size or alpha.max() < 0.2:
            return None
        if not np.array_equal(frame, np.eye(2)):
            image = (alpha * 255).astype(np.uint8)
            offset = np.array([left, top + alpha.shape[0]]) @ frame.T
            alpha, dx, dy = transform(image, frame)
            left, top = round(dx + offset[0]), round(dy + offset[1])
        points = find_outline(alpha) + (left, top)
        return Glyph(alpha, left, top, points, 0.0, advance)


class DotHand:
    """A matrix of dots.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws how large the dots are.
    """

    characters = CHARACTERS
    is_print = True

    def __init__(self, rng):
        self._pen = Pen(
            width=rng.uniform(0.75, 1.1) * PITCH, softness=rng.uniform(0.8, 2)
        )

    def draw(self, rng, character, height, frame):
        """Set a character's dots; see `PenHand.draw`."""
        if character not in CHARACTERS:
            return None
        skeleton = make_dots(character)
        points = ((skeleton.points - (0, 1)) * height @ frame.T).astype(np.float32)
        alpha, left, top = self._pen.draw(points, skeleton.edges, height, rng)
        radius = self._pen.radius(height)
        return Glyph(alpha, left, top, points, radius, 5.2 * PITCH * height)


def transform(image, matrix):
    """Slant, stretch and turn a picture.

    Parameters
    ----------
    image : ndarray of shape (h, w), uint8
        Ink high; its bottom left is the place that stays.
    matrix : ndarray of shape (2, 2), float64
        From the picture's pixels to the page's.

    Returns
    -------
    alpha : ndarray of shape (h', w'), float32
        Coverage.
    left, top : int
        Where its first pixel lies, seen from the place that stays.
    """
    height, width = image.shape
    corners = np.array([[0, 0], [width, 0], [0, -height], [width, -height]])
    corners = corners @ matrix.T
    left, top = np.floor(corners.min(axis=0)).astype(int) - 1
    size = np.ceil(corners.max(axis=0)).astype(int) + 1 - (left, top)
    inverse = np.linalg.inv(matrix)
    shift = inverse @ (left, top) + (0, height)
    data = [*inverse[0], shift[0], *inverse[1], shift[1]]
    scale = np.sqrt(abs(np.linalg.det(matrix)))
    picture = Image.fromarray(image)
    if scale < 0.7:  # what is looked up would be too coarse
        picture = picture.resize(
            (max(round(width * scale), 1), max(round(height * scale), 1)),
            Image.Resampling.BOX,
        )
        ratio = np.array([picture.width / width] * 3 + [picture.height / height] * 3)
        data = list(np.array(data) * ratio)
    picture = picture.transform(
        tuple(int(n) for n in size),
        Image.Transform.AFFINE,
        data,
        resample=Image.Resampling.BICUBIC,
    )
    return np.asarray(picture, np.float32) / 255, int(left), int(top)


def find_outline(alpha):
    """Return the ends of the ink in each row, as x and y of pixels' corners."""
    inked = alpha > 0.4 * alpha.max()
    rows = np.flatnonzero(inked.any(axis=1))
    first = inked[rows].argmax(axis=1)
    last = inked.shape[1] - inked[rows, ::-1].argmax(axis=1)
    ends = np.concatenate([first, first, last, last])
    return np.stack([ends, np.concatenate([rows, rows + 1] * 2)], axis=1).astype(
        np.float32
    )


@functools.lru_cache(maxsize=4000)
def trace_font(face, character):
    """Return the lines of a font's character, in heights of a digit, or None."""
    alpha, left, top, _ = face.render(character, _TRACED_HEIGHT)
    if not alpha.size:
        return None
    skeleton = trace((alpha * 255).astype(np.uint8))
    if skeleton is None:
        return None
    points = (skeleton.points + (left, top)) / _TRACED_HEIGHT + (0, 1)
    points[:, 0] -= points[:, 0].min()
    return Skeleton(points.astype(np.float32), skeleton.edges)


def _shake(points, strength, rng):
    """Bend lines as a hand does."""
    waves = rng.uniform(-1.3, 1.3, (2, 2))
    phases = rng.uniform(0, 2 * np.pi, 2)
    return points + strength * np.sin(2 * np.pi * points @ waves + phases)


def _press(pen):
    """Return the pen as it makes a point: wider than a hairline."""
    return replace(pen, width=max(pen.width, 0.075))


def _draw_minus(rng):
    length = rng.uniform(0.28, 0.6)
    y, tilt = rng.uniform(0.42, 0.66), rng.normal(0, 0.04)
    middle = (length / 2, y + rng.normal(0, 0.015))
    return make_line([(0, y + tilt), middle, (length, y - tilt)])


def _draw_point(rng):
    size = rng.uniform(0, 0.04)
    y = rng.uniform(0.94, 1.02)
    return make_line([(0, y), (size, y + rng.uniform(-0.02, 0.03))])


def _draw_comma(rng):
    drop = rng.uniform(0.1, 0.28)
    y, back = rng.uniform(0.88, 1.02), rng.uniform(0.03, 0.14)
    return make_line([(back, y), (back * 0.8, y + drop / 2), (0, y + drop)])


def _draw_slash(rng):
    above, below = rng.uniform(0, 0.25), rng.uniform(0, 0.3)
    lean = rng.uniform(0.42, 0.8) * (1 + above + below)
    bend = rng.normal(0, 0.02)
    return make_line(
        [(lean, -above), (lean / 2 + bend, 0.5 + below / 2), (0, 1 + below)]
    )


def _draw_colon(rng):
    upper, lower = rng.uniform(0.25, 0.45), rng.uniform(0.78, 0.98)
    size, aside = rng.uniform(0, 0.04), rng.normal(0, 0.02)
    points = [(0, upper), (size, upper), (aside, lower), (aside + size, lower)]
    return Skeleton(
        np.array(points, np.float32), np.array([[0, 1], [2, 3]], dtype=np.int16)
    )


_SIGNS = {
    "-": _draw_minus,
    ".": _draw_point,
    ",": _draw_comma,
    "/": _draw_slash,
    ":": _draw_colon,
}
