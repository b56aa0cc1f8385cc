"""PredictionMixin: everything that a fitted network does except train."""

import sys
from functools import cache, partial
from importlib.util import find_spec

import numpy as np
from scipy.special import log_softmax
from sklearn.utils.validation import check_is_fitted

from skmnist._data.images import as_rows
from skmnist._estimator.on_demand import OnDemand, become
from skmnist._estimator.saving import load_classifier, save_classifier
from skmnist._network.onnx_graph import build_logits_graph
from skmnist._network.onnx_session import GraphSession
from skmnist._network.summary import format_summary


class PredictionMixin:
    """The half of MNISTClassifier that works on a NetworkState and never trains."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.three_d_array = True
        return tags

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
            If the pixels are clearly on another scale than those of `fit`.
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
            Probabilities in the order of `classes_`. Each row sums to 1, and does not
            depend on the other images.
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
            Log-probabilities, exact even where the probability rounds to 0.
        """
        logits = self._logits(X).astype(np.float64)
        with np.errstate(under="ignore"):
            return log_softmax(logits, axis=1)

    def decision_function(self, X):
        """Return the logits, the output of the last layer before the softmax.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Raw pixels on the scale of the training data, or images as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes) or (n_samples,), float64
            With two classes, the logit of the second minus that of the first.
        """
        logits = self._logits(X).astype(np.float64)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def save(self, path, *, input_dtype=None):
        """Write the classifier to one ONNX file, including the scaling of the pixels.

        Any ONNX runtime can run the file. Its input is "pixels", raw, of shape
        (n, n_features); its outputs are "label", "probabilities" and "logits". The
        scaling and the calibration are part of the graph. The metadata hold the
        parameters (except `callbacks` and a RandomState instance), classes, history and
        versions. The optimizer's state, twice as large as the network, is not saved.

        Parameters
        ----------
        path : str or path-like
            The file. An existing one is replaced when the new one is complete. A FIFO
            or a device such as /dev/stdout is written to.
        input_dtype : {None, "uint8", "float32"}, default=None
            Type of "pixels". None is uint8 if the training data were uint8, otherwise
            float32. Some tools, such as OpenCV's dnn module, only accept float32.
            `load` ignores it.

        Raises
        ------
        ValueError
            If `network` is a callable, `input_dtype` is not one of these, or the file
            could not be loaded again.
        OSError
            If the file cannot be written.
        """
        check_is_fitted(self)
        save_classifier(self, path, input_dtype)

    @classmethod
    def load(cls, path):
        """Read a classifier that `save` wrote.

        Loading runs no code from the file, opens no other file, and needs neither
        TensorFlow nor Keras.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        MNISTClassifier
            The fitted classifier, with the same predictions to the last bit.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If the file was not saved by skmnist, is too large, truncated or altered, or
            has a newer format.
        """
        return load_classifier(cls, path)

    def summary(self):
        """Return the table of the layers as text.

        Returns
        -------
        str
            One line for each layer with its kind, output shape and number of
            parameters, then the total. A notebook shows it as a table.
        """
        check_is_fitted(self)
        network = self._state.architecture or self.model_
        return format_summary(network, self.n_estimators_)

    @property
    def pipeline_(self):
        """The fitted pipeline of PixelScaler and scikeras KerasClassifier."""
        return self._keras_part("pipeline")

    @property
    def model_(self):
        """The trained Keras model."""
        return self._keras_part("model")

    def _keras_part(self, name):
        """Return the pipeline or the model, built only where Keras is in use already.

        `hasattr` asks for attributes, too, and must not import TensorFlow.
        """
        check_is_fitted(self)
        _refuse_ensemble(self._state, "pipeline_ and model_")
        _refuse_missing_keras()
        if self._lazy.keras_parts is None:
            self._lazy.keras_parts = _make_keras_parts(
                self._state,
                epochs=self.epochs,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate,
                history=self.history_,
            )
        part = self._lazy.keras_parts[name]
        return become(part) if "keras" in sys.modules else part

    def __dir__(self):
        """Leave out what is built on demand: displays visit all members."""
        return [n for n in super().__dir__() if n not in ("model_", "pipeline_")]

    @property
    def coefs_(self):
        """The kernels of the dense layers; read-only."""
        return [_read_only(arrays[0]) for arrays in self._dense_weights()]

    @property
    def intercepts_(self):
        """The biases of the dense layers; read-only."""
        return [_read_only(arrays[1]) for arrays in self._dense_weights()]

    def _dense_weights(self):
        check_is_fitted(self)
        _refuse_ensemble(self._state, "coefs_ and intercepts_")
        architecture = self._state.architecture
        if architecture is None or architecture.filters:
            raise AttributeError(
                "coefs_ and intercepts_ exist for network='dense'; the weights of "
                "other networks are in model_."
            )
        pairs = architecture.layer_weights(self._state.weights)
        return [arrays for layer, arrays in pairs if layer.kind == "dense"]

    def _set_fitted_attributes(self, state, history, best_epoch):
        """Set the fitted attributes from a trained or loaded network."""
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
        logits = self._row_logits(rows)
        if not np.isfinite(logits).all():
            raise ValueError(_explain_infinity(rows, state.scaler))
        return logits

    def _row_logits(self, rows):
        """Return the logits of rows that have been checked."""
        state = self._state
        if state.architecture is None:
            return self._custom_logits(rows)
        if self._lazy.session is None:
            self._lazy.session = GraphSession(
                build_logits_graph(
                    state.architecture,
                    state.all_weights(),
                    state.scaler.scale_,
                    state.temperature,
                )
            )
        return self._lazy.session.run(rows)

    def _custom_logits(self, rows):
        scaled = self._state.scaler.transform(rows)
        probabilities = self.model_.predict(scaled, batch_size=1024, verbose=0)
        # The smallest float32 replaces 0, because the logarithm of 0 is -inf.
        logits = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
        with np.errstate(under="ignore"):
            return logits / np.float32(self._state.temperature)

    def __getstate__(self):
        state = super().__getstate__()
        return {name: v for name, v in state.items() if name != "_lazy"}

    def __setstate__(self, state):
        super().__setstate__(state)
        if "_state" in state:
            self._lazy = _Cache()

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_state")


