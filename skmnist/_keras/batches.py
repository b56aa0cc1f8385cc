"""What Keras's own loop is fed: the batches that a compiled epoch would see."""

from typing import NamedTuple

import numpy as np

from skmnist._keras.backend import keras
from skmnist._keras.model import loss_name
from skmnist._keras.program_engine import set_seeds


class Draws(NamedTuple):
    """What is random in an epoch: seeds of dropout, the order, the seed that bends."""

    dropout: list
    order: np.ndarray
    bend: np.ndarray | None


class EpochDraws(keras.callbacks.Callback):
    """Draws the epochs of Keras's own loop, and sets the learning rate of its steps."""

    def __init__(self, run, batches):
        super().__init__()
        self.run, self.batches, self.factors = run, batches, None

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.draws = self.run.draw_epoch()
        set_seeds(self.model, self.batches.draws.dropout)
        self.factors, self.rate = self.run.epoch_factors(epoch), None

    def on_train_batch_begin(self, batch, logs=None):
        if self.factors is None:
            return
        # Not before: other callbacks may set it when the epoch begins.
        if self.rate is None:
            self.rate = float(self.model.optimizer.learning_rate)
        self.model.optimizer.learning_rate = self.rate * self.factors[batch]

    def on_epoch_end(self, epoch, logs=None):
        if self.factors is not None:
            self.model.optimizer.learning_rate = self.rate


class Batches(keras.utils.PyDataset):
    """Feed Keras's own loop the batches that a compiled epoch would see."""

    def __init__(self, run, arrays, rows, batch_size):
        super().__init__()
        self.arrays, self.divisor = arrays, np.float32(run.divisor)
        self.batch_size, self.augmenter = batch_size, run.augmenter
        self.one_hot = loss_name(run.model) == "categorical_crossentropy"
        self.n_classes = run.model.output_shape[-1]
        self.draws = Draws([], rows, None)

    def __len__(self):
        return -(-len(self.draws.order) // self.batch_size)

    def __getitem__(self, index):
        x, y, weight = self.arrays
        first = index * self.batch_size
        rows, bend = self.draws.order[first : first + self.batch_size], self.draws.bend
        x = x[rows] if bend is None else self.augmenter.bend(rows, first, bend)
        target = np.eye(self.n_classes)[y[rows]] if self.one_hot else y[rows]
        batch = np.asarray(x, dtype=np.float32) / self.divisor, target
        return batch if weight is None else (*batch, weight[rows])
