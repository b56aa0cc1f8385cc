"""NetworkState: a network before, during or after training, as arrays and values."""

from typing import NamedTuple

import numpy as np

from skmnist._network.architecture import Architecture


class NetworkState(NamedTuple):
    """All that predictions and further training need, free of Keras objects.

    Attributes
    ----------
    architecture : Architecture or None
        The layers. None for a network that a user's function builds.
    custom : tuple of (callable, dict) or None
        The user's function, and the estimator's parameters when it was fitted.
    meta : dict
        Facts about the data: `n_features_in_`, `n_classes_`, `classes_`,
        `image_shape_`, `pixel_dtype_` and an integer `seed`.
    scaler : PixelScaler
        The fitted scaler.
    rng : numpy.random.Generator
        The source of everything random in the next epochs.
    weights : list of ndarray or None
        In Keras's order. None before the first training of a user's network.
    optimizer_state : list of ndarray or None
        In Keras's order. None before the first training.
    temperature : float
        The logits are divided by it to calibrate the probabilities.
    others : tuple of NetworkState
        The further networks of an ensemble. They differ in `rng`, `weights` and
        `optimizer_state`; of `temperature`, only that of the first network counts.
    """

    architecture: Architecture | None
    custom: tuple | None
    meta: dict
    scaler: object
    rng: np.random.Generator
    weights: list | None = None
    optimizer_state: list | None = None
    temperature: float = 1.0
    others: tuple = ()

    def networks(self):
        """Return the state of each network of the ensemble, of which this is one.

        Returns
        -------
        list of NetworkState
            Without `others`. A single network is an ensemble of one.
        """
        return [self._replace(others=()), *self.others]

    def all_weights(self):
        """Return the weights of all networks, one after another.

        Returns
        -------
        list of ndarray
            For each network in Keras's order.
        """
        return [array for network in self.networks() for array in network.weights]


def join_networks(networks):
    """Return the state of an ensemble.

    Parameters
    ----------
    networks : list of NetworkState
        One or more networks, as `NetworkState.networks` returns them.

    Returns
    -------
    NetworkState
        The first network, with the others in `others`.
    """
    first, *others = networks
    return first._replace(others=tuple(others))
