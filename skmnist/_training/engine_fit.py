"""Training by an engine that holds the network in arrays: no Keras model is needed."""

from skmnist._training.setup import TrainingSetup


def train_by(make_engine, state, data, options, *, validation=None, task):
    """Train a network on rows of raw pixels.

    Parameters
    ----------
    make_engine : callable
        `make_engine(architecture, scale, batch_size)` returns a DenseEngine or an
        object with the same methods.
    state, data, options, validation, task : object
        As in `skmnist._keras.fit.train`, and so are results, errors and warnings.
    """
    architecture = state.architecture
    n_dropouts = sum(layer.kind == "dropout" for layer in architecture.layers())
    training = TrainingSetup(
        state, data, options, n_dropouts, validation=validation, task=task
    )
    engine = make_engine(architecture, state.scaler.scale_, training.epochs.batch_size)
    engine.set_state(state.weights, state.optimizer_state)
    engine.learning_rate = options.learning_rate
    history = {}
    try:
        _run(training, engine, history)
    except KeyboardInterrupt:
        task.interrupt()
    for observer in training.observers:
        observer.end_training()
    training.average(engine)
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
