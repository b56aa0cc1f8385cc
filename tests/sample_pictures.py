"""Pictures of single digits that the tests draw, of many kinds."""

import numpy as np
from PIL import Image

from skmnist import load_digits28

DIGITS = load_digits28()
HELD_OUT = np.arange(len(DIGITS.target)) % 18 == 0  # 100 digits
IMAGES, TARGET = DIGITS.images[HELD_OUT], DIGITS.target[HELD_OUT]


def enlarge(image, factor=3, margin=2):
    """Return ink from 0 to 1, smoothly enlarged, with paper around it."""
    image = Image.fromarray(np.pad(image, margin))
    size = (image.width * factor, image.height * factor)
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC)) / 255


def write(image, **options):
    """Return 8-bit dark ink on bright paper."""
    return lay(enlarge(image, **options), paper=235, colour=40)


def lay(ink, paper, colour):
    ink = ink.reshape(*ink.shape, *[1] * np.ndim(paper))
    return np.rint(ink * colour + (1 - ink) * paper).astype(np.uint8)


def save(array, path, **options):
    Image.fromarray(array).save(path, **options)
    return path


def save_turned(image, path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right
    return save(np.rot90(write(image)), path.with_suffix(".jpg"), exif=exif)


def save_transparent(image, path):
    opacity = np.rint(255 * enlarge(image)).astype(np.uint8)
    return save(np.dstack([np.zeros_like(opacity)] * 3 + [opacity]), path)


def light_unevenly(image):
    """Light from the upper left; the lower right gets about a third of it."""
    picture = write(image)
    y, x = np.indices(picture.shape) / len(picture)
    return (picture * (1 - 0.4 * y - 0.25 * x)).astype(np.uint8)


def darken_corners(image, factor=3):
    """Darken the corners to half of the light, as a lens does."""
    picture = write(image, factor=factor)
    y, x = np.mgrid[-1 : 1 : len(picture) * 1j, -1 : 1 : len(picture) * 1j]
    return (picture * (1 - (x**2 + y**2) / 4)).astype(np.uint8)


def draw_edge(image):
    """Draw a dark line along the edge of a small picture."""
    picture = write(image, factor=1)
    picture[[0, -1]] = picture[:, [0, -1]] = 40
    return picture


def strew_specks(image):
    picture = write(image)
    y, x = np.random.default_rng(0).integers(0, len(picture) - 1, (2, 25))
    picture[y, x] = picture[y, x + 1] = 40
    return picture


def salt_and_pepper(image):
    """Make a tenth of the pixels black or white."""
    rng = np.random.default_rng(0)
    noisy = rng.random(image.shape) < 0.1
    return np.where(noisy, rng.choice([0, 255], image.shape), image).astype(np.uint8)


def expose_badly(image):
    """Add noise of an eighth of the contrast, as in photographs taken in the dark."""
    picture = write(image, factor=5).astype(float)
    noise = np.random.default_rng(0).normal(0, 24, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def dither(image):
    """Return dark grey on light grey, as black and white dots."""
    grey = Image.fromarray(lay(enlarge(image), paper=207, colour=60))
    return np.asarray(grey.convert("1"))


def rule_below(image):
    picture = write(image, margin=6)
    picture[-20:-17] = 90
    return picture


def rule_through(image):
    picture = write(image, margin=6)
    picture[len(picture) // 2 :][:2] = 90
    return picture


def draw_box(image):
    picture = write(image, margin=4)
    for side in (slice(6, 8), slice(-8, -6)):
        picture[side, 6:-6] = picture[6:-6, side] = 60
    return picture


KINDS = {
    "as-it-is": lambda image, path: image,
    "inverted": lambda image, path: 255 - image,
    "off-the-centre": lambda image, path: np.pad(image, ((3, 40), (50, 9))),
    "drawn-large": lambda image, path: write(image),
    "ten-times-as-large": lambda image, path: image.repeat(10, 0).repeat(10, 1),
    "boolean": lambda image, path: enlarge(image) < 0.5,
    "light-on-dark": lambda image, path: lay(enlarge(image), paper=30, colour=220),
    "faint": lambda image, path: lay(enlarge(image), paper=225, colour=185),
    "blue-on-yellow": lambda image, path: lay(
        enlarge(image), paper=[250, 240, 150], colour=[40, 60, 180]
    ),
    "red-on-as-dark-a-green": lambda image, path: lay(
        enlarge(image), paper=[0, 110, 0], colour=[215, 0, 0]
    ),
    "float": lambda image, path: 1 - enlarge(image),
    "poor-JPEG-file": lambda image, path: save(
        write(image), path.with_suffix(".jpg"), quality=30
    ),
    "turned-JPEG-file": save_turned,
    "transparent-PNG-file": save_transparent,
    "uneven-light": lambda image, path: light_unevenly(image),
    "dark-corners": lambda image, path: darken_corners(image),
    "dark-corners-small": lambda image, path: darken_corners(image, factor=1),
    "dark-edge": lambda image, path: draw_edge(image),
    "specks": lambda image, path: strew_specks(image),
    "salt-and-pepper": lambda image, path: salt_and_pepper(image),
    "salt-and-pepper-dark": lambda image, path: 255 - salt_and_pepper(image),
    "noisy": lambda image, path: expose_badly(image),
    "dithered": lambda image, path: dither(image),
    "line-below": lambda image, path: rule_below(image),
    "line-through": lambda image, path: rule_through(image),
    "box-around": lambda image, path: draw_box(image),
}


def assert_in_form(rows):
    """Check that rows have the form that MNIST's paper describes."""
    assert rows.dtype == np.uint8
    assert rows.shape[1:] == (784,)
    images = rows.reshape(-1, 28, 28)
    assert (images.max(axis=(1, 2)) == 255).all()
    inked = [images.any(axis=axis) for axis in (2, 1)]
    sides = [28 - i.argmax(axis=1) - i[:, ::-1].argmax(axis=1) for i in inked]
    assert (np.maximum(*sides) == 20).all()
    mass, middles = images.astype(float), np.arange(28) + 0.5
    centres = np.stack([mass.sum(axis=axis) @ middles for axis in (2, 1)])
    assert (np.floor(centres / mass.sum(axis=(1, 2))) == 14).all()
