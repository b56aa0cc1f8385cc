"""Class probabilities of a digit: the detector's and the classifier's, combined."""

import numpy as np

# Exponents of the detector's probabilities and of the pretrained classifier's: the
# likeliest for pages drawn by a pen, by `python pretraining/measure_classes.py`. Both
# see the same strokes and err together, so a plain product would be too certain.
DETECTOR, CLASSIFIER = 2.7, 0.2
# Probability: less counts as much, so that neither network can rule a class out.
_LEAST = 1e-6


def combine(detected, classified, weights=(DETECTOR, CLASSIFIER)):
    """Combine what two networks say of the same digits.

    A logarithmic opinion pool: Genest and Zidek, "Combining probability distributions",
    Statistical Science 1(1), 1986, section 3.3.

    Parameters
    ----------
    detected, classified : ndarray of shape (n_digits, n_classes)
        Probabilities. Rows need not sum to 1; rows of equal values have no weight.
    weights : tuple of (float, float), default=(DETECTOR, CLASSIFIER)
        Exponents of both.

    Returns
    -------
    ndarray of shape (n_digits, n_classes)
        Probabilities, whose rows sum to 1.
    """
    logits = np.zeros(detected.shape)
    for probabilities, weight in zip((detected, classified), weights, strict=True):
        logits += weight * np.log(np.maximum(probabilities, _LEAST))
    logits -= logits.max(axis=1, keepdims=True)
    probabilities = np.exp(logits)
    return probabilities / probabilities.sum(axis=1, keepdims=True)
