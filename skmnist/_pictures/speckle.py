"""Speckle: single pixels of noise, black or white."""

import numpy as np
from scipy.ndimage import label, median_filter

# Share of lone pixels: up to 0.0015 in drawings and photographs, two of the 196 inner
# pixels in clean crops of 16 x 16; salt and pepper on a twentieth of the pixels makes
# 0.006 in 99 of 100 of MNIST's images, and 0.015 in half of them.
_SPECKLED = 0.0055
# Of the contrast, by which a speck differs from its neighbours on average: two of eight
# may be specks as well, or the stroke it touches.
_APART = 5 / 8
# Pixels of a clump of dots, and on the long side from which on no loop is that small.
_DOT, _LARGE = 4, 56
# The eight around a pixel, one after the other.
_AROUND = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))


def remove_speckle(shade):
    """Fill in pixels that stand alone, where there are many, from those around.

    Parameters
    ----------
    shade : ndarray of shape (height, width), float32
        How bright the pixels are.

    Returns
    -------
    ndarray of shape (height, width), float32
        `shade` itself where there are few.
    """
    if min(shade.shape) < 3:
        return shade
    contrast = shade.max() - shade.min()
    n_lone = _count_lone(shade, contrast / 2)
    if n_lone < _SPECKLED * (shade.shape[0] - 2) * (shade.shape[1] - 2):
        return shade
    around = np.stack(_find_neighbours(np.pad(shade, 1, mode="reflect")))
    difference = np.abs(around - shade)
    is_alike = difference < contrast / 2
    # A stroke one pixel wide goes on to both sides, straight or with a slight bend.
    is_stroke = np.any(
        is_alike & (np.roll(is_alike, 3, axis=0) | np.roll(is_alike, 4, axis=0)), axis=0
    )
    is_speck = (difference.mean(axis=0) > _APART * contrast) & ~is_stroke
    median = median_filter(shade, 3)
    shade = np.where(is_speck, median, shade)
    return _remove_clumps(shade, median) if max(shade.shape) >= _LARGE else shade


def _remove_clumps(shade, median):
    """Fill in what is left of the dots that dithered greys are made of."""
    bright = shade > (shade.min() + shade.max()) / 2
    for side in (bright, ~bright):
        labels, _ = label(side)  # dots that touch at corners are apart
        small = side & (np.bincount(labels.ravel()) < _DOT)[labels]
        shade = np.where(small, median, shade)
    return shade


def _count_lone(shade, half):
    """Count the pixels far brighter, or far darker, than the eight around them."""
    around = _find_neighbours(shade)
    highest, lowest = np.maximum.reduce(around), np.minimum.reduce(around)
    middle = shade[1:-1, 1:-1]
    return np.count_nonzero((middle > highest + half) | (middle < lowest - half))


def _find_neighbours(shade):
    """Return each of the eight around all pixels but those at the edge."""
    height, width = shade.shape
    return [shade[i : height - 2 + i, j : width - 2 + j] for i, j in _AROUND]
