"""The pool of models with compiled training programs."""

import threading
from collections import OrderedDict

from skmnist._keras.epoch_model import EpochModel
from skmnist._keras.model import (
    FixedBatchNormalization,
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

    Parameters
    ----------
    capacity : int
        The most models to keep, about 10 MB each. Those of the network that has been
        out of use for the longest time are dropped first.
    """

    def __init__(self, capacity):
        self._capacity = capacity
        self._idle = OrderedDict()
        self._lock = threading.Lock()

    def take(self, architecture, fixed_norm=False):
        """Return a model of this architecture, as good as new but for its weights."""
        key = architecture, fixed_norm
        with self._lock:
            models = self._idle.pop(key, [])
            if len(models) > 1:
                self._idle[key] = models[:-1]
        if not models:
            return self.build(architecture, fixed_norm)
        model = models[-1]
        set_optimizer_state(model, model.fresh_optimizer_state)
        return model

    def build(self, architecture, fixed_norm=False):
        """Return a new model, whose program is not compiled yet."""
        classes = {"model_class": EpochModel, "dropout_class": MaskDropout}
        if fixed_norm:
            classes["norm_class"] = FixedBatchNormalization
        model = build_network(architecture, **classes)
        model.architecture, model.fixed_norm = architecture, fixed_norm
        model.fresh_optimizer_state = get_state(model)[1]
        return model

    def give_back(self, model):
        """Keep a model that no fit uses any longer."""
        if getattr(model, "architecture", None) is None or model.interrupted:
            return
        key = model.architecture, model.fixed_norm
        with self._lock:
            self._idle[key] = [*self._idle.pop(key, []), model]
            while sum(map(len, self._idle.values())) > self._capacity:
                oldest = next(iter(self._idle))
                self._idle[oldest].pop()
                if not self._idle[oldest]:
                    del self._idle[oldest]


model_pool = _ModelPool(capacity=16)
