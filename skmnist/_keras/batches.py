"""What Keras's own loop trains on: the same batches that a compiled epoch would see."""

import numpy as np

from skmnist._keras.backend import keras
from skmnist._keras.model import loss_name
from skmnist._keras.program_engine import set_seeds
from skmnist._training.epochs import EpochRandomness


class EpochSetup(keras.callbacks.Callback):
    """Draws the randomness of each epoch, and sets the learning rate of each step.

    Parameters
    ----------
    epochs : Epochs
        Draws the randomness and knows the multipliers of the learning rate.
    batches : Batches
        Receives the randomness.
    validation : Batches, default=None
        The validation data, if any.
    """

    def __init__(self, epochs, batches, validation=None):
        super().__init__()
        self.epochs, self.batches, self.validation = epochs, batches, validation
        self.multipliers = self.rate = None

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.randomness = self.epochs.draw()
        set_seeds(self.model, self.batches.randomness.dropout_seeds)
        self.multipliers, self.rate = self.epochs.multipliers(epoch), None

    def on_train_batch_begin(self, batch, logs=None):
        if self.multipliers is None:
            return
        # Not before: other callbacks may set the rate when the epoch begins.
        if self.rate is None:
            self.rate = float(self.model.optimizer.learning_rate)
        self.model.optimizer.learning_rate = self.rate * self.multipliers[batch]

    def on_epoch_end(self, epoch, logs=None):
        if self.multipliers is not None:
            self.model.optimizer.learning_rate = self.rate
        # Keras does not weigh the metric; all callbacks after this one see the change.
        if self.epochs.hit_weight is not None and "val_accuracy" in logs:
            logs["val_accuracy"] = self._weighted_accuracy()

    def _weighted_accuracy(self):
        """Return the accuracy on the validation data, weighted."""
        best = [
            self.model.predict_on_batch(self.validation[i][0]).argmax(axis=1)
            for i in range(len(self.validation))
        ]
        samples = self.validation.samples
        hits = np.concatenate(best) == samples.y[samples.rows]
        return float(np.average(hits, weights=self.epochs.hit_weight))


class Batches(keras.utils.PyDataset):
    """The batches of an epoch, for Keras's own loop.

    Parameters
    ----------
    model : keras.Model
        Its loss and output decide what the targets look like.
    samples : Samples
        The data.
    batch_size : int
        Rows in a batch.
    scale : float
        Divides the pixels.
    augmenter : Augmenter, default=None
        Deforms the images of epochs whose randomness has a seed for it.
    """

    def __init__(self, model, samples, batch_size, scale, augmenter=None):
        super().__init__()
        self.samples, self.scale = samples, np.float32(scale)
        self.batch_size, self.augmenter = batch_size, augmenter
        self.one_hot = loss_name(model) == "categorical_crossentropy"
        # Classes of the user need not have an output shape.
        self.n_classes = model.output_shape[-1] if self.one_hot else None
        self.randomness = EpochRandomness([], samples.rows, None)

    def __len__(self):
        return -(-len(self.randomness.order) // self.batch_size)

    def __getitem__(self, index):
        x, y, weight, _ = self.samples
        _, order, seed = self.randomness
        first = index * self.batch_size
        rows = order[first : first + self.batch_size]
        x = x[rows] if seed is None else self.augmenter.deform(rows, first, seed)
        target = np.eye(self.n_classes)[y[rows]] if self.one_hot else y[rows]
        batch = np.asarray(x, dtype=np.float32) / self.scale, target
        return batch if weight is None else (*batch, weight[rows])
