"""Training of a Keras model, from arrays to arrays, and the fitted pipeline."""

import copy
from functools import partial

import numpy as np
from sklearn.pipeline import Pipeline

from skmnist._keras.backend import keras
from skmnist._keras.custom_network import build_custom_network
from skmnist._keras.epoch_model import EpochModel
from skmnist._keras.model import build_network, get_state, loss_name, set_state
from skmnist._keras.model_pool import model_pool
from skmnist._keras.program_engine import seed_states
from skmnist._keras.scikeras_adapter import NetworkClassifier
from skmnist._keras.training_loop import TrainingLoop
from skmnist._training.setup import TrainingSetup


def train(state, data, options, *, validation=None, task):
    """Train a network on rows of raw pixels.

    Parameters
    ----------
    state : NetworkState
        The network to start from. Its generator is advanced.
    data : TrainingData
        Rows, class indices and weights.
    options : TrainingOptions
        How to train.
    validation : tuple of (rows, class indices), default=None
        Evaluated after each epoch. If None, the rows that `data` holds out, if any.
    task : FitTask
        Reports each epoch to scikit-learn's callbacks.

    Returns
    -------
    state : NetworkState
        The trained network.
    history : dict of str to list of float
        One number an epoch for each metric.
    best_epoch : int or None
        Counted from 1. None without early stopping.

    Raises
    ------
    ValueError
        If the weights are no longer finite.

    Warns
    -----
    UserWarning
        If Ctrl-C ended the training. What was learned is kept.
    """
    model = _build_trainable(state, options)
    # A model that came compiled keeps the learning rate that its user chose.
    if getattr(model, "came_compiled", False):
        options = options._replace(schedule="constant")
    training = TrainingSetup(
        state,
        data,
        options,
        len(seed_states(model)),
        validation=validation,
        task=task,
    )
    loop = TrainingLoop(
        model,
        training.epochs,
        scale=state.scaler.scale_,
        callbacks=options.callbacks,
        observers=training.observers,
        on_interrupt=task.interrupt,
    )
    history = loop.run()
    if options.weight_averaging:
        engine = loop.make_engine()
        training.average(engine)
        engine.push()
    weights, optimizer_state = get_state(model)
    if _is_shareable(options):
        model_pool.give_back(model)
    return training.result(weights, optimizer_state, history)


def restore_pipeline(state, *, epochs, batch_size, learning_rate, history):
    """Build the fitted pipeline of a network.

    Parameters
    ----------
    state : NetworkState
        The trained network.
    epochs, batch_size : int
        Parameters of the KerasClassifier, which a refit of the pipeline uses.
    learning_rate : float
        The learning rate of the optimizer.
    history : dict of str to list of float
        Becomes the `history_` of the KerasClassifier.

    Returns
    -------
    sklearn.pipeline.Pipeline
        The PixelScaler, then the scikeras KerasClassifier. Its model is made of classes
        of Keras only, so that Keras can save and load it without skmnist.
    """
    classes, scaler = state.meta["classes_"], copy.copy(state.scaler)
    network = NetworkClassifier(
        labels=classes,
        model=partial(_build_fitted, state, learning_rate),
        epochs=epochs,
        batch_size=batch_size,
        verbose=0,
    )
    white = [[scaler.data_max_] * state.meta["n_features_in_"]]
    network.initialize(scaler.transform(white * len(classes)), classes)
    # Tells scikeras to encode the labels of a refit one-hot, if the loss needs that.
    network.loss = loss_name(network.model_)
    network.history_ = history
    return Pipeline([("scaler", scaler), ("network", network)])


def _build_trainable(state, options):
    """Return a model in the given state, with programs for whole epochs."""
    if state.architecture is None:
        model = _build_custom(state, EpochModel)
    elif _is_shareable(options):
        model = model_pool.take(state.architecture, options.fixed_norm)
    else:
        model = model_pool.build(state.architecture, options.fixed_norm)
    return _fill_model(model, state, options.learning_rate)


def _is_shareable(options):
    """Return whether the next fit can use the model again after this one.

    A callback of the user's own may change the model in any way, and so may a function
    in a LambdaCallback. Keras's other callbacks change weights and learning rate only,
    which every fit sets.
    """
    return all(
        type(callback).__module__.startswith("keras.")
        and not isinstance(callback, keras.callbacks.LambdaCallback)
        for callback in options.callbacks
    )


def _build_fitted(state, learning_rate):
    """Return a model of Keras's own classes, in the given state."""
    if state.architecture is None:
        model = _build_custom(state, keras.Model)
    else:
        model = build_network(state.architecture)
    model = _fill_model(model, state, learning_rate)
    _apply_temperature(model, state)
    return model


def _build_custom(state, model_class):
    network, params = state.custom
    return build_custom_network(network, state.meta, params, model_class=model_class)


def _fill_model(model, state, learning_rate):
    """Put the state into a model; one that came compiled keeps its own rate."""
    if state.weights is not None:
        set_state(model, state.weights, state.optimizer_state)
    if not getattr(model, "came_compiled", False):
        model.optimizer.learning_rate = learning_rate
    return model


def _apply_temperature(model, state):
    """Divide the last layer by the temperature, if that layer is known."""
    if state.architecture is not None and state.temperature != 1:
        temperature = np.float32(state.temperature)
        *others, kernel, bias = model.get_weights()
        model.set_weights([*others, kernel / temperature, bias / temperature])
