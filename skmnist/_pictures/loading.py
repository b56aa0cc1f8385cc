"""Pictures of any kind, opened as one plane of grey."""

import io
import math
import os
import struct
from contextlib import contextmanager, suppress
from typing import NamedTuple

import numpy as np

from skmnist._pictures.grayscale import as_shares, find_shade, scale_planes, shrink

_MIN_SIDE = 4
_MAX_PIXELS = 178_956_970  # where Pillow itself takes a file for a bomb
# Their further frames are previews, depth maps or layers of the one picture.
_ONE_PICTURE_FORMATS = ("MPO", "PSD")


class Picture(NamedTuple):
    """A picture as one plane, and its height and width before it was shrunk."""

    shade: np.ndarray  # of shape (height, width), float32 in [0, 1]
    size: tuple
    name: str = "the picture"  # or its file's, in quotes


def load_picture(picture, max_side):
    """Open a picture, turn it upright, shrink it and make it grey.

    Parameters
    ----------
    picture : str, path-like, binary file, PIL image or array-like of shape \
            (height, width) or (height, width, n_channels)
        One or two channels are grey, three or four colour; the last of two or of four
        is opacity.
    max_side : int
        The long side of a larger picture becomes this, the short one at least 4.

    Returns
    -------
    Picture
        Of the grey that tells ink from paper best; 8-bit grey keeps its exact values.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError
        If it is nothing that could be a picture.
    ValueError
        If it cannot be opened, is broken, too large or too small, has several frames,
        or holds values that are no pixels.
    """
    if isinstance(picture, np.ndarray) and picture.dtype == np.uint8:
        sides = picture.shape
        fits = len(sides) == 2 and min(sides) >= _MIN_SIDE and max(sides) <= max_side
        if fits and picture.max() > 1:
            return Picture(as_shares(picture), sides)
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
    """Turn whatever a decoder raises, which may be anything, into one sentence."""
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
    """Return the image of a file, its pixels not yet read, or None.

    PIL.Image.open would warn of large pictures before they can be refused, and until
    Python 3.14 nothing silences a warning for one thread alone.
    """
    from PIL import Image

    tried = set()
    for register_formats in (Image.preinit, Image.init):  # the common ones, then all
        register_formats()
        for format_name in [name for name in Image.ID if name not in tried]:
            tried.add(format_name)
            factory, accept = Image.OPEN[format_name]
            # With these, Pillow's formats say that a file is of another.
            with suppress(SyntaxError, IndexError, TypeError, struct.error):
                accepted = accept is None or accept(prefix)
                if accepted and not isinstance(accepted, str):
                    file.seek(0)
                    return factory(file, "")
    return None


def _load_image(image, max_side, name, *, is_ours=False):
    """Load a PIL image, which may be scaled while it is decoded if it is ours."""
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
        planes = scale_planes(array, (1, 255) if image.mode == "F" else (65535,), name)
    else:
        planes = as_shares(array)
    shade = _turn_upright(find_shade(planes, target), orientation)
    return Picture(shade, size if orientation > 4 else size[::-1], name)


def _check_size(size, name):
    """Refuse what would fill the memory, and what is too small to read."""
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
    """Return the width and the height of a picture once it is shrunk."""
    scale = min(1, max_side / max(size))
    return tuple(max(_MIN_SIDE, round(length * scale)) for length in size)


def _find_orientation(image):
    """Return how the camera was held, from 1 to 8 as in EXIF; 1 is upright."""
    try:
        orientation = image.getexif().get(0x0112)
    except Exception:  # broken metadata spoil no pixels
        return 1
    return orientation if orientation in range(1, 9) else 1


def _turn_upright(shade, orientation):
    shade = shade.T if orientation > 4 else shade
    shade = shade[:, ::-1] if orientation in (2, 3, 6, 7) else shade
    shade = shade[::-1] if orientation in (3, 4, 7, 8) else shade
    return np.ascontiguousarray(shade)


def _convert(image):
    """Bring an image of 8 bits to the mode L, RGB or RGBa.

    In RGBa the colours are multiplied by the opacity, so that they may be averaged.
    """
    if image.mode == "LAB":  # Pillow converts it to no other
        return image.getchannel("L")
    if image.has_transparency_data:
        return image.convert("RGBA").convert("RGBa")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _load_array(picture, max_side):
    from PIL import Image

    array, name = _as_array(picture), "the picture"
    size = array.shape[1::-1]
    _check_size(size, name)
    # Who compares pixels with a threshold gets True and False, or 1 and 0.
    if array.dtype.kind == "b" or (array.dtype == np.uint8 and array.max() <= 1):
        array = array * np.uint8(255)
    if array.dtype == np.uint8:
        array = array[..., 0] if array.shape[2:] == (1,) else array
        return _load_image(Image.fromarray(array), max_side, name)
    planes = scale_planes(
        array, (65535,) if array.dtype == np.uint16 else (1, 255), name
    )
    if planes.shape[2:] in ((2,), (4,)):
        planes[..., :-1] *= planes[..., -1:]
    return Picture(find_shade(planes, _find_target(size, max_side)), size[::-1])


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
