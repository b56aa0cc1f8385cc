import io
import os
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image, ImageDraw, ImageFile, ImageOps
from scipy import sparse

from skmnist._pictures.loading import iterate_frames, load_page, load_picture
from skmnist._pictures.picture_sets import iterate_pictures

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (12, 9)).astype(np.uint8)
SHARES = np.float32(GREY) / 255
DIGIT = np.full((40, 30), 255, np.uint8)
DIGIT[8:32, 13:17] = 0


MODES = ["1", "L", "LA", "P", "PA", "RGB", "RGBX", "RGBA", "RGBa", "CMYK", "YCbCr"]
MODES += ["HSV", "I", "F"]
SUFFIXES = ["png", "jpg", "gif", "tif", "webp"]


def draw(colour, opacity=255, shape=(40, 30)):
    """A vertical stroke on a transparent canvas."""
    canvas = Image.new("RGBA", shape[::-1], (0, 0, 0, 0))
    box = (shape[1] // 3, 4, shape[1] // 2, shape[0] - 4)
    ImageDraw.Draw(canvas).rectangle(box, fill=(*colour, opacity))
    return canvas


def png_header(width, height):
    """A PNG file that ends before its pixels."""
    chunk = b"IHDR" + struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0)
    body = b"IDAT" + zlib.compress(b"")
    chunks = [(13, chunk), (len(body) - 4, body)]
    parts = [
        struct.pack(">I", n) + c + struct.pack(">I", zlib.crc32(c)) for n, c in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def contrast(gray):
    return gray.max() - gray.min()


def as_png(array):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file


def save_png(folder):
    path = folder / "grey.png"
    Image.fromarray(GREY).save(path)
    return path


class Pipe(io.RawIOBase):
    """A binary file that cannot be rewound."""

    def __init__(self, data):
        self._file = io.BytesIO(data)

    def readable(self):
        return True

    def readall(self):
        return self._file.read()


@pytest.mark.parametrize(
    "give",
    [
        pytest.param(lambda folder: GREY, id="array"),
        pytest.param(lambda folder: GREY[..., np.newaxis], id="one-channel"),
        pytest.param(lambda folder: GREY.tolist(), id="list-of-lists"),
        pytest.param(lambda folder: np.asfortranarray(GREY), id="fortran"),
        pytest.param(lambda folder: pd.DataFrame(GREY), id="pandas"),
        pytest.param(lambda folder: GREY.astype(np.int64), id="int64"),
        pytest.param(lambda folder: GREY.astype(np.float64), id="float64"),
        pytest.param(lambda folder: GREY / 255, id="float64-shares"),
        pytest.param(lambda folder: SHARES, id="float32-shares"),
        pytest.param(lambda folder: GREY * np.uint16(257), id="uint16"),
        pytest.param(lambda folder: (GREY * np.uint16(257)).astype(">u2"), id=">u2"),
        pytest.param(lambda folder: Image.fromarray(GREY), id="PIL"),
        pytest.param(save_png, id="path"),
        pytest.param(lambda folder: str(save_png(folder)), id="str"),
        pytest.param(lambda folder: as_png(GREY), id="file"),
        pytest.param(lambda folder: Pipe(as_png(GREY).getvalue()), id="pipe"),
    ],
)
def test_every_container_and_dtype_gives_the_same_gray(give, tmp_path):
    gray, size, _ = load_picture(give(tmp_path), 500)
    assert gray.dtype == np.float32
    assert size == (12, 9)
    np.testing.assert_allclose(gray, SHARES, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "give",
    [
        pytest.param(lambda path: path, id="path"),
        pytest.param(str, id="str"),
        pytest.param(lambda path: path.open("rb"), id="file"),
        pytest.param(Image.open, id="PIL"),
    ],
)
def test_a_picture_has_the_name_of_its_file(give, tmp_path):
    path = save_png(tmp_path)
    picture = give(path)
    with picture if hasattr(picture, "close") else nullcontext():
        assert load_picture(picture, 500).name == f"'{path}'"


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(GREY, id="uint8"),
        pytest.param(np.dstack([GREY] * 3), id="RGB"),
        pytest.param(SHARES, id="float"),
        pytest.param(GREY > 99, id="bool"),
        pytest.param(Image.fromarray(GREY), id="PIL"),
        pytest.param(as_png(GREY), id="file-in-memory"),
        pytest.param(Image.open(as_png(GREY)), id="PIL-from-memory"),
    ],
)
def test_a_picture_that_was_not_a_file_has_no_name(picture):
    assert load_picture(picture, 500).name == "the picture"


