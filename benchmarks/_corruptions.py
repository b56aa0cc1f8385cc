"""The 15 corruptions of MNIST-C, written from their description.

N. Mu, J. Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", ICML Workshop
on Uncertainty and Robustness in Deep Learning, 2019, arXiv:1906.02337. The values are
the defaults of the code published with it (github.com/google-research/mnist-c); this
code is our own. The report prints the docstrings: the first line describes the
corruption, the rest how the published code differs, apart from random numbers.

The arguments of each function are images of shape (n, 28, 28), uint8, ink high, and a
numpy.random.Generator, which draws separate numbers for each image. It returns images
of the same shape and type.
"""

import numpy as np
from scipy import ndimage

SIDE = 28
_CENTRE = (SIDE - 1) / 2
_ROWS, _COLUMNS = np.ogrid[:SIDE, :SIDE]
_PLANE = np.pad(np.ones((1, 3, 3), int), ((1, 1), (0, 0), (0, 0)))
_N_CLOUDS, _SKY = 100, 256  # number of clouds, and their side in pixels
_SOBEL = np.outer([1, 2, 1], [-1, 0, 1])
_SOBEL = _SOBEL.T[None], _SOBEL[None]


def shot_noise(images, rng):
    """Draw the photon count of each pixel: 3 on average at full ink."""
    return _pixels(rng.poisson(3 * _unit(images)) / 3)


def impulse_noise(images, rng):
    """Make 17 % of the pixels black or white."""
    chance = rng.random(images.shape, dtype=np.float32)
    noise = np.where(chance < 0.17 / 2, 0, 255).astype(np.uint8)
    return np.where(chance < 0.17, noise, images)


def glass_blur(images, rng):
    """Blur by 0.7, twice swap half of the pixels with one above or left, blur again."""
    # Images on the last axis: one step swaps the same pixel in all of them.
    blurred = _pixels(_blur(_unit(images), 0.7))
    pixels = np.ascontiguousarray(blurred.transpose(1, 2, 0))
    each = np.arange(len(images))
    order = range(SIDE - 1, 1, -1)
    for row, column in 2 * [(i, j) for i in order for j in order]:
        moved = rng.integers(2, size=len(images))
        up, left = rng.integers(2, size=(2, len(images))) * moved
        there = row - up, column - left, each
        kept = pixels[row, column].copy()
        pixels[row, column] = pixels[there]
        pixels[there] = kept
    return _pixels(_blur(_unit(pixels.transpose(2, 0, 1)), 0.7))


def motion_blur(images, rng):
    """Smear ink to the left, at -45 to 45 degrees, by half a Gaussian of 3 pixels.

    The published code calls ImageMagick; here 21 samples of whole pixels imitate it.
    """
    angles = np.deg2rad(rng.uniform(-45, 45, len(images)))
    weights = np.exp(-(np.arange(21) ** 2) / (2 * 3**2))
    smeared = np.zeros(images.shape, np.float32)
    each = np.arange(len(images))[:, None, None]
    for distance, weight in enumerate(weights / weights.sum()):
        down = np.rint(distance * np.sin(angles)).astype(int)[:, None, None]
        right = np.rint(distance * np.cos(angles)).astype(int)[:, None, None]
        rows = np.clip(_ROWS + down, 0, SIDE - 1)
        columns = np.clip(_COLUMNS + right, 0, SIDE - 1)
        smeared += np.float32(weight / 255) * images[each, rows, columns]
    return _pixels(smeared)


def shear(images, rng):
    """Slant by 0.4 radians to either side, which makes the digit 9 % taller."""
    # This is what scikit-image, which the published code calls, meant by shear then.
    matrix = [[np.cos(0.4), 0], [-np.sin(0.4), 1]]
    return _to_either_side(images, rng, lambda images: _warp(images, matrix))


def scale(images, rng):
    """Shrink to 0.7 of the size."""
    return _warp(images, np.eye(2) / 0.7)


