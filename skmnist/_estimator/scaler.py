"""PixelScaler: scales raw pixels to [0, 1], all by the same number."""

from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skmnist._data.images import PIXEL_DTYPES
from skmnist._estimator.pixel_range import (
    find_contradiction,
    find_fault,
    median_pixel,
    warn_of,
)

# The value of white in each dtype of pictures.
_IMAGE_DTYPE_RANGES = {"bool": 1, "uint8": 255, "uint16": 65535}

# Bounds of the scale, far from any real one. Networks compute in float32, where a
# number divided by a smaller scale could become infinite, by a larger one zero.
SMALLEST_SCALE, LARGEST_SCALE = 2.0**-100, 2.0**100


class PixelScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Divide all pixels by one number, so that they lie in [0, 1].

    Scaling each pixel by its own range or deviation, as MinMaxScaler and StandardScaler
    do, is wrong for images: a pixel that is nearly always blank gets a huge weight (in
    MNIST a z-score of up to 25,500). One scale for all pixels preserves the image.

    Parameters
    ----------
    max_value : "auto" or float, default="auto"
        The raw value that becomes 1. "auto" is the maximum of an image dtype (1 for
        bool, 255 for uint8, 65535 for uint16); for other dtypes it is the largest
        absolute value seen in `fit`.

    Attributes
    ----------
    scale_ : float
        The number by which pixels are divided.
    data_min_, data_max_ : float
        The smallest and the largest raw value seen in `fit`.
    data_median_ : float
        The median of the raw values in up to 1,000 rows: the background of images.
    n_features_in_ : int
        Number of features seen in `fit` (the height, for images).
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if all names of `X` are strings.

    See Also
    --------
    MNISTClassifier : Scales raw pixels by a PixelScaler of its own.
    sklearn.preprocessing.MaxAbsScaler : One scale for each feature.

    Examples
    --------
    >>> import numpy as np
    >>> from skmnist import PixelScaler
    >>> X = np.array([[0, 51], [255, 0]], dtype=np.uint8)
    >>> PixelScaler().fit_transform(X)
    array([[0. , 0.2],
           [1. , 0. ]], dtype=float32)
    """

    def __init__(self, max_value="auto"):
        self.max_value = max_value

    def fit(self, X, y=None):
        """Learn the scale.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features) or \
                (n_samples, height, width[, channels])
            Raw pixels of any real dtype.
        y : Ignored
            Present for API consistency.

        Returns
        -------
        self : PixelScaler
            The fitted scaler.

        Raises
        ------
        ValueError
            If `max_value` is neither "auto" nor a positive finite number, or `X` holds
            NaN or infinity.

        Warns
        -----
        PixelRangeWarning
            If images seem to be on another scale than their dtype says: 8-bit values in
            uint16, 0 and 1 in uint8, or 8-bit values read as int8.
        """
        X = self._validate(X, reset=True)
        self._has_rows = X.ndim == 2
        self.data_min_, self.data_max_ = float(X.min()), float(X.max())
        self.data_median_ = median_pixel(X)
        self.scale_ = self._choose_scale(X.dtype)
        if self.max_value == "auto":
            warn_of(find_fault(X, self.data_min_, self.data_max_))
        return self

    def transform(self, X):
        """Divide the pixels by the scale.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features) or \
                (n_samples, height, width[, channels])
            Raw pixels on the scale of those seen in `fit`.

        Returns
        -------
        ndarray or sparse matrix of the shape of `X`, float32
            The scaled pixels.

        Raises
        ------
        ValueError
            If the number or the names of the features are not those of `fit`, or `X`
            holds NaN or infinity.

        Warns
        -----
        PixelRangeWarning
            If the pixels are clearly on another scale than those of `fit`.
        """
        check_is_fitted(self)
        X = self._validate(X, reset=False)
        self.check_range(X)
        with np.errstate(under="ignore"):
            return (X / np.float32(self.scale_)).astype(np.float32, copy=False)

    def inverse_transform(self, X):
        """Multiply scaled pixels by the scale again.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features) or \
                (n_samples, height, width[, channels])
            Scaled pixels.

        Returns
        -------
        ndarray or sparse matrix of the shape of `X`, float32
            Pixels on the raw scale.

        Raises
        ------
        ValueError
            If the number or the names of the features are not those of `fit`, or `X`
            holds NaN or infinity.
        """
        check_is_fitted(self)
        X = self._validate(X, reset=False)
        with np.errstate(under="ignore"):
            return (X * np.float32(self.scale_)).astype(np.float32, copy=False)

    # Without this method, scikit-learn does not try to make a data frame of images.
    @available_if(lambda self: getattr(self, "_has_rows", True))
    def get_feature_names_out(self, input_features=None):
        """Return the names of the features, which are those of the input.

        Does not exist after a fit on images, whose pixels have no names.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the features, if they had none in `fit`.

        Returns
        -------
        ndarray of str
            The names.
        """
        return super().get_feature_names_out(input_features)

    def check_range(self, X):
        """Warn if the range of `X` clearly contradicts the one seen in `fit`.

        Parameters
        ----------
        X : {ndarray, sparse matrix} of any shape
            Raw pixels.

        Warns
        -----
        PixelRangeWarning
            If the pixels in `fit` reached 15 or more and those of `X` never exceed 1,
            or the reverse; or if `X` holds images with negative pixels, on a background
            that is light where it was dark, or with 8-bit values on a 16-bit scale.
            Data that were negative in `fit` are not pixels and not checked.
        """
        warn_of(find_contradiction(X, self))

    def _validate(self, X, reset):
        with (
            np.errstate(under="ignore"),
            np.printoptions(threshold=10, edgeitems=1),
        ):
            return validate_data(
                self,
                X,
                accept_sparse=["csr", "csc"],
                dtype=PIXEL_DTYPES,
                allow_nd=True,
                reset=reset,
            )

    def _choose_scale(self, dtype):
        rule = f"from {SMALLEST_SCALE:.3g} to {LARGEST_SCALE:.3g}"
        if isinstance(self.max_value, str) and self.max_value == "auto":
            largest = max(abs(self.data_min_), abs(self.data_max_))
            if largest and not SMALLEST_SCALE <= largest <= LARGEST_SCALE:
                raise ValueError(
                    "`X` must hold pixels whose largest absolute value is 0 or "
                    f"{rule}, got {largest:.3g}."
                )
            return float(_IMAGE_DTYPE_RANGES.get(dtype.name, largest or 1.0))
        value = self.max_value
        # NumPy's own numbers would be compared in their precision and overflow.
        number = value.item() if isinstance(value, np.generic) else value
        if (
            not isinstance(number, Real)
            or isinstance(number, bool)
            or not SMALLEST_SCALE <= number <= LARGEST_SCALE
        ):
            raise ValueError(
                f"`max_value` must be 'auto' or a number {rule}, got {value!r}."
            )
        return float(number)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def make_inner_scaler():
    """Return the scaler of a classifier: arrays whatever `transform_output` is set.

    Returns
    -------
    PixelScaler
        Not fitted yet.
    """
    return PixelScaler().set_output(transform="default")