@pytest.mark.parametrize(
    "give",
    [
        pytest.param(lambda: GREY, id="array"),
        pytest.param(lambda: Image.fromarray(GREY), id="PIL"),
        pytest.param(lambda: as_png(GREY), id="file"),
        pytest.param(lambda: np.dstack([GREY] * 3), id="grey-as-RGB"),
        pytest.param(lambda: as_png(np.dstack([GREY] * 3)), id="file-of-grey-as-RGB"),
        pytest.param(lambda: np.dstack([GREY] * 3 + [GREY | 255]), id="opaque-RGBA"),
        pytest.param(lambda: np.dstack([GREY, GREY | 255]), id="opaque-LA"),
        pytest.param(lambda: Image.fromarray(GREY).convert("P"), id="P"),
    ],
)
def test_grey_of_eight_bits_keeps_its_exact_values(give):
    np.testing.assert_array_equal(load_picture(give(), 12).gray, SHARES)


@pytest.mark.parametrize("name", ["I;16", "I;16B"])
def test_sixteen_bits_keep_their_precision(name, tmp_path):
    levels = np.arange(1000, 1042, dtype=np.uint16).reshape(6, 7)
    if name == "I;16B":
        image = Image.frombytes(name, (7, 6), levels.astype(">u2").tobytes())
    else:
        image = Image.fromarray(levels)
    assert image.mode == name
    np.testing.assert_allclose(load_picture(image, 99).gray, levels / 4095, rtol=1e-6)
    image.save(tmp_path / "deep.tif")
    gray = load_picture(tmp_path / "deep.tif", 99).gray
    np.testing.assert_allclose(gray, levels / 4095, rtol=1e-6)


