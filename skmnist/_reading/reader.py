"""NumberReader: pictures of several digits, read line by line."""

from functools import lru_cache, partial
from numbers import Integral

import numpy as np
from PIL import Image
from sklearn.base import BaseEstimator
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from skmnist._estimator.pretrained import load_pretrained
from skmnist._pictures.loading import iterate_frames, load_page
from skmnist._reading.class_probabilities import combine
from skmnist._reading.cutting import POLARITIES, as_rows, cut_digits
from skmnist._reading.detection import N_DIGITS, get_classes
from skmnist._reading.margin import add_margin
from skmnist._reading.orientation import ORIENTATIONS, find_digits, rotate_box_back
from skmnist._reading.results import ReadDigit, Reading, ReadNumber, label_as_text
from skmnist._reading.table_cells import Mark, arrange_cells
from skmnist._reading.text_lines import find_lines

# Pixels: long side of the copy that a reading keeps, as much as a screen shows.
_SHOWN = 1600


class NumberReader(BaseEstimator):
    """Read the digits in a picture: one, or whole pages of numbers.

    A small convolutional network finds digits and signs at all scales of the picture
    and in both polarities [1]_. A page that lies on its side is turned. Digits side by
    side form numbers, and numbers form rows. Each digit is cut out, brought to MNIST's
    form and classified.

    Parameters
    ----------
    classifier : estimator, default=None
        Fitted on digits in MNIST's form, rows of 784 pixels from 0 to 255, with
        `predict_proba`: an MNISTClassifier, or any other. With None, the pretrained
        one, :func:`load_pretrained`, and the network that finds the digits decide
        together: powers of their probabilities are multiplied [2]_.
    polarity : {"auto", "dark", "light"}, default="auto"
        Whether to read ink that is darker than the paper, lighter, or both.
    orientation : {"auto", "upright"}, default="auto"
        "auto" turns a picture that lies on its side or upside down, if far more digits
        are found that way.
    min_probability : float, default=0.5
        From 0 to 1. A digit whose most probable class is less probable is marked as
        uncertain, and is a "?" in the text.

    See Also
    --------
    DigitNormalizer : Brings pictures of single digits to MNIST's form.

    References
    ----------
    .. [1] X. Zhou, D. Wang, P. Krähenbühl, "Objects as points", 2019,
       arXiv 1904.07850.
    .. [2] C. Genest, J. V. Zidek, "Combining probability distributions: a critique and
       an annotated bibliography", Statistical Science 1(1), 1986, section 3.3.

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
            With `text`, `numbers`, `digits`, `to_frame` and `plot`. The text is empty
            if the picture shows nothing like a digit.

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
        return self._read_page(load_page(picture))

    def read_pages(self, picture):
        """Read all pages of a file, such as a TIFF of several scans.

        Parameters
        ----------
        picture : str, path-like, binary file, PIL image or array-like
            As in `read`.

        Yields
        ------
        Reading
            For each page. Frames that repeat the page before them at a lower
            resolution are skipped.

        Raises
        ------
        FileNotFoundError, TypeError, ValueError, NotFittedError
            As in `read`.
        """
        self._check_parameters()
        for page in iterate_frames(picture):
            yield self._read_page(page)

    def read_table(self, picture, n_rows=None, n_columns=None):
        """Read a table of numbers, with or without printed lines.

        Rows may rise or fall, and columns may slant, as in a photograph taken at an
        angle. Without `n_rows` and `n_columns`, rows and columns in which nothing is
        written are not part of the result; with them, evenly spaced ones are
        recognised even if they are empty, and what lies around the table is left out.

        Parameters
        ----------
        picture : str, path-like, binary file, PIL image or array-like
            As in `read`.
        n_rows, n_columns : int, default=None
            How many rows and columns the table has. None finds out.

        Returns
        -------
        pandas.DataFrame
            The text of each cell: empty if nothing is written there; several numbers
            are joined by spaces.

        Raises
        ------
        ImportError
            If pandas is not installed.
        FileNotFoundError, TypeError, ValueError, NotFittedError
            As in `read`.
        """
        import pandas as pd

        self._check_parameters()
        for name, value in (("n_rows", n_rows), ("n_columns", n_columns)):
            if value is not None:
                check_scalar(value, name, Integral, min_val=1)
        sheet, lines, digits, _ = self._find_lines(load_page(picture))
        marks = [
            Mark(character.box, _spell(character, digits), i)
            for i, number in enumerate(number for line in lines for number in line)
            for character in number
        ]
        marks = [mark for mark in marks if mark.text]
        return pd.DataFrame(arrange_cells(sheet.page, marks, n_rows, n_columns))

    def _find_lines(self, page):
        """Return the sheet, its lines of characters, its digits, and their places."""
        wide, margin = add_margin(page)
        sheet = find_digits(wide, self.orientation)
        place = partial(_place, sheet=sheet, margin=margin)
        lines = find_lines(sheet.digits, sheet.levels, get_classes())
        return sheet, lines, self._classify(sheet, place), place

    def _read_page(self, page):
        sheet, lines, digits, place = self._find_lines(page)
        rows = []
        for line in lines:
            numbers = [self._describe(number, digits, place) for number in line]
            rows.append([number for number in numbers if number is not None])
        return Reading(
            _shrink(page),
            page.shape,
            [row for row in rows if row],
            turned=90 * sheet.n_turns,
        )

    def _classify(self, sheet, place):
        """Return a ReadDigit for each digit of a page, or None if it is not wanted."""
        if not len(sheet.digits):
            return []
        cuts = cut_digits(sheet.page, sheet.digits.boxes)
        rows = as_rows(cuts.drawings)
        classifier = self._get_classifier()
        probabilities = classifier.predict_proba(rows)
        has_ink = rows.any(axis=1)
        if self.classifier is None:
            detected = sheet.digits.probabilities[:, :N_DIGITS]
            probabilities[~has_ink] = 1
            probabilities = combine(detected, probabilities)
            has_ink[:] = True
        labels = classifier.classes_[probabilities.argmax(axis=1)].tolist()
        wanted = {"auto": [True, False], "dark": [False], "light": [True]}
        return [
            ReadDigit(
                label,
                float(p.max()),
                place(box),
                bool(sure and p.max() >= self.min_probability),
            )
            if light in wanted[self.polarity]
            else None
            for label, p, box, sure, light in zip(
                labels,
                probabilities,
                cuts.boxes,
                has_ink,
                cuts.is_light.tolist(),
                strict=True,
            )
        ]

    def _describe(self, characters, digits, place):
        """Return the ReadNumber of some characters, or None if none is wanted."""
        text, found, boxes = "", [], []
        for character in characters:
            digit = None if character.sign else digits[character.digit]
            text += _spell(character, digits)
            if character.sign:
                boxes.append(place(character.box))
            elif digit is not None:
                found.append(digit)
                boxes.append(digit.box)
        if not found:
            return None
        low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
        return ReadNumber(
            text,
            float(np.prod([digit.probability for digit in found])),
            (*low[:2].tolist(), *high[2:].tolist()),
            tuple(found),
        )

    def _get_classifier(self):
        return _pretrained() if self.classifier is None else self.classifier

    def _check_parameters(self):
        if self.classifier is not None:
            _check_classifier(self.classifier)
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


def _check_classifier(classifier):
    if not hasattr(classifier, "predict_proba") or isinstance(classifier, type):
        raise TypeError(
            "`classifier` must be a fitted estimator with `predict_proba`, got "
            f"{classifier!r}."
        )
    check_is_fitted(classifier)


def _spell(character, digits):
    """Return a character's text, which is empty for a digit that is not wanted."""
    if character.sign:
        return character.sign
    digit = digits[character.digit]
    if digit is None:
        return ""
    return label_as_text(digit.label) if digit.certain else "?"


def _place(box, sheet, margin):
    """Return a box in whole pixels of the picture as it was given."""
    shape = sheet.page.shape
    box = np.array(rotate_box_back(box, sheet.n_turns, shape)) - margin
    height, width = np.subtract(shape[:: -1 if sheet.n_turns % 2 else 1], 2 * margin)
    box = np.clip(np.round(box), 0, [width, height, width, height])
    return tuple(box.astype(int).tolist())


def _shrink(page):
    """Return a page as fractions, small enough to be kept."""
    scale = _SHOWN / max(page.shape)
    if scale < 1:
        size = [max(round(n * scale), 1) for n in page.shape[::-1]]
        image = Image.fromarray(page).resize(size, Image.Resampling.HAMMING)
        page = np.asarray(image)
    return np.divide(page, 255, dtype=np.float32)
