"""NetworkState: all that a fitted network is, in arrays and plain values."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from skmnist._data.images import square_shape
from skmnist._estimator.parameters import check_widths
from skmnist._estimator.scaler import PixelScaler
from skmnist._network.architecture import Architecture


class NetworkState(NamedTuple):
    """What predicts, and what training goes on from; nothing of Keras.

    Attributes
    ----------
    architecture : Architecture or None
        None for a network that a user's function builds.
    custom : tuple of (callable, dict) or None
        Such a function, and the estimator's parameters when it was fitted.
    meta : dict
        What is known of the data, which such a function is told.
    scaler : PixelScaler
        Fitted.
    rng : numpy.random.Generator
        Draws all that is random in the next epochs.
    weights : list of ndarray or None
        None before the first training of a user's network.
    optimizer_state : list of ndarray or None
        None before the first training.
    temperature : float
        What the logits are divided by, so that probabilities are calibrated.
    """

    architecture: Architecture | None
    custom: tuple | None
    meta: dict
    scaler: PixelScaler
    rng: np.random.Generator
    weights: list | None = None
    optimizer_state: list | None = None
    temperature: float = 1.0


class OnDemand:
    """What is made from the state when somebody asks; not pickled and not copied."""

    def __init__(self):
        self.session = None
        self.pipeline = None

    def __reduce__(self):
        return OnDemand, ()


def fresh_state(estimator, data, image_shape):
    """Fit the scaler and draw the initial weights.

    Parameters
    ----------
    estimator : MNISTClassifier
        Whose parameters are used.
    data : TrainingData
        What the network will be trained on.
    image_shape : tuple of (int, int) or None
        Height and width, where `X` had them.

    Returns
    -------
    NetworkState
        Where training starts.
    """
    random_state = estimator.random_state
    if random_state is None:
        # Fresh entropy: NumPy's global generator is the user's.
        random_state = np.random.RandomState()
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max)
    # By name, since the saved file holds the state of this generator.
    rng = np.random.Generator(np.random.PCG64(seed))
    architecture = _make_architecture(estimator, data, image_shape)
    weights = None if architecture is None else architecture.initial_weights(rng)
    meta = {
        "n_features_in_": data.all_rows.shape[1],
        "n_classes_": len(data.classes),
        "classes_": data.classes,
        "image_shape_": image_shape,
        "pixel_dtype_": data.all_rows.dtype,
        "seed": seed,
    }
    scaler = PixelScaler().fit(data.extremes())
    return NetworkState(
        architecture, _custom_network(estimator), meta, scaler, rng, weights
    )


def resumed_state(estimator, state, data):
    """Return the state to go on from, where it fits the data and the parameters.

    Parameters
    ----------
    estimator : MNISTClassifier
        Whose parameters are used.
    state : NetworkState
        Of the earlier fit.
    data : TrainingData
        What the network will be trained on.

    Returns
    -------
    NetworkState
        The same.

    Raises
    ------
    ValueError
        If the classes, the number of features or the network are others.
    """
    classes, n_features = state.meta["classes_"], state.meta["n_features_in_"]
    if not np.array_equal(classes, data.classes):
        raise ValueError(
            "To go on training, `y` must have the classes of the earlier fit, "
            f"{classes.tolist()}, got {data.classes.tolist()}."
        )
    if data.all_rows.shape[1] != n_features:
        raise ValueError(
            f"To go on training, `X` must have {n_features} features as in the earlier "
            f"fit, got {data.all_rows.shape[1]}."
        )
    architecture = _make_architecture(estimator, data, state.meta["image_shape_"])
    custom = _custom_network(estimator)
    if architecture != state.architecture or (custom and custom[0]) != (
        state.custom and state.custom[0]
    ):
        raise ValueError(
            "To go on training, the network must be that of the earlier fit, "
            f"{state.architecture or state.custom[0]}, got "
            f"{architecture or custom[0]}."
        )
    state.scaler.check_range(data.extremes())
    return state


def _custom_network(estimator):
    if not callable(estimator.network):
        return None
    params = estimator.get_params(deep=False)
    network = params.pop("network")
    return network, {name: v for name, v in params.items() if name != "callbacks"}


def _make_architecture(estimator, data, image_shape):
    if callable(estimator.network):
        return None
    n_features, filters = data.all_rows.shape[1], ()
    if estimator.network == "conv":
        filters = check_widths("filters", estimator.filters)
        image_shape = image_shape or square_shape(n_features, "`network='conv'`")
    return Architecture(
        n_features=n_features,
        n_classes=len(data.classes),
        hidden_layer_sizes=check_widths(
            "hidden_layer_sizes", estimator.hidden_layer_sizes
        ),
        activation=estimator.activation,
        dropout=float(estimator.dropout),
        batch_norm=bool(estimator.batch_norm),
        alpha=float(estimator.alpha),
        optimizer=estimator.optimizer,
        label_smoothing=float(estimator.label_smoothing),
        filters=filters,
        image_shape=tuple(map(int, image_shape)) if filters else None,
    )