@pytest.mark.parametrize(
    ("factor", "dtype", "white"),
    [
        pytest.param(200, np.int32, 65535, id="I-of-16-bits"),
        pytest.param(1000, np.int32, 255_000, id="I-of-more"),
        pytest.param(1 / 255, np.float32, 1, id="F-of-shares"),
        pytest.param(1, np.float32, 255, id="F-of-8-bits"),
        pytest.param(1000, np.float32, 255_000, id="F-of-more"),
    ],
)
def test_deep_images_are_scaled_by_what_is_white_in_them(factor, dtype, white):
    array = (GREY * np.float64(factor)).astype(dtype)
    gray = load_picture(Image.fromarray(array), 99).gray
    np.testing.assert_allclose(gray, array / white, rtol=1e-5)


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(DIGIT > 0, id="bool"),
        pytest.param(DIGIT // 255, id="zeros-and-ones-of-8-bits"),
        pytest.param((DIGIT // 255)[..., np.newaxis], id="zeros-and-ones-of-a-channel"),
        pytest.param((DIGIT // 255).astype(np.int64), id="zeros-and-ones"),
        pytest.param(DIGIT.astype(np.int64) * 10**6, id="large-int64"),
        pytest.param(DIGIT * 1e300, id="large-float64"),
        pytest.param((DIGIT // 255).astype(np.float16), id="float16"),
    ],
)
def test_two_levels_are_black_and_white_in_every_dtype(array):
    np.testing.assert_array_equal(load_picture(array, 99).gray, DIGIT / 255)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("shape", [(40, 30), (40, 30, 1), (40, 30, 3)])
def test_one_of_two_levels_alone_is_black_or_white(shape, level):
    gray = load_picture(np.full(shape, level, np.uint8), 99).gray
    np.testing.assert_array_equal(gray, np.full((40, 30), level))


@pytest.mark.parametrize("max_side", [99, 22])
@pytest.mark.parametrize("n_channels", [1, 2, 3, 4])
def test_zeros_and_ones_of_eight_bits_are_booleans(n_channels, max_side):
    array = np.dstack([DIGIT // 255] * n_channels)
    expected = load_picture(array.astype(bool), max_side)
    np.testing.assert_array_equal(load_picture(array, max_side).gray, expected.gray)


def test_eight_bits_that_hold_a_two_are_grey():
    array = DIGIT // 255
    array[0, 0] = 2
    np.testing.assert_array_equal(load_picture(array, 99).gray, array / np.float32(255))


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_shows_the_digit(mode):
    image = Image.fromarray(DIGIT)
    image = image.convert("RGBA" if mode in ("RGBa", "PA") else "RGB").convert(mode)
    assert image.mode == mode
    np.testing.assert_allclose(load_picture(image, 99).gray, DIGIT / 255, atol=0.01)


@pytest.mark.parametrize("n_bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.int64])
@pytest.mark.parametrize("load", [lambda p: load_picture(p, 99).gray, load_page])
def test_few_bits_in_a_wide_container_are_not_blank(n_bits, dtype, load):
    white = 2**n_bits - 1
    gray = load((DIGIT // 255).astype(dtype) * white)
    np.testing.assert_array_equal(gray / gray.max(), DIGIT / 255)
    assert gray.max() == (255 if gray.dtype == np.uint8 else 1)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("is_array", [False, True])
def test_a_page_is_the_picture_in_eight_bits(mode, is_array):
    colours = RNG.integers(0, 256, (300, 70, 4)).astype(np.uint8)
    colours[:50, :, 3] = 0
    image = Image.fromarray(colours, "RGBA")
    image = image if mode in ("RGBA", "RGBa") else image.convert("RGB")
    image = image.convert("RGB").convert("L") if mode == "PA" else image
    image = image.convert("LA" if mode == "PA" else mode)
    picture = np.asarray(image) if is_array and mode != "RGBa" else image
    page = load_page(picture)
    assert page.dtype == np.uint8
    gray = load_picture(picture, 300).gray
    np.testing.assert_allclose(page / 255, gray, atol=1 / 255)


@pytest.mark.parametrize("paper", [(255, 255, 255), (0, 0, 0)])
def test_a_page_with_opacity_lies_on_the_same_paper(paper):
    for ink in ((200, 0, 0), (255, 255, 120), (0, 0, 90)):
        image = draw(ink, shape=(600, 90))
        ImageDraw.Draw(image).rectangle((2, 2, 9, 9), fill=(*paper, 255))
        gray = load_picture(image, 600).gray
        np.testing.assert_allclose(load_page(image) / 255, gray, atol=1 / 255)


def test_lab_shows_its_lightness():
    image = Image.merge(
        "LAB", [Image.fromarray(DIGIT)] + [Image.new("L", (30, 40))] * 2
    )
    np.testing.assert_array_equal(load_picture(image, 99).gray, DIGIT / 255)


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".png", {}),
        (".bmp", {}),
        (".gif", {}),
        (".webp", {"lossless": True}),
        (".tif", {"compression": "tiff_lzw"}),
        (".tif", {"compression": "tiff_adobe_deflate"}),
        (".ppm", {}),
        (".tga", {}),
        (".jpg", {"quality": 95}),
    ],
)
def test_every_format_gives_the_same_gray(suffix, options, tmp_path):
    path = tmp_path / f"digit{suffix}"
    Image.fromarray(DIGIT).save(path, **options)
    gray, size, _ = load_picture(path, 99)
    assert size == (40, 30)
    np.testing.assert_allclose(gray, DIGIT / 255, atol=0.05)


def test_cmyk_of_adobe_is_not_inverted(tmp_path):
    Image.fromarray(DIGIT).convert("CMYK").save(tmp_path / "print.jpg", quality=95)
    gray = load_picture(tmp_path / "print.jpg", 99).gray
    np.testing.assert_allclose(gray, DIGIT / 255, atol=0.05)


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
def test_pictures_are_turned_upright(suffix, orientation, tmp_path):
    corner = np.full((40, 60), 255, np.uint8)
    corner[:20, :15] = 0
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned{suffix}"
    Image.fromarray(corner).save(path, exif=exif)
    # Pillow garbles turned TIFF files that it opens by name.
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("L")) / 255
    gray, size, _ = load_picture(path, 99)
    assert size == expected.shape
    np.testing.assert_allclose(gray, expected, atol=0.05)
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        np.testing.assert_array_equal(load_picture(image, 99).gray, gray)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")  # Pillow's
def test_broken_metadata_do_not_matter(tmp_path):
    exif = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"
    Image.fromarray(DIGIT).save(tmp_path / "digit.jpg", exif=exif, quality=95)
    assert load_picture(tmp_path / "digit.jpg", 99).size == (40, 30)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((600, 800), (75, 100)),
        ((800, 600), (100, 75)),
        ((101, 101), (100, 100)),
        ((100, 100), (100, 100)),
        ((4, 2000), (4, 100)),
        ((7, 5), (7, 5)),
    ],
)
@pytest.mark.parametrize(
    "give",
    [
        pytest.param(lambda array, path: array, id="uint8"),
        pytest.param(lambda array, path: array > 99, id="bool"),
        pytest.param(lambda array, path: array * np.uint16(257), id="uint16"),
        pytest.param(lambda array, path: np.dstack([array] * 3), id="RGB"),
        pytest.param(lambda array, path: np.dstack([array / 255] * 4), id="float-RGBA"),
        pytest.param(lambda array, path: Image.fromarray(array).save(path) or path),
    ],
)
def test_the_long_side_is_shrunk_and_never_enlarged(give, shape, expected, tmp_path):
    picture = give(np.full(shape, 200, np.uint8), tmp_path / "grey.jpg")
    gray, size, _ = load_picture(picture, 100)
    assert gray.shape == expected
    assert size == shape
    assert gray.flags.c_contiguous


@pytest.mark.parametrize("n_times", [1, 3])
def test_shrinking_averages(n_times, tmp_path):
    stripes = np.tile(np.array([0, 255], np.uint8), (240 * n_times, 120 * n_times))
    Image.fromarray(stripes).save(tmp_path / "stripes.png")
    gray = load_picture(tmp_path / "stripes.png", 40).gray
    np.testing.assert_allclose(gray, 0.5, atol=0.03)


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ((255, 255, 0), (255, 255, 255)),
        ((0, 0, 255), (0, 0, 0)),
        ((255, 0, 0), (0, 128, 0)),
        ((200, 0, 0), (0, 0, 200)),
    ],
)
@pytest.mark.parametrize("scale", [1, 1 / 255])
def test_colours_are_distinguished(ink, paper, scale):
    picture = np.where(DIGIT[..., np.newaxis] == 0, ink, paper) * scale
    gray = load_picture(picture if scale < 1 else picture.astype(np.uint8), 99).gray
    assert contrast(gray) > 0.7
    assert 0 <= gray.min() < gray.max() <= 1
    lighter = np.dot(ink, [299, 587, 114]) > np.dot(paper, [299, 587, 114])
    assert (gray[20, 15] > gray[0, 0]) == lighter


def test_a_blank_colour_has_its_luminance():
    gray = load_picture(np.full((9, 9, 3), (255, 0, 0), np.uint8), 99).gray
    np.testing.assert_allclose(gray, 0.299, rtol=1e-5)


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (9, 130, 77)])
@pytest.mark.parametrize("opacity", [255, 90])
@pytest.mark.parametrize("max_side", [99, 22])
@pytest.mark.parametrize(
    "convert",
    [
        pytest.param(lambda image: image, id="image"),
        pytest.param(np.asarray, id="array"),
        pytest.param(lambda image: np.asarray(image) / 255, id="float"),
    ],
)
def test_a_drawing_of_one_colour_is_its_opacity(convert, max_side, opacity, colour):
    canvas = draw(colour, opacity)
    expected = load_picture(canvas.getchannel("A"), max_side).gray
    gray = load_picture(convert(canvas), max_side).gray
    np.testing.assert_allclose(gray, expected, atol=1.1 / 255)


