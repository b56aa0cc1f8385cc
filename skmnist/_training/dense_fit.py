"""Training of a small dense network: the compiled kernel on arrays, without Keras."""

from skmnist._training import kernel
from skmnist._training.dense_engine import DenseEngine
from skmnist._training.epochs import fitting_batch_size
from skmnist._training.interruption import warn_of_interruption
from skmnist._training.observers import announce_compilation
from skmnist._training.setup import TrainingSetup


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
    architecture = state.architecture
    n_dropouts = sum(layer.kind == "dropout" for layer in architecture.layers())
    training = TrainingSetup(
        state, data, options, n_dropouts, validation=validation, task=task
    )
    engine = DenseEngine(architecture, state.scaler.scale_, training.epochs.batch_size)
    engine.set_state(state.weights, state.optimizer_state)
    engine.learning_rate = options.learning_rate
    history = {}
    try:
        _run(training, engine, history)
    except KeyboardInterrupt:
        warn_of_interruption()
    for observer in training.observers:
        observer.end_training()
    return training.result(*engine.get_state(), history)


def _run(training, engine, history):
    """Train epoch by epoch, and collect the metrics."""
    epochs, observers = training.epochs, training.observers
    epochs.use(engine)
    for observer in observers:
        observer.begin_training(epochs.count)
    for epoch in range(epochs.count):
        for observer in observers:
            observer.begin_epoch(engine.get_state)
        logs = epochs.train(epoch)
        if epochs.validation is not None:
            logs |= {f"val_{name}": v for name, v in epochs.evaluate().items()}
        for name, value in logs.items():
            history.setdefault(name, []).append(value)
        # Every observer ends the epoch, even if an earlier one wants to stop.
        wishes = [o.end_epoch(epoch, logs, engine.get_state) for o in observers]
        if any(wishes):
            break
