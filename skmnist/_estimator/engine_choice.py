"""Decides whether a fit needs Keras; only then is TensorFlow imported."""

from skmnist._training import dense_fit, kernel
from skmnist._training.interruption import TrainingInterrupted

__all__ = ["TrainingInterrupted", "choose_training", "prepare_kernel"]

# Loads the training kernel before the first fit; compiles it if necessary.
prepare_kernel = kernel.prepare


def choose_training(state, data, options):
    """Return the function that trains a network.

    Parameters
    ----------
    state : NetworkState
        The network.
    data : TrainingData
        Rows, class indices and weights.
    options : TrainingOptions
        How to train.

    Returns
    -------
    callable
        `train` of `_training.dense_fit`, `_keras.conv_fit` or `_keras.fit`.
    """
    n_rows = len(data.all_rows if data.used is None else data.used)
    if dense_fit.can_train(state.architecture, options, n_rows):
        return dense_fit.train
    from skmnist._keras import conv_fit

    if conv_fit.can_train(state.architecture, options):
        return conv_fit.train
    from skmnist._keras.fit import train

    return train
