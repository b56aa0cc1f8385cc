"""NetworkClassifier: scikeras's KerasClassifier with its tags mended."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import ClassifierTags

from skmnist._keras.backend import ClassifierLabelEncoder, KerasClassifier
from skmnist._keras.epoch_model import EpochModel
from skmnist._keras.training_loop import train_model


class NetworkClassifier(KerasClassifier):
    """The scikeras classifier inside MNISTClassifier's pipeline.

    scikeras 0.13 lists the mixin after the base class, for which scikit-learn no
    longer takes it for a classifier. No `random_state` reaches it, for which scikeras
    would reseed TensorFlow and switch determinism on for the whole process: the
    function that builds the model seeds it.

    Parameters
    ----------
    model : callable
        Returns a compiled keras.Model.
    labels : ndarray of shape (n_classes,)
        All labels, sorted. scikeras would number those that it sees, which a part of
        the data need not hold.
    **params : dict
        Those of KerasClassifier.
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
        """The encoder of the labels: also of those that this part of the data lacks."""
        return ClassifierLabelEncoder(loss=self.loss, categories=[self.labels])

    @staticmethod
    def _validate_sample_weight(X, y, sample_weight):
        """Take the weights as they are: scikeras would copy all rows that weigh."""
        return X, y, np.asarray(sample_weight)

    def _fit_keras_model(self, X, y, **options):
        """Train on our batches also the models that have a `fit` of their own."""
        if isinstance(self.model_, EpochModel):
            super()._fit_keras_model(X, y, **options)
        else:
            options |= {"batch_size": self.batch_size, "callbacks": self._fit_callbacks}
            history = train_model(self.model_, self.model_.fit, X, y, **options)
            self.history_ = history.history
