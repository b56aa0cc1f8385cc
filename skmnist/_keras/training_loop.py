"""One training of a Keras model, by compiled epochs or by Keras's own loop."""

import warnings

import numpy as np

from skmnist._keras.backend import keras
from skmnist._keras.batches import Batches, Draws, EpochDraws
from skmnist._keras.model import loss_name
from skmnist._keras.program_engine import ProgramEngine, round_up, seed_states
from skmnist._training.dense_engine import DenseEngine
from skmnist._training.schedule import learning_rate_factors

_EVALUATION_BATCH = 256

_BATCH_HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_batch_begin",
    "on_test_batch_end",
)


def train_model(model, keras_fit, x, y, *, divisor=1.0, rng=None, **options):
    """Train a compiled Keras model, all that is random drawn by one generator.

    Parameters
    ----------
    model : keras.Model
        By compiled epochs if it is an EpochModel and nobody looks at single batches.
    keras_fit : callable
        Keras's own `fit` of the model, for what cannot be compiled.
    x : ndarray of shape (n_samples, n_features)
        Raw pixels: uint8, or any dtype that float32 holds.
    y : ndarray of shape (n_samples,) or (n_samples, 1)
        Indices of the classes.
    divisor : float, default=1.0
        What the pixels are divided by, batch by batch.
    rng : numpy.random.Generator, default=None
        Shuffles the rows and seeds the random layers of each epoch. None means one
        with fresh entropy.
    **options : dict
        Keras's: batch_size, epochs, initial_epoch, callbacks, sample_weight,
        validation_data, shuffle. And `rows`, the rows that train where not all do;
        `validation_rows`, those to validate on in place of `validation_data`;
        `schedule`, the name of a learning-rate schedule; `augmenter`, an Augmenter of
        `x`.

    Returns
    -------
    keras.callbacks.History
        With one number an epoch in each list of its `history`.

    Warns
    -----
    UserWarning
        If Ctrl-C ended the training; what was learned stays in the model.
    """
    run = _Run(model, x, y, divisor, rng or np.random.default_rng(), options)
    model.interrupted = False
    try:
        return run.compiled() if run.can_be_compiled() else run.keras_loop(keras_fit)
    except KeyboardInterrupt:
        warnings.warn("Training interrupted by user.", stacklevel=2)
        model.interrupted = True
        return run.finish()


