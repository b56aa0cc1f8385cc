"""Which rows are held out to validate on: a stratified random part."""

import numpy as np


def hold_out(indices, fraction, seed):
    """Split rows into a part to train on and a part to validate on.

    Both parts hold rows of every class that has two or more. A class with a single row
    is only trained on.

    Parameters
    ----------
    indices : ndarray of shape (n_samples,), int
        Class indices.
    fraction : float
        Share of the rows to hold out. If the rows are few, more or fewer are held out.
    seed : int
        Seed of the random split.

    Returns
    -------
    used, held_out : ndarray of int
        Positions of the rows in `indices`, in random order.

    Raises
    ------
    ValueError
        If every class has a single row.
    """
    # Imported here, because most fits do not need it and it brings a hundred modules.
    from sklearn.model_selection import train_test_split

    _, classes, counts = np.unique(indices, return_inverse=True, return_counts=True)
    if counts.max() < 2:
        raise ValueError("every class has a single row.")
    rows = np.arange(len(classes))
    try:
        parts = train_test_split(
            rows, test_size=fraction, stratify=classes, random_state=seed
        )
    except ValueError:  # too few rows for scikit-learn
        pass
    else:
        # Rounding may leave nothing of a rare class to one of the parts.
        in_part = [np.bincount(classes[part], minlength=len(counts)) for part in parts]
        if all((n[counts > 1] > 0).all() for n in in_part):
            return parts
    n_held_out = _allocate(counts, int(np.ceil(fraction * len(rows))))
    random = np.random.RandomState(seed)
    shuffled = random.permutation(len(rows))
    # The position of each row among the shuffled rows of its class.
    by_class = shuffled[np.argsort(classes[shuffled], kind="stable")]
    place = np.concatenate([np.arange(n) for n in counts])
    is_held_out = place < np.repeat(n_held_out, counts)
    return random.permutation(by_class[~is_held_out]), by_class[is_held_out]


def _allocate(counts, n_rows):
    """Return how many rows of each class to hold out, about `n_rows` in all."""
    lowest, highest = np.minimum(counts - 1, 1), counts - 1
    n_rows = np.clip(n_rows, lowest.sum(), highest.sum())
    wanted = n_rows * counts / counts.sum()
    n_held_out = np.clip(wanted.astype(int), lowest, highest)
    while n_held_out.sum() < n_rows:
        missing = np.where(n_held_out < highest, wanted - n_held_out, -np.inf)
        n_held_out[missing.argmax()] += 1
    while n_held_out.sum() > n_rows:
        surplus = np.where(n_held_out > lowest, n_held_out - wanted, -np.inf)
        n_held_out[surplus.argmax()] -= 1
    return n_held_out
