"""Pictures of any kind, loaded as one grayscale channel."""

import io
import os
import struct
from contextlib import contextmanager, suppress
from typing import NamedTuple

import numpy as np

from skmnist._pictures.frames import list_frames, repeats
from skmnist._pictures.grayscale import (
    as_fractions,
    as_page,
    deep_as_page,
    scale_channels,
    shrink,
    shrink_deep,
    to_gray,
)
from skmnist._pictures.hints import describe_format, find_hint, quote
from skmnist._pictures.limits import MAX_PIXELS, MIN_SIDE, check_density, check_size
from skmnist._pictures.opening import open_file


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
        fits = len(sides) == 2 and min(sides) >= MIN_SIDE and max(sides) <= max_side
        if fits and picture.max() > 1:
            return Picture(as_fractions(picture), sides)
    with _open(picture) as (image, name, is_ours):
        if image is None:
            return _load_array(picture, max_side)
        return _load_image(image, max_side, name, is_ours=is_ours)


@contextmanager
def _open(picture):
    """Yield the PIL image, its name and whether we opened it, or None for an array."""
    if isinstance(picture, (str, os.PathLike)):
        path = os.fsdecode(picture)
        with open_file(path) as file:
            name = quote(path)
            yield _identify_file(file, name), name, True
    elif hasattr(picture, "read"):
        name = _find_name(picture, "name")
        yield _identify_file(picture, name), name, True
    else:
        from PIL import Image

        is_image = isinstance(picture, Image.Image)
        name = _find_name(picture, "filename")
        yield picture if is_image else None, name, False


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
    with _open(picture) as (image, name, _):
        if image is None:
            image = _find_image(picture)
        if image is None:
            gray = _load_array(picture, MAX_PIXELS).gray
            return np.rint(np.multiply(gray, 255, out=gray)).astype(np.uint8)
        check_size(image.size, name)
        _seek_only_frame(image, name)
        return _load_frame(image, name)


def iterate_frames(picture):
    """Load the pages of a file one after the other, as `load_page` does.

    Parameters
    ----------
    picture : str, path-like, binary file, PIL image or array-like
        As in `load_picture`.

    Yields
    ------
    ndarray of shape (height, width), uint8
        Grey levels of each page. Frames that repeat the page before them at a lower
        resolution are passed over.

    Raises
    ------
    FileNotFoundError, TypeError, ValueError
        As in `load_picture`, but any number of frames is accepted.
    """
    with _open(picture) as (image, name, _):
        if image is None:
            yield load_page(picture)
            return
        check_size(image.size, name)
        with _decoding(name):
            start = image.tell()
            frames = list_frames(image)
        try:
            yield from _load_frames(image, frames, name)
        finally:
            with suppress(Exception):  # a broken file has had its error
                image.seek(start)


def _load_frames(image, frames, name):
    page = None
    for frame in frames:
        if len(frames) > 1:
            with _decoding(name):
                image.seek(frame)
        check_size(image.size, name)
        found = _load_frame(image, name)
        if page is None or not repeats(found, page):
            page = found
            yield page


def _seek_only_frame(image, name):
    """Refuse an image of several frames; smaller copies of the first do not count."""
    with _decoding(name):
        frames = list_frames(image)
    if len(frames) > 1:
        raise ValueError(
            f"{name} has {len(frames)} frames; a picture must have one. "
            "NumberReader.read_pages and `skmnist read` read them all."
        )
    if frames[0] != image.tell():
        with _decoding(name):
            image.seek(frames[0])


def _load_frame(image, name):
    """Return the 8-bit gray levels of the present frame of an image, upright."""
    with _decoding(name):
        image.load()
        orientation = _find_orientation(image)
        converted = image if image.mode[0] in "IF" else _convert(image)
    is_deep = converted.mode[0] in "IF"
    page = deep_as_page(converted, name) if is_deep else as_page(converted)
    return _turn_upright(page, orientation)


def _find_name(picture, attribute):
    name = getattr(picture, attribute, None)
    return quote(name) if name and isinstance(name, str) else "the picture"


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


def _identify_file(file, name):
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
        found = describe_format(prefix)
        raise ValueError(f"{name} is not a picture that can be opened{found}.")
    check_density(image, file, name)
    return image


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
    check_size(size, name)
    _seek_only_frame(image, name)
    target = _find_target(size, max_side)
    with _decoding(name):
        if is_ours:
            image.draft(None, target)
        image.load()
        orientation = _find_orientation(image)
        is_deep = image.mode[0] in "IF"
        shrunk = None if is_deep else shrink(_convert(image), target)
    if is_deep:
        gray = shrink_deep(image, target, name)
    else:
        gray = to_gray(as_fractions(shrunk), target)
    gray = _turn_upright(gray, orientation)
    return Picture(gray, size if orientation > 4 else size[::-1], name)


def _find_target(size, max_side):
    """Return the width and the height that a picture is shrunk to."""
    scale = min(1, max_side / max(size))
    return tuple(max(MIN_SIDE, round(length * scale)) for length in size)


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


def _find_image(picture):
    """Return a PIL image of an array of 8 bits, or None for another array."""
    from PIL import Image

    array = _as_array(picture)
    check_size(array.shape[1::-1], "the picture")
    # Thresholded arrays hold True and False, or 1 and 0.
    if array.dtype.kind == "b" or (array.dtype == np.uint8 and array.max() <= 1):
        array = array * np.uint8(255)
    if array.dtype != np.uint8:
        return None
    return Image.fromarray(array[..., 0] if array.shape[2:] == (1,) else array)


def _load_array(picture, max_side):
    image, name = _find_image(picture), "the picture"
    if image is not None:
        return _load_image(image, max_side, name)
    array = _as_array(picture)
    size = array.shape[1::-1]
    channels = scale_channels(array, name)
    if channels.shape[2:] in ((2,), (4,)):
        channels[..., :-1] *= channels[..., -1:]
    return Picture(to_gray(channels, _find_target(size, max_side)), size[::-1])


def _as_array(picture):
    hint = find_hint(picture)
    try:
        array = np.asarray(picture)
    except ValueError:
        raise ValueError("the picture must have rows of the same length.") from None
    if array.ndim == 0 or hint:
        raise TypeError(
            "the picture must be a path, a binary file, a PIL image or an array, got "
            f"{type(picture).__name__}{hint}."
        )
    if array.dtype.kind not in "buif":
        raise ValueError(f"the picture must hold real numbers, got {array.dtype}.")
    if array.ndim != 2 and (array.ndim != 3 or array.shape[2] not in range(1, 5)):
        raise ValueError(
            "the picture must have the shape (height, width) or (height, width, 1 to 4 "
            f"channels), got {array.shape}."
        )
    return array.astype(array.dtype.newbyteorder("="), copy=False)
