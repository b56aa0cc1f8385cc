"""Temperature scaling: one number that makes probabilities honest."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

# Natural logarithms: from a thousandth to a thousand.
_RANGE = (-7.0, 7.0)


def fit_temperature(logits, indices, weight=None):
    """Find what to divide logits by, for the highest likelihood of held-out labels.

    Guo et al., "On calibration of modern neural networks", ICML 2017, section 4.2. Of
    few rows that are all right, any number near 0 would make the most: the logarithm of
    the temperature is therefore held to be normally distributed, which decides nothing
    where there are many.

    Parameters
    ----------
    logits : ndarray of shape (n_samples, n_classes)
        Of rows that the network was not trained on.
    indices : ndarray of shape (n_samples,), int
        Indices of their classes.
    weight : ndarray of shape (n_samples,), default=None
        Their weights.

    Returns
    -------
    float
        The temperature: above 1 where the network was too sure of itself.
    """
    logits = logits.astype(np.float64)
    rows = np.arange(len(indices))

    def unlikelihood(log_temperature):
        log_p = log_softmax(logits / np.exp(log_temperature), axis=1)
        likelihood = np.average(log_p[rows, indices], weights=weight)
        return log_temperature**2 / 2 - len(rows) * likelihood

    best = minimize_scalar(unlikelihood, bounds=_RANGE, method="bounded")
    return float(np.exp(best.x))
