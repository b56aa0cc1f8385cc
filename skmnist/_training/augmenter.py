"""Augmenter: the deformed images of an epoch, made while others train."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from skmnist._training.warp import smoothing_basis, warp_images

# Rows deformed at a time: few, so that training starts soon; many, so that handing them
# over costs nothing.
_ROWS_AT_ONCE = 4096


class Augmenter:
    """Deforms images at random within the limits of an Augmentation.

    What an image becomes depends only on the seed and on its position in the epoch, not
    on how the epoch is divided or on threads.

    Parameters
    ----------
    x : ndarray of shape (n_samples, height * width)
        Images. uint8 is kept; every other dtype becomes float32.
    settings : Augmentation
        The limits.
    image_shape : tuple of (int, int)
        Height and width.
    """

    def __init__(self, x, settings, image_shape):
        dtype = np.uint8 if x.dtype == np.uint8 else np.float32
        self._x = np.ascontiguousarray(x, dtype=dtype).view(np.ndarray)
        self._limits = np.array(
            [
                np.deg2rad(settings.rotation),
                settings.scale,
                settings.shear,
                settings.shift,
                settings.elastic,
                settings.stroke,
                settings.share,
            ],
            dtype=np.float32,
        )
        height, width = image_shape
        sigma = settings.elastic_sigma
        self._basis = smoothing_basis(height, sigma), smoothing_basis(width, sigma)

    def deform(self, rows, first, seed):
        """Return deformed copies of some images.

        Parameters
        ----------
        rows : ndarray of shape (n,), int
            Which images.
        first : int
            Position of the first of them in the epoch.
        seed : ndarray of shape (2,), int
            The seed of the epoch.

        Returns
        -------
        ndarray of shape (n, height * width)
            In the dtype of the images.
        """
        out = np.empty((len(rows), self._x.shape[1]), dtype=self._x.dtype)
        seed = np.asarray(seed, dtype=np.uint32)
        rows = np.asarray(rows, dtype=np.int64)
        warp_images(self._x, rows, first, seed, self._limits, self._basis, out)
        return out

    def blocks(self, order, seed, batch_size):
        """Deform the images of an epoch, one block ahead of the training.

        Parameters
        ----------
        order : ndarray of shape (n_samples,), int
            The rows in their order.
        seed : ndarray of shape (2,), int
            The seed of the epoch.
        batch_size : int
            Every block but the last holds a multiple of it.

        Yields
        ------
        rows : ndarray of int
            The next part of `order`.
        x : ndarray of shape (len(rows), height * width)
            Deformed copies of their images.
        """
        size = max(_ROWS_AT_ONCE // batch_size, 1) * batch_size
        starts = range(0, len(order), size)
        with ThreadPoolExecutor(1) as pool:
            ahead = None
            for start in [*starts, None]:
                done, ahead = ahead, None
                if start is not None:
                    rows = order[start : start + size]
                    ahead = rows, pool.submit(self.deform, rows, start, seed)
                if done is not None:
                    yield done[0], done[1].result()
