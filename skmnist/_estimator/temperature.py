"""Temperature scaling: one number that calibrates the probabilities."""

import math

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

# Bounds of the natural logarithm of the temperature (about 1/1000 to 1000), 7 standard
# deviations of the prior below.
_RANGE = (-7.0, 7.0)
TEMPERATURES = tuple(math.exp(bound) for bound in _RANGE)


def fit_temperature(logits, indices, weight=None):
    """Find the temperature that maximises the likelihood of held-out labels.

    Guo et al., "On calibration of modern neural networks", ICML 2017, section 4.2. If
    the network is right on every row, the likelihood alone would drive the temperature
    to 0. The logarithm of the temperature therefore has a standard normal prior, which
    matters only if the rows are few.

    Parameters
    ----------
    logits : ndarray of shape (n_samples, n_classes)
        Logits of rows that the network was not trained on.
    indices : ndarray of shape (n_samples,), int
        Class indices of the rows.
    weight : ndarray of shape (n_samples,), default=None
        Weights of the rows.

    Returns
    -------
    float
        The temperature; above 1 if the network was overconfident.
    """
    logits = logits.astype(np.float64)
    rows = np.arange(len(indices))

    def negative_log_posterior(log_temperature):
        log_p = log_softmax(logits / np.exp(log_temperature), axis=1)
        likelihood = np.average(log_p[rows, indices], weights=weight)
        return log_temperature**2 / 2 - len(rows) * likelihood

    best = minimize_scalar(negative_log_posterior, bounds=_RANGE, method="bounded")
    return float(np.exp(best.x))
