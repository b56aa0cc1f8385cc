"""TrainingLoop: trains a Keras model, by compiled epochs or by Keras's own loop."""

from skmnist._keras.backend import keras
from skmnist._keras.batches import Batches, EpochSetup
from skmnist._keras.callbacks import ObserverCallback, has_batch_hook, release
from skmnist._keras.dense_model_engine import DenseModelEngine
from skmnist._keras.model import build_metrics, loss_name
from skmnist._keras.program_engine import ProgramEngine
from skmnist._training.interruption import warn_of_interruption

_VALIDATION_BATCH = 256  # rows at a time in Keras's own loop


class TrainingLoop:
    """One training of a compiled Keras model.

    Parameters
    ----------
    model : keras.Model
        Trained by compiled epochs if it is an EpochModel and no callback needs single
        batches; otherwise by its own `fit`, on the same batches in the same order.
    epochs : Epochs
        The data and the randomness of each epoch.
    scale : float, default=1.0
        Divides the pixels of each batch.
    callbacks : list of keras.callbacks.Callback, default=()
        Called as by Keras. Afterwards they no longer refer to the model.
    observers : list of Observer, default=()
        Called after them.
    on_interrupt : callable, default=warn_of_interruption
        Called when Ctrl-C has ended the training.
    """

    def __init__(
        self,
        model,
        epochs,
        *,
        scale=1.0,
        callbacks=(),
        observers=(),
        on_interrupt=warn_of_interruption,
    ):
        self._model, self._epochs, self._scale = model, epochs, scale
        self._given_callbacks, self._observers = list(callbacks), list(observers)
        self._callbacks, self._on_interrupt = None, on_interrupt

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
        # The epoch at which BackupAndRestore resumes: not that of an earlier fit.
        self._model._initial_epoch = None
        try:
            if self._can_be_compiled():
                self._run_compiled()
            else:
                self._run_keras()
        except KeyboardInterrupt:
            if self._callbacks is None:  # nothing has been trained yet
                raise
            self._on_interrupt()
            self._model.interrupted = True
            self._callbacks.on_train_end()
        finally:
            for callback in self._given_callbacks:
                release(callback)
        return self._model.history.history

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
        engine = self.make_engine()
        if self._given_callbacks:
            build_metrics(self._model)
        self._start_callbacks()
        self._epochs.use(engine)
        self._model.stop_training = False
        self._callbacks.on_train_begin()
        try:
            first = self._model._initial_epoch or 0
            for epoch in range(first, self._epochs.count):
                self._run_epoch(engine, epoch)
                if self._model.stop_training:
                    break
        finally:
            engine.push()
        self._model.optimizer.finalize_variable_values(self._model.trainable_weights)
        self._callbacks.on_train_end()

    def _run_epoch(self, engine, epoch):
        # Callbacks may read and change the model: the engine's weights go to it before
        # they are called, and come back afterwards.
        self._callbacks.on_epoch_begin(epoch)
        engine.pull()
        logs = self._epochs.train(epoch)
        engine.push()
        if self._epochs.validation is not None:
            self._callbacks.on_test_begin()
            results = self._epochs.evaluate()
            self._callbacks.on_test_end(results)
            logs |= {f"val_{name}": value for name, value in results.items()}
        self._callbacks.on_epoch_end(epoch, logs)
        engine.pull()

    def make_engine(self):
        """Return an engine that trains the model."""
        architecture = getattr(self._model, "architecture", None)
        batch_size = self._epochs.batch_size
        fits = DenseModelEngine.supports(architecture, batch_size)
        fits = fits and not getattr(self._model, "fixed_norm", False)
        engine = DenseModelEngine if fits else ProgramEngine
        return engine(self._model, self._scale, batch_size)

    def _run_keras(self):
        """Train by Keras's own loop, on the same batches in the same order."""
        epochs, model, scale = self._epochs, self._model, self._scale
        batches = Batches(
            model, epochs.samples, epochs.batch_size, scale, epochs.augmenter
        )
        validation = epochs.validation
        if validation is not None:
            validation = Batches(model, validation, _VALIDATION_BATCH, scale)
        # A callback, since Keras reads the first batches before the first epoch starts.
        self._start_callbacks(EpochSetup(epochs, batches, validation))
        model.fit(
            batches,
            epochs=epochs.count,
            callbacks=self._callbacks,
            validation_data=validation,
            shuffle=False,
            verbose=0,
        )

    def _start_callbacks(self, *first):
        """Make the callbacks, and a new History, those of the model."""
        # Observers come last: an epoch that they interrupt is in the history.
        last = keras.callbacks.History(), ObserverCallback(self._observers)
        self._callbacks = keras.callbacks.CallbackList(
            [*first, *self._given_callbacks, *last],
            model=self._model,
            verbose=0,
            epochs=self._epochs.count,
            steps=self._epochs.n_steps,
        )
