"""NetworkClassifier: scikeras's KerasClassifier with its tags and encoders mended."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import ClassifierTags

from skmnist._keras.backend import KerasClassifier, keras
from skmnist._training.data import class_indices


class NetworkClassifier(KerasClassifier):
    """The scikeras classifier inside MNISTClassifier's `pipeline_`.

    scikeras 0.13 lists the mixin after the base class, so scikit-learn no longer
    recognises it as a classifier. It gets no `random_state`, because scikeras would
    then reseed TensorFlow and switch on determinism for the whole process.

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
        """The encoder of the pixels, which changes nothing."""
        return _Unchanged()


# scikeras's own encoders are made of scikit-learn's transformers. A user's
# `set_config(transform_output=...)` would turn their results into data frames, and
# tools that record every fit of a transformer would record these.
class _LabelEncoder:
    """From labels to the targets of the loss, and from probabilities to labels."""

    def __init__(self, labels, one_hot):
        self._labels, self._one_hot = labels, one_hot

    def fit(self, y):
        return self

    def transform(self, y):
        indices = class_indices(y, self._labels, "y")
        if self._one_hot:
            return np.eye(len(self._labels), dtype=keras.backend.floatx())[indices]
        return indices.astype(keras.backend.floatx())[:, np.newaxis]

    def inverse_transform(self, p, return_proba=False):
        return p if return_proba else self._labels[p.argmax(axis=1)]

    def get_metadata(self):
        """Return the attributes that scikeras sets."""
        n_classes = len(self._labels)
        known = {"classes_": self._labels, "n_classes_": n_classes}
        return known | {"n_outputs_": 1, "n_outputs_expected_": 1}


class _Unchanged:
    """Leaves the pixels as they are."""

    def fit(self, X):
        return self

    def transform(self, X):
        return X
