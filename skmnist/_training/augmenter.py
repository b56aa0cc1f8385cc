"""Augmenter: the deformed images of an epoch."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from skmnist._training import kernel, threads
from skmnist._training.dense_arrays import LANES, as_pixels

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
    full : float
        The highest level of a pixel, on the scale of `x`.
    """

    def __init__(self, x, settings, image_shape, full):
        self._images = as_pixels(x)
        self._limits = np.array(
            [
                np.deg2rad(settings.rotation),
                settings.scale,
                settings.shear,
                settings.shift,
                settings.elastic,
                settings.stroke,
                settings.share,
                settings.background,
                settings.noise,
            ],
            dtype=np.float32,
        )
        self._image_shape = height, width = image_shape
        self._full = min(full, 255) if len(self._images[0]) else full
        sigma = settings.elastic_sigma
        down, across = smoothing_basis(height, sigma), smoothing_basis(width, sigma)
        self._basis = down, _pad(across.T)

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
        out = self._make_output(len(rows))
        self._deform_into(out, rows, first, seed)
        return out

    def _make_output(self, n_rows):
        as_bytes, as_floats = self._images
        used = as_bytes if len(as_bytes) else as_floats
        return np.empty((n_rows, used.shape[1]), dtype=used.dtype)

    def _deform_into(self, out, rows, first, seed):
        as_bytes, as_floats = self._images
        out_bytes, out_floats = as_pixels(out)
        down, across = self._basis
        kernel.run(
            "warp_images",
            (
                *(as_bytes, out_bytes, as_floats, out_floats),
                np.ascontiguousarray(rows, dtype=np.int64),
                np.array(seed, dtype=np.uint32),
                self._limits,
                *(down, across),
                *_make_workspace(self._image_shape, down, across),
            ),
            integers=(first,),
            numbers=(self._full,),
        )

    def blocks(self, order, seed, batch_size, ahead=True):
        """Deform the images of an epoch, block after block.

        Parameters
        ----------
        order : ndarray of shape (n_samples,), int
            The rows in their order.
        seed : ndarray of shape (2,), int
            The seed of the epoch.
        batch_size : int
            Every block but the last holds a multiple of it.
        ahead : bool, default=True
            Deform each block while its predecessor is used, and leave one core for
            that. Otherwise use all cores, and let the caller use them in between.

        Yields
        ------
        rows : ndarray of int
            The next part of `order`.
        x : ndarray of shape (len(rows), height * width)
            Deformed copies of their images.
        """
        size = max(_ROWS_AT_ONCE // batch_size, 1) * batch_size
        n_threads = max(threads.count_free_cores() - ahead, 1)
        waiting = deque()
        with ThreadPoolExecutor(n_threads) as pool:
            for start in range(0, len(order), size):
                rows = order[start : start + size]
                waiting.append((rows, self._submit(pool, n_threads, rows, start, seed)))
                if len(waiting) > ahead:
                    rows, block = waiting.popleft()
                    yield rows, block()
            for rows, block in waiting:
                yield rows, block()

    def _submit(self, pool, n_parts, rows, first, seed):
        """Deform some images in parts; return a function that waits for the result."""
        out, size, futures = self._make_output(len(rows)), -(-len(rows) // n_parts), []
        for start in range(0, len(rows), size):
            part, at = slice(start, start + size), first + start
            arguments = out[part], rows[part], at, seed
            futures.append(pool.submit(self._deform_into, *arguments))

        def result():
            for future in futures:
                future.result()
            return out

        return result


def smoothing_basis(n, sigma):
    """Return how far each random point of a line moves each of n pixels.

    Parameters
    ----------
    n : int
        Number of pixels.
    sigma : float
        Standard deviation of the Gaussian, in pixels.

    Returns
    -------
    ndarray of shape (n, n_points), float32
        The squares of each row sum to 1: points of variance 1 move pixels by 1.
    """
    # Points are one standard deviation apart: sums of Gaussians that close are as even
    # as noise in every pixel. Two lie beyond each edge, where pixels would move less.
    points = np.arange(-2 * sigma, n - 1 + 3 * sigma, sigma)
    basis = np.exp(-((np.arange(n)[:, None] - points) ** 2) / (2 * sigma**2))
    return (basis / np.linalg.norm(basis, axis=1, keepdims=True)).astype(np.float32)


def _make_workspace(image_shape, down, across):
    """Return memory for the deformation of one image, as the kernel describes it."""
    (height, n_down), n_across = down.shape, len(across)
    # Zeros, because nothing else is written if there is no field.
    field, warped = np.zeros((3, *image_shape)), np.zeros(image_shape)
    points, half = np.zeros((n_down, n_across)), np.zeros((height, n_across))
    arrays = _pad(field), _pad(points), _pad(half), warped.astype(np.float32)
    return *arrays, np.arange(max(n_down, n_across), dtype=np.int32)


def _pad(array):
    """Return a copy in float32 whose rows are whole vectors, filled with zeros."""
    *shape, width = array.shape
    padded = np.zeros((*shape, -(-width // LANES) * LANES), dtype=np.float32)
    padded[..., :width] = array
    return padded
