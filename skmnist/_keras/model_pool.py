"""The pool of models with compiled training programs."""

import threading
from collections import OrderedDict

from skmnist._keras.epoch_model import EpochModel
from skmnist._keras.model import (
    MaskDropout,
    build_network,
    get_state,
    set_optimizer_state,
)


class _ModelPool:
    """Models that have finished training, kept for the next fit of the same network.

    Building a model and compiling its program takes a second or more, and a
    cross-validation or a search fits the same architecture again and again. A model
    serves one fit at a time, so that threads may train in parallel.
    """

    def __init__(self, capacity):
        self._capacity = capacity
        self._idle = OrderedDict()
        self._lock = threading.Lock()

    def take(self, architecture):
        """Return a model of this architecture, as good as new but for its weights."""
        with self._lock:
            models = self._idle.pop(architecture, [])
            if len(models) > 1:
                self._idle[architecture] = models[:-1]
        if not models:
            return self.build(architecture)
        model = models[-1]
        set_optimizer_state(model, model.fresh_optimizer_state)
        return model

    def build(self, architecture):
        """Return a new model, whose program is not compiled yet."""
        model = build_network(
            architecture, model_class=EpochModel, dropout_class=MaskDropout
        )
        model.architecture = architecture
        model.fresh_optimizer_state = get_state(model)[1]
        return model

    def give_back(self, model):
        """Keep a model that no fit uses any longer."""
        architecture = getattr(model, "architecture", None)
        if architecture is None or model.interrupted:
            return
        with self._lock:
            models = self._idle.pop(architecture, [])
            self._idle[architecture] = [*models, model]
            while len(self._idle) > self._capacity:
                self._idle.popitem(last=False)


model_pool = _ModelPool(capacity=16)