@pytest.mark.parametrize("mode", ["LA", "PA", "P"])
def test_opacity_counts_in_every_mode(mode):
    canvas = draw((0, 0, 0))
    image = canvas.quantize(4) if mode == "P" else canvas.convert(mode[0])
    if mode != "P":
        image.putalpha(canvas.getchannel("A"))
    assert image.mode == mode
    assert contrast(load_picture(image, 99).gray) == 1


def test_a_transparent_key_colour_is_transparent(tmp_path):
    Image.fromarray(DIGIT).save(tmp_path / "key.png", transparency=255)
    gray = load_picture(tmp_path / "key.png", 99).gray
    np.testing.assert_array_equal(gray, 1 - DIGIT / 255)


@pytest.mark.parametrize(
    ("colours", "paper"),
    [
        pytest.param([(255, 255, 255), (200, 200, 160)], 0, id="light"),
        pytest.param([(0, 0, 0), (60, 60, 90)], 1, id="dark"),
        pytest.param([(255, 255, 255), (0, 0, 0)], 1, id="light-with-dark"),
    ],
)
def test_drawings_of_several_colours_lie_on_paper_that_shows_them(colours, paper):
    canvas = draw(colours[0])
    canvas.paste(draw(colours[1]).crop((0, 0, 30, 20)))
    gray = load_picture(canvas, 99).gray
    assert gray[0, 0] == paper
    assert contrast(gray) > 0.9


def test_an_opaque_picture_with_round_corners_lies_on_white():
    card = np.dstack([np.where(DIGIT == 0, 30, 230)] * 3 + [DIGIT | 255]).astype(
        np.uint8
    )
    card[:3, :3, 3] = 0
    gray = load_picture(card, 99).gray
    assert gray[0, 0] == 1
    assert gray[20, 15] == pytest.approx(30 / 255)


