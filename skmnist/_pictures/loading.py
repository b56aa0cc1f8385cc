"""Pictures of any kind, loaded as one grayscale channel."""

import io
import math
import os
import struct
from contextlib import contextmanager, suppress
from typing import NamedTuple

import numpy as np

from skmnist._pictures.grayscale import as_fractions, scale_channels, shrink, to_gray

_MIN_SIDE = 4  # pixels: smallest picture
# Pixels: largest picture. Pillow's own limit, above which it refuses a file as a
# decompression bomb.
_MAX_PIXELS = 178_956_970
# Further frames of these are previews, depth maps or layers of the one picture.
_ONE_PICTURE_FORMATS = ("MPO", "PSD")


class Picture(NamedTuple):
    """A picture in grayscale."""

    gray: np.ndarray  # of shape (height, width), float32 in [0, 1]
    size: tuple  # height and width before it was shrunk
    name: str = "the picture"  # or the name of its file, in quotes


def load_picture(picture, max_side):
    """Load a picture upright, shrunk and in grayscale.

    Parameters
    ----------
    picture : str, path-like, binary file, PIL image or array-like of shape \
            (height, width) or (height, width, n_channels)
        One or two channels are grey, three or four are colour; the last of two or four
        is opacity.
    max_side : int
        Pixels. The long side of a larger picture is shrunk to it; the short side keeps
        at least 4 pixels.

    Returns
    -------
    Picture
        In the mix of colours that varies most; 8-bit grey keeps its exact values.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    TypeError
        If `picture` has a type that cannot be a picture.
    ValueError
        If it cannot be opened, is broken, too large or too small, has several frames,
        or holds values that are not pixels.
    """
    if isinstance(picture, np.ndarray) and picture.dtype == np.uint8:
        sides = picture.shape
        fits = len(sides) == 2 and min(sides) >= _MIN_SIDE and max(sides) <= max_side
        if fits and picture.max() > 1:
            return Picture(as_fractions(picture), sides)
    if isinstance(picture, (str, os.PathLike)):
        path = os.fsdecode(picture)
        with _open_file(path) as file:
            return _load_file(file, max_side, f"'{path}'")
    if hasattr(picture, "read"):
        return _load_file(picture, max_side, _find_name(picture, "name"))
    from PIL import Image

    if isinstance(picture, Image.Image):
        return _load_image(picture, max_side, _find_name(picture, "filename"))
    return _load_array(picture, max_side)


def load_page(picture):
    """Load a picture upright and in grayscale, in its full resolution.

    Parameters
    ----------
    picture : str, path-like, binary file, PIL image or array-like
        As in `load_picture`.

    Returns
    -------
    ndarray of shape (height, width), uint8
        Grey levels.

    Raises
    ------
    FileNotFoundError, TypeError, ValueError
        As in `load_picture`.
    """
    gray = load_picture(picture, _MAX_PIXELS).gray
    return np.rint(np.multiply(gray, 255, out=np.empty_like(gray))).astype(np.uint8)


def iterate_frames(picture):
    yield load_page(picture)


def _find_name(picture, attribute):
    name = getattr(picture, attribute, None)
    return f"'{name}'" if name and isinstance(name, str) else "the picture"


def _open_file(path):
    try:
        return open(path, "rb")
    except FileNotFoundError:
        message = f"'{path}' must be a picture file, got no such file."
        raise FileNotFoundError(message) from None
    except (OSError, ValueError) as error:  # a null character is a ValueError
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"'{path}' cannot be opened: {reason}.") from None


@contextmanager
def _decoding(name):
    """Turn any error of a decoder into one sentence."""
    try:
        yield
    except Exception as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ValueError(
            f"{name} cannot be read as a picture: {reason or type(error).__name__}."
        ) from error


def _load_file(file, max_side, name):
    with _decoding(name):
        try:
            file.seek(0)
        except (AttributeError, OSError):  # a pipe or a download
            file = io.BytesIO(file.read())
        prefix = file.read(16)
        is_binary = isinstance(prefix, bytes)
        image = _identify(file, prefix) if prefix and is_binary else None
    if not is_binary:
        raise TypeError(f"{name} must be opened in binary mode, got a text file.")
    if image is None:
        found = "another" if prefix else "an empty file"
        raise ValueError(f"{name} must be in a format that Pillow reads, got {found}.")
    return _load_image(image, max_side, name, is_ours=True)


