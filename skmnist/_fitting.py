"""One training of a network through scikeras: from rows to arrays."""

import copy
from functools import partial

from sklearn.pipeline import Pipeline

from skmnist._adapter import NetworkClassifier
from skmnist._backend import keras
from skmnist._model_pool import model_pool
from skmnist._network import (
    build_custom_network,
    build_network,
    get_state,
    set_state,
)
from skmnist._progress import EpochPrinter
from skmnist._training import EpochModel


def train(estimator, state, data, *, validation_data, epochs):
    """Train a network on rows of raw pixels.

    Parameters
    ----------
    estimator : MNISTClassifier
        Whose parameters are used. It is not changed.
    state : NetworkState
        Where training starts from.
    data : TrainingData
        Rows, indices of the classes and weights.
    validation_data : tuple of (X, y[, sample_weight]) or None
        Evaluated after each epoch.
    epochs : int
        Number of passes over the rows.

    Returns
    -------
    state : NetworkState
        Where training ended.
    history : dict of str to list of float
        One number an epoch and figure.
    best_epoch : int or None
        Counted from 1; None without early stopping.
    """
    callbacks = [copy.deepcopy(callback) for callback in estimator.callbacks or []]
    stopper = None
    if estimator.early_stopping:
        stopper = keras.callbacks.EarlyStopping(
            monitor="val_accuracy",
            mode="max",
            patience=estimator.n_iter_no_change,
            restore_best_weights=True,
        )
        callbacks.append(stopper)
    if estimator.verbose:
        callbacks.append(EpochPrinter())
    network = _make_network(estimator, state, epochs=epochs, callbacks=callbacks)
    network.fit(
        data.rows,
        data.indices,
        sample_weight=data.weight,
        divisor=state.scaler.scale_,
        rng=state.rng,
        validation_data=validation_data,
    )
    weights, optimizer_state = get_state(network.model_)
    model_pool.give_back(network.model_)
    history = {name: list(values) for name, values in network.history_.items()}
    best_epoch = None if stopper is None else stopper.best_epoch + 1
    state = state._replace(weights=weights, optimizer_state=optimizer_state)
    return state, history, best_epoch


def restore_pipeline(estimator, state):
    """Build the fitted pipeline of an estimator from its arrays.

    Parameters
    ----------
    estimator : MNISTClassifier
        A fitted estimator.
    state : NetworkState
        Its state.

    Returns
    -------
    sklearn.pipeline.Pipeline
        The PixelScaler, then the scikeras KerasClassifier with a model of Keras's own
        classes, which Keras saves and loads without skmnist.
    """
    network = _make_network(estimator, state, epochs=estimator.epochs)
    white = [[state.scaler.data_max_] * estimator.n_features_in_]
    classes = estimator.classes_
    network.initialize(state.scaler.transform(white * len(classes)), classes)
    network.model_ = _fill_model(_build_plain_model(estimator, state), estimator, state)
    network.history_ = estimator.history_
    return Pipeline([("scaler", state.scaler), ("network", network)])


def _make_network(estimator, state, *, epochs, callbacks=None):
    return NetworkClassifier(
        model=partial(_provide_model, estimator, state),
        epochs=epochs,
        batch_size=estimator.batch_size,
        callbacks=callbacks,
        verbose=0,
    )


def _provide_model(estimator, state):
    """Return the model to train, in the given state."""
    if state.architecture is None:
        model = _build_custom(estimator, state, EpochModel)
    else:
        model = model_pool.take(state.architecture)
    return _fill_model(model, estimator, state)


def _build_plain_model(estimator, state):
    if state.architecture is None:
        return _build_custom(estimator, state, keras.Model)
    return build_network(state.architecture)


def _fill_model(model, estimator, state):
    """Put the state into a model; a user's own keeps its initial weights and rate."""
    if state.weights is not None:
        set_state(model, state.weights, state.optimizer_state)
    if state.architecture is not None:
        model.optimizer.learning_rate = estimator.learning_rate
    return model


def _build_custom(estimator, state, model_class):
    return build_custom_network(
        estimator.network,
        state.meta,
        estimator.get_params(deep=False),
        model_class=model_class,
    )
