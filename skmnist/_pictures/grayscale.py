"""Grayscale conversion: one channel from the channels of a picture."""

import math
from enum import Enum, auto

import numpy as np

_LUMINANCE = np.array([0.299, 0.587, 0.114])
# What white is in numbers of 1, 8, 10, 12, 14 or 16 bits, in whatever container.
_WHOLE_LEVELS = (1, 255, 1023, 4095, 16383, 65535)
_FRACTION_LEVELS = (1, 255)
# Rows that are converted at once, so that no plane of fractions is as large as a page.
_STRIP = 256
# How many times as large as its result an image still is when the filter shrinks it;
# before, blocks of pixels are averaged. Pillow calls 2 or 3 a good compromise.
_REDUCING_GAP = 2.0


def as_fractions(array):
    """Return 8-bit values as float32 from 0 to 1."""
    return np.divide(np.asarray(array), 255, dtype=np.float32)


def shrink(image, target):
    """Shrink a PIL image to a width and a height."""
    from PIL import Image

    # Not Lanczos, which leaves a halo around each stroke.
    filter_ = Image.Resampling.HAMMING
    shrunk = image.size != target
    if not shrunk:
        return image
    return image.resize(target, filter_, reducing_gap=_REDUCING_GAP)


def scale_channels(array, name):
    """Divide by what white is: the lowest usual level that holds all values."""
    level = find_white(array.min(), array.max(), array.dtype, name)
    return np.true_divide(array, level, dtype=_find_precision(array.dtype)).astype(
        np.float32, copy=False
    )


def _find_precision(dtype):
    """Return the type to divide in: wide integers must not be rounded before."""
    if dtype.kind == "f":
        return np.promote_types(dtype, np.float32)
    return np.float32 if dtype.itemsize <= 2 else np.float64


def find_white(low, high, dtype, name):
    """Return what white is in a picture whose values lie from `low` to `high`."""
    if not (low >= 0 and np.isfinite(high)):
        found = high if low >= 0 else low
        raise ValueError(f"{name} must hold finite, non-negative numbers, got {found}.")
    levels = _FRACTION_LEVELS if dtype.kind == "f" else _WHOLE_LEVELS
    return next((level for level in levels if high <= level), high)


def as_page(image):
    """Return the 8-bit gray levels of an image in the mode L, RGB or RGBa.

    Colours must be premultiplied by opacity. Unlike by `to_gray`, no plane of
    fractions is made: it would take many times the memory of the image.
    """
    if image.mode == "RGBa":
        image = _lay_on_paper(image)
    if image.mode == "L":
        return np.array(image)
    weights = _find_weights(as_fractions(_sample(image)), step=1).tolist()
    lowest = 255 * sum(weight for weight in weights if weight < 0)
    return np.asarray(image.convert("L", (*weights, -lowest)))


def deep_as_page(image, name):
    """Return the 8-bit gray levels of an image in one of the modes I and F."""
    ranges = [(strip.min(), strip.max()) for strip in _iterate_strips(image)]
    low, high = np.min(ranges), np.max(ranges)
    page = np.empty(image.size[::-1], np.uint8)
    top = 0
    for strip in _iterate_strips(image):
        white = find_white(low, high, strip.dtype, name)
        page[top : top + len(strip)] = np.rint(strip * (255 / white))
        top += len(strip)
    return page


