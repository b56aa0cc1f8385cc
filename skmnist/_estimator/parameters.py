"""The rules for MNISTClassifier's parameters."""

import inspect
from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state

from skmnist._network.onnx_graph import ACTIVATIONS
from skmnist._training.augmentation import make_augmentation
from skmnist._training.options import TrainingOptions
from skmnist._training.schedule import AFTERWARDS, SCHEDULES

OPTIMIZERS = (
    "adadelta",
    "adagrad",
    "adam",
    "adamax",
    "adamw",
    "ftrl",
    "lion",
    "nadam",
    "rmsprop",
    "sgd",
)

# Training computes in single precision, where numbers above this one are infinite.
_LARGEST_NUMBER = float(np.finfo(np.float32).max)

# name: (type, lowest, highest, whether the bounds themselves are allowed)
_NUMBERS = {
    "dropout": (Real, 0, 1, (True, False)),
    "learning_rate": (Real, 0, _LARGEST_NUMBER, (False, False)),
    "batch_size": (Integral, 1, np.inf, (True, False)),
    "epochs": (Integral, 1, np.inf, (True, False)),
    "label_smoothing": (Real, 0, 1, (True, False)),
    "weight_averaging": (Real, 0, 1, (True, False)),
    "alpha": (Real, 0, _LARGEST_NUMBER, (True, False)),
    "validation_fraction": (Real, 0, 1, (False, False)),
    "n_iter_no_change": (Integral, 1, np.inf, (True, False)),
    "n_estimators": (Integral, 1, np.inf, (True, False)),
    "verbose": (Integral, 0, np.inf, (True, False)),
}
# As in MLPClassifier: no number of epochs without improvement is too many.
_MAY_BE_INFINITE = ("n_iter_no_change",)
_FLAGS = ("batch_norm", "early_stopping", "warm_start", "calibrate")
_CHOICES = {
    "activation": tuple(ACTIVATIONS),
    "optimizer": OPTIMIZERS,
    "learning_rate_schedule": SCHEDULES,
}
NETWORKS = ("dense", "conv")


def network_parameters(estimator):
    """Return the parameters of MNISTClassifier that an estimator has.

    They are read as attributes, because the constructor of a subclass may have other
    parameters, which is all that its `get_params` returns.

    Parameters
    ----------
    estimator : MNISTClassifier
        The estimator, possibly of a subclass.

    Returns
    -------
    dict of str to object
        The parameters by name.
    """
    return {name: getattr(estimator, name) for name in estimator._defaults()}


def own_parameters(estimator):
    """Return the parameters that only a subclass has.

    Parameters
    ----------
    estimator : MNISTClassifier
        The estimator, possibly of a subclass.

    Returns
    -------
    dict of str to object
        The parameters by name; empty for MNISTClassifier itself.
    """
    names = inspect.signature(type(estimator)).parameters.keys() - estimator._defaults()
    return {n: getattr(estimator, n) for n in sorted(names) if hasattr(estimator, n)}


def check_parameters(estimator):
    """Raise for the first parameter that breaks its rule.

    Parameters
    ----------
    estimator : MNISTClassifier
        The estimator to check.

    Raises
    ------
    TypeError
        If a parameter is of the wrong type.
    ValueError
        If its value is not allowed.
    """
    check_parameter_values(network_parameters(estimator) | own_parameters(estimator))


