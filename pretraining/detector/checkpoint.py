"""Checkpoints: all that a training needs to go on as if it had not stopped."""

import os
from pathlib import Path

import keras
import numpy as np


class Average:
    """A running average of a model's weights, its normalizations' statistics included.

    It is what a lower learning rate would come to: Izmailov et al., "Averaging weights
    leads to wider optima and better generalization", UAI 2018.

    Parameters
    ----------
    model : keras.Model
        Whose weights are averaged.

    Attributes
    ----------
    weights : list of ndarray
        In the order of the model's.
    n_added : int
        How often weights were added.
    """

    # The share of the newest weights; the average spans some fifty.
    _LEAST_SHARE = 0.02

    def __init__(self, model):
        self.weights, self.n_added = model.get_weights(), 0

    def add(self, model):
        """Add the model's present weights."""
        self.n_added += 1
        share = max(self._LEAST_SHARE, 1 / self.n_added)
        for average, weight in zip(self.weights, model.get_weights(), strict=True):
            average += np.float32(share) * (weight - average)


def save_checkpoint(path, model, average, step):
    """Write a checkpoint, whole or not at all.

    Parameters
    ----------
    path : path
        The file, an npz.
    model : keras.Model
        Compiled; its weights and its optimizer's state are kept.
    average : Average
        Of its weights.
    step : int
        How many steps were done.
    """
    arrays = {"step": np.array(step)}
    arrays["n_added"] = np.array(average.n_added)
    arrays |= {f"weight_{i}": w for i, w in enumerate(model.get_weights())}
    arrays |= {f"average_{i}": w for i, w in enumerate(average.weights)}
    for i, variable in enumerate(model.optimizer.variables):
        arrays[f"optimizer_{i}"] = keras.ops.convert_to_numpy(variable.value)
    path = Path(path)
    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as file:
        np.savez(file, **arrays)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load_checkpoint(path, model, average):
    """Read a checkpoint into a model and its average.

    Parameters
    ----------
    path : path
        Of `save_checkpoint`.
    model : keras.Model
        Compiled, of the same layers.
    average : Average
        Of its weights.

    Returns
    -------
    int
        How many steps were done.
    """
    with np.load(path) as arrays:
        n_weights = len(model.weights)
        model.set_weights([arrays[f"weight_{i}"] for i in range(n_weights)])
        average.weights = [arrays[f"average_{i}"] for i in range(n_weights)]
        average.n_added = int(arrays["n_added"])
        model.optimizer.build(model.trainable_variables)
        for i, variable in enumerate(model.optimizer.variables):
            variable.assign(arrays[f"optimizer_{i}"])
        return int(arrays["step"])
