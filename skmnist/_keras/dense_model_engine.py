"""DenseModelEngine: the dense engine, with a Keras model that callbacks can use."""

from skmnist._keras.model import get_state, set_state
from skmnist._training.dense_engine import DenseEngine


class DenseModelEngine(DenseEngine):
    """Trains copies of the weights of a Keras model.

    Parameters
    ----------
    model : keras.Model
        With an `architecture` that `supports` accepts.
    scale : float
        Divides the pixels.
    batch_size : int
        Rows in a step.
    """

    def __init__(self, model, scale, batch_size):
        super().__init__(model.architecture, scale, batch_size)
        self._model = model
        self.pull()

    def pull(self):
        """Copy the weights and the optimizer's state from the Keras model."""
        self.set_state(*get_state(self._model))

    def push(self):
        """Copy the weights and the optimizer's state to the Keras model."""
        set_state(self._model, *self.get_state())
