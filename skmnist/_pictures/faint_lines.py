"""Faint-line suppression: ruled lines fainter than the writing are faded out."""

import numpy as np
from scipy.ndimage import label, maximum, maximum_filter1d, minimum_filter1d

# Share of the picture's width: shortest faint line. A digit of MNIST is at most 0.72
# wide.
_LEAST_LENGTH = 0.8
# Contrast, where 1 is typical ink: fainter is paper, stronger is a stroke.
_PAPER, _STROKE = 0.1, 0.7


def suppress_faint_lines(contrast):
    """Fade out horizontal lines that are fainter than the strokes across them.

    Parameters
    ----------
    contrast : ndarray of shape (height, width), float32
        0 on paper, 1 for typical ink.

    Returns
    -------
    ndarray of shape (height, width), float32
        The contrast with the lines.
    """
    length = max(int(_LEAST_LENGTH * contrast.shape[1]), 3)
    # A pixel up and down, for skewed lines.
    thick = maximum_filter1d(contrast, 3, axis=0)
    shorter = minimum_filter1d(thick, length, axis=1, mode="constant")
    lines = maximum_filter1d(shorter, length, axis=1)
    labels, n_lines = label(lines > _PAPER)
    if not n_lines:
        return contrast
    highest = maximum(lines, labels, np.arange(n_lines + 1))
    # The outline of a long stroke is faint too, but the stroke is not.
    lines = lines * ((labels > 0) & (highest[labels] < _STROKE))
    return np.clip((contrast - lines) / (1 - lines), 0, 1)
