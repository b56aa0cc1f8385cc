"""NetworkClassifier: scikeras's KerasClassifier with its tags mended."""

from sklearn.base import BaseEstimator
from sklearn.utils import ClassifierTags

from skmnist._backend import KerasClassifier
from skmnist._run import train_model
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

    def _fit_keras_model(self, X, y, **options):
        """Train on our batches also the models that have a `fit` of their own."""
        if isinstance(self.model_, EpochModel):
            super()._fit_keras_model(X, y, **options)
        else:
            options |= {"batch_size": self.batch_size, "callbacks": self._fit_callbacks}
            history = train_model(self.model_, self.model_.fit, X, y, **options)
            self.history_ = history.history
