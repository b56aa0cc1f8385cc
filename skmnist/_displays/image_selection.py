"""Choosing the images to show: the first, a random sample, or the mistakes."""

from collections import Counter

import numpy as np
from sklearn.utils import check_random_state


def select_images(select, n_images, predictions, random_state):
    """Return the indices of the images to show, in order.

    Parameters
    ----------
    select : {"first", "random", "wrong"} or tuple of two labels
        All in order, all in random order, the misclassified ones, or those with the
        true label `select[0]` and the predicted label `select[1]`. The last two are
        sorted by decreasing confidence.
    n_images : int
        The number of images.
    predictions : tuple of (y_true, y_pred, confidence) or None
        Arrays of shape (n_images,). If `confidence` is None, mistakes keep their order.
    random_state : int, RandomState instance or None
        Determines the random order.

    Returns
    -------
    ndarray of shape (n_selected,), int
        The indices.

    Raises
    ------
    ValueError
        If `select` is none of these, or needs predictions and there are none.
    """
    is_pair = isinstance(select, (tuple, list)) and len(select) == 2
    is_name = isinstance(select, str) and select in ("first", "random", "wrong")
    if not is_pair and not is_name:
        raise ValueError(
            "`select` must be 'first', 'random', 'wrong' or a tuple of true and "
            f"predicted label, got {select!r}."
        )
    if select == "first":
        return np.arange(n_images)
    if select == "random":
        return check_random_state(random_state).permutation(n_images)
    if predictions is None:
        raise ValueError(
            "`select` must be 'first' or 'random' if there are no predictions, got "
            f"{select!r}."
        )
    y_true, y_pred, confidence = predictions
    if is_pair:
        _check_pair(select, y_true, y_pred)
        found = np.flatnonzero((y_true == select[0]) & (y_pred == select[1]))
    else:
        found = np.flatnonzero(y_true != y_pred)
    if confidence is None:
        return found
    return found[np.argsort(-confidence[found], kind="stable")]


def describe_selection(select, n_selected, n_images):
    """Return a heading for the selected mistakes.

    Parameters
    ----------
    select : as in `select_images`
        What was selected.
    n_selected, n_images : int
        The number of images selected, and of all images.

    Returns
    -------
    str
        Such as "4 of 90 misclassified". Empty if `select` is "first" or "random".
    """
    if select in ("first", "random"):
        return ""
    if select == "wrong":
        return f"{n_selected or 'None'} of {n_images} misclassified"
    true, predicted = select
    times = {0: "never", 1: "once"}.get(n_selected, f"{n_selected} times")
    return f"{true} predicted as {predicted}: {times}"


def count_confusions(y_true, y_pred):
    """Return the confusions of labels, the most frequent first.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n_samples,)
        True and predicted labels.

    Returns
    -------
    list of tuple of (label, label, int)
        True label, predicted label and number of samples.
    """
    wrong = y_true != y_pred
    pairs = zip(y_true[wrong].tolist(), y_pred[wrong].tolist(), strict=True)
    counts = sorted(Counter(pairs).items(), key=lambda item: (-item[1], item[0]))
    return [(*pair, count) for pair, count in counts]


def _check_pair(pair, y_true, y_pred):
    """Refuse labels that do not occur, such as "4" if the labels are numbers."""
    labels = np.unique(np.concatenate([y_true, y_pred])).tolist()
    if any(label not in labels for label in pair):
        raise ValueError(
            f"`select` must name two of the labels {labels}, got {pair!r}."
        )