class _Run:
    """One training, by whichever way."""

    def __init__(self, model, x, y, divisor, rng, options):
        self.model, self.divisor, self.rng = model, divisor, rng
        self.arrays = _triple((x, y, options.get("sample_weight")))
        rows = options.get("rows")
        self.rows = np.arange(len(x)) if rows is None else rows
        self.validation = options.get("validation_data")
        self.validation_rows = options.get("validation_rows")
        self.batch_size = options.get("batch_size") or 32
        self.batch_size = min(self.batch_size, round_up(len(self.rows)))
        self.epochs = options.get("epochs", 1)
        self.initial_epoch = options.get("initial_epoch", 0)
        self.shuffle = options.get("shuffle", True)
        self.user_callbacks = options.get("callbacks") or []
        self.callbacks = None
        self.augmenter = options.get("augmenter")
        self.n_steps = -(-len(self.rows) // self.batch_size)
        # A model that came compiled keeps the rate that its user gave it.
        own_rate = getattr(model, "came_compiled", False)
        schedule = "constant" if own_rate else options.get("schedule", "constant")
        self.factors = learning_rate_factors(schedule, self.n_steps * self.epochs)

    def can_be_compiled(self):
        """Tell whether the model has a program and nobody looks at single batches."""
        config = self.model.get_compile_config()
        return (
            hasattr(self.model, "train_program")
            and not self.model.run_eagerly
            and all(layer.supports_jit for layer in self.model.layers)
            and self.model.trainable_weights
            and list(config["metrics"] or []) in ([], ["accuracy"])
            and not config["weighted_metrics"]
            and "categorical_crossentropy" in loss_name(self.model)
            and not any(map(_has_batch_hook, self.user_callbacks))
        )

    def compiled(self):
        """Train by whole epochs."""
        model, engine = self.model, self._make_engine()
        self._call_back(push=engine.push)
        # Copying the weights to and fro takes longer than an epoch on few rows.
        shared = not all(getattr(c, "hands_off", False) for c in self.user_callbacks)
        # Those that train are prepared part by part where they are bent anew.
        data = None if self.augmenter else engine.prepare(*self.arrays)
        validation = self._validation_part()
        if validation is not None:
            arrays, rows = validation
            same = arrays is self.arrays and data is not None
            validation = data if same else engine.prepare(*arrays), rows
        model.stop_training = False
        self.callbacks.on_train_begin()
        try:
            for epoch in range(self.initial_epoch, self.epochs):
                self.callbacks.on_epoch_begin(epoch)
                if shared:
                    engine.pull()
                sums = self._train_epoch(engine, data, epoch)
                logs = self._as_logs(sums, len(self.rows))
                if shared:
                    engine.push()
                if validation is not None:
                    logs |= self._evaluate(engine, validation)
                self.callbacks.on_epoch_end(epoch, logs)
                if shared:
                    engine.pull()
                if model.stop_training:
                    break
        finally:
            engine.push()
        model.optimizer.finalize_variable_values(model.trainable_weights)
        return self.finish()

    def _train_epoch(self, engine, data, epoch):
        draws, factors = self.draw_epoch(), self.epoch_factors(epoch)
        engine.begin_epoch(draws.dropout)
        if self.augmenter is None:
            return engine.train(data, draws.order, factors)
        _, y, weight = self.arrays
        sums, step, n_padded = np.zeros(2), 0, 0
        for rows, x in self.augmenter.blocks(draws.order, draws.bend, self.batch_size):
            n_padded = max(n_padded, len(rows))
            part = engine.prepare(
                x, y[rows], None if weight is None else weight[rows], n_padded
            )
            n_steps = -(-len(rows) // self.batch_size)
            of_part = None if factors is None else factors[step : step + n_steps]
            sums += engine.train(part, np.arange(len(rows)), of_part)
            step += n_steps
        return sums

    def epoch_factors(self, epoch):
        """Return what the learning rate of each step of an epoch is multiplied by."""
        if self.factors is None:
            return None
        return self.factors[epoch * self.n_steps : (epoch + 1) * self.n_steps]

    def _make_engine(self):
        fits = DenseEngine.supports(self.model, self.batch_size)
        engine = DenseEngine if fits else ProgramEngine
        return engine(self.model, self.divisor, self.batch_size)

    def _validation_part(self):
        """Return arrays and the rows of them to validate on, or None."""
        if self.validation_rows is not None:
            return self.arrays, self.validation_rows
        if self.validation is None:
            return None
        arrays = _triple(self.validation)
        return arrays, np.arange(len(arrays[0]))

    def _evaluate(self, engine, validation):
        self.callbacks.on_test_begin()
        logs = self._as_logs(engine.evaluate(*validation), len(validation[1]))
        self.callbacks.on_test_end(logs)
        return {f"val_{name}": value for name, value in logs.items()}

    def _call_back(self, *first, push=None):
        """Make the callbacks, of which a new History is one, those of the model."""
        self.callbacks = keras.callbacks.CallbackList(
            [*first, *self.user_callbacks],
            add_history=True,
            model=self.model,
            verbose=0,
            epochs=self.epochs,
            steps=self.n_steps,
            push=push,
        )

    def finish(self):
        """Let the callbacks end their work (restore the best weights) and report."""
        self.callbacks.on_train_end()
        return self.model.history

    def keras_loop(self, keras_fit):
        """Train with Keras's own loop, on the same batches in the same order."""
        batches = Batches(self, self.arrays, self.rows, self.batch_size)
        validation = self._validation_part()
        if validation is not None:
            validation = Batches(self, *validation, _EVALUATION_BATCH)

        # Keras looks at the first batches before the first epoch: they cannot tell when
        # an epoch starts.
        self._call_back(EpochDraws(self, batches))
        return keras_fit(
            batches,
            epochs=self.epochs,
            initial_epoch=self.initial_epoch,
            callbacks=self.callbacks,
            validation_data=validation,
            shuffle=False,
            verbose=0,
        )

    def draw_epoch(self):
        """Draw all that is random in an epoch."""
        dropout = [self.rng.integers(2**31, size=2) for _ in seed_states(self.model)]
        order = self.rows
        if self.shuffle:
            order = self.rows[self.rng.permutation(len(self.rows))]
        bend = self.rng.integers(2**32, size=2) if self.augmenter else None
        return Draws(dropout, order, bend)

    @staticmethod
    def _as_logs(sums, n_rows):
        loss, hits = sums / n_rows
        return {"loss": float(loss), "accuracy": float(hits)}


def _triple(validation_data):
    x, y, *weight = validation_data
    return x, np.asarray(y).reshape(-1).astype(np.int32), (*weight, None)[0]


def _has_batch_hook(callback):
    """Tell whether a callback wants to be called for each batch."""
    if isinstance(callback, keras.callbacks.ModelCheckpoint):
        return callback.save_freq != "epoch"
    return any(
        getattr(getattr(callback, hook), "__func__", None)
        is not getattr(keras.callbacks.Callback, hook)
        for hook in _BATCH_HOOKS
    )