def test_a_transparent_picture_is_blank():
    assert contrast(load_picture(np.zeros((9, 9, 4), np.uint8), 99).gray) == 0


def test_a_given_image_is_not_changed(tmp_path):
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.dstack([DIGIT] * 3)).resize((900, 700)).save(path, exif=exif)
    with Image.open(path) as image, Image.open(path) as untouched:
        assert load_picture(image, 50).size == (900, 700)
        assert image == untouched
        assert image.getexif() == untouched.getexif()
        assert image.info == untouched.info


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64, bool])
@pytest.mark.parametrize("n_channels", [1, 2, 4])
def test_a_given_array_is_not_changed(dtype, n_channels):
    array = np.dstack([SHARES * 9] * n_channels).astype(dtype)
    before = array.copy()
    load_picture(array, 99).gray[:] = 7
    np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("max_side", [100, 150, 400])
def test_a_photo_is_scaled_to_what_its_pixels_give(max_side, tmp_path):
    ramp = np.tile(np.linspace(0, 255, 1203).astype(np.uint8), (901, 1))
    Image.fromarray(ramp).save(tmp_path / "photo.jpg", quality=95)
    gray = load_picture(tmp_path / "photo.jpg", max_side).gray
    np.testing.assert_allclose(gray, load_picture(ramp, max_side).gray, atol=0.02)


def test_threads_load_the_same(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "grey.png")
    with ThreadPoolExecutor(4) as pool:
        pictures = pool.map(load_picture, [tmp_path / "grey.png"] * 40, [99] * 40)
    np.testing.assert_array_equal([p.gray for p in pictures], [SHARES] * 40)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a picture that can be opened, because it is empty"),
        (b"zero one two three\n" * 99, "is not a picture that can be opened"),
        (as_png(GREY).getvalue()[:60], "cannot be read as a picture: .*truncated"),
        (
            as_png(GREY).getvalue()[:20],
            "cannot be read|that can be opened",
        ),
        (
            b"\xff\xd8\xff" + b"\0" * 99,
            "cannot be read|that can be opened",
        ),
        (png_header(30_000, 30_000), r"at most 89478485 pixels, got 30000 x 30000"),
        (png_header(10_000, 10_000), r"at most 89478485 pixels, got 10000 x 10000"),
        (png_header(1, 100_000), r"at least 4 x 4 pixels, got 1 x 100000"),
        (png_header(50, 3), r"at least 4 x 4 pixels, got 50 x 3"),
    ],
)
def test_what_is_not_a_picture_is_refused_by_name(content, message, tmp_path, recwarn):
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"'.*bad\.png'.* ({message}).*\.$"):
        load_picture(path, 500)
    with path.open("rb") as file, pytest.raises(ValueError, match=r"bad\.png"):
        load_picture(file, 500)
    with pytest.raises(ValueError, match="the picture"):
        load_picture(io.BytesIO(content), 500)
    assert not recwarn.list


