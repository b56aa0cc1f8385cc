"""TrainingSetup: the epochs, observers and result that both training loops share."""

import numpy as np

from skmnist._data.images import square_shape
from skmnist._training import kernel
from skmnist._training.augmenter import Augmenter
from skmnist._training.data import Samples
from skmnist._training.early_stopping import EarlyStopper
from skmnist._training.epochs import Epochs
from skmnist._training.observers import (
    EpochPrinter,
    EpochReporter,
    announce_compilation,
)
from skmnist._training.weight_averaging import WeightAverager


class TrainingSetup:
    """One training run: its epochs, its observers and its result.

    Parameters
    ----------
    state : NetworkState
        The network to start from. Its generator is advanced.
    data : TrainingData
        Rows, class indices and weights.
    options : TrainingOptions
        How to train.
    n_dropouts : int
        Number of random layers.
    validation : tuple of (rows, class indices) or None
        Evaluated after each epoch. If None, the rows that `data` holds out, if any.
    task : FitTask
        Reports each epoch to scikit-learn's callbacks.

    Attributes
    ----------
    epochs : Epochs
        The epochs to run.
    observers : list of Observer
        Called around each epoch.
    """

    def __init__(self, state, data, options, n_dropouts, *, validation, task):
        samples, hit_weight = data.training_samples(), None
        if validation is not None:
            validation = Samples.of(*validation)
        elif data.held_out is not None:
            validation = samples._replace(rows=data.held_out)
            hit_weight = data.hit_weight()
        self.epochs = Epochs(
            samples,
            options,
            state.rng,
            n_dropouts,
            validation=validation,
            hit_weight=hit_weight,
            augmenter=_make_augmenter(state, samples, options),
        )
        self._state, self._options, self._task = state, options, task
        self._stopper = None
        self.observers = []
        if options.patience is not None:
            self._stopper = EarlyStopper(options.patience)
            self.observers.append(self._stopper)
        self._averager = None
        n_averaged = round(options.weight_averaging * options.epochs)
        if n_averaged:
            self._averager = WeightAverager(options.epochs - n_averaged)
            self.observers.append(self._averager)
        if options.verbose:
            self.observers.append(EpochPrinter())
        if task.is_watched():
            self.observers.append(EpochReporter(task, state))

    def average(self, engine):
        """Give the mean weights of the last epochs to an engine, if they are wanted.

        With batch normalisation, one more pass over the data computes its statistics,
        because those of the mean weights are not the mean statistics. Networks of a
        user's function get the mean: they may have a learning rate of their own.

        Parameters
        ----------
        engine : DenseEngine or an object with the same methods
            Its optimizer's state is kept.
        """
        mean = None if self._averager is None else self._averager.average()
        if mean is None:
            return
        _, optimizer_state = engine.get_state()
        engine.set_state(mean, optimizer_state)
        architecture = self._state.architecture
        if architecture is not None and architecture.batch_norm:
            self.epochs.use(engine)
            try:
                self.epochs.update_statistics()
            except KeyboardInterrupt:
                self._task.interrupt()
            trained, _ = engine.get_state()
            mean = architecture.with_statistics(mean, trained)
            engine.set_state(mean, optimizer_state)

    def result(self, weights, optimizer_state, history):
        """Return the trained network.

        Parameters
        ----------
        weights, optimizer_state : list of ndarray
            After the last epoch.
        history : dict of str to list of float
            One number an epoch for each metric.

        Returns
        -------
        state : NetworkState
            With the best weights, after early stopping.
        history : dict of str to list of float
            The same, sorted by name.
        best_epoch : int or None
            Counted from 1. None without early stopping.

        Raises
        ------
        ValueError
            If the weights are no longer finite.
        """
        best_epoch = None
        # Ctrl-C may come before the end of the first epoch.
        if self._stopper is not None and self._stopper.best_epoch is not None:
            best_epoch, weights = self._stopper.best_epoch, self._stopper.best_weights
        if not all(np.isfinite(array).all() for array in weights):
            raise ValueError(
                "Training diverged: the weights are no longer finite. "
                f"{self._name_cause()}"
            )
        state = self._state._replace(weights=weights, optimizer_state=optimizer_state)
        history = {name: list(history[name]) for name in sorted(history)}
        return state, history, best_epoch

    def _name_cause(self):
        """Return which parameter made the training diverge."""
        rate, architecture = self._options.learning_rate, self._state.architecture
        # A step multiplies each weight by about 1 - 2 * rate * alpha.
        if architecture is not None and rate * architecture.alpha >= 1:
            return (
                f"`alpha` must be smaller for the learning rate {rate!r}, got "
                f"{architecture.alpha!r}."
            )
        return f"`learning_rate` must be smaller for these data, got {rate!r}."


def _make_augmenter(state, samples, options):
    if options.augmentation is None:
        return None
    shape = state.meta["image_shape_"]
    if shape is None:
        shape = square_shape(state.meta["n_features_in_"], "`augmentation`")
    kernel.prepare(announce_compilation if options.verbose else None)
    full = state.scaler.scale_
    return Augmenter(samples.x, options.augmentation, shape, full)
