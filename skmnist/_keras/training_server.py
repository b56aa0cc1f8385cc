"""TrainingServer: the side of a TrainingProcess on which TensorFlow runs."""

import os
import pickle
import signal
import sys

import numpy as np


class TrainingServer:
    """Trains the network of a ProcessEngine; its methods are called by name."""

    def __init__(self):
        self._model = self._engine = None

    def has_gpu(self):
        """Return whether TensorFlow would compute on a GPU."""
        from skmnist._keras.backend import has_gpu

        return has_gpu()

    def begin(self, architecture, fixed_norm, scale, batch_size):
        """Take or build the model of an architecture."""
        from skmnist._keras.model_pool import model_pool
        from skmnist._keras.program_engine import ProgramEngine

        self.end()
        self._model = model_pool.take(architecture, fixed_norm)
        self._model.interrupted = False
        self._engine = ProgramEngine(self._model, scale, batch_size)

    def end(self):
        """Keep the model for the next fit."""
        from skmnist._keras.model_pool import model_pool

        if self._model is not None:
            model_pool.give_back(self._model)
        self._model = self._engine = None

    def set_state(self, weights, optimizer_state):
        """Set the weights and the optimizer's state."""
        self._engine.set_state(weights, optimizer_state)

    def get_state(self):
        """Return the weights and the optimizer's state."""
        return self._engine.get_state()

    def set_learning_rate(self, learning_rate):
        """Set the learning rate of the next steps."""
        self._model.optimizer.learning_rate = learning_rate

    def begin_epoch(self, seeds):
        """Seed the dropout of the next epoch."""
        self._engine.begin_epoch(seeds)

    def train(self, arrays, n_padded, multipliers):
        """Train on rows, in their order."""
        data = self._engine.prepare(*arrays, n_padded)
        return self._engine.train(data, np.arange(len(arrays[0])), multipliers)

    def evaluate(self, arrays, n_padded, hit_weight):
        """Evaluate the network on rows."""
        data = self._engine.prepare(*arrays, n_padded)
        return self._engine.evaluate(data, np.arange(len(arrays[0])), hit_weight)


def serve():
    """Answer the calls that come by standard input; exit when it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    calls = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    # Nothing that a library prints may get between the answers.
    os.dup2(2, 1)
    server = TrainingServer()
    while True:
        try:
            name, arguments = pickle.load(calls)
        except EOFError:
            os._exit(0)  # the end of an interpreter with TensorFlow takes a second
        try:
            answer = getattr(server, name)(*arguments), None
        except Exception as error:
            answer = None, _as_builtin(error)
        pickle.dump(answer, answers, protocol=5)
        answers.flush()


def _as_builtin(error):
    """Return an error that can be pickled, and read without TensorFlow."""
    kind = type(error)
    if kind.__module__ == "builtins":
        return error
    return RuntimeError(f"{kind.__name__}: {error}")