@pytest.mark.parametrize("suffix", [*SUFFIXES, "bmp", "ppm", "tga", "jp2"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_file_is_refused(suffix, share, tmp_path):
    path = tmp_path / f"cut.{suffix}"
    noise = RNG.integers(0, 256, (90, 90, 3)).astype(np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(
        ValueError, match=rf"cut\.{suffix}' (cannot be read|must be in)"
    ):
        load_picture(path, 500)
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_corrupt_file_never_crashes(suffix, seed, tmp_path):
    path = tmp_path / f"spoilt.{suffix}"
    Image.fromarray(np.dstack([DIGIT] * 3)).save(path)
    content, rng = bytearray(path.read_bytes()), np.random.default_rng(seed)
    for place in rng.integers(0, len(content), 8):
        content[place] = rng.integers(256)
    path.write_bytes(content)
    message = ""
    try:
        assert np.isfinite(load_picture(path, 500).gray).all()
    except ValueError as error:
        message = str(error)
    assert not message or "spoilt" in message


def test_the_limit_of_pillow_holds(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ValueError, match="at most 1000 pixels, got 30 x 40"):
        load_picture(as_png(DIGIT), 500)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with pytest.raises(ValueError, match="at most 178956970 pixels, got 30000 x 30000"):
        load_picture(io.BytesIO(png_header(30_000, 30_000)), 500)


def test_a_large_picture_of_a_few_bytes_is_refused():
    file = io.BytesIO()
    Image.new("L", (5000, 4000), 255).save(file, "WEBP", lossless=True)
    assert len(file.getvalue()) < 2000
    for load in (load_page, lambda picture: load_picture(picture, 500)):
        with pytest.raises(ValueError, match="a byte for each 10000 pixels, got"):
            load(file)


def test_a_blank_scan_of_many_pixels_is_a_picture():
    file = io.BytesIO()
    Image.new("L", (5000, 4000), 255).save(file, "PNG")
    assert load_page(file).min() == 255


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".tif"])
def test_several_frames_are_refused(suffix, tmp_path):
    path = tmp_path / f"film{suffix}"
    frames = [Image.new("L", (30, 30), level) for level in (0, 90, 250)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    message = r"film.* has 3 frames; a picture must have one\. .*read_pages"
    with pytest.raises(ValueError, match=message):
        load_picture(path, 500)
    with Image.open(path) as image, pytest.raises(ValueError, match=message):
        load_picture(image, 500)


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "tif"])
@pytest.mark.parametrize("is_open", [False, True])
def test_frames_are_loaded_in_turn(suffix, is_open, tmp_path):
    path = tmp_path / f"film.{suffix}"
    frames = [np.roll(DIGIT, 4 * i, axis=1) for i in range(3)]
    first, *others = map(Image.fromarray, frames)
    options = {"lossless": True} if suffix == "webp" else {}
    first.save(path, save_all=True, append_images=others, **options)
    with Image.open(path) as image:
        image.seek(1)
        pages = list(iterate_frames(image if is_open else path))
        assert image.tell() == 1
    np.testing.assert_array_equal(pages, frames)


@pytest.mark.parametrize("marked", [False, True])
def test_smaller_copies_of_a_page_are_passed_over(marked, tmp_path):
    pages = [Image.fromarray(np.roll(DIGIT, 5 * i, axis=1)) for i in range(2)]
    other = Image.fromarray(np.roll(DIGIT, 9, axis=1)).resize((15, 20))
    copies = [page.resize((15, 20)) for page in pages]
    for copy in copies if marked else []:
        copy.encoderinfo = {"tiffinfo": {254: 1}}
    path = tmp_path / "scan.tif"
    order = [copies[0], pages[1], copies[1], other]
    pages[0].save(path, save_all=True, append_images=order)
    found = list(iterate_frames(path))
    for page, expected in zip(found, [*pages, other], strict=True):
        np.testing.assert_array_equal(page, np.asarray(expected))


@pytest.mark.parametrize("picture", [DIGIT, Image.fromarray(DIGIT), as_png(DIGIT)])
def test_a_picture_is_one_frame(picture):
    (page,) = iterate_frames(picture)
    np.testing.assert_array_equal(page, DIGIT)


def test_heic_says_what_to_do(tmp_path):
    (tmp_path / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(99))
    message = r"phone\.heic' .*, because it is HEIC: convert it .* install pillow-heif"
    with pytest.raises(ValueError, match=message):
        load_page(tmp_path / "phone.heic")


@pytest.mark.parametrize(
    ("picture", "hint"),
    [
        ("data:image/png;base64," + "iVBO" * 500, r"data URL.*io\.BytesIO\("),
        ("x" * 999, "cannot be opened"),
        (b"\x89PNG", r"io\.BytesIO\("),
        (bytearray(b"\x89PNG"), r"io\.BytesIO\("),
        ({"composite": DIGIT, "layers": []}, r"pass picture\['composite'\]"),
        ({"drawing": DIGIT}, "pass the value that holds the picture"),
    ],
)
def test_what_holds_a_picture_says_how_to_pass_it_in_a_few_words(picture, hint):
    with pytest.raises((TypeError, ValueError), match=hint) as error:
        load_page(picture)
    assert len(str(error.value)) < 300


def test_a_photo_with_a_preview_is_one_picture(tmp_path):
    preview = Image.fromarray(DIGIT).resize((15, 20))
    path = tmp_path / "phone.jpg"
    Image.fromarray(DIGIT).save(path, "MPO", save_all=True, append_images=[preview])
    assert load_picture(path, 500).size == (40, 30)


@pytest.mark.parametrize("path", ["nowhere.png", Path("nowhere.png"), ""])
def test_a_missing_file_is_named(path):
    with pytest.raises(FileNotFoundError, match=f"No such file: '{path}'"):
        load_picture(path, 500)


@pytest.mark.parametrize("address", ["https://example.org/3.png", "http:/a.org/3.png"])
def test_web_address_is_no_path(address):
    with pytest.raises(FileNotFoundError, match=f"'{address}' is a web address: down"):
        load_page(address)


