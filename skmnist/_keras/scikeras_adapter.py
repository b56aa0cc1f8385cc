"""NetworkClassifier: scikeras's KerasClassifier with its tags and encoders mended."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import ClassifierTags

from skmnist._keras.backend import KerasClassifier
from skmnist._training.data import class_indices


class NetworkClassifier(KerasClassifier):
    """The scikeras classifier inside MNISTClassifier's `pipeline_`.

    scikeras 0.13 lists the mixin after the base class, so scikit-learn no longer
    recognises it as a classifier. Its own encoders consist of scikit-learn's
    transformers, which follow the user's `transform_output` and which MLflow logs as if
    the user had fitted them. It gets no `random_state`, because scikeras would then
    reseed TensorFlow and switch on determinism for the whole process.

    Parameters
    ----------
    model : callable
        Returns a compiled keras.Model.
    labels : ndarray of shape (n_classes,)
        All labels, sorted. scikeras would use only the labels that it sees.
    **params : dict
        The parameters of KerasClassifier.
    """

    def __init__(self, model=None, *, labels=None, **params):
        super().__init__(model, **params)
        self.labels = labels

    def __sklearn_tags__(self):
        tags = BaseEstimator.__sklearn_tags__(self)
        tags.estimator_type = "classifier"
        tags.classifier_tags = ClassifierTags()
        tags.target_tags.required = True
        return tags

    @property
    def target_encoder(self):
        """The encoder of all labels."""
        return _LabelEncoder(self.labels, self.loss == "categorical_crossentropy")

    @property
    def feature_encoder(self):
        """The encoder of the pixels, which leaves them as they are."""
        return _PixelEncoder()


class _LabelEncoder:
    """Encodes labels as Keras's losses expect them, in the form that scikeras asks for.

    Parameters
    ----------
    labels : ndarray of shape (n_classes,)
        All labels, sorted.
    one_hot : bool
        Whether the loss expects a column for each class, not its index.
    """

    def __init__(self, labels, one_hot):
        self._labels, self._one_hot = labels, one_hot

    def fit(self, y):
        return self

    def transform(self, y):
        indices = class_indices(y, self._labels, "y")
        if self._one_hot:
            return np.eye(len(self._labels), dtype=np.float32)[indices]
        return indices.astype(np.float32).reshape(-1, 1)

    def inverse_transform(self, y, return_proba=False):
        return y if return_proba else self._labels[y.argmax(axis=1)]

    def get_metadata(self):
        """Return what scikeras sets as attributes of the classifier."""
        return {
            "classes_": self._labels,
            "n_classes_": len(self._labels),
            "n_outputs_": 1,
            "n_outputs_expected_": 1,
        }


class _PixelEncoder:
    """Leaves the pixels as they are."""

    def fit(self, X):
        return self

    def transform(self, X):
        return X
