"""Shifted copies of images, over which predictions are averaged."""

import numpy as np


def shifted_pixels(image_shape, distance):
    """Return the pixels that an image and its eight shifts are made of.

    Parameters
    ----------
    image_shape : tuple of (int, int)
        Height and width.
    distance : int
        Pixels by which an image is shifted up or down, to a side, or both.

    Returns
    -------
    ndarray of shape (9, height * width), int64
        For each copy, the index of the pixel at each place. The pixels at an edge are
        repeated behind it, so the background may be black or white.
    """
    height, width = image_shape
    steps = np.array([-1, 0, 1])[:, None] * min(distance, max(image_shape))
    down = np.clip(np.arange(height) + steps, 0, height - 1)
    across = np.clip(np.arange(width) + steps, 0, width - 1)
    index = down[:, None, :, None] * width + across[None, :, None, :]
    return index.reshape(-1, height * width)