@pytest.mark.parametrize("path", ["a\0b.png", "x" * 999, f"{__file__}/a.png", "."])
def test_what_cannot_be_opened_is_refused(path):
    with pytest.raises(ValueError, match=r"' cannot be opened: .+"):
        load_picture(path, 500)


def test_a_file_that_may_not_be_read_is_refused(monkeypatch, tmp_path):
    def refuse(*args, **options):
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ValueError, match=r"'mine.png' cannot be opened: Permission"):
        load_picture("mine.png", 500)


@pytest.mark.parametrize("picture", [None, 7, 7.5, {}, b"\x89PNG", object(), {1, 2}])
def test_what_cannot_be_a_picture_is_a_type_error(picture):
    with pytest.raises(TypeError, match=rf"got {type(picture).__name__}[.:]"):
        load_picture(picture, 500)


def test_a_file_of_text_is_a_type_error():
    with pytest.raises(TypeError, match="in binary mode, got a text file"):
        load_picture(io.StringIO("one"), 500)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((0, 0)), "at least 4 x 4 pixels, got 0 x 0"),
        (np.zeros((0, 9), np.uint8), "at least 4 x 4 pixels, got 9 x 0"),
        (np.zeros((28, 3), np.uint8), "at least 4 x 4 pixels, got 3 x 28"),
        (np.zeros(784), r"have the shape .* got \(784,\)"),
        (np.zeros((3, 28, 28)), r"have the shape .* got \(3, 28, 28\)"),
        (np.zeros((28, 28, 0)), r"have the shape .* got \(28, 28, 0\)"),
        (np.zeros((1, 28, 28, 3)), r"have the shape .* got \(1, 28, 28, 3\)"),
        (np.full((9, 9), -0.5), "finite, non-negative numbers, got -0.5"),
        (np.full((9, 9), np.nan), "finite, non-negative numbers, got nan"),
        (np.full((9, 9), np.inf), "finite, non-negative numbers, got inf"),
        (np.full((9, 9), -np.inf), "finite, non-negative numbers, got -inf"),
        (np.full((9, 9), -3), "finite, non-negative numbers, got -3"),
        (Image.fromarray(np.full((9, 9), -3, "i4")), "non-negative numbers, got -3"),
        (np.zeros((9, 9), complex), "hold real numbers, got complex128"),
        (np.full((9, 9), "0"), "hold real numbers, got <U1"),
        (np.full((9, 9), None), "hold real numbers, got object"),
        ([[0] * 9] * 8 + [[0]], "have rows of the same length"),
        (Image.new("L", (0, 0)), "at least 4 x 4 pixels, got 0 x 0"),
    ],
)
def test_what_holds_no_pixels_is_refused(array, message):
    with pytest.raises(ValueError, match=f"the picture must .*{message}"):
        load_picture(array, 500)


def test_an_image_that_was_closed_is_refused(tmp_path):
    with Image.open(save_png(tmp_path)) as image:
        pass
    with pytest.raises(ValueError, match=r"'.*grey.png' cannot be read as a picture"):
        load_picture(image, 500)


def test_importing_the_package_imports_no_pillow():
    code = "import sys, skmnist._pictures.loading; assert 'PIL' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


MIXED = ["a.png", Path("b.png"), GREY, np.dstack([GREY] * 3), Image.fromarray(GREY)]
OBJECTS = np.empty(5, dtype=object)
OBJECTS[:] = MIXED


@pytest.mark.parametrize(
    "pictures",
    [
        pytest.param(MIXED, id="list"),
        pytest.param(tuple(MIXED), id="tuple"),
        pytest.param(OBJECTS, id="object-array"),
        pytest.param(pd.Series(MIXED), id="pandas"),
    ],
)
def test_a_set_may_mix_pictures(pictures):
    singles = iterate_pictures(pictures)
    assert len(singles) == 5
    assert all(a is b for a, b in zip(singles, MIXED, strict=True))


@pytest.mark.parametrize(
    "pictures",
    [
        pytest.param(np.array(["a.png", "b.png"]), id="array"),
        pytest.param(pd.Series(["a.png", "b.png"]), id="pandas"),
        pytest.param(pl.Series(["a.png", "b.png"]), id="polars"),
        pytest.param(pd.DataFrame({"path": ["a.png", "b.png"]}), id="column"),
    ],
)
def test_paths_come_in_any_container(pictures):
    assert list(iterate_pictures(pictures)) == ["a.png", "b.png"]


