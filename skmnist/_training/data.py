"""TrainingData: rows, class indices and weights for training and validation."""

from typing import NamedTuple

import numpy as np
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets

from skmnist._data.labels import as_labels
from skmnist._training.hold_out import hold_out
from skmnist._training.weights import as_float, check_sample_weight, combine_weights

# Rows copied at a time to find the extreme pixels: 3 MB of MNIST, so that a
# memory-mapped file is never in memory as a whole.
_ROWS_AT_ONCE = 4096

# Rows, enough to tell the background of images.
_TYPICAL_ROWS = 500


class Samples(NamedTuple):
    """Rows of arrays, selected by their indices.

    No row is copied, because the pixels may be a memory-mapped file that is larger than
    the memory.

    Attributes
    ----------
    x : ndarray of shape (n_samples, n_features)
        Raw pixels.
    y : ndarray of shape (n_samples,), int32
        Class indices.
    weight : ndarray of shape (n_samples,) or None
        Weights of the samples.
    rows : ndarray of shape (n_rows,), int
        Indices of the selected rows, in the order to use them.
    """

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None
    rows: np.ndarray

    @classmethod
    def of(cls, x, y, weight=None, rows=None):
        """Return Samples of the given rows, or of all if `rows` is None."""
        y = np.asarray(y).reshape(-1).astype(np.int32)
        return cls(x, y, weight, np.arange(len(x)) if rows is None else rows)