def check_parameter_values(params):
    """Raise for the first parameter that breaks its rule.

    Parameters
    ----------
    params : dict of str to object
        All parameters of MNISTClassifier, and possibly those of a subclass.

    Raises
    ------
    TypeError
        If a parameter is of the wrong type.
    ValueError
        If its value is not allowed.
    """
    for name, rule in _NUMBERS.items():
        _check_number(name, params[name], *rule)
    for name in _FLAGS:
        if not isinstance(params[name], (bool, np.bool_)):
            raise TypeError(f"`{name}` must be True or False, got {params[name]!r}.")
    for name, choices in _CHOICES.items():
        value = params[name]
        if not isinstance(value, str) or value not in choices:
            listed = ", ".join(map(repr, choices))
            raise ValueError(f"`{name}` must be one of {listed}, got {value!r}.")
    if params["early_stopping"] and params["weight_averaging"]:
        raise ValueError(
            "`weight_averaging` must be 0 with `early_stopping`, which keeps the "
            f"weights of one epoch, got {params['weight_averaging']!r}."
        )
    _check_network(params["network"], params)
    if callable(params["network"]) and params["n_estimators"] > 1:
        raise ValueError(
            "`n_estimators` must be 1 where `network` is a function, got "
            f"{params['n_estimators']!r}. "
            "sklearn.ensemble.VotingClassifier(voting='soft') combines any classifiers."
        )
    try:
        check_random_state(params["random_state"])
    except ValueError:
        raise ValueError(
            "`random_state` must be None, an integer from 0 to 2**32 - 1 or a "
            f"numpy.random.RandomState, got {params['random_state']!r}."
        ) from None
    check_widths("hidden_layer_sizes", params["hidden_layer_sizes"])
    if not check_widths("filters", params["filters"]):
        raise ValueError("`filters` must hold at least one number, got none.")
    make_augmentation(params["augmentation"])
    _check_class_weight(params["class_weight"])
    _check_callbacks(params["callbacks"])


def training_options(estimator):
    """Return the training options that the parameters of an estimator set.

    Parameters
    ----------
    estimator : MNISTClassifier
        The estimator, already checked by `check_parameters`.

    Returns
    -------
    TrainingOptions
        Everything that training depends on besides the network and the data.
    """
    params = network_parameters(estimator)
    patience = params["n_iter_no_change"] if params["early_stopping"] else None
    return TrainingOptions(
        epochs=params["epochs"],
        batch_size=params["batch_size"],
        learning_rate=params["learning_rate"],
        schedule=params["learning_rate_schedule"],
        augmentation=make_augmentation(params["augmentation"]),
        patience=patience,
        weight_averaging=params["weight_averaging"],
        callbacks=tuple(params["callbacks"] or ()),
        verbose=bool(params["verbose"]),
    )


def partial_fit_options(estimator, data, *, resume):
    """Return the training options of a call of partial_fit.

    Parameters
    ----------
    estimator : MNISTClassifier
        The estimator, already checked by `check_parameters`.
    data : TrainingData
        The training data.
    resume : bool
        Whether a fitted network is trained.

    Returns
    -------
    TrainingOptions
        Those of one epoch at a constant rate.
    """
    options = training_options(estimator)._replace(
        epochs=1, patience=None, weight_averaging=0.0
    )
    if options.schedule != "constant":
        rate = options.learning_rate * AFTERWARDS
        options = options._replace(schedule="constant", learning_rate=rate)
    # Statistics of less than a batch, or of rows that lack a class, are not those of
    # all images: with them, the network would learn little and unlearn other digits.
    has_all = len(np.unique(data.indices)) == len(data.classes)
    is_small = resume and (not has_all or len(data.indices) < options.batch_size)
    return options._replace(fixed_norm=is_small and bool(estimator.batch_norm))


def check_partial_fit_parameters(estimator, *, is_fitted):
    """Raise for the first parameter that needs all data at once.

    Parameters
    ----------
    estimator : MNISTClassifier
        The estimator, already checked by `check_parameters`.
    is_fitted : bool
        Whether it continues an earlier training, whose calibration stays and whose
        schedule is over.

    Raises
    ------
    ValueError
        If `class_weight` is "balanced"; or, in the first call, `early_stopping` or
        `calibrate` is True, `weight_averaging` is not 0 or `learning_rate_schedule` is
        not "constant".
    """
    for name in () if is_fitted else ("early_stopping", "calibrate"):
        if getattr(estimator, name):
            raise ValueError(
                f"`{name}` must be False for the first partial_fit, got True."
            )
    if estimator.weight_averaging and not is_fitted:
        raise ValueError(
            "`weight_averaging` must be 0 for the first partial_fit, which has no last "
            f"epochs, got {estimator.weight_averaging!r}."
        )
    if estimator.learning_rate_schedule != "constant" and not is_fitted:
        raise ValueError(
            "`learning_rate_schedule` must be 'constant' for the first partial_fit, "
            f"which has no last step, got {estimator.learning_rate_schedule!r}."
        )
    if isinstance(estimator.class_weight, str):
        raise ValueError(
            "`class_weight` must be None or a dict for partial_fit, which does not "
            f"see all labels at once, got {estimator.class_weight!r}."
        )


