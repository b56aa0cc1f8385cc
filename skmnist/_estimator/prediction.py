"""FittedNetworkMixin: what a fitted network does: predict, save, show its parts."""

import numpy as np
from scipy.special import log_softmax
from sklearn.utils.validation import check_is_fitted

from skmnist._data.images import as_rows
from skmnist._estimator.saving import load_classifier, save_classifier
from skmnist._estimator.state import OnDemand
from skmnist._network.onnx_graph import build_logits_graph
from skmnist._network.onnx_session import GraphSession
from skmnist._network.summary import format_summary


class FittedNetworkMixin:
    """The half of MNISTClassifier that works on a NetworkState and never trains."""

    def predict(self, X):
        """Return the most probable label of each image.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Raw pixels on the scale of the training data, or images as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels, of the dtype of `classes_`.

        Raises
        ------
        ValueError
            If the number or the names of the features are not those of `fit`.

        Warns
        -----
        PixelRangeWarning
            If the pixels plainly are on another scale than those of `fit`.
        """
        best = self._logits(X).argmax(axis=1)
        return self.classes_[best]

    def predict_proba(self, X):
        """Return the probability of each class for each image.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Raw pixels on the scale of the training data, or images as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), float64
            Probabilities in the order of `classes_`; each row sums to 1. Those of an
            image do not depend on the images beside it.
        """
        return _softmax(self._logits(X))

    def predict_log_proba(self, X):
        """Return the logarithm of the probability of each class for each image.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Raw pixels on the scale of the training data, or images as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), float64
            Log-probabilities, exact also where the probability is too small to be
            told from 0.
        """
        return log_softmax(self._logits(X).astype(np.float64), axis=1)

    def decision_function(self, X):
        """Return the logits: what the last layer computes before the softmax.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Raw pixels on the scale of the training data, or images as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes) or (n_samples,), float64
            With two classes, the logit of the second less that of the first.
        """
        logits = self._logits(X).astype(np.float64)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def save(self, path):
        """Write the classifier to one ONNX file, the scaling of the pixels included.

        Any ONNX runtime runs the file as it is: from "pixels", raw and of shape
        (n, n_features) (uint8 if the training data were, else float32), to "label",
        "probabilities" and "logits". Its metadata hold the parameters (`callbacks`
        and a RandomState instance excepted), classes, history and versions. The
        optimizer's state, twice as large as the network, stays behind.

        Parameters
        ----------
        path : str or path-like
            Where to. An existing file is replaced when the new one is complete.

        Raises
        ------
        ValueError
            If `network` is a callable, or what would be written could not be loaded.
        OSError
            If the file cannot be written.
        """
        check_is_fitted(self)
        save_classifier(self, path)

    @classmethod
    def load(cls, path):
        """Read a classifier that `save` wrote.

        No code in the file is run, no other file is opened, and neither TensorFlow nor
        Keras is needed.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        MNISTClassifier
            Fitted, with the same predictions bit for bit.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it was not saved by skmnist, is too large, truncated, altered or of a
            newer format.
        """
        return load_classifier(cls, path)

    def summary(self):
        """Return the table of the layers as text.

        Returns
        -------
        str
            One line a layer with its kind, output shape and number of parameters, then
            the total.
        """
        check_is_fitted(self)
        return format_summary(self._state.architecture or self.model_)

    @property
    def pipeline_(self):
        """The fitted pipeline of PixelScaler and scikeras KerasClassifier."""
        check_is_fitted(self)
        if self._on_demand.pipeline is None:
            from skmnist._keras.fit import restore_pipeline

            self._on_demand.pipeline = restore_pipeline(self, self._state)
        return self._on_demand.pipeline

    @property
    def model_(self):
        """The trained Keras model."""
        return self.pipeline_[-1].model_

    @property
    def coefs_(self):
        """The kernels of the dense layers."""
        return [arrays[0] for arrays in self._dense_weights()]

    @property
    def intercepts_(self):
        """The biases of the dense layers."""
        return [arrays[1] for arrays in self._dense_weights()]

    def _dense_weights(self):
        check_is_fitted(self)
        architecture = self._state.architecture
        if architecture is None or architecture.filters:
            raise AttributeError(
                "coefs_ and intercepts_ exist for network='dense'; the weights of "
                "other networks are in model_."
            )
        pairs = architecture.layer_weights(self._state.weights)
        return [arrays for layer, arrays in pairs if layer.kind == "dense"]

    def _adopt(self, state, history, best_epoch):
        """Become the classifier of a trained or loaded network."""
        vars(self).update(fitted_attributes(state, history))
        if best_epoch is not None:
            self.best_epoch_ = best_epoch

    def _logits(self, X):
        """Return the logits of raw pixels, float32 of shape (n_samples, n_classes)."""
        check_is_fitted(self)
        state = self._state
        shape = state.meta["image_shape_"]
        rows = as_rows(self, X, reset=False, expected_shape=shape)
        state.scaler.check_range(rows)
        return self._row_logits(rows)

    def _row_logits(self, rows):
        """Return the logits of rows that are checked."""
        state = self._state
        if state.architecture is None:
            return self._custom_logits(rows)
        if self._on_demand.session is None:
            self._on_demand.session = GraphSession(
                build_logits_graph(
                    state.architecture,
                    state.weights,
                    state.scaler.scale_,
                    state.temperature,
                )
            )
        return self._on_demand.session.run(rows)

    def _custom_logits(self, rows):
        scaled = self._state.scaler.transform(rows)
        probabilities = self.model_.predict(scaled, batch_size=1024, verbose=0)
        # The smallest float32 in place of 0, whose logarithm is -inf.
        logits = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
        return logits / np.float32(self._state.temperature)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_state")


def fitted_attributes(state, history):
    """Return the attributes that make an estimator that of a network.

    Parameters
    ----------
    state : NetworkState
        Trained or loaded.
    history : dict of str to list of float
        One number an epoch and figure.

    Returns
    -------
    dict of str to object
        The attributes by name.
    """
    return {
        "_state": state,
        "_on_demand": OnDemand(),
        "classes_": state.meta["classes_"],
        "history_": history,
        "n_iter_": max(map(len, history.values()), default=0),
        "temperature_": state.temperature,
    }


def _softmax(logits):
    """Return the probabilities, float64, in a fifth of the time that SciPy takes."""
    # Classes first: NumPy's inner loops then run over the images, not over ten numbers.
    p = logits.T.astype(np.float64, order="C")
    p -= p.max(axis=0)
    np.exp(p, out=p)
    p /= sum(p)  # class by class: np.sum adds in another order for a single image
    return p.T