def _identify(file, prefix):
    """Return the image of a file before its pixels are read, or None.

    PIL.Image.open would warn of large pictures before they can be refused, and before
    Python 3.14 a warning cannot be silenced for one thread only.
    """
    from PIL import Image

    tried = set()
    for register_formats in (Image.preinit, Image.init):  # the common ones, then all
        register_formats()
        for format_name in [name for name in Image.ID if name not in tried]:
            tried.add(format_name)
            factory, accept = Image.OPEN[format_name]
            # Pillow's formats raise these for a file of another format.
            with suppress(SyntaxError, IndexError, TypeError, struct.error):
                accepted = accept is None or accept(prefix)
                if accepted and not isinstance(accepted, str):
                    file.seek(0)
                    return factory(file, "")
    return None


def _load_image(image, max_side, name, *, is_ours=False):
    """Load a PIL image; only one that we opened may be scaled during decoding."""
    size = image.size
    _check_size(size, name)
    with _decoding(name):
        n_frames = getattr(image, "n_frames", 1)
    if n_frames > 1 and image.format not in _ONE_PICTURE_FORMATS:
        raise ValueError(f"{name} has {n_frames} frames; a picture must have one.")
    target = _find_target(size, max_side)
    with _decoding(name):
        if is_ours:
            image.draft(None, target)
        image.load()
        orientation = _find_orientation(image)
        is_deep = image.mode[0] in "IF"
        array = np.asarray(image if is_deep else shrink(_convert(image), target))
    if is_deep:
        channels = scale_channels(
            array, (1, 255) if image.mode == "F" else (65535,), name
        )
    else:
        channels = as_fractions(array)
    gray = _turn_upright(to_gray(channels, target), orientation)
    return Picture(gray, size if orientation > 4 else size[::-1], name)


def _check_size(size, name):
    """Refuse pictures that would fill the memory or are too small to read."""
    from PIL import Image

    max_pixels = min(_MAX_PIXELS, Image.MAX_IMAGE_PIXELS or _MAX_PIXELS)
    if math.prod(size) > max_pixels:
        rule = f"have at most {max_pixels} pixels"
    elif min(size) < _MIN_SIDE:
        rule = f"be at least {_MIN_SIDE} x {_MIN_SIDE} pixels"
    else:
        return
    raise ValueError(f"{name} must {rule}, got {size[0]} x {size[1]}.")


def _find_target(size, max_side):
    """Return the width and the height that a picture is shrunk to."""
    scale = min(1, max_side / max(size))
    return tuple(max(_MIN_SIDE, round(length * scale)) for length in size)


def _find_orientation(image):
    """Return the EXIF orientation, from 1 to 8; 1 is upright."""
    try:
        orientation = image.getexif().get(0x0112)
    except Exception:  # the pixels may be fine even if the metadata are broken
        return 1
    return orientation if orientation in range(1, 9) else 1


def _turn_upright(gray, orientation):
    gray = gray.T if orientation > 4 else gray
    gray = gray[:, ::-1] if orientation in (2, 3, 6, 7) else gray
    gray = gray[::-1] if orientation in (3, 4, 7, 8) else gray
    return np.ascontiguousarray(gray)


def _convert(image):
    """Convert an 8-bit image to the mode L, RGB or RGBa.

    In RGBa the colours are multiplied by the opacity, so they can be averaged.
    """
    if image.mode == "LAB":  # Pillow cannot convert it to RGB
        return image.getchannel("L")
    if image.has_transparency_data:
        return image.convert("RGBA").convert("RGBa")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _load_array(picture, max_side):
    from PIL import Image

    array, name = _as_array(picture), "the picture"
    size = array.shape[1::-1]
    _check_size(size, name)
    # Thresholded arrays hold True and False, or 1 and 0.
    if array.dtype.kind == "b" or (array.dtype == np.uint8 and array.max() <= 1):
        array = array * np.uint8(255)
    if array.dtype == np.uint8:
        array = array[..., 0] if array.shape[2:] == (1,) else array
        return _load_image(Image.fromarray(array), max_side, name)
    channels = scale_channels(
        array, (65535,) if array.dtype == np.uint16 else (1, 255), name
    )
    if channels.shape[2:] in ((2,), (4,)):
        channels[..., :-1] *= channels[..., -1:]
    return Picture(to_gray(channels, _find_target(size, max_side)), size[::-1])


def _as_array(picture):
    try:
        array = np.asarray(picture)
    except ValueError:
        raise ValueError("the picture must have rows of the same length.") from None
    if array.ndim == 0:
        raise TypeError(
            "the picture must be a path, a binary file, a PIL image or an array, got "
            f"{type(picture).__name__}."
        )
    if array.dtype.kind not in "buif":
        raise ValueError(f"the picture must hold real numbers, got {array.dtype}.")
    if array.ndim != 2 and (array.ndim != 3 or array.shape[2] not in range(1, 5)):
        raise ValueError(
            "the picture must have the shape (height, width) or (height, width, 1 to 4 "
            f"channels), got {array.shape}."
        )
    return array.astype(array.dtype.newbyteorder("="), copy=False)
