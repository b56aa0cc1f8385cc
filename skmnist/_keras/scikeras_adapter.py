"""NetworkClassifier: scikeras's KerasClassifier with its tags mended."""

from sklearn.base import BaseEstimator
from sklearn.utils import ClassifierTags

from skmnist._keras.backend import ClassifierLabelEncoder, KerasClassifier


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
        return ClassifierLabelEncoder(loss=self.loss, categories=[self.labels])
