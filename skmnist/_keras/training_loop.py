"""TrainingLoop: trains a Keras model, by compiled epochs or by Keras's own loop."""

import warnings

import numpy as np

from skmnist._keras.backend import has_gpu, keras
from skmnist._keras.batches import Batches, EpochRandomness, EpochSetup
from skmnist._keras.callbacks import has_batch_hook
from skmnist._keras.model import loss_name
from skmnist._keras.program_engine import ProgramEngine, round_up, seed_states
from skmnist._training.dense_engine import DenseEngine
from skmnist._training.schedule import learning_rate_multipliers

_VALIDATION_BATCH = 256  # rows at a time in Keras's own loop


class TrainingLoop:
    """One training of a compiled Keras model.

    Parameters
    ----------
    model : keras.Model
        Trained by compiled epochs if it is an EpochModel and no callback needs single
        batches; otherwise by its own `fit`, on the same batches in the same order.
    samples : Samples
        The rows to train on.
    options : TrainingOptions
        Epochs, batch size and schedule are used.
    scale : float, default=1.0
        Divides the pixels of each batch.
    rng : numpy.random.Generator, default=None
        Shuffles the rows, and seeds the random layers and deformations of each epoch.
        None takes one with fresh entropy.
    validation : Samples, default=None
        Evaluated after each epoch.
    augmenter : Augmenter, default=None
        Deforms the images of `samples`.
    callbacks : list of keras.callbacks.Callback, default=()
        Called as by Keras.
    """

    def __init__(
        self,
        model,
        samples,
        options,
        *,
        scale=1.0,
        rng=None,
        validation=None,
        augmenter=None,
        callbacks=(),
    ):
        self._model, self._samples, self._validation = model, samples, validation
        self._scale, self._rng = scale, rng or np.random.default_rng()
        self._augmenter, self._given_callbacks = augmenter, list(callbacks)
        self._epochs = options.epochs
        n_rows = len(samples.rows)
        self._batch_size = min(options.batch_size, round_up(n_rows))
        self._n_steps = -(-n_rows // self._batch_size)
        # A model that came compiled keeps the learning rate that its user chose.
        own_rate = getattr(model, "came_compiled", False)
        self._multipliers = learning_rate_multipliers(
            "constant" if own_rate else options.schedule, self._n_steps * self._epochs
        )
        self._callbacks = None

    def run(self):
        """Train.

        Returns
        -------
        dict of str to list of float
            One number an epoch for each metric.

        Warns
        -----
        UserWarning
            If Ctrl-C ended the training. The model keeps what it has learned.
        """
        self._model.interrupted = False
        try:
            if self._can_be_compiled():
                self._run_compiled()
            else:
                self._run_keras()
        except KeyboardInterrupt:
            if self._callbacks is None:  # nothing has been trained yet
                raise
            warnings.warn("Training interrupted by user.", stacklevel=2)
            self._model.interrupted = True
            self._callbacks.on_train_end()
        return self._model.history.history

    def draw_epoch(self):
        """Draw what is random in an epoch.

        Returns
        -------
        EpochRandomness
            Seeds and the order of the rows.
        """
        seeds = [self._rng.integers(2**31, size=2) for _ in seed_states(self._model)]
        rows = self._samples.rows
        order = rows[self._rng.permutation(len(rows))]
        deformation = self._rng.integers(2**32, size=2) if self._augmenter else None
        return EpochRandomness(seeds, order, deformation)

    def epoch_multipliers(self, epoch):
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
        return self._multipliers[epoch * self._n_steps : (epoch + 1) * self._n_steps]

    def _can_be_compiled(self):
        """Return whether the model has a program, and no callback needs batches."""
        config = self._model.get_compile_config()
        return (
            hasattr(self._model, "train_program")
            and not self._model.run_eagerly
            and all(layer.supports_jit for layer in self._model.layers)
            and self._model.trainable_weights
            and list(config["metrics"] or []) in ([], ["accuracy"])
            and not config["weighted_metrics"]
            and "categorical_crossentropy" in loss_name(self._model)
            and not any(map(has_batch_hook, self._given_callbacks))
        )

    def _run_compiled(self):
        engine = self._make_engine()
        self._start_callbacks(push=engine.push)
        # Augmented images are prepared block by block instead.
        prepared = None if self._augmenter else self._prepare(engine, self._samples)
        validation = self._prepare_validation(engine, prepared)
        self._model.stop_training = False
        self._callbacks.on_train_begin()
        try:
            for epoch in range(self._epochs):
                self._run_epoch(engine, epoch, prepared, validation)
                if self._model.stop_training:
                    break
        finally:
            engine.push()
        self._model.optimizer.finalize_variable_values(self._model.trainable_weights)
        self._callbacks.on_train_end()

    def _run_epoch(self, engine, epoch, prepared, validation):
        # Copying weights between the engine and the model takes longer than an epoch on
        # few rows.
        shared = not all(getattr(c, "hands_off", False) for c in self._given_callbacks)
        self._callbacks.on_epoch_begin(epoch)
        if shared:
            engine.pull()
        sums = self._train_epoch(engine, prepared, epoch)
        logs = _as_logs(sums, len(self._samples.rows))
        if shared:
            engine.push()
        if validation is not None:
            logs |= self._evaluate(engine, validation)
        self._callbacks.on_epoch_end(epoch, logs)
        if shared:
            engine.pull()

    def _train_epoch(self, engine, prepared, epoch):
        randomness, multipliers = self.draw_epoch(), self.epoch_multipliers(epoch)
        engine.begin_epoch(randomness.dropout_seeds)
        if self._augmenter is None:
            return engine.train(prepared, randomness.order, multipliers)
        return self._train_blocks(engine, randomness, multipliers)

    def _train_blocks(self, engine, randomness, multipliers):
        """Train on deformed images, block after block."""
        _, y, weight, _ = self._samples
        _, order, seed = randomness
        sums, step, n_padded = np.zeros(2), 0, 0
        for rows, x in self._augmenter.blocks(order, seed, self._batch_size):
            n_padded = max(n_padded, len(rows))
            block_weight = None if weight is None else weight[rows]
            block = engine.prepare(x, y[rows], block_weight, n_padded)
            stop = step + -(-len(rows) // self._batch_size)
            rates = None if multipliers is None else multipliers[step:stop]
            sums += engine.train(block, np.arange(len(rows)), rates)
            step = stop
        return sums

    def _make_engine(self):
        architecture = getattr(self._model, "architecture", None)
        fits = DenseEngine.supports(architecture, self._batch_size) and not has_gpu()
        engine = DenseEngine if fits else ProgramEngine
        return engine(self._model, self._scale, self._batch_size)

    def _prepare(self, engine, samples):
        return engine.prepare(samples.x, samples.y, samples.weight)

    def _prepare_validation(self, engine, prepared):
        """Return the validation data as the engine takes them, and their rows."""
        if self._validation is None:
            return None
        # Rows held out share the arrays of the rows that train.
        if prepared is None or self._validation.y is not self._samples.y:
            prepared = self._prepare(engine, self._validation)
        return prepared, self._validation.rows

    def _evaluate(self, engine, validation):
        self._callbacks.on_test_begin()
        logs = _as_logs(engine.evaluate(*validation), len(validation[1]))
        self._callbacks.on_test_end(logs)
        return {f"val_{name}": value for name, value in logs.items()}

    def _run_keras(self):
        """Train by Keras's own loop, on the same batches in the same order."""
        batches = Batches(
            self._model, self._samples, self._batch_size, self._scale, self._augmenter
        )
        validation = self._validation
        if validation is not None:
            validation = Batches(
                self._model, validation, _VALIDATION_BATCH, self._scale
            )
        # A callback, since Keras reads the first batches before the first epoch starts.
        self._start_callbacks(EpochSetup(self, batches))
        self._model.fit(
            batches,
            epochs=self._epochs,
            callbacks=self._callbacks,
            validation_data=validation,
            shuffle=False,
            verbose=0,
        )

    def _start_callbacks(self, *first, push=None):
        """Make the callbacks, and a new History, those of the model."""
        self._callbacks = keras.callbacks.CallbackList(
            [*first, *self._given_callbacks],
            add_history=True,
            model=self._model,
            verbose=0,
            epochs=self._epochs,
            steps=self._n_steps,
            push=push,
        )


def _as_logs(sums, n_rows):
    loss, correct = sums / n_rows
    return {"loss": float(loss), "accuracy": float(correct)}
