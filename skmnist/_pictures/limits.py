"""Limits of the size of pictures, checked before their pixels are read."""

import math
import os

MIN_SIDE = 4  # pixels: smallest picture
# Pixels: largest picture. Pillow's own limit, above which it refuses a file as a
# decompression bomb.
MAX_PIXELS = 178_956_970
# Pixels for each byte of a file: deflate packs at most 1,032 bytes into one, so PNG and
# TIFF never have more than this, with a bit for a pixel or more.
_DENSEST = 10_000
# Pixels: pictures up to this size take little memory, whatever their file.
_ANY_DENSITY = 16_000_000


def check_size(size, name):
    """Refuse pictures that would fill the memory or are too small to read.

    Parameters
    ----------
    size : tuple of (int, int)
        Width and height.
    name : str
        Of the picture, for the error.

    Raises
    ------
    ValueError
        If it has too many pixels, or too few along a side.
    """
    from PIL import Image

    max_pixels = min(MAX_PIXELS, Image.MAX_IMAGE_PIXELS or MAX_PIXELS)
    if math.prod(size) > max_pixels:
        rule = f"have at most {max_pixels} pixels"
    elif min(size) < MIN_SIDE:
        rule = f"be at least {MIN_SIDE} x {MIN_SIDE} pixels"
    else:
        return
    raise ValueError(f"{name} must {rule}, got {size[0]} x {size[1]}.")


def check_density(image, file, name):
    """Refuse a large picture in a file so small that it shows nothing but paper.

    Some formats pack any number of blank pixels into a few hundred bytes; decoding them
    takes eight bytes for each pixel. With a bit for each pixel it does no harm.

    Parameters
    ----------
    image : PIL.Image.Image
        Its pixels need not be read.
    file : binary file
        That it was opened from; its position stays.
    name : str
        Of the picture, for the error.

    Raises
    ------
    ValueError
        If the file is too small for it. Pictures that `check_size` refuses pass.
    """
    n_pixels = math.prod(image.size)
    if not _ANY_DENSITY < n_pixels <= MAX_PIXELS or image.mode == "1":
        return
    position = file.tell()
    n_bytes = file.seek(0, os.SEEK_END)
    file.seek(position)
    if n_pixels > _DENSEST * n_bytes:
        raise ValueError(
            f"{name} must have a byte for each {_DENSEST} pixels, got {n_bytes} bytes "
            f"for {image.size[0]} x {image.size[1]}: save it as PNG."
        )
