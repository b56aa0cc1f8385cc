"""Training of the networks of an ensemble, one after another."""

from skmnist._estimator.engine_choice import choose_training
from skmnist._estimator.history import average_histories
from skmnist._training.observers import announce_network
from skmnist._training.state import join_networks


def train_networks(state, data, options, *, validation=None, task):
    """Train each network of an ensemble; a single network is an ensemble of one.

    Parameters
    ----------
    state : NetworkState
        The networks to start from. Their generators are advanced.
    data, options, validation, task : object
        As in `skmnist._keras.fit.train`, and so are errors and warnings.

    Returns
    -------
    state : NetworkState
        The trained networks. After Ctrl-C, those whose training was complete, or the
        first if none was.
    history : dict of str to list of float
        For each metric and epoch the mean over the networks.
    best_epoch : int or None
        Counted from 1. None without early stopping, and for several networks, each of
        which has its own.
    """
    train, results = choose_training(state, data, options), []
    networks = state.networks()
    for number, network in enumerate(networks, start=1):
        if options.verbose and len(networks) > 1:
            announce_network(number, len(networks))
        result = train(network, data, options, validation=validation, task=task)
        if task.interrupted and results:
            break
        results.append(result)
        if task.interrupted:
            break
    trained, histories, best_epochs = zip(*results, strict=True)
    best_epoch = best_epochs[0] if len(networks) == 1 else None
    return join_networks(trained), average_histories(histories), best_epoch
