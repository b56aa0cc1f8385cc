"""TrainingData: rows, class indices and weights, checked and combined."""

from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets

from skmnist._parameters import check_sample_weight


class TrainingData(NamedTuple):
    """What a network is trained on.

    Attributes
    ----------
    rows : ndarray of shape (n_samples, n_features)
        Raw pixels.
    indices : ndarray of shape (n_samples,), int
        Indices of the classes.
    weight : ndarray of shape (n_samples,), float64, or None
        Weights of the samples.
    classes : ndarray of shape (n_classes,)
        The class labels, sorted.
    """

    rows: np.ndarray
    indices: np.ndarray
    weight: np.ndarray | None
    classes: np.ndarray

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
        weight = check_sample_weight(sample_weight, len(rows))
        if weight is not None and not weight.all():
            kept = weight > 0
            rows, y, weight = rows[kept], y[kept], weight[kept]
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
        return cls(rows, indices, weight, classes)

    def split(self, fraction, seed):
        """Set a stratified random part aside for validation.

        Parameters
        ----------
        fraction : float
            Share of the rows.
        seed : int
            Draws the rows.

        Returns
        -------
        data : TrainingData
            The rest.
        validation : tuple of (rows, indices) or (rows, indices, weight)
            The part.

        Raises
        ------
        ValueError
            If a class has one row only, or a part would have fewer rows than there are
            classes.
        """
        try:
            train, val = train_test_split(
                np.arange(len(self.rows)),
                test_size=fraction,
                stratify=self.indices,
                random_state=seed,
            )
        except ValueError as error:
            raise ValueError(
                "`early_stopping` must have rows of each class to train and to "
                f"validate on, got {len(self.rows)} rows of {len(self.classes)} "
                f"classes and `validation_fraction` {fraction:g}: {error}"
            ) from error
        arrays = [self.rows, self.indices]
        arrays += [] if self.weight is None else [self.weight]
        data = self._replace(
            rows=self.rows[train],
            indices=self.indices[train],
            weight=None if self.weight is None else self.weight[train],
        )
        return data, tuple(array[val] for array in arrays)


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
