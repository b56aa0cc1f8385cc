"""TrainingOptions: what a training depends on, besides the network and the data."""

from typing import NamedTuple

from skmnist._training.augmentation import Augmentation


class TrainingOptions(NamedTuple):
    """How a network is trained.

    Attributes
    ----------
    epochs : int
        Passes over the data, at most.
    batch_size : int
        Rows in a step, at most.
    learning_rate : float, default=0.001
        Step size of the optimizer.
    schedule : str, default="constant"
        One of SCHEDULES.
    augmentation : Augmentation or None, default=None
        The limits of random deformations.
    patience : int or None, default=None
        Epochs without a better validation accuracy before training stops and the best
        weights are restored. None trains all epochs.
    weight_averaging : float, default=0.0
        Share of the epochs, the last ones, over which the weights are averaged.
    callbacks : tuple of keras.callbacks.Callback, default=()
        The user's.
    verbose : bool, default=False
        Whether to print a line for each epoch.
    fixed_norm : bool, default=False
        Whether batch normalisation uses, and keeps, its moving averages, not the
        statistics of each batch.
    """

    epochs: int
    batch_size: int
    learning_rate: float = 0.001
    schedule: str = "constant"
    augmentation: Augmentation | None = None
    patience: int | None = None
    weight_averaging: float = 0.0
    callbacks: tuple = ()
    verbose: bool = False
    fixed_norm: bool = False
