"""One training of a network through scikeras: from rows to arrays."""

import copy
from functools import partial

import numpy as np
from sklearn.pipeline import Pipeline

from skmnist._data.images import square_shape
from skmnist._keras.backend import keras
from skmnist._keras.epoch_model import EpochModel
from skmnist._keras.epoch_reporter import EpochReporter
from skmnist._keras.model import (
    build_custom_network,
    build_network,
    get_state,
    set_state,
)
from skmnist._keras.model_pool import model_pool
from skmnist._keras.progress import EpochPrinter
from skmnist._keras.scikeras_adapter import NetworkClassifier
from skmnist._training.augmentation import make_augmentation


def train(estimator, state, data, *, validation_data, epochs, task):
    """Train a network on rows of raw pixels.

    Parameters
    ----------
    estimator : MNISTClassifier
        Whose parameters are used. It is not changed.
    state : NetworkState
        Where training starts from.
    data : TrainingData
        Rows, indices of the classes and weights.
    validation_data : tuple of (X, y) or None
        Evaluated after each epoch, unless `data` holds rows out.
    epochs : int
        Number of passes over the rows.
    task : FitTask
        Told of the epochs.

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
    if task.is_watched():
        callbacks.append(EpochReporter(task, state))
    network = _make_network(
        estimator, state, np.arange(len(data.classes)), epochs, callbacks
    )
    network.fit(
        data.all_rows,
        data.all_indices,
        sample_weight=data.all_weight,
        rows=data.used,
        validation_rows=data.held_out,
        divisor=state.scaler.scale_,
        rng=state.rng,
        validation_data=validation_data,
        schedule=estimator.learning_rate_schedule,
        augmenter=_make_augmenter(estimator, state, data),
    )
    weights, optimizer_state = get_state(network.model_)
    if _may_share(estimator):
        model_pool.give_back(network.model_)
    if not all(np.isfinite(array).all() for array in weights):
        raise ValueError(
            "Training diverged: the weights are no longer finite. `learning_rate` must "
            f"be smaller for these data, got {estimator.learning_rate!r}."
        )
    history = {name: list(values) for name, values in network.history_.items()}
    # Ctrl-C may have come before the first epoch had ended.
    best_epoch = stopper.best_epoch + 1 if stopper and history else None
    state = state._replace(
        weights=weights, optimizer_state=optimizer_state, temperature=1.0
    )
    return state, history, best_epoch


def _make_augmenter(estimator, state, data):
    settings = make_augmentation(estimator.augmentation)
    if settings is None:
        return None
    from skmnist._training.augmenter import Augmenter

    shape = state.meta["image_shape_"]
    if shape is None:
        shape = square_shape(state.meta["n_features_in_"], "`augmentation`")
    return Augmenter(data.all_rows, settings, shape)


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
    classes, scaler = estimator.classes_, copy.copy(state.scaler)
    network = _make_network(estimator, state, classes, estimator.epochs)
    white = [[scaler.data_max_] * estimator.n_features_in_]
    network.initialize(scaler.transform(white * len(classes)), classes)
    network.model_ = _fill_model(_build_plain_model(state), estimator, state)
    _cool(network.model_, state)
    network.history_ = estimator.history_
    return Pipeline([("scaler", scaler), ("network", network)])


def _cool(model, state):
    """Divide the last layer by the temperature, where that layer is known."""
    if state.architecture is not None and state.temperature != 1:
        temperature = np.float32(state.temperature)
        *others, kernel, bias = model.get_weights()
        model.set_weights([*others, kernel / temperature, bias / temperature])


def _make_network(estimator, state, labels, epochs, callbacks=None):
    return NetworkClassifier(
        labels=labels,
        model=partial(_provide_model, estimator, state),
        epochs=epochs,
        batch_size=estimator.batch_size,
        callbacks=callbacks,
        verbose=0,
    )


def _provide_model(estimator, state):
    """Return the model to train, in the given state."""
    if state.architecture is None:
        model = _build_custom(state, EpochModel)
    elif _may_share(estimator):
        model = model_pool.take(state.architecture)
    else:
        model = model_pool.build(state.architecture)
    return _fill_model(model, estimator, state)


def _may_share(estimator):
    """Tell whether the model stays as it was built, for the next fit to take.

    A callback of the user's own may do anything to it; Keras's change the weights and
    the learning rate, which are set anew.
    """
    return all(
        type(callback).__module__.startswith("keras.")
        for callback in estimator.callbacks or []
    )


def _build_plain_model(state):
    if state.architecture is None:
        return _build_custom(state, keras.Model)
    return build_network(state.architecture)


def _fill_model(model, estimator, state):
    """Put the state into a model; one that came compiled keeps its own rate."""
    if state.weights is not None:
        set_state(model, state.weights, state.optimizer_state)
    if not getattr(model, "came_compiled", False):
        model.optimizer.learning_rate = estimator.learning_rate
    return model


def _build_custom(state, model_class):
    network, params = state.custom
    return build_custom_network(network, state.meta, params, model_class=model_class)