def check_widths(name, widths):
    """Return the widths of layers as a tuple of int.

    Parameters
    ----------
    name : str
        Name of the parameter, for the error.
    widths : int or sequence of int
        One width, or one for each layer.

    Returns
    -------
    tuple of int
        One width for each layer; may be empty.

    Raises
    ------
    ValueError
        If a width is not an integer of at least 1.
    """
    listed = np.atleast_1d(np.asarray(widths, dtype=object)).ravel()
    for width in listed:
        if not isinstance(width, Integral) or isinstance(width, bool) or width < 1:
            raise ValueError(
                f"`{name}` must be an integer or a sequence of integers, each at "
                f"least 1, got {widths!r}."
            )
    return tuple(int(width) for width in listed)


def _check_number(name, value, kind, low, high, inclusive):
    if name in _MAY_BE_INFINITE and isinstance(value, Real) and value == np.inf:
        return
    # `verbose` may be True or False, as in other estimators.
    is_flag = isinstance(value, (bool, np.bool_)) and name != "verbose"
    if not isinstance(value, kind) or is_flag:
        noun = "an integer" if kind is Integral else "a number"
        raise TypeError(f"`{name}` must be {noun}, got {value!r}.")
    # NumPy's own numbers would be compared in their precision, where `high` overflows.
    value = value.item() if isinstance(value, np.generic) else value
    above = value >= low if inclusive[0] else value > low
    if not (above and value < high):
        rule = f"at least {low}" if inclusive[0] else f"above {low}"
        if high < _LARGEST_NUMBER:
            rule += f" and below {high}"
        elif above:
            rule = "finite" if value == np.inf else f"at most {high:.2g}"
        raise ValueError(f"`{name}` must be {rule}, got {value!r}.")


def _check_network(network, params):
    if isinstance(network, str) and network in NETWORKS:
        return
    names = ", ".join(map(repr, NETWORKS))
    rule = (
        f"`network` must be one of {names} or a function `network(meta, **params)` "
        "that returns a new keras.Model"
    )
    if not callable(network):
        raise ValueError(f"{rule}, got {network!r:.100}.")
    if isinstance(network, type):
        raise TypeError(
            f"{rule}, got the class {network.__name__}: pass a function that makes an "
            "instance of it."
        )
    # Models and layers of Keras and of PyTorch can be called, too, but with pixels.
    if hasattr(network, "get_weights") or hasattr(network, "state_dict"):
        raise TypeError(
            f"{rule}, got a {type(network).__name__}: every fit starts with a new "
            "network, so pass the function that builds it."
        )
    try:
        signature = inspect.signature(network)
        signature.bind({}, **{n: None for n in signature.parameters if n in params})
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{rule}; `params` are the parameters of the estimator that it names. Got "
            f"{network!r:.100}: {error}."
        ) from None


def _check_class_weight(class_weight):
    if class_weight is None or isinstance(class_weight, dict):
        return
    if not isinstance(class_weight, str) or class_weight != "balanced":
        raise ValueError(
            "`class_weight` must be None, 'balanced' or a dict of class label to "
            f"weight, got {class_weight!r}."
        )


def _check_callbacks(callbacks):
    if callbacks is None:
        return
    if not isinstance(callbacks, (list, tuple)) or any(
        not hasattr(callback, "on_epoch_end") for callback in callbacks
    ):
        raise TypeError(
            "`callbacks` must be None or a list of keras.callbacks.Callback "
            f"(use set_callbacks for scikit-learn's), got {callbacks!r}."
        )
