"""as_bunch: a data set in the containers that scikit-learn's loaders return."""

import numpy as np
from sklearn.utils import Bunch, check_scalar


def as_bunch(images, target, descr, as_frame, return_X_y):
    """Return a data set in the containers that scikit-learn's loaders return.

    Parameters
    ----------
    images : ndarray of shape (n_samples, height, width), uint8
        The images.
    target : ndarray of shape (n_samples,), any integer dtype
        Their labels.
    descr : str
        The description, for the attribute `DESCR`.
    as_frame, return_X_y : bool
        As in `fetch_mnist`.

    Returns
    -------
    Bunch or tuple of (data, target)
        As in `fetch_mnist`.

    Raises
    ------
    TypeError
        If `as_frame` or `return_X_y` is not a bool.
    """
    check_scalar(as_frame, "as_frame", (bool, np.bool_))
    check_scalar(return_X_y, "return_X_y", (bool, np.bool_))
    data, target, frame = images.reshape(len(images), -1), target.astype(np.int64), None
    feature_names = name_pixels(*images.shape[1:])
    target_names = np.unique(target)
    if as_frame:
        import pandas as pd

        data = pd.DataFrame(data, columns=feature_names, copy=False)
        target = pd.Series(target, name="target")
        frame = pd.concat([data, target], axis=1)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        frame=frame,
        images=images,
        feature_names=feature_names,
        target_names=target_names,
        DESCR=descr,
    )


def name_pixels(height, width):
    """Return the feature names of images that are flattened to rows.

    Parameters
    ----------
    height, width : int
        The size of the images.

    Returns
    -------
    list of str
        `pixel_0_0`, `pixel_0_1` and so on: row and column, row by row.
    """
    return [f"pixel_{i}_{j}" for i in range(height) for j in range(width)]
