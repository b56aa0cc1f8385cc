"""Class probabilities of a digit: those of several networks, combined."""

import numpy as np

# Probability: less counts as much, so that no network can rule a class out.
_LEAST = 1e-6


def combine(probabilities, weights):
    """Combine what several networks say of the same digits.

    A logarithmic opinion pool: Genest and Zidek, "Combining probability distributions",
    Statistical Science 1(1), 1986, section 3.3.

    Parameters
    ----------
    probabilities : sequence of ndarray of shape (n_digits, n_classes)
        Of each network. Rows need not sum to 1; rows of equal values have no weight.
    weights : sequence of float
        An exponent for each network.

    Returns
    -------
    ndarray of shape (n_digits, n_classes)
        Probabilities, whose rows sum to 1.
    """
    logits = np.zeros(probabilities[0].shape)
    for values, weight in zip(probabilities, weights, strict=True):
        logits += weight * np.log(np.maximum(values, _LEAST))
    logits -= logits.max(axis=1, keepdims=True)
    combined = np.exp(logits)
    return combined / combined.sum(axis=1, keepdims=True)
