"""NumberReader: pictures of several digits, read row by row."""

from functools import lru_cache

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from skmnist._data.mnist_form import SIDE
from skmnist._estimator.pretrained import load_pretrained
from skmnist._pictures.binarization import POLARITIES, find_ink
from skmnist._pictures.loading import load_picture
from skmnist._pictures.noise import Grain, find_grain
from skmnist._pictures.page_mask import clear_desk
from skmnist._reading.orientation import ORIENTATIONS, find_page, turn_back
from skmnist._reading.page_layout import WIDEST
from skmnist._reading.results import ReadDigit, Reading
from skmnist._reading.single_digit import is_blot
from skmnist._reading.stroke_width import redraw
from skmnist._reading.touching_digits import measure_ink, take_apart

# Pixels on the long side that pictures are shrunk to: of 40 digits in a row each still
# has two pixels for each of the 20 that it gets.
_WORKING_SIDE = 1600
# Small pictures are enlarged to it, but at most so many times: strokes less than a
# pixel apart are told apart only between the pixels.
_LEAST_SIDE, _MOST_ENLARGED = 400, 4


class NumberReader(BaseEstimator):
    """Read the digits in a picture: one row of them or many, or a single one.

    The ink is told from the paper, and a sheet from the desk it lies on; ruled lines,
    frames, tables and squares are removed, a page that lies on its side is turned,
    and what remains is put together to digits and rows. Each digit is brought to
    MNIST's form as :class:`DigitNormalizer` does it, and classified. Digits that touch
    are cut apart where the classifier takes the parts for digits rather than the whole.

    Parameters
    ----------
    classifier : estimator, default=None
        Fitted on digits in MNIST's form, rows of 784 pixels from 0 to 255, with
        `predict_proba`: a MNISTClassifier, or any other. None means the pretrained one,
        :func:`load_pretrained`.
    polarity : {"auto", "dark", "light"}, default="auto"
        Whether the ink is darker or lighter than the paper.
    orientation : {"auto", "upright"}, default="auto"
        Whether a picture that lies on its side, or upside down, is turned: "auto" does
        so where its digits are far more probable then.
    min_probability : float, default=0.5
        From 0 to 1: what is less probably the digit that it looks most like is marked
        as uncertain, and is a "?" in the text. So is what is too wide or too thick for
        a digit, however probable.

    See Also
    --------
    DigitNormalizer : Brings pictures of single digits to MNIST's form.

    Examples
    --------
    >>> import numpy as np
    >>> from skmnist import NumberReader, load_digits28
    >>> images = load_digits28().images
    >>> NumberReader().read(np.hstack(images[[1, 9, 8, 4]])).text
    '1984'
    """

    def __init__(
        self,
        classifier=None,
        *,
        polarity="auto",
        orientation="auto",
        min_probability=0.5,
    ):
        self.classifier = classifier
        self.polarity = polarity
        self.orientation = orientation
        self.min_probability = min_probability

    def read(self, picture):
        """Read the digits in a picture.

        Parameters
        ----------
        picture : str, path-like, binary file, PIL image or array-like of shape \
                (height, width) or (height, width, n_channels)
            Grey or colour, in any size; the last of two or of four channels is opacity.

        Returns
        -------
        Reading
            With `text`, `digits` and `plot`. A picture without anything like a digit
            gives an empty text.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        TypeError
            If `picture` is nothing that could be a picture, or a parameter of a wrong
            type.
        ValueError
            If the picture cannot be opened, or a parameter is out of its range.
        NotFittedError
            If the classifier is not fitted.
        """
        self._check_parameters()
        shade, size, _ = load_picture(picture, _WORKING_SIDE)
        shade, grain = _enlarge(shade)
        try:
            ink = find_ink(clear_desk(shade), self.polarity, grain)
        except ValueError:  # blank
            return Reading(shade, size, [])
        page, found, n_turns = find_page(ink, self._classify, self.orientation)
        zoom = np.tile(np.divide(size, shade.shape)[::-1], 2)

        def place(box):
            return tuple(round(v) for v in turn_back(box, n_turns, page.shape) * zoom)

        found = iter(found)
        rows = [self._read_row(page, row, found, place) for row in page.rows]
        return Reading(shade, size, rows, turned=90 * n_turns)

    def _read_row(self, page, row, found, place):
        """Return the digits of a row."""
        classes = self._get_classifier().classes_
        digits = []
        for group in row:
            ink = page.cut_out(group)
            parts = take_apart(ink, next(found), page.width, self._classify, classes)
            corner = page.find_corner(group)
            digits += [self._describe(*part, corner, place) for part in parts]
        return digits

    def _classify(self, inks):
        """Return the probabilities of the classes for drawings of digits."""
        images = [redraw(ink) for ink in inks]
        rows = np.reshape(images, (-1, SIDE * SIDE))
        return self._get_classifier().predict_proba(rows)

    def _get_classifier(self):
        return _pretrained() if self.classifier is None else self.classifier

    def _describe(self, ink, probability, corner, place):
        """Return a digit as the user gets it."""
        (top, bottom), (left, right) = (
            start + np.flatnonzero((ink > 0.5).any(axis=1 - axis))[[0, -1]] + [0, 1]
            for axis, start in enumerate(corner)
        )
        best = probability.argmax()
        height, width = measure_ink(ink)
        # What is wider and could not be cut is several digits, or none; so are blots.
        is_digit = width <= WIDEST * height and not is_blot(ink > 0.5)
        return ReadDigit(
            self._get_classifier().classes_[best : best + 1].tolist()[0],
            float(probability[best]),
            place((left, top, right, bottom)),
            bool(is_digit and probability[best] >= self.min_probability),
        )

    def _check_parameters(self):
        if self.classifier is not None:
            check_is_fitted(self.classifier)
        check_scalar(
            self.min_probability, "min_probability", (int, float), min_val=0, max_val=1
        )
        if not np.isfinite(self.min_probability):
            raise ValueError("`min_probability` must be from 0 to 1, got nan.")
        for name, known in (("polarity", POLARITIES), ("orientation", ORIENTATIONS)):
            value = getattr(self, name)
            if not (isinstance(value, str) and value in known):
                raise ValueError(f"`{name}` must be one of {known}, got {value!r}.")


@lru_cache(1)
def _pretrained():
    return load_pretrained()


def _enlarge(shade):
    """Enlarge a picture smoothly if it is small, its grain with it."""
    grain = find_grain(shade)
    factor = min(_LEAST_SIDE / max(shade.shape), _MOST_ENLARGED)
    if factor <= 1:
        return shade, grain
    from PIL import Image

    size = [round(n * factor) for n in shade.shape[::-1]]
    enlarged = Image.fromarray(shade).resize(size, Image.Resampling.BICUBIC)
    grain = Grain(factor * grain.smoothing, grain.noise)
    return np.clip(np.asarray(enlarged), 0, 1), grain