class TrainingData(NamedTuple):
    """The data of a fit: rows to train on and, in some fits, rows held out.

    The rows are selected by their indices and not copied, because the pixels may be a
    memory-mapped file that is larger than the memory.

    Attributes
    ----------
    all_rows : ndarray of shape (n_samples, n_features)
        Raw pixels.
    all_indices : ndarray of shape (n_samples,), int
        Class indices.
    all_weight : ndarray of shape (n_samples,), float64, or None
        The product of sample weights and class weights.
    classes : ndarray of shape (n_classes,)
        The class labels, sorted.
    all_sample_weight : ndarray of shape (n_samples,), float64, or None
        The sample weights alone.
    used : ndarray of shape (n_used,), int, or None
        Indices of the rows to train on; None for all.
    held_out : ndarray of shape (n_held_out,), int, or None
        Indices of the rows to validate on.
    """

    all_rows: np.ndarray
    all_indices: np.ndarray
    all_weight: np.ndarray | None
    classes: np.ndarray
    all_sample_weight: np.ndarray | None = None
    used: np.ndarray | None = None
    held_out: np.ndarray | None = None

    @classmethod
    def prepare(cls, rows, y, sample_weight, class_weight, *, classes=None):
        """Check the labels and the weights, and combine the weights.

        Parameters
        ----------
        rows : ndarray of shape (n_samples, n_features)
            Raw pixels.
        y : ndarray of shape (n_samples,)
            Labels.
        sample_weight : array-like of shape (n_samples,) or None
            Weights of the samples. Rows of weight 0 are left out.
        class_weight : "balanced", dict or None
            Weights of the labels.
        classes : ndarray of shape (n_classes,), default=None
            All class labels; the weights are then used as they are. By default, the
            classes are those in `y`, and the weights are scaled to a mean of 1.

        Returns
        -------
        TrainingData
            The data.

        Raises
        ------
        ValueError
            If `y` is not a classification target, has only one class, or has labels
            outside `classes`; or if a weight is not allowed.
        """
        check_classification_targets(y)
        weight, used = check_sample_weight(sample_weight, len(rows)), None
        if weight is not None and not weight.all():
            used = np.flatnonzero(weight)
            y, weight = y[used], weight[used]
        sample_weight = weight
        normalise = classes is None
        if normalise:
            classes = np.unique(y)
        indices = class_indices(y, classes, "y")
        by_class = None
        if class_weight is not None:
            by_class = _class_weights(class_weight, classes, indices)
        weight = combine_weights(by_class, weight, indices, normalise)
        if len(classes) < 2:
            raise ValueError(
                "`y` must hold at least 2 classes, got 1 class: "
                f"{classes.tolist()[0]!r}."
            )
        indices, weight, sample_weight = (
            _spread(values, used, len(rows))
            for values in (indices, weight, sample_weight)
        )
        return cls(rows, indices, weight, classes, sample_weight, used)

    def training_samples(self):
        """Return the rows to train on, as Samples."""
        arrays = self.all_rows, self.all_indices, self.all_weight
        return Samples.of(*arrays, self.used)

    @property
    def rows(self):
        """The rows to train on; a copy unless all rows are used."""
        return self._select(self.all_rows)

    @property
    def indices(self):
        """The class indices of the rows to train on."""
        return self._select(self.all_indices)

    @property
    def sample_weight(self):
        """The sample weights of the rows to train on, or None."""
        return self._select(self.all_sample_weight)

    def held_out_part(self):
        """Return the rows held out, with their class indices and weights.

        Returns
        -------
        rows : ndarray of shape (n_held_out, n_features)
            Raw pixels.
        indices : ndarray of shape (n_held_out,), int
            Class indices.
        weight : ndarray of shape (n_held_out,), float64, or None
            Weights of the samples.
        """
        weight, part = self.all_weight, self.held_out
        weight = None if weight is None else weight[part]
        return self.all_rows[part], self.all_indices[part], weight

    def hit_weight(self):
        """Return the weight of a correct prediction for each row held out.

        Returns
        -------
        ndarray of shape (n_held_out,), float64, or None
            The sample weights, scaled to a mean of 1. None without sample weights.
        """
        if self.all_sample_weight is None or self.held_out is None:
            return None
        weight = self.all_sample_weight[self.held_out]
        weight = weight / weight.max()  # their sum might overflow
        return weight / weight.mean()

    def _select(self, values):
        return values if values is None or self.used is None else values[self.used]

    def extremes(self):
        """Return rows with the same minima and maxima as the rows to train on.

        Returns
        -------
        ndarray of shape (n, n_features)
            All rows if all are used; otherwise the minimum and the maximum of each
            pixel, and some rows. A PixelScaler needs no more.
        """
        if self.used is None:
            return self.all_rows
        parts = np.array_split(self.used, -(-len(self.used) // _ROWS_AT_ONCE))
        lowest = [self.all_rows[part].min(axis=0) for part in parts]
        highest = [self.all_rows[part].max(axis=0) for part in parts]
        some = self.used[:: -(-len(self.used) // _TYPICAL_ROWS)]
        lowest, highest = np.min(lowest, axis=0), np.max(highest, axis=0)
        return np.stack([lowest, highest, *self.all_rows[some]])

    def split(self, fraction, seed):
        """Hold out a stratified random part for validation.

        Parameters
        ----------
        fraction : float
            Share of the rows to hold out.
        seed : int
            Seed of the random split.

        Returns
        -------
        TrainingData
            The same data, with `used` and `held_out` set.

        Raises
        ------
        ValueError
            If every class has a single row.
        """
        used = np.arange(len(self.all_rows)) if self.used is None else self.used
        try:
            kept, held_out = hold_out(self.indices, fraction, seed)
        except ValueError as error:
            raise ValueError(
                "`early_stopping` and `calibrate` need rows of a class to train and to "
                f"validate on, got {len(used)} rows of {len(self.classes)} classes: "
                f"{error}"
            ) from None
        return self._replace(used=used[kept], held_out=used[held_out])


def all_classes(classes, fitted):
    """Return the class labels of all calls of partial_fit.

    Parameters
    ----------
    classes : array-like of shape (n_classes,) or None
        The argument of this call.
    fitted : ndarray of shape (n_classes,) or None
        The labels of the earlier calls; None in the first call.

    Returns
    -------
    ndarray of shape (n_classes,)
        The labels, sorted.

    Raises
    ------
    ValueError
        If `classes` is missing in the first call or differs in a later one.
    """
    if classes is None:
        if fitted is None:
            raise ValueError(
                "`classes` must be passed on the first call to partial_fit, got None."
            )
        return fitted
    classes = np.unique(as_labels(classes, "classes"))
    if fitted is not None and not np.array_equal(classes, fitted):
        raise ValueError(
            "`classes` must be those of the first call to partial_fit, "
            f"{fitted.tolist()}, got {classes.tolist()}."
        )
    return classes


def class_indices(y, classes, name):
    """Return the index of each label among the classes.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels.
    classes : ndarray of shape (n_classes,)
        The class labels, sorted.
    name : str
        Name of `y` in the error.

    Returns
    -------
    ndarray of shape (n_samples,), int
        Class indices.

    Raises
    ------
    ValueError
        If a label is not among the classes.
    """
    unseen = np.setdiff1d(y, classes)
    if len(unseen):
        raise ValueError(
            f"`{name}` must hold only the classes {classes.tolist()}, also got "
            f"{unseen.tolist()}."
        )
    return np.searchsorted(classes, y)


def _class_weights(class_weight, classes, indices):
    """Return the weight of each class."""
    if isinstance(class_weight, str):
        # compute_class_weight refuses classes without rows.
        present = np.unique(indices)
        weights = np.ones(len(classes))
        weights[present] = compute_class_weight("balanced", classes=present, y=indices)
        return weights
    known = classes.tolist()
    unknown = [label for label in class_weight if label not in known]
    missing = [label for label in known if label not in class_weight]
    # As in scikit-learn: the rows of a fold may lack a label that has a weight. It is a
    # misspelt name only if another label then has none.
    if unknown and missing:
        raise ValueError(
            "`class_weight` may name labels that `y` lacks only if it names all that "
            f"`y` has, got {sorted(unknown, key=str)} and no weight for {missing}."
        )
    given = np.array([*map(as_float, class_weight.values()), 1.0])
    weights = np.array([as_float(class_weight.get(label, 1)) for label in known])
    if not np.isfinite(given).all() or given.min() < 0 or not weights[indices].any():
        raise ValueError(
            "`class_weight` must hold finite weights, not negative and not all 0, got "
            f"{class_weight}."
        )
    return weights


def _spread(values, used, n_rows):
    """Return an array for all rows, with `values` in the used ones and 0 elsewhere."""
    if values is None or used is None:
        return values
    spread = np.zeros(n_rows, dtype=values.dtype)
    spread[used] = values
    return spread
