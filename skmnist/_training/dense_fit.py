"""Training of a small dense network: the compiled kernel on arrays, without Keras."""

from skmnist._training import kernel
from skmnist._training.dense_engine import DenseEngine
from skmnist._training.engine_fit import train_by
from skmnist._training.epochs import fitting_batch_size
from skmnist._training.observers import announce_compilation


def can_train(architecture, options, n_rows):
    """Return whether `train` is able to train a network.

    Parameters
    ----------
    architecture : Architecture or None
        The network. None for a user's network.
    options : TrainingOptions
        Keras's callbacks and fixed batch normalisation need a Keras model.
    n_rows : int
        Number of rows to train on.

    Returns
    -------
    bool
        Whether it is.
    """
    batch_size = fitting_batch_size(options.batch_size, n_rows)
    # The kernel normalises by the statistics of each batch only.
    needs_keras = options.callbacks or options.fixed_norm
    return not needs_keras and DenseEngine.supports(architecture, batch_size)


def train(state, data, options, *, validation=None, task):
    """Train a network on rows of raw pixels by the kernel.

    Parameters, results, errors and warnings are those of `skmnist._keras.fit.train`,
    which trains whatever the kernel cannot.
    """
    kernel.prepare(announce_compilation if options.verbose else None)
    return train_by(DenseEngine, state, data, options, validation=validation, task=task)
