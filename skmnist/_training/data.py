"""TrainingData: rows, class indices and weights, checked and combined."""

from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array

_ROWS_AT_ONCE = 4096


class Samples(NamedTuple):
    """Some rows of arrays, named rather than copied.

    The pixels may be a memory-mapped file that is larger than the memory.

    Attributes
    ----------
    x : ndarray of shape (n_samples, n_features)
        Raw pixels.
    y : ndarray of shape (n_samples,), int32
        Class indices.
    weight : ndarray of shape (n_samples,) or None
        Weights of the samples.
    rows : ndarray of shape (n_rows,), int
        The rows meant, in their order.
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

    No row is cut off: the pixels may be a memory-mapped file that is larger than the
    memory.

    Attributes
    ----------
    all_rows : ndarray of shape (n_samples, n_features)
        Raw pixels.
    all_indices : ndarray of shape (n_samples,), int
        Indices of the classes.
    all_weight : ndarray of shape (n_samples,), float64, or None
        Weights of the samples.
    classes : ndarray of shape (n_classes,)
        The class labels, sorted.
    all_sample_weight : ndarray of shape (n_samples,), float64, or None
        The user's part in `all_weight`.
    used : ndarray of int, or None
        The rows that train, in their order; None for all.
    held_out : ndarray of int, or None
        The rows to validate on.
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
        """Check the labels and the weights and put them together.

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
            The labels there are; weights are then used as they are. None takes those
            in `y` and scales the weights to a mean of 1.

        Returns
        -------
        TrainingData
            The data.

        Raises
        ------
        ValueError
            If `y` is no classification target, has one class only, or labels that are
            not in `classes`; if `sample_weight` breaks its rules.
        """
        check_classification_targets(y)
        weight, used = _check_sample_weight(sample_weight, len(rows)), None
        if weight is not None and not weight.all():
            used = np.flatnonzero(weight)
            y, weight = y[used], weight[used]
        sample_weight = weight
        normalise = classes is None
        if normalise:
            classes = np.unique(y)
        indices = class_indices(y, classes, "y")
        if class_weight is not None:
            by_row = _class_weights(class_weight, classes, indices)[indices]
            weight = by_row if weight is None else by_row * weight
        if normalise and weight is not None:
            weight = weight / weight.mean()
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
        """The rows that train; a copy where they are not all."""
        return self._select(self.all_rows)

    @property
    def indices(self):
        """The indices of their classes."""
        return self._select(self.all_indices)

    @property
    def sample_weight(self):
        """The user's part in their weights, or None."""
        return self._select(self.all_sample_weight)

    def held_out_part(self):
        """Return the rows that are held out, their class indices and weights.

        Returns
        -------
        rows : ndarray of shape (n_held_out, n_features)
            Raw pixels.
        indices : ndarray of shape (n_held_out,), int
            Indices of the classes.
        weight : ndarray of shape (n_held_out,), float64, or None
            Weights of the samples.
        """
        weight, part = self.all_weight, self.held_out
        weight = None if weight is None else weight[part]
        return self.all_rows[part], self.all_indices[part], weight

    def _select(self, values):
        return values if values is None or self.used is None else values[self.used]

    def extremes(self):
        """Return rows that hold the extreme values of those that train: all, or two.

        Returns
        -------
        ndarray of shape (n, n_features)
            What a PixelScaler has to look at.
        """
        if self.used is None:
            return self.all_rows
        parts = np.array_split(self.used, -(-len(self.used) // _ROWS_AT_ONCE))
        lowest = [self.all_rows[part].min(axis=0) for part in parts]
        highest = [self.all_rows[part].max(axis=0) for part in parts]
        return np.stack([np.min(lowest, axis=0), np.max(highest, axis=0)])

    def split(self, fraction, seed):
        """Hold a stratified random part out for validation.

        Parameters
        ----------
        fraction : float
            Share of the rows.
        seed : int
            Draws the rows.

        Returns
        -------
        TrainingData
            With `used` and `held_out`.

        Raises
        ------
        ValueError
            If a class has one row only, or a part would have fewer rows than there are
            classes.
        """
        used = np.arange(len(self.all_rows)) if self.used is None else self.used
        try:
            used, held_out = train_test_split(
                used,
                test_size=fraction,
                stratify=self.indices,
                random_state=seed,
            )
        except ValueError as error:
            raise ValueError(
                "`early_stopping` and `calibrate` must have rows of each class to "
                f"train and to validate on, got {len(used)} rows of "
                f"{len(self.classes)} classes and `validation_fraction` {fraction:g}: "
                f"{error}"
            ) from error
        return self._replace(used=used, held_out=held_out)


def all_classes(classes, fitted):
    """Return all labels that calls of partial_fit bring.

    Parameters
    ----------
    classes : array-like of shape (n_classes,) or None
        What the call was given.
    fitted : ndarray of shape (n_classes,) or None
        Those of the calls before; None in the first one.

    Returns
    -------
    ndarray of shape (n_classes,)
        Sorted.

    Raises
    ------
    ValueError
        If they are missing in the first call or changed in a later one.
    """
    if classes is None:
        if fitted is None:
            raise ValueError(
                "`classes` must be passed on the first call to partial_fit, got None."
            )
        return fitted
    classes = np.unique(classes)
    if fitted is not None and not np.array_equal(classes, fitted):
        raise ValueError(
            "`classes` must be those of the first call to partial_fit, "
            f"{fitted}, got {classes}."
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
        What to call `y` in the error.

    Returns
    -------
    ndarray of shape (n_samples,), int
        Indices.

    Raises
    ------
    ValueError
        If a label is not among the classes.
    """
    unseen = np.setdiff1d(y, classes)
    if len(unseen):
        raise ValueError(
            f"`{name}` must hold only the classes {classes.tolist()}, got also "
            f"{unseen.tolist()}."
        )
    return np.searchsorted(classes, y)


def _check_sample_weight(sample_weight, n_samples):
    """Return the weights as an array, or None.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,) or None
        Weights of the samples.
    n_samples : int
        How many there must be.

    Returns
    -------
    ndarray of shape (n_samples,), float64, or None
        A copy where `sample_weight` had another dtype; never written to.

    Raises
    ------
    ValueError
        If the shape is wrong, a weight is negative, NaN or infinite, or all are zero.
    """
    if sample_weight is None:
        return None
    weight = check_array(
        sample_weight,
        ensure_2d=False,
        allow_nd=True,
        dtype=np.float64,
        input_name="sample_weight",
    )
    if weight.shape != (n_samples,):
        raise ValueError(
            f"`sample_weight` must have the shape ({n_samples},), one weight for each "
            f"row of `X`, got {weight.shape}."
        )
    if weight.min() < 0:
        raise ValueError(f"`sample_weight` must not be negative, got {weight.min():g}.")
    if not weight.any():
        raise ValueError(
            "`sample_weight` must hold at least one weight above zero, got only zeros."
        )
    return weight


def _class_weights(class_weight, classes, indices):
    """Return the weight of each class."""
    if isinstance(class_weight, str):
        # Only the classes that are there can be balanced.
        present = np.unique(indices)
        weights = np.ones(len(classes))
        weights[present] = compute_class_weight("balanced", classes=present, y=indices)
        return weights
    strangers = set(class_weight) - set(classes.tolist())
    if strangers:
        raise ValueError(
            f"`class_weight` must name only the classes {classes.tolist()}, got also "
            f"{sorted(strangers, key=str)}."
        )
    weights = np.array([class_weight.get(c, 1) for c in classes.tolist()], dtype=float)
    if (
        not np.isfinite(weights).all()
        or weights.min() < 0
        or not weights[indices].any()
    ):
        raise ValueError(
            "`class_weight` must hold finite weights, none below 0 and not all 0, got "
            f"{class_weight}."
        )
    return weights


def _spread(values, used, n_rows):
    """Put values of the used rows in their places among all rows."""
    if values is None or used is None:
        return values
    spread = np.zeros(n_rows, dtype=values.dtype)
    spread[used] = values
    return spread