def shrink_deep(image, target, name):
    """Shrink an image in one of the modes I and F; return gray levels from 0 to 1.

    A large image is averaged over blocks of pixels first, as `shrink` does, but strip
    by strip: no plane of fractions is as large as the image.
    """
    from PIL import Image

    ranges = [(strip.min(), strip.max()) for strip in _iterate_strips(image)]
    low, high = np.min(ranges), np.max(ranges)
    sides = zip(image.size, target, strict=True)
    steps = [int(side / goal / _REDUCING_GAP) or 1 for side, goal in sides]
    width, height = (
        -(-side // step) for side, step in zip(image.size, steps, strict=True)
    )
    array, top = np.empty((height, width), np.float32), 0
    for strip in _iterate_strips(image, steps[1]):
        blocks = _average_blocks(strip, *steps)
        white = find_white(low, high, strip.dtype, name)
        array[top : top + len(blocks)] = blocks / white
        top += len(blocks)
    if array.shape[::-1] == target:
        return array
    # The last blocks may be smaller than the others.
    box = 0, 0, *(side / step for side, step in zip(image.size, steps, strict=True))
    filter_ = Image.Resampling.HAMMING
    gray = np.asarray(Image.fromarray(array).resize(target, filter_, box))
    return np.clip(gray, 0, 1)


def _average_blocks(array, step_x, step_y):
    """Return the mean of each block of pixels, smaller ones at the end included."""
    precision = _find_precision(array.dtype)
    for axis, step in enumerate((step_y, step_x)):
        starts = np.arange(0, array.shape[axis], step)
        sizes = np.diff(starts, append=array.shape[axis])
        sums = np.add.reduceat(array, starts, axis, dtype=precision)
        array = sums / np.expand_dims(sizes, 1 - axis).astype(precision)
    return array


def _iterate_strips(image, multiple=1):
    """Yield the rows of an image, as arrays whose heights are multiples of a number."""
    width, height = image.size
    step = max(_STRIP // multiple, 1) * multiple
    for top in range(0, height, step):
        yield np.asarray(image.crop((0, top, width, min(top + step, height))))


def _sample(image):
    """Return the pixels of an RGB image that its colour weights are found from."""
    from PIL import Image

    step = _find_step(image.size)
    size = tuple(-(-side // step) for side in image.size)
    to_first = (1 - step) / 2  # Pillow takes the middle of each square
    matrix = (step, 0, to_first, 0, step, to_first)
    return np.asarray(image.transform(size, Image.Transform.AFFINE, matrix))


def _lay_on_paper(image):
    """Do what `_composite` does with an RGBa image; return one in L or RGB."""
    from PIL import Image, ImageChops

    *colours, opacity = (image.getchannel(i) for i in range(4))
    paper = _find_paper(
        lambda: (
            (strip[..., :-1], strip[..., -1:])
            for strip in map(as_fractions, _iterate_strips(image))
        )
    )
    if paper is _Paper.ANY:
        return opacity
    if paper is _Paper.WHITE:
        rest = ImageChops.invert(opacity)
        colours = [ImageChops.add(channel, rest) for channel in colours]
    return Image.merge("RGB", colours)


def to_gray(channels, target):
    """Shrink channels and combine them; colours must be premultiplied by opacity."""
    if channels.shape[1::-1] != target:
        from PIL import Image

        images = np.moveaxis(np.atleast_3d(channels), 2, 0)
        images = [shrink(Image.fromarray(image), target) for image in images]
        channels = np.stack([np.asarray(image) for image in images], axis=2)
    if channels.ndim == 2:
        return channels
    if channels.shape[2] in (2, 4):
        channels = _composite(channels[..., :-1], channels[..., -1:])
    gray = channels[..., 0]
    if (channels != channels[..., :1]).any():
        weights = _find_weights(channels, _find_step(channels.shape[:2]))
        gray = channels @ weights - weights[weights < 0].sum()
    return np.clip(gray, 0, 1)


class _Paper(Enum):
    """What a drawing lies on."""

    ANY = auto()  # a drawing in one colour is fully described by its opacity
    BLACK = auto()
    WHITE = auto()


def _composite(colours, opacity):
    """Composite a drawing over white paper, or over black paper if it is light."""
    paper = _find_paper(lambda: [(colours, opacity)])
    if paper is _Paper.ANY:
        return opacity
    return colours if paper is _Paper.BLACK else colours + (1 - opacity)


def _find_paper(get_strips):
    """Return the paper for a drawing, whose strips of colours and opacity are got."""
    total, mean, least = 0, 0, 1
    for colours, opacity in get_strips():
        total += opacity.sum(dtype=float)
        mean = mean + colours.sum(axis=(0, 1), dtype=float)
        least = min(least, opacity.min())
    if least == 1:
        return _Paper.BLACK  # or any other: none of it is seen
    mean = mean / max(total, 1e-9)
    # 8-bit colours were rounded when they were multiplied, and again when shrunk.
    if all(np.abs(c - mean * o).max() <= 2 / 255 for c, o in get_strips()):
        return _Paper.ANY
    to_luminance = _LUMINANCE if len(mean) == 3 else np.ones(1)
    if mean @ to_luminance <= 0.5:
        return _Paper.WHITE
    for colours, opacity in get_strips():
        is_dark = colours @ to_luminance < 0.5 * opacity[..., 0]
        if (is_dark & (opacity[..., 0] > 0.5)).any():
            return _Paper.WHITE
    return _Paper.BLACK


def _find_step(sides):
    return math.ceil(max(sides) / 64)


def _find_weights(channels, step):
    """Return the colour weights of the first principal component.

    Yellow on white, for example, hardly differs in luminance, but it does in blue.
    """
    # Pixels are skipped, not averaged: averaging would thin the ink.
    sample = channels[::step, ::step].reshape(-1, 3)
    variances, directions = np.linalg.eigh(np.cov(sample, rowvar=False))
    weights = directions[:, -1] if variances[-1] > 1e-6 else _LUMINANCE
    weights = weights * np.copysign(1, weights @ _LUMINANCE) / np.abs(weights).sum()
    return weights.astype(np.float32)