def rotate(images, rng):
    """Rotate by 0.4 radians to either side."""
    matrix = [[np.cos(0.4), np.sin(0.4)], [-np.sin(0.4), np.cos(0.4)]]
    return _to_either_side(images, rng, lambda images: _warp(images, matrix))


def brightness(images, rng):
    """Add half of the full brightness."""
    return _pixels(_unit(images) + 0.5)


def translate(images, rng):
    """Shift by 3 pixels up or down and 3 to the left or right."""

    def move(images):
        return np.pad(images, ((0, 0), (3, 0), (3, 0)))[:, :-3, :-3]

    def move_either_way(images):
        return _to_either_side(images, rng, move)

    return _to_either_side(images, rng, move_either_way, axis=1)


def stripe(images, rng):
    """Invert the outer quarters, left and right."""
    outer = abs(_COLUMNS - _CENTRE) > SIDE / 4
    return np.where(outer, 255 - images, images)


def fog(images, rng):
    """Add fog, up to three times as bright as the digit.

    In the published code each image gets the corner of its own cloud; here it gets a
    random window of one of 100 shared clouds.
    """
    clouds = _draw_clouds(min(_N_CLOUDS, len(images)), rng)
    which = rng.integers(len(clouds), size=(len(images), 1, 1))
    top, left = rng.integers(_SKY, size=(2, len(images), 1, 1))
    # Clouds are periodic: windows wrap around their edges.
    windows = clouds[which, (_ROWS + top) % _SKY, (_COLUMNS + left) % _SKY]
    brightest = _unit(images).max(axis=(1, 2), keepdims=True)
    return _pixels((_unit(images) + 3 * windows) * brightest / (brightest + 3))


def spatter(images, rng):
    """Add blots of mud, a quarter as bright as ink."""
    noise = rng.normal(0.65, 0.3, images.shape).astype(np.float32)
    mud = _blur((_blur(noise, 1) > 0.65).astype(np.float32), 1.5)
    mud[mud < 0.8] = 0
    return _pixels(_unit(images) * (1 - mud) + 63 / 255 * mud)


def dotted_line(images, rng):
    """Draw a dotted line from a random row to another: 2 of every 4 columns.

    In the published code the last column has no dots.
    """
    start, end = rng.integers(SIDE - 1, size=(2, len(images), 1, 1))
    line = start + (end - start) * _COLUMNS / (SIDE - 1)
    drawn = _shade(_ROWS - line) * (_COLUMNS % 4 >= 2)
    return _pixels(_unit(images) + drawn)


def zigzag(images, rng):
    """Draw a zigzag from column 2 to 25 that climbs at most 5 pixels: teeth 8 by 4.

    In the published code it fades with the distance along the column, here with the
    distance along the teeth.
    """
    start = rng.integers(SIDE - 1, size=(len(images), 1, 1))
    angle = np.arctan2(rng.integers(-5, 5, size=start.shape), 25 - 2)
    across, down = _COLUMNS - 2, _ROWS - start
    along = across * np.cos(angle) + down * np.sin(angle)
    beside = down * np.cos(angle) - across * np.sin(angle)
    teeth = 2 - abs((along + 2) % 8 - 4)
    inside = (along >= 0) & (along <= (25 - 2) / np.cos(angle))
    return _pixels(_unit(images) + _shade(beside - teeth) * inside)


def canny_edges(images, rng):
    """Keep only edges, found by Canny's method: blur 1, thresholds 0.1 and 0.2."""
    smooth = ndimage.gaussian_filter(_unit(images), (0, 1, 1), mode="constant")
    slopes = [ndimage.correlate(smooth, kernel) for kernel in _SOBEL]
    strength = np.hypot(*slopes)
    candidates = np.nonzero(strength >= 0.1)
    edges = np.zeros(images.shape, bool)
    edges[candidates] = _is_crest(strength, slopes, candidates)
    # Weak edges stay if they touch a strong edge of the same image.
    labels, n_labels = ndimage.label(edges, _PLANE)
    kept = np.zeros(n_labels + 1, bool)
    kept[labels[edges & (strength >= 0.2)]] = True
    return np.where(kept[labels], 255, 0).astype(np.uint8)


