"""Where a training starts: a new network, or that of an earlier fit."""

import copy

import numpy as np
from sklearn.utils import check_random_state

from skmnist._data.images import as_rows, square_shape
from skmnist._data.labels import as_labels
from skmnist._estimator.parameters import (
    check_widths,
    network_parameters,
    own_parameters,
)
from skmnist._estimator.scaler import make_inner_scaler
from skmnist._network.architecture import Architecture
from skmnist._training.data import class_indices
from skmnist._training.state import NetworkState, join_networks


def fresh_state(estimator, data, image_shape):
    """Fit the scaler and draw the initial weights of each network.

    Parameters
    ----------
    estimator : MNISTClassifier
        The estimator, for its parameters.
    data : TrainingData
        The data to train on.
    image_shape : tuple of (int, int) or None
        Height and width of the images, if known.

    Returns
    -------
    NetworkState
        Where training starts.
    """
    random_state = estimator.random_state
    if random_state is None:
        # Fresh entropy: the global generator belongs to the user.
        random_state = np.random.RandomState()
    random_state = check_random_state(random_state)
    seeds = [
        random_state.randint(np.iinfo(np.int32).max)
        for _ in range(estimator.n_estimators)
    ]
    architecture = _make_architecture(estimator, data, image_shape)
    meta = {
        "n_features_in_": data.all_rows.shape[1],
        "n_classes_": len(data.classes),
        "classes_": data.classes,
        "image_shape_": image_shape,
        "pixel_dtype_": data.all_rows.dtype,
        "seed": seeds[0],
    }
    scaler = make_inner_scaler().fit(data.extremes())
    custom = _custom_network(estimator)

    def start(seed):
        # By name, because the saved file holds the state of this kind of generator.
        rng = np.random.Generator(np.random.PCG64(seed))
        weights = None if architecture is None else architecture.initial_weights(rng)
        return NetworkState(architecture, custom, meta, scaler, rng, weights)

    return join_networks([start(seed) for seed in seeds])


def resumed_state(estimator, state, data):
    """Return the state of an earlier fit, if the data and the parameters match it.

    Parameters
    ----------
    estimator : MNISTClassifier
        The estimator, for its parameters.
    state : NetworkState
        The state after the earlier fit.
    data : TrainingData
        The data to train on.

    Returns
    -------
    NetworkState
        The state that was given.

    Raises
    ------
    ValueError
        If the classes, the number of features, the network or the number of networks
        differ.
    """
    classes, n_features = state.meta["classes_"], state.meta["n_features_in_"]
    if not np.array_equal(classes, data.classes):
        raise ValueError(
            "To continue training, `y` must have the classes of the earlier fit, "
            f"{classes.tolist()}, got {data.classes.tolist()}."
        )
    if data.all_rows.shape[1] != n_features:
        raise ValueError(
            f"To continue training, `X` must have {n_features} features as in the "
            f"earlier fit, got {data.all_rows.shape[1]}."
        )
    architecture = _make_architecture(estimator, data, state.meta["image_shape_"])
    custom = _custom_network(estimator)
    if architecture != state.architecture or (custom and custom[0]) != (
        state.custom and state.custom[0]
    ):
        raise ValueError(
            "To continue training, the network must be that of the earlier fit, "
            f"{state.architecture or state.custom[0]}, got "
            f"{architecture or custom[0]}."
        )
    networks = state.networks()
    if len(networks) != estimator.n_estimators:
        raise ValueError(
            "To continue training, `n_estimators` must be the number of networks of "
            f"the earlier fit, {len(networks)}, got {estimator.n_estimators}. Set it "
            "to that number, or fit a new classifier."
        )
    state.scaler.check_range(data.extremes())
    # The generators are copied: training advances them, also in a fit that fails later.
    return join_networks(
        [network._replace(rng=copy.deepcopy(network.rng)) for network in networks]
    )


def check_validation_data(estimator, X_val, y_val, state):
    """Return the validation data as rows of raw pixels and class indices.

    Parameters
    ----------
    estimator : MNISTClassifier
        The estimator, which has already validated the training data.
    X_val : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
        Raw pixels, or images as in `fit`.
    y_val : array-like of shape (n_samples,)
        Labels.
    state : NetworkState
        Where training starts.

    Returns
    -------
    rows : ndarray of shape (n_samples, n_features)
        Raw pixels.
    indices : ndarray of shape (n_samples,), int
        Class indices.

    Raises
    ------
    ValueError
        If one of the two is missing, or they do not match the training data.
    """
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(
            f"`X_val` and `y_val` must be given together, got None for `{missing}`."
        )
    y_val = as_labels(y_val, "y_val")
    rows, y_val = as_rows(estimator, X_val, y_val, reset=False)
    state.scaler.check_range(rows)
    return rows, class_indices(y_val, state.meta["classes_"], "y_val")


def _custom_network(estimator):
    if not callable(estimator.network):
        return None
    params = network_parameters(estimator) | own_parameters(estimator)
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
