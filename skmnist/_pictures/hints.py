"""Hints: what to do with something that holds a picture but is none."""

import re

# Characters: what an error shows of a longer path, which may be a whole data URL.
_SHOWN_PATH = 200
# Brands of files in HEIF's container with pixels that Pillow cannot decode.
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")


def quote(path):
    """Return a path in quotes, shortened if it is long."""
    is_long = len(path) > _SHOWN_PATH
    return f"'{path[:_SHOWN_PATH]}...'" if is_long else f"'{path}'"


def describe_missing(path):
    """Return what is wrong with a path to which there is no file."""
    # A Path keeps one of the slashes only.
    if re.match(r"(https?|ftp):/", path, re.IGNORECASE):
        return f"{quote(path)} is a web address: download the picture first."
    return f"No such file: {quote(path)}."


def describe_format(prefix):
    """Return what a file is that Pillow cannot identify, from its first bytes."""
    if prefix[4:8] == b"ftyp" and prefix[8:12] in _HEIC_BRANDS:
        return (
            ", because it is HEIC: convert it to JPEG or PNG, or in Python install "
            "pillow-heif and call pillow_heif.register_heif_opener() first"
        )
    if prefix.startswith(b"%PDF"):
        return ", because it is a PDF: convert its pages to PNG"
    return "" if prefix else ", because it is empty"


def find_hint(picture):
    """Return what to do with something that holds a picture but is none."""
    if isinstance(picture, (bytes, bytearray, memoryview)):
        return ": wrap the content of a file as io.BytesIO(content)"
    if isinstance(picture, dict) and picture:
        # Drawing widgets return the layers of a drawing and their composite.
        key = next((k for k in ("composite", "image") if k in picture), None)
        which = f"picture[{key!r}]" if key else "the value that holds the picture"
        return f": pass {which}"
    return ""
