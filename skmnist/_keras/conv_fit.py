"""Training of convolutional networks, in a process that computes the same bits always.

Neither this module nor the training imports TensorFlow in the process of the user.
"""

from skmnist._keras.process_engine import ProcessEngine
from skmnist._keras.training_process import process_pool
from skmnist._training.engine_fit import train_by


def can_train(architecture, options):
    """Return whether `train` is able to train a network.

    Parameters
    ----------
    architecture : Architecture or None
        The network. None for a user's network.
    options : TrainingOptions
        Keras's callbacks need a Keras model.

    Returns
    -------
    bool
        Whether it is.
    """
    is_conv = architecture is not None and bool(architecture.filters)
    return is_conv and not options.callbacks


def train(state, data, options, *, validation=None, task):
    """Train a network on rows of raw pixels in a TrainingProcess.

    Parameters, results, errors and warnings are those of `skmnist._keras.fit.train`. On
    a GPU, that function trains the network: the memory of the GPU belongs to one
    process.
    """

    def make_engine(architecture, scale, batch_size):
        fixed_norm = options.fixed_norm
        return ProcessEngine(process, architecture, fixed_norm, scale, batch_size)

    process = process_pool.take()
    try:
        if not process.call("has_gpu"):
            result = train_by(
                make_engine, state, data, options, validation=validation, task=task
            )
            process.call("end")
            return result
    finally:
        process_pool.give_back(process)
    from skmnist._keras.fit import train as train_here

    return train_here(state, data, options, validation=validation, task=task)
