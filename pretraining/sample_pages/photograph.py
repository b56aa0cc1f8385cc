"""A telephone's photograph of a sheet that lies on a desk."""

from dataclasses import dataclass

import numpy as np
from detector.camera import find_projection
from detector.raster import blur
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates

# Grey levels: standard deviation of the sensor's noise, of brightness and of colour.
_NOISE, _COLOUR_NOISE = 1.0, 0.4

# Colours of a PNG's palette: no step between them is seen under the noise, and each
# halving saves an eighth of the file.
_N_COLOURS = 128


@dataclass
class View:
    """How a sheet is photographed.

    Parameters
    ----------
    size : tuple of int
        Width and height of the photograph, pixels.
    corners : list of tuple of float
        Where the sheet's corners lie, from the top left clockwise, as fractions of the
        photograph's width and height; beyond 0 and 1 they are cut off.
    desk : tuple of float
        Red, green and blue of the desk, 0 to 1.
    wood : float
        How much the desk's grain differs in brightness; 0 for a plain desk.
    lamp : tuple of float
        Where the light is brightest, as fractions of width and height.
    fall : float
        How much darker it is one width away.
    white : tuple of float
        Red, green and blue of the light.
    curl : float
        How far the sheet bulges, as a fraction of its height.
    shadow : tuple of float, optional
        Place and direction of a soft shadow's edge: x and y as fractions, radians.
    """

    size: tuple
    corners: list
    desk: tuple = (0.42, 0.31, 0.22)
    wood: float = 0.05
    lamp: tuple = (0.3, 0.2)
    fall: float = 0.2
    white: tuple = (1.0, 0.985, 0.95)
    curl: float = 0.004
    shadow: tuple | None = None


def photograph(page, view, rng):
    """Photograph a sheet.

    Parameters
    ----------
    page : ndarray of shape (h, w, 3), float32
        The sheet, seen straight from above.
    view : View
        Where the camera and the light are.
    rng : numpy.random.Generator
        Draws the desk's grain and the noise.

    Returns
    -------
    PIL.Image.Image
        In colours of a palette.
    """
    width, height = view.size
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    u, v = _find_places(page.shape, view, xs, ys)
    outside = _measure_outside(page.shape, u, v)
    sheet = np.stack(
        [
            map_coordinates(channel, [v - 0.5, u - 0.5], order=1, mode="nearest")
            for channel in _soften(page, u)
        ],
        axis=2,
    )
    desk = _make_desk(view, xs, ys, rng)
    # The sheet throws a narrow shadow onto the desk, away from the lamp.
    desk *= 1 - 0.45 * np.exp(-np.maximum(outside, 0) / (0.008 * width))[..., None]
    cover = np.clip(0.5 - outside, 0, 1)[..., None]
    picture = cover * sheet + (1 - cover) * desk
    picture *= _shine(view, xs, ys)[..., None] * np.float32(view.white)
    return _develop(picture, rng)


def _find_places(shape, view, xs, ys):
    """Return which place of the sheet each pixel shows."""
    height, width = shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    matrix = find_projection(np.array(view.corners) * view.size, corners)
    scale = matrix[2, 0] * xs + matrix[2, 1] * ys + matrix[2, 2]
    u = (matrix[0, 0] * xs + matrix[0, 1] * ys + matrix[0, 2]) / scale
    v = (matrix[1, 0] * xs + matrix[1, 1] * ys + matrix[1, 2]) / scale
    bulge = np.sin(np.pi * np.clip(u / width, 0, 1)) - 0.5
    return u, v + view.curl * height * bulge * (0.4 + v / height)


def _measure_outside(shape, u, v):
    """Return how many pixels of the photograph a place lies outside the sheet."""
    height, width = shape[:2]
    beyond = np.maximum(np.maximum(-u, u - width), np.maximum(-v, v - height))
    return beyond / _measure_zoom(u)


def _measure_zoom(u):
    """Return how many of the sheet's pixels a pixel shows."""
    return float(np.median(np.abs(np.diff(u, axis=1))))


def _soften(page, u):
    """Yield the sheet's colours, blurred by the lens and for the pixels' size."""
    sigma = max(0.55 * _measure_zoom(u), 0.5)
    for channel in np.moveaxis(page, 2, 0):
        yield blur(np.ascontiguousarray(channel), sigma)


def _make_desk(view, xs, ys, rng):
    """Draw a desk, of wood or plain."""
    noise = rng.standard_normal(xs.shape, np.float32)
    grain = gaussian_filter(noise, (1.2, 45))
    grain = 0.6 * grain / grain.std()
    boards = np.sin(ys / view.size[1] * 31 + np.sin(xs / view.size[0] * 3.1))
    tone = 1 + view.wood * (grain + boards)
    return np.float32(view.desk) * tone[..., None]


def _shine(view, xs, ys):
    """Return the light: brightest near the lamp, less in a shadow."""
    width, height = view.size
    x, y = view.lamp
    far = np.hypot(xs / width - x, (ys / height - y) * height / width)
    light = 1.04 - view.fall * far**1.5
    if view.shadow is not None:
        x, y, angle = view.shadow
        away = np.cos(angle) * (xs / width - x) + np.sin(angle) * (ys / height - y)
        light *= 1 - 0.22 / (1 + np.exp(-away / 0.035))
    return light


def _develop(picture, rng):
    """Add the sensor's noise, and reduce the picture to a palette."""
    shape = picture.shape
    noise = _NOISE * rng.standard_normal(shape[:2], np.float32)[..., None]
    noise = noise + _COLOUR_NOISE * rng.standard_normal(shape, np.float32)
    levels = np.clip(np.rint(255 * picture + noise), 0, 255).astype(np.uint8)
    return Image.fromarray(levels).quantize(
        palette=_find_palette(levels), dither=Image.Dither.NONE
    )


def _find_palette(levels):
    """Return a picture whose palette has the ink's colours beside the paper's."""
    cells, counts = np.unique(levels.reshape(-1, 3) // 4, axis=0, return_counts=True)
    # By the counts themselves nearly all colours would be the paper's.
    cells = np.repeat(cells, np.ceil(counts**0.3).astype(int), axis=0)
    colours = Image.fromarray((4 * cells[None] + 2).astype(np.uint8))
    return colours.quantize(_N_COLOURS, Image.Quantize.MEDIANCUT, kmeans=2)
