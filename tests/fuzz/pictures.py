"""Pictures that are damaged or forged, each made from a seed."""

import functools
import io
import struct
import zlib

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from tests.estimator.test_saving import mutate_bytes

_FORMATS = ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "ICO", "TGA", "PCX"]
_SIZES = [0, 1, 2, 3, 27, 28, 1000, 20_000, 2**31 - 1, 2**31, 2**32 - 1]

# Ends of names; the beginning is what a terminal must not get.
_NAMES = ["a\nb", "\x1b[2J", "\u202e", "ü", "a b", "-x", "%s", "$a$", "x" * 200]


def make_picture(rng, folder):
    """Return a file name and the bytes of a damaged or forged picture."""
    kind = str(rng.choice(_FORMATS))
    content = _encode(rng.integers(4), kind, rng.integers(3))
    match rng.integers(5):
        case 0:
            kind, content = "PNG", _forge_png(_encode(rng.integers(4), "PNG", 0), rng)
        case 1:
            content = content[: rng.integers(len(content))]
        case 2:
            other = _encode(rng.integers(4), str(rng.choice(_FORMATS)), 0)
            content = content[: rng.integers(100)] + other
        case _:
            for _ in range(rng.integers(1, 4)):
                content = mutate_bytes(content or b"x", rng)
    name = _NAMES[rng.integers(len(_NAMES))] if rng.random() < 0.3 else "picture"
    return f"{name}.{kind.lower()}", content


@functools.cache
def _encode(digits, kind, mode):
    """Return a file that shows some digits."""
    images = load_digits().images[:8]
    ink = np.hstack([np.kron(image, np.ones((4, 4))) for image in images[: digits + 1]])
    ink = np.pad(ink, 16)
    picture = Image.fromarray((255 - 15 * ink).astype(np.uint8))
    modes = ["L", "RGB", "1"]
    file = io.BytesIO()
    try:
        picture.convert(modes[mode]).save(file, kind)
    except (OSError, ValueError):  # not every format has every mode
        file = io.BytesIO()
        picture.convert("RGB").save(file, kind)
    return file.getvalue()


def _forge_png(content, rng):
    """Change a chunk of a PNG file, whose checksums stay correct."""
    chunks = list(_png_chunks(content))
    kinds = [kind for kind, _ in chunks]
    match rng.integers(5):
        case 0:
            width, height = (int(rng.choice(_SIZES)) for _ in range(2))
            chunks[0] = b"IHDR", struct.pack(">2I", width, height) + chunks[0][1][8:]
        case 1:
            depth, colour = (int(rng.choice([1, 2, 3, 4, 6, 8, 16])) for _ in range(2))
            chunks[0] = b"IHDR", chunks[0][1][:8] + bytes([depth, colour, 0, 0, 0])
        case 2:
            size = int(rng.choice([0, 100, 10**7]))
            chunks[kinds.index(b"IDAT")] = b"IDAT", zlib.compress(bytes(size))
        case 3:
            text = b"key\0" + rng.bytes(int(rng.integers(1, 1000)))
            kind = [b"tEXt", b"zTXt", b"iCCP", b"eXIf", b"tRNS", b"gAMA", b"acTL"]
            chunks.insert(1, (kind[rng.integers(7)], text))
        case _:
            i = int(rng.integers(len(chunks)))
            chunks[i] = chunks[i][0], mutate_bytes(chunks[i][1] or b"x", rng)
    parts = [content[:8]]
    for kind, data in chunks:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        parts += [struct.pack(">I", len(data)), kind, data, checksum]
    return b"".join(parts)


def _png_chunks(content):
    at = 8
    while at < len(content):
        (size,) = struct.unpack_from(">I", content, at)
        yield content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        at += size + 12