# In the paper's order.
CORRUPTIONS = {
    function.__name__.replace("_", " "): function
    for function in (
        shot_noise,
        impulse_noise,
        glass_blur,
        motion_blur,
        shear,
        scale,
        rotate,
        brightness,
        translate,
        stripe,
        fog,
        spatter,
        dotted_line,
        zigzag,
        canny_edges,
    )
}


def _unit(images):
    """Return images as numbers from 0 to 1."""
    return images / np.float32(255)


def _pixels(unit):
    """Return numbers as uint8, after clipping them to 0 to 1."""
    return np.rint(255 * np.clip(unit, 0, 1)).astype(np.uint8)


def _blur(unit, sigma):
    return ndimage.gaussian_filter(unit, (0, sigma, sigma), mode="nearest")


def _warp(images, matrix):
    """Map output to input coordinates by a matrix, both relative to the centre."""
    stacked = np.eye(3)
    stacked[1:, 1:] = matrix
    centre = np.array([0, _CENTRE, _CENTRE])
    return _pixels(
        ndimage.affine_transform(
            _unit(images),
            stacked,
            centre - stacked @ centre,
            order=1,
            mode="grid-constant",
        )
    )


def _to_either_side(images, rng, change, axis=2):
    """Apply a change in one of two mirrored directions, drawn for each image."""
    mirrored = rng.random((len(images), 1, 1)) < 0.5
    changed = change(np.where(mirrored, np.flip(images, axis), images))
    return np.where(mirrored, np.flip(changed, axis), changed)


def _draw_clouds(n_clouds, rng):
    """Return clouds of shape (n_clouds, 256, 256), from 0 to 1, by diamond and square.

    As A. Fournier, D. Fussell, L. Carpenter, "Computer rendering of stochastic models",
    Communications of the ACM 25(6), 1982, on a torus: starting from one point, new
    points are put between the existing ones, at their mean plus noise.
    """
    clouds, noise = np.zeros((n_clouds, 1, 1), np.float32), 1
    while (side := clouds.shape[1]) < _SKY:
        finer = np.empty((n_clouds, 2 * side, 2 * side), np.float32)
        wobble = rng.uniform(-noise, noise, (3, *clouds.shape))
        right, below = np.roll(clouds, -1, 2), np.roll(clouds, -1, 1)
        centre = (clouds + right + below + np.roll(below, -1, 2)) / 4 + wobble[0]
        above, left = np.roll(centre, 1, 1), np.roll(centre, 1, 2)
        finer[:, ::2, ::2], finer[:, 1::2, 1::2] = clouds, centre
        finer[:, ::2, 1::2] = (clouds + right + centre + above) / 4 + wobble[1]
        finer[:, 1::2, ::2] = (clouds + below + centre + left) / 4 + wobble[2]
        clouds, noise = finer, noise / 1.4**2
    clouds -= clouds.min(axis=(1, 2), keepdims=True)
    return clouds / clouds.max(axis=(1, 2), keepdims=True)


def _shade(distance):
    """Return the brightness of a line at a distance from its middle."""
    return np.maximum(1 + np.log1p(-np.minimum(abs(distance), 2.2) / 2.3), 0)


def _is_crest(strength, slopes, places):
    """Return where the gradient is a maximum along its direction."""
    slopes = [slope[places] for slope in slopes]
    # One step along the gradient: to the next row or column, whichever is nearer.
    steps = np.array([np.zeros(len(slopes[0])), *slopes])
    steps /= abs(steps).max(axis=0)
    sides = (np.add(places, way * steps) for way in (-1, 1))
    beside = [ndimage.map_coordinates(strength, side, order=1) for side in sides]
    return strength[places] >= np.maximum(*beside)