def _refuse_ensemble(state, names):
    """Raise AttributeError if attributes of a single network are asked for."""
    if state.others:
        raise AttributeError(
            f"{names} exist for n_estimators=1, got {len(state.networks())} networks."
        )


def _refuse_missing_keras():
    """Raise AttributeError if Keras is missing, without importing it."""
    for name in ("tensorflow", "keras", "scikeras"):
        loaded = sys.modules.get(name, ...)
        if loaded is None or (loaded is ... and find_spec(name) is None):
            raise AttributeError(
                "`pipeline_` and `model_` need TensorFlow, Keras and scikeras, which "
                "`pip install tensorflow keras scikeras` installs."
            )


def _make_keras_parts(state, **params):
    """Return the pipeline and its model, to be built together when one is used."""

    @cache
    def build():
        from skmnist._keras.fit import restore_pipeline

        pipeline = restore_pipeline(state, **params)
        built = {"pipeline": pipeline, "model": pipeline[-1].model_}
        pipeline[-1].model_ = parts["model"]
        return built

    def part(name):
        return build()[name]

    parts = {name: OnDemand(partial(part, name)) for name in ("pipeline", "model")}
    return parts


def _explain_infinity(rows, scaler):
    """Return the message for logits that are infinite or NaN."""
    lowest, highest = float(rows.min()), float(rows.max())
    if scaler.data_min_ <= lowest and highest <= scaler.data_max_:
        return (
            "The network computes no finite probabilities for `X`: its weights are too "
            "large. Train it again."
        )
    return (
        "`X` must hold pixels from which the network computes finite probabilities, "
        f"got pixels from {lowest:g} to {highest:g}; in fit they were from "
        f"{scaler.data_min_:g} to {scaler.data_max_:g}."
    )


def fitted_attributes(state, history):
    """Return the fitted attributes of an estimator with a given network.

    Parameters
    ----------
    state : NetworkState
        The trained or loaded network.
    history : dict of str to list of float
        One number an epoch for each metric.

    Returns
    -------
    dict of str to object
        The attributes by name.
    """
    return {
        "_state": state,
        "_lazy": _Cache(),
        "classes_": state.meta["classes_"],
        "image_shape_": state.meta["image_shape_"],
        "history_": history,
        "n_estimators_": len(state.networks()),
        "n_iter_": max(map(len, history.values()), default=0),
        "temperature_": state.temperature,
    }


class _Cache:
    """Objects built from the state on demand; neither pickled nor copied."""

    def __init__(self):
        self.session = self.keras_parts = None


def _read_only(array):
    """Return a view: whoever wrote to it would change `save` but not `predict`."""
    view = array.view()
    view.flags.writeable = False
    return view


def _softmax(logits):
    """Return probabilities, float64, five times as fast as SciPy."""
    # Classes first, so that NumPy's inner loops run over images, not over ten numbers.
    p = logits.T.astype(np.float64, order="C")
    p -= p.max(axis=0)
    with np.errstate(under="ignore"):
        np.exp(p, out=p)
        # Class by class: np.sum would add in another order for a single image.
        p /= sum(p)
    return p.T
