"""Epochs: shuffling, seeds, batches and learning rates, the same for every engine."""

from typing import NamedTuple

import numpy as np

from skmnist._training import threads
from skmnist._training.schedule import learning_rate_multipliers

# A multiplier of the learning rate at which weights hardly change. Keras's Ftrl divides
# by the rate, so it is not 0.
_HARDLY_ANY = 1e-20


class EpochRandomness(NamedTuple):
    """What is random in an epoch."""

    dropout_seeds: list
    order: np.ndarray  # of the rows
    deformation_seed: np.ndarray | None


class Epochs:
    """Draws the randomness of each epoch, and runs epochs by an engine.

    Parameters
    ----------
    samples : Samples
        The rows to train on.
    options : TrainingOptions
        Epochs, batch size and schedule are used.
    rng : numpy.random.Generator
        Shuffles the rows, and seeds the dropout and the deformations of each epoch.
    n_dropouts : int
        Number of random layers.
    validation : Samples, default=None
        Evaluated by `evaluate`.
    hit_weight : ndarray of shape (n_val_samples,), default=None
        Weights, 1 on average, of the correct predictions in the validation accuracy.
    augmenter : Augmenter, default=None
        Deforms the images of `samples`.
    """

    def __init__(
        self,
        samples,
        options,
        rng,
        n_dropouts,
        *,
        validation=None,
        hit_weight=None,
        augmenter=None,
    ):
        self.samples, self.validation, self.augmenter = samples, validation, augmenter
        self.hit_weight = hit_weight
        self.count = options.epochs
        self.batch_size = fitting_batch_size(options.batch_size, len(samples.rows))
        self.n_steps = -(-len(samples.rows) // self.batch_size)
        self._rng, self._n_dropouts = rng, n_dropouts
        self._multipliers = learning_rate_multipliers(
            options.schedule, self.n_steps * self.count
        )
        self._engine = self._prepared = self._prepared_validation = None

    def draw(self):
        """Draw what is random in an epoch.

        Returns
        -------
        EpochRandomness
            Seeds and the order of the rows.
        """
        seeds = [self._rng.integers(2**31, size=2) for _ in range(self._n_dropouts)]
        rows = self.samples.rows
        order = rows[self._rng.permutation(len(rows))]
        deformation = self._rng.integers(2**32, size=2) if self.augmenter else None
        return EpochRandomness(seeds, order, deformation)

    def multipliers(self, epoch):
        """Return the multipliers of the learning rate for the steps of an epoch.

        Parameters
        ----------
        epoch : int
            Counted from 0.

        Returns
        -------
        ndarray of shape (n_steps,) or None
            None for a constant rate.
        """
        if self._multipliers is None:
            return None
        return self._multipliers[epoch * self.n_steps : (epoch + 1) * self.n_steps]

    def use(self, engine):
        """Prepare the data for an engine, which then runs the epochs.

        Parameters
        ----------
        engine : DenseEngine or ProgramEngine
            Trains and evaluates.
        """
        self._engine = engine
        # Augmented images are prepared block by block instead.
        if self.augmenter is None:
            self._prepared = engine.prepare(*self.samples[:3])
        if self.validation is None:
            return
        # Rows held out share the arrays of the rows that train.
        shared = self.validation.y is self.samples.y and self._prepared is not None
        self._prepared_validation = (
            self._prepared if shared else engine.prepare(*self.validation[:3])
        )

    def train(self, epoch):
        """Train for one epoch.

        Parameters
        ----------
        epoch : int
            Counted from 0.

        Returns
        -------
        dict of str to float
            `loss` and `accuracy`.
        """
        sums = self._train(self.multipliers(epoch))
        return _as_logs(sums, len(self.samples.rows))

    def update_statistics(self):
        """Compute the statistics of batch normalisation again, in one epoch."""
        self._train(np.full(self.n_steps, _HARDLY_ANY))

    def _train(self, multipliers):
        """Train for one epoch; return the sums of the losses and the hits."""
        randomness = self.draw()
        self._engine.begin_epoch(randomness.dropout_seeds)
        with threads.running_fit():
            if self.augmenter is None:
                return self._engine.train(self._prepared, randomness.order, multipliers)
            return self._train_blocks(randomness, multipliers)

    def _train_blocks(self, randomness, multipliers):
        """Train on deformed images, block after block."""
        _, y, weight, _ = self.samples
        _, order, seed = randomness
        sums, step, n_padded = np.zeros(2), 0, 0
        # An engine that uses all cores itself takes turns with the augmenter.
        ahead = self._engine.n_threads == 1
        for rows, x in self.augmenter.blocks(order, seed, self.batch_size, ahead):
            n_padded = max(n_padded, len(rows))
            block_weight = None if weight is None else weight[rows]
            block = self._engine.prepare(x, y[rows], block_weight, n_padded)
            stop = step + -(-len(rows) // self.batch_size)
            rates = None if multipliers is None else multipliers[step:stop]
            sums += self._engine.train(block, np.arange(len(rows)), rates)
            step = stop
        return sums

    def evaluate(self):
        """Evaluate the network on the validation data.

        Returns
        -------
        dict of str to float
            `loss` and `accuracy`.
        """
        rows = self.validation.rows
        with threads.running_fit():
            validation = self._prepared_validation
            sums = self._engine.evaluate(validation, rows, self.hit_weight)
        return _as_logs(sums, len(rows))


def fitting_batch_size(batch_size, n_rows):
    """Return the rows in a batch: no more than there are, rounded up.

    Parameters
    ----------
    batch_size : int
        Rows in a batch, as wanted.
    n_rows : int
        Rows to train on.

    Returns
    -------
    int
        At most `batch_size`.
    """
    return min(batch_size, round_up(n_rows))


def round_up(number):
    """Round up to a number with three significant bits: 1 to 8, 10, 12, 14, 16, 20."""
    step = 1 << max(number.bit_length() - 3, 0)
    return -(-number // step) * step


def _as_logs(sums, n_rows):
    loss, correct = sums / n_rows
    # The weights of all rows, added up, may round to a little more than their number.
    return {"loss": float(loss), "accuracy": min(float(correct), 1.0)}