ROWS = RNG.integers(0, 256, (5, 64)).astype(np.uint8)


@pytest.mark.parametrize(
    "pictures",
    [
        pytest.param(ROWS, id="rows"),
        pytest.param(ROWS.tolist(), id="list-of-lists"),
        pytest.param(list(ROWS), id="list-of-rows"),
        pytest.param(pd.DataFrame(ROWS), id="pandas"),
        pytest.param(pl.DataFrame(ROWS), id="polars"),
        pytest.param(sparse.csr_array(ROWS), id="csr"),
        pytest.param(sparse.csc_matrix(ROWS), id="csc"),
        pytest.param(ROWS.reshape(5, 8, 8), id="images"),
        pytest.param(ROWS.reshape(5, 8, 8, 1), id="one-channel"),
        pytest.param(list(ROWS.reshape(5, 8, 8)), id="list-of-images"),
        pytest.param(ROWS.reshape(5, 8, 8).tolist(), id="nested-lists"),
    ],
)
def test_rows_and_images_are_the_same_pictures(pictures):
    singles = [load_picture(p, 99).gray for p in iterate_pictures(pictures)]
    np.testing.assert_allclose(singles, ROWS.reshape(5, 8, 8) / 255, rtol=1e-6)


@pytest.mark.parametrize(
    ("pictures", "shape"),
    [
        (np.zeros((1, 784)), (28, 28)),
        (np.zeros((3, 30, 20)), (30, 20)),
        (np.zeros((3, 30, 20, 3)), (30, 20, 3)),
        ([GREY], (12, 9)),
        ([np.zeros((12, 64))], (12, 64)),
        (pd.DataFrame(np.zeros((64, 64))), (8, 8)),
        (sparse.csr_array((64, 64)), (8, 8)),
    ],
)
def test_sets_are_split_by_their_shape(pictures, shape):
    assert iterate_pictures(pictures)[0].shape == shape


@pytest.mark.parametrize(
    ("picture", "found"),
    [
        ("a.png", r"'a\.png'"),
        (Path("a.png"), r"'a\.png'"),
        (Image.fromarray(GREY), "Image"),
        (io.BytesIO(), "BytesIO"),
        (np.zeros((28, 28, 3)), r"of shape \(28, 28, 3\)"),
        (np.zeros((28, 28, 4)), r"of shape \(28, 28, 4\)"),
        (np.zeros((28, 28, 1)), r"of shape \(28, 28, 1\)"),
        (GREY, r"of shape \(12, 9\)"),
        (GREY.tolist(), r"of shape \(12, 9\)"),
        (np.zeros((256, 256)), r"of shape \(256, 256\)"),
        (np.zeros((9, 49)), r"of shape \(9, 49\)"),
    ],
)
def test_the_error_for_a_single_picture_says_how_to_wrap_it(picture, found):
    with pytest.raises(ValueError, match=rf"got one, {found}: wrap it as \[picture\]"):
        iterate_pictures(picture)


def test_the_error_for_a_square_array_says_how_to_reshape_it():
    with pytest.raises(ValueError, match=r"or rows as images of shape \(n, 28, 28\)\."):
        iterate_pictures(np.zeros((784, 784)))


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        ([], "at least one picture, got none"),
        (np.zeros((0, 784)), "at least one picture, got none"),
        (np.zeros((0, 28, 28)), "at least one picture, got none"),
        (np.array([], dtype=object), "at least one picture, got none"),
        (np.zeros(784), r"have the shape .* got \(784,\)"),
        (np.zeros((2, 9, 9, 5)), r"have the shape .* got \(2, 9, 9, 5\)"),
        (np.zeros((2, 9, 9, 3, 1)), r"have the shape .* got \(2, 9, 9, 3, 1\)"),
        (np.full((5, 64), "0"), "hold real numbers, got <U1"),
        (np.zeros((5, 64), complex), "hold real numbers, got complex128"),
        ([[0] * 64, [0] * 63], "have rows of the same length"),
    ],
)
def test_what_is_not_a_set_of_pictures_is_refused(pictures, message):
    with pytest.raises(ValueError, match=f"`pictures` must .*{message}"):
        iterate_pictures(pictures)


@pytest.mark.parametrize("pictures", [None, 7, {}, b"\x89PNG", iter([GREY])])
def test_what_cannot_be_a_set_is_a_type_error(pictures):
    with pytest.raises(TypeError, match="must be a list of pictures, got"):
        iterate_pictures(pictures)
