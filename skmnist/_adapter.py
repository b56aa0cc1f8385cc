"""NetworkClassifier: scikeras's KerasClassifier with its tags mended."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import ClassifierTags

from skmnist._backend import KerasClassifier
from skmnist._training import EpochModel


class NetworkClassifier(KerasClassifier):
    """The scikeras classifier inside MNISTClassifier's pipeline.

    scikeras 0.13 lists the mixin after the base class, for which scikit-learn no
    longer takes it for a classifier. No `random_state` reaches it, for which scikeras
    would reseed TensorFlow and switch determinism on for the whole process: the
    function that builds the model seeds it.
    """

    def __sklearn_tags__(self):
        tags = BaseEstimator.__sklearn_tags__(self)
        tags.estimator_type = "classifier"
        tags.classifier_tags = ClassifierTags()
        tags.target_tags.required = True
        return tags

    def _fit_keras_model(self, X, y, *, divisor=1.0, rng=None, **options):
        """Hand the scale to a model that scales by itself; scale for any other."""
        if isinstance(self.model_, EpochModel):
            options |= {"divisor": divisor, "rng": rng}
        elif divisor != 1.0:
            X = np.asarray(X, dtype=np.float32) / np.float32(divisor)
        super()._fit_keras_model(X, y, **options)
