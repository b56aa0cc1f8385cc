"""Training of the networks of an ensemble, one after another."""

from skmnist._estimator.engine_choice import choose_training
from skmnist._estimator.history import average_histories
from skmnist._training.observers import announce_network
from skmnist._training.state import join_networks


def train_networks(state, data, options, *, validation=None, task, resume=False):
    """Train each network of an ensemble; a single network is an ensemble of one.

    Parameters
    ----------
    state : NetworkState
        The networks to start from. Their generators are advanced.
    data, options, validation, task : object
        As in `skmnist._keras.fit.train`, and so are errors and warnings.
    resume : bool, default=False
        Whether the networks are those of an earlier fit.

    Returns
    -------
    state : NetworkState
        The trained networks. After Ctrl-C or the wish of a callback, those of an
        earlier fit that were not reached are as they were; of new networks, those whose
        training was complete, or the first if none was.
    history : dict of str to list of float
        For each metric and epoch, the mean over the networks that it trained.
    best_epoch : int or None
        Counted from 1. None without early stopping, and for several networks, each of
        which has its own.
    """
    train, histories, best_epochs = choose_training(state, data, options), [], []
    networks = state.networks()
    task.networks = list(networks) if resume else []
    for task.position, network in enumerate(networks):
        if options.verbose and len(networks) > 1:
            announce_network(task.position + 1, len(networks))
        try:
            result = train(network, data, options, validation=validation, task=task)
        except KeyboardInterrupt:  # not in an epoch
            if not histories:
                raise
            task.interrupt()
            break
        # The part of a training is worth less than the networks that are complete.
        if task.interrupted and histories and not resume:
            break
        trained, history, best_epoch = result
        task.networks = task.networks_with(trained)
        histories.append(history)
        best_epochs.append(best_epoch)
        if task.interrupted or task.stopped:
            break
    best_epoch = best_epochs[0] if len(task.networks) == 1 else None
    return join_networks(task.networks), average_histories(histories), best_epoch
