"""MNIST's field: ink scaled to a box of 20 pixels and centred by mass on 28 x 28."""

import numpy as np

SIDE, BOX = 28, 20  # the field, and the long side of the ink on it
_CENTRE = SIDE // 2
_MOVES = 8  # as many as there are pixels beside the box


def draw_on_field(ink):
    """Scale and centre drawings as MNIST was.

    The long side of the ink is scaled to 20 pixels, each of which gets the share of it
    that is inked; the centre of mass goes to the pixel in the middle of 28 x 28 [1]_.
    Where so much lies to one side that the far end of the rest then is beyond the
    field, that end is cut off, as MNIST's are: three of its test images.

    Parameters
    ----------
    ink : ndarray of shape (n_samples, height, width)
        How much ink there is, from 0 to 1; some in each drawing.

    Returns
    -------
    ndarray of shape (n_samples, 28, 28), uint8
        The darkest pixel of each drawing is 255.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied
       to document recognition", Proceedings of the IEEE 86(11), 1998, section III.A.
    """
    profiles = [ink.sum(axis=2), ink.sum(axis=1)]
    spans = [_find_span(profile) for profile in profiles]
    step = np.maximum(*(stop - start for start, stop in spans)) / BOX
    rows, columns = (
        _weigh_pixels(profile, span, step)
        for profile, span in zip(profiles, spans, strict=True)
    )
    field = rows @ ink @ columns.transpose(0, 2, 1)
    field = np.rint(255 * field / field.max(axis=(1, 2), keepdims=True))
    return _centre(field.astype(np.uint8))


def is_on_field(images):
    """Tell images that have MNIST's form already.

    Parameters
    ----------
    images : ndarray of shape (n_samples, 28, 28), uint8
        Ink high on 0.

    Returns
    -------
    ndarray of shape (n_samples,), bool
        Whether the ink is 20 pixels long, or less where it was cut off at an edge, and
        its centre of mass, with the centre of the first pixel at 0.5, lies in [14, 15)
        both ways.
    """
    spans = [_find_span(images.any(axis=axis)) for axis in (2, 1)]
    length = np.maximum(*(stop - start for start, stop in spans))
    is_cut = np.any([(start == 0) | (stop == SIDE) for start, stop in spans], axis=0)
    fits = (length == BOX) | ((length < BOX) & is_cut)
    return fits & ~_miss_centre(images).any(axis=0)


def keep_on_field(strength):
    """Return a drawing as an image if it has MNIST's form already.

    Parameters
    ----------
    strength : ndarray of shape (height, width)
        How much ink there is, from 0 to 1.

    Returns
    -------
    ndarray of shape (28, 28), uint8, or None
        The same pixels, or None where they must be scaled or moved.
    """
    if strength.shape != (SIDE, SIDE):
        return None
    image = np.rint(255 * strength).astype(np.uint8)
    return image if is_on_field(image[None])[0] else None


def _miss_centre(images):
    """Return by how many pixels, down and right, images must move to be centred."""
    profiles = np.stack([images.sum(axis=axis, dtype=float) for axis in (2, 1)])
    with np.errstate(invalid="ignore"):  # blank images have no centre
        mean = profiles @ (np.arange(SIDE) + 0.5) / profiles.sum(axis=2)
    return np.nan_to_num(_CENTRE - np.floor(mean)).astype(int)


def _centre(images):
    """Move by pixels what rounding, or what was cut off, took off the centre."""
    for i in np.flatnonzero(_miss_centre(images).any(axis=0)):
        for _ in range(_MOVES):
            moves = _miss_centre(images[i : i + 1])[:, 0]
            if not moves.any():
                break
            images[i] = _move(images[i], *np.sign(moves))
    return images


def _move(image, down, right):
    """Return an image moved by a pixel at most, without what is then beyond it."""
    padded = np.pad(image, 1)
    return padded[1 - down : 1 - down + SIDE, 1 - right : 1 - right + SIDE]


def _find_span(profile):
    """Return where the ink starts and stops along one axis."""
    inked = profile > 0
    return inked.argmax(axis=1), inked.shape[1] - inked[:, ::-1].argmax(axis=1)


def _weigh_pixels(profile, span, step):
    """Return how much of each pixel each pixel of the field covers, along one axis."""
    pixel = np.arange(profile.shape[1])
    mean = (profile @ (pixel + 0.5)) / profile.sum(axis=1)
    start, _ = span
    shift = np.rint(_CENTRE - ((mean - start) / step - 0.5))
    edges = start[:, None] + step[:, None] * (np.arange(SIDE + 1) - shift[:, None])
    low, high = edges[:, :-1, None], edges[:, 1:, None]
    return np.maximum(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0)
