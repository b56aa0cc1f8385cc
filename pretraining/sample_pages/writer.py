"""One person's digits: alike from one to the next, and never the same twice."""

import numpy as np
from detector.hands import trace_font
from detector.skeletons import crop, find_skeleton
from scipy.ndimage import gaussian_filter

from sample_pages.strokes import Strokes

# Digit -> ends and junctions of the lines of legible ones. Others were drawn twice over
# or are filled with ink, and thinning makes something different of them.
_CLEAN = {
    0: {(0, 0)},
    1: {(2, 0)},
    2: {(2, 0), (2, 2)},
    3: {(2, 0), (3, 1)},
    4: {(3, 1), (4, 2)},
    5: {(2, 0)},
    6: {(1, 1)},
    7: {(2, 0)},
    8: {(0, 2)},
    9: {(1, 1)},
}

# Images that writers choose their digits from, and how many they have of each digit.
_N_IMAGES, _N_ALIKE = 6000, 5

# Pixels: the side of the pictures by which digits are compared.
_COMPARED = 24

# Heights of a digit: digits that slant more or less than most by this are left out; the
# others are sheared alike.
_STRAYING = 0.2


class Models:
    """MNIST's digits as strokes, from which writers choose theirs.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
        Ink high.
    labels : ndarray of shape (n,)
        What they show.
    """

    def __init__(self, images, labels):
        self.lines, self.pictures = [], []
        for digit in range(10):
            found = []
            for image in images[:_N_IMAGES][labels[:_N_IMAGES] == digit]:
                skeleton = find_skeleton(crop(image))
                strokes = None if skeleton is None else Strokes(skeleton)
                if strokes and (strokes.n_ends, strokes.n_junctions) in _CLEAN[digit]:
                    found.append(strokes.lines)
            lines = _slant_alike(found)
            self.lines.append(lines)
            self.pictures.append(np.stack([_picture(line) for line in lines]))

    def choose(self, rng, digit):
        """Choose digits that look alike, and like many others' digits."""
        pictures = self.pictures[digit]
        squares = (pictures**2).sum(axis=1)
        distances = squares[:, None] + squares - 2 * pictures @ pictures.T
        nearest = np.argsort(distances, axis=1, kind="stable")
        # An unusual digit is far from its neighbours, and hard to read.
        spread = np.take_along_axis(distances, nearest[:, :20], axis=1).mean(axis=1)
        usual = np.flatnonzero(spread <= np.quantile(spread, 0.6))
        chosen = nearest[int(rng.choice(usual)), :_N_ALIKE]
        return [self.lines[digit][k] for k in chosen]


class Writer:
    """A person with a pen.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws everything by which writers differ.
    models : Models
        Digits to choose from.
    face : Face
        A font whose letters are written.
    slant : float
        Heights by which the top of a digit is moved to the right.
    gap : float
        From one character to the next, heights.
    """

    def __init__(self, rng, models, face, slant=0.0, gap=0.2):
        self._rng, self._face = rng, face
        self._digits = [models.choose(rng, digit) for digit in range(10)]
        self._slant, self._gap = slant, gap

    def write(self, text, x, y, height, slope=0.0):
        """Write a text on a line.

        Parameters
        ----------
        text : str
            Digits, letters, spaces and - . / :.
        x, y : float
            Where it begins on the line, pixels.
        height : float
            Of its digits, pixels.
        slope : float
            How far the line falls for each pixel to the right.

        Returns
        -------
        lines : list of ndarray of shape (n_points, 2), float32
            Pixels.
        x : float
            Where the text ends.
        """
        rng, written, start = self._rng, [], x
        for character in text:
            if character == " ":
                x += height * (0.5 + self._gap + rng.normal(0, 0.03))
                continue
            lines = self._find(character)
            low = min(line[:, 0].min() for line in lines)
            width = max(line[:, 0].max() for line in lines) - low
            high = height * (1 + rng.normal(0, 0.025))
            shear = self._slant + rng.normal(0, 0.025)
            turn = rng.normal(0, 0.015)
            frame = np.array([[1, turn], [-shear, 1]]) * high
            side = 0.07 if character == "1" else 0.0
            x += side * height
            base = y + slope * (x - start) + rng.normal(0, 0.018) * height
            for line in lines:
                moved = line - (low, 1)
                written.append((moved @ frame + (x, base)).astype(np.float32))
            wide = width + side + self._gap * (1.2 if character in ".:" else 1)
            x += height * (wide + rng.normal(0, 0.025))
        return written, x

    def measure(self, text, height):
        """Return about how wide a text becomes, in pixels."""
        state = self._rng.bit_generator.state
        _, wide = self.write(text, 0.0, 0.0, height)
        self._rng.bit_generator.state = state
        return wide

    def _find(self, character):
        """Return the lines of a character."""
        rng = self._rng
        if character.isdigit():
            models = self._digits[int(character)]
            return _bend(models[int(rng.integers(len(models)))], rng)
        if character in _SIGNS:
            points = np.array(_SIGNS[character]) + rng.normal(0, 0.012, 2)
            return [line.astype(np.float32) for line in points]
        return _bend(Strokes(trace_font(self._face, character)).lines, rng)


def _slant_alike(digits):
    """Shear digits to the slant that most of them have; leave out the strays."""
    slants = np.array([_measure_slant(np.concatenate(lines)) for lines in digits])
    usual = np.median(slants)
    alike = []
    for lines, slant in zip(digits, slants, strict=True):
        if abs(slant - usual) < _STRAYING:
            shear = np.array([[1, 0], [usual - slant, 1]])
            alike.append([(line - (0, 1)) @ shear + (0, 1) for line in lines])
    return alike


def _measure_slant(points):
    x, y = (points - points.mean(axis=0)).T
    return np.mean(x * y) / np.mean(y * y)


def _picture(lines):
    """Draw a digit small and blurred, as a row by which it is compared."""
    points = np.concatenate(lines)
    points = points - (points[:, 0].mean(), 0)
    cells = np.clip((points * 0.75 + (0.5, 0.125)) * _COMPARED, 0, _COMPARED - 1)
    picture = np.zeros((_COMPARED, _COMPARED))
    np.add.at(picture, tuple(cells[:, ::-1].astype(int).T), 1.0)
    return gaussian_filter(picture, 1.2).ravel()


def _bend(lines, rng):
    """Bend a character a little, as no hand writes it twice alike."""
    waves, phases = rng.uniform(-0.8, 0.8, (2, 2)), rng.uniform(0, 2 * np.pi, 2)
    return [line + 0.015 * np.sin(2 * np.pi * line @ waves + phases) for line in lines]


# Lines of signs, in heights of a digit. A point is a short line: the pen is pressed and
# drawn away.
_SIGNS = {
    "-": [[(0.0, 0.57), (0.22, 0.56), (0.42, 0.55)]],
    ".": [[(0.0, 0.97), (0.012, 0.985), (0.02, 1.0)]],
    "/": [[(0.46, -0.08), (0.24, 0.5), (0.0, 1.12)]],
    ":": [
        [(0.02, 0.4), (0.03, 0.41), (0.035, 0.42)],
        [(0.0, 0.9), (0.01, 0.91), (0.015, 0.92)],
    ],
}
