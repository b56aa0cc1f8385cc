"""DigitNormalizer: pictures of digits in, rows in MNIST's form out."""

import warnings

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from skmnist._data.bunch import name_pixels
from skmnist._data.mnist_form import SIDE, keep_mnist_form, remove_paper
from skmnist._pictures.loading import load_picture
from skmnist._pictures.picture_sets import iterate_pictures
from skmnist._reading.cutting import POLARITIES
from skmnist._reading.single_digit import extract_digit
from skmnist._reading.stages import DigitStages
from skmnist._reading.stroke_width import STROKE_WIDTHS, normalize_stroke_width

# Pixels: long side that larger pictures are shrunk to. A digit that is a fiftieth as
# long can still be found.
_WORKING_SIDE = 1000


class DigitNormalizer(TransformerMixin, BaseEstimator):
    """Bring pictures of single handwritten digits to MNIST's form.

    Photographs, scans and drawings of any size become images like MNIST's: bright ink
    on 0, its long side scaled to 20 pixels, its centre of mass in the middle of 28 x 28
    [1]_. The network that also reads pages finds the digit. Uneven light, noise and
    what lies beside the digit are left out, and strokes are brought to MNIST's widths,
    because thin ones would fade when shrunk. A picture that already has this form, or
    only needs inverting, is not redrawn. Several digits of about the same size bring a
    warning, because only one of them is in the result.

    The transformer is stateless: `fit` only checks the parameters and is optional.

    Parameters
    ----------
    polarity : {"auto", "dark", "light"}, default="auto"
        Whether the ink is darker or lighter than the paper; "auto" decides for each
        picture.
    stroke_width : tuple of (float, float) or None, default=(2.3, 4.0)
        The range that the mean stroke width is brought to, in pixels of the result. The
        default is the lower quartile and the 95th percentile of MNIST's training
        images. None leaves the strokes as they are.
    handle_invalid : {"error", "blank"}, default="error"
        What to do if a picture cannot be opened or shows no digit: raise an error that
        names it, or return a row of zeros.

    See Also
    --------
    NumberReader : Reads pictures of several digits.
    PixelScaler : Scales pixels; MNISTClassifier contains one.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied
       to document recognition", Proceedings of the IEEE 86(11), 1998, section III.A.

    Examples
    --------
    A large, dark digit off the centre of a bright page, in a Pipeline:

    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from skmnist import DigitNormalizer, MNISTClassifier, load_digits28
    >>> digits = load_digits28()
    >>> page = np.full((300, 400), 230, dtype=np.uint8)
    >>> seven = np.kron(digits.images[7], np.ones((6, 6), dtype=np.uint8))
    >>> page[40:208, 100:268] -= seven // 2
    >>> model = make_pipeline(
    ...     DigitNormalizer(), MNISTClassifier(epochs=10, random_state=0)
    ... )
    >>> model.fit(digits.images, digits.target).predict([page])
    array([7])
    """

    def __init__(
        self, *, polarity="auto", stroke_width=STROKE_WIDTHS, handle_invalid="error"
    ):
        self.polarity = polarity
        self.stroke_width = stroke_width
        self.handle_invalid = handle_invalid

    def fit(self, pictures, y=None):
        """Check the parameters; there is nothing to learn.

        Parameters
        ----------
        pictures : Ignored
            As for `transform`.
        y : Ignored
            Present for API consistency.

        Returns
        -------
        self : DigitNormalizer
            The transformer itself.

        Raises
        ------
        ValueError
            If a parameter is out of its range.
        """
        self._check_parameters()
        return self

    def transform(self, pictures):
        """Bring pictures to MNIST's form.

        Parameters
        ----------
        pictures : list of pictures, ndarray of shape (n_samples, height, width) or \
                (n_samples, height, width, n_channels), or {array-like, sparse matrix, \
                dataframe} of shape (n_samples, side * side)
            A picture is a path, a binary file, a PIL image or an array of shape
            (height, width) or (height, width, n_channels), grey or colour; the last of
            two or four channels is opacity. A list may mix kinds and sizes. Rows hold
            square images, as MNIST's do.

        Returns
        -------
        ndarray of shape (n_samples, 784), uint8
            Bright ink (255) on 0; a DataFrame after `set_output`.

        Raises
        ------
        FileNotFoundError
            If a file does not exist, unless `handle_invalid` is "blank".
        TypeError
            If `pictures` is no list or array, or an item's type cannot be a picture.
        ValueError
            If a picture cannot be opened or shows no digit, unless `handle_invalid` is
            "blank"; or if a parameter is out of its range.
        """
        self._check_parameters()
        pictures = iterate_pictures(pictures)
        rows = np.zeros((len(pictures), SIDE * SIDE), np.uint8)
        for i, picture in enumerate(pictures):
            try:
                stages = self._normalize(picture)
            except (FileNotFoundError, TypeError, ValueError) as error:
                if self.handle_invalid == "error" or isinstance(error, TypeError):
                    raise type(error)(f"`pictures[{i}]`: {error}") from error
                continue
            rows[i] = stages.result.ravel()
            if stages.hint is not None:
                warnings.warn(f"`pictures[{i}]`: {stages.hint}", stacklevel=3)
        return rows

    def explain(self, picture):
        """Return each step from a picture to MNIST's form.

        Parameters
        ----------
        picture : str, path-like, binary file, PIL image or array-like of shape \
                (height, width) or (height, width, n_channels)
            One picture, as in the list for `transform`.

        Returns
        -------
        DigitStages
            The picture, its ink, its digit and the result; `plot` draws them.

        Raises
        ------
        FileNotFoundError, TypeError, ValueError
            As in `transform`, whatever `handle_invalid` is.
        """
        self._check_parameters()
        return self._normalize(picture)

    def get_feature_names_out(self, input_features=None):
        """Return the names of the pixels.

        Parameters
        ----------
        input_features : Ignored
            Present for API consistency.

        Returns
        -------
        ndarray of shape (784,), object
            As in the data sets: "pixel_0_0" to "pixel_27_27".
        """
        return np.array(name_pixels(SIDE, SIDE), dtype=object)

    def _normalize(self, picture):
        gray, _, name = load_picture(picture, _WORKING_SIDE)
        result = None if self.polarity == "dark" else keep_mnist_form(gray)
        if result is not None:
            return DigitStages(gray, gray, gray, result)
        ink = digit = remove_paper(gray, self.polarity)
        hint = None
        if ink is None:
            try:
                page = np.rint(255 * gray).astype(np.uint8)
                cuts, n_alike = extract_digit(page, self.polarity)
            except ValueError as error:
                raise ValueError(f"{name} must show a digit, but {error}") from None
            if n_alike > 1:
                hint = (
                    f"{name} shows {n_alike} digits of about the same size, and the "
                    "most prominent one was chosen; NumberReader and `skmnist read` "
                    "read all of them."
                )
            ink, digit = cuts.contrast[0], cuts.drawings[0]
        result = normalize_stroke_width(digit, self.stroke_width)
        return DigitStages(gray, ink, digit, result, hint)

    def _check_parameters(self):
        for name, values in _CHOICES.items():
            value = getattr(self, name)
            if not (isinstance(value, str) and value in values):
                raise ValueError(f"`{name}` must be one of {values}, got {value!r}.")
        if self.stroke_width is None:
            return
        try:
            low, high = self.stroke_width
            valid = 0 < low <= high < SIDE
        except (TypeError, ValueError):
            valid = False
        if not valid:
            raise ValueError(
                "`stroke_width` must be None or two numbers, the lower first, above 0 "
                f"and below {SIDE}, got {self.stroke_width!r}."
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.no_validation = True  # pictures are not a table of numbers
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags


_CHOICES = {"polarity": POLARITIES, "handle_invalid": ("error", "blank")}
