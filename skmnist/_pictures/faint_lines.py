"""Bands: ruled lines fainter than what is written over them, faded out."""

import numpy as np
from scipy.ndimage import label, maximum, maximum_filter1d, minimum_filter1d

_LONG = 0.8  # of the picture's width; a digit of MNIST is at most 0.72 wide
# In strengths of typical ink: what is fainter is paper, what is stronger is a stroke.
_PAPER, _STROKE = 0.1, 0.7


def fade_bands(strength):
    """Fade out level bands that are fainter than the strokes across them.

    Parameters
    ----------
    strength : ndarray of shape (height, width), float32
        0 on paper, 1 where ink is typical.

    Returns
    -------
    ndarray of shape (height, width), float32
        The strength of what stands out from the bands.
    """
    length = max(int(_LONG * strength.shape[1]), 3)
    # A pixel up and down, for bands that are askew.
    thick = maximum_filter1d(strength, 3, axis=0)
    shorter = minimum_filter1d(thick, length, axis=1, mode="constant")
    bands = maximum_filter1d(shorter, length, axis=1)
    labels, n_bands = label(bands > _PAPER)
    if not n_bands:
        return strength
    highest = maximum(bands, labels, np.arange(n_bands + 1))
    # The outline of a long stroke is faint too, but the stroke is not.
    bands = bands * ((labels > 0) & (highest[labels] < _STROKE))
    return np.clip((strength - bands) / (1 - bands), 0, 1)
