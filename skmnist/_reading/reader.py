"""NumberReader: pictures of several digits, read line by line."""

from functools import lru_cache

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from skmnist._data.mnist_form import SIDE
from skmnist._estimator.pretrained import load_pretrained
from skmnist._pictures.binarization import POLARITIES, binarize
from skmnist._pictures.loading import load_picture
from skmnist._pictures.noise import NoiseEstimate, estimate_noise
from skmnist._pictures.page_mask import mask_page
from skmnist._reading.orientation import ORIENTATIONS, orient_page, rotate_box_back
from skmnist._reading.page_layout import WIDEST
from skmnist._reading.results import ReadDigit, Reading
from skmnist._reading.single_digit import is_solid
from skmnist._reading.stroke_width import normalize_stroke_width
from skmnist._reading.touching_digits import measure_size, split_touching_digits

# Pixels: long side that larger pictures are shrunk to. With 40 digits in a row, each
# still has two pixels for each of the 20 in MNIST's form.
_WORKING_SIDE = 1600
# Pixels: long side that smaller pictures are enlarged to; and the largest factor. Gaps
# narrower than a pixel only show when enlarged.
_LEAST_SIDE, _MOST_ENLARGED = 400, 4


class NumberReader(BaseEstimator):
    """Read the digits in a picture: one, or one or more rows of them.

    The page is separated from what it lies on, and binarized. Ruled lines, form fields
    and table lines are removed, a page that lies on its side is turned, and connected
    components are grouped into digits, and digits into rows. Each digit is brought to
    MNIST's form, as by :class:`DigitNormalizer`, and classified. Touching digits are
    split if the classifier finds the parts more probable than the whole.

    Parameters
    ----------
    classifier : estimator, default=None
        Fitted on digits in MNIST's form, rows of 784 pixels from 0 to 255, with
        `predict_proba`: an MNISTClassifier, or any other. None uses the pretrained one,
        :func:`load_pretrained`.
    polarity : {"auto", "dark", "light"}, default="auto"
        Whether the ink is darker or lighter than the paper.
    orientation : {"auto", "upright"}, default="auto"
        "auto" turns a picture that lies on its side or upside down, if its digits are
        then far more probable.
    min_probability : float, default=0.5
        From 0 to 1. A digit whose most probable class is less probable is marked as
        uncertain, and is a "?" in the text. So is anything too wide or too thick to be
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
            Grey or colour, in any size; the last of two or four channels is opacity.

        Returns
        -------
        Reading
            With `text`, `digits` and `plot`. The text is empty if the picture shows
            nothing like a digit.

        Raises
        ------
        FileNotFoundError
            If the file does not exist.
        TypeError
            If `picture` has a type that cannot be a picture, or a parameter has a wrong
            type.
        ValueError
            If the picture cannot be opened, or a parameter is out of its range.
        NotFittedError
            If the classifier is not fitted.
        """
        self._check_parameters()
        gray, size, _ = load_picture(picture, _WORKING_SIDE)
        gray, noise = _enlarge(gray)
        try:
            ink = binarize(mask_page(gray), self.polarity, noise)
        except ValueError:  # blank
            return Reading(gray, size, [])
        page, found, n_turns = orient_page(ink, self._classify, self.orientation)
        zoom = np.tile(np.divide(size, gray.shape)[::-1], 2)

        def place(box):
            return tuple(
                round(v) for v in rotate_box_back(box, n_turns, page.shape) * zoom
            )

        found = iter(found)
        rows = [self._read_row(page, row, found, place) for row in page.rows]
        return Reading(gray, size, rows, turned=90 * n_turns)

    def _read_row(self, page, row, found, place):
        """Return the digits of a row."""
        classes = self._get_classifier().classes_
        digits = []
        for group in row:
            parts = split_touching_digits(
                page.cut_out(group),
                next(found),
                page.stroke_width,
                self._classify,
                classes,
            )
            corner = page.find_corner(group)
            digits += [self._describe(*part, corner, place) for part in parts]
        return digits

    def _classify(self, drawings):
        """Return the probabilities of the classes for drawings of digits."""
        images = [normalize_stroke_width(drawing) for drawing in drawings]
        rows = np.reshape(images, (-1, SIDE * SIDE))
        return self._get_classifier().predict_proba(rows)

    def _get_classifier(self):
        return _pretrained() if self.classifier is None else self.classifier

    def _describe(self, drawing, probability, corner, place):
        """Return the ReadDigit of a drawing."""
        (top, bottom), (left, right) = (
            start + np.flatnonzero((drawing > 0.5).any(axis=1 - axis))[[0, -1]] + [0, 1]
            for axis, start in enumerate(corner)
        )
        best = probability.argmax()
        height, width = measure_size(drawing)
        # Anything wider that could not be split is several digits; a blot is none.
        is_digit = width <= WIDEST * height and not is_solid(drawing > 0.5)
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


def _enlarge(gray):
    """Enlarge a picture smoothly if it is small, and scale its noise estimate."""
    noise = estimate_noise(gray)
    factor = min(_LEAST_SIDE / max(gray.shape), _MOST_ENLARGED)
    if factor <= 1:
        return gray, noise
    from PIL import Image

    size = [round(n * factor) for n in gray.shape[::-1]]
    enlarged = Image.fromarray(gray).resize(size, Image.Resampling.BICUBIC)
    noise = NoiseEstimate(factor * noise.smoothing, noise.residual)
    return np.clip(np.asarray(enlarged), 0, 1), noise
