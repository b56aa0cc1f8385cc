"""MNIST normalization: ink scaled to 20 pixels and centred by mass on 28 x 28."""

import numpy as np

SIDE, BOX = 28, 20  # pixels: side of an image, and long side of the ink in it
_CENTRE = SIDE // 2
_MAX_MOVES = 8  # pixels: the margin around the box, so the farthest ink may move


def to_mnist_form(drawings):
    """Scale and centre drawings as MNIST was.

    The long side of the ink is scaled to 20 pixels by area averaging, then the centre
    of mass is moved to the middle pixel of 28 x 28 [1]_. If most of the ink lies at one
    end, the other end may not fit on the image and is cut off, as in three of MNIST's
    test images.

    Parameters
    ----------
    drawings : ndarray of shape (n_samples, height, width)
        Ink from 0 to 1; no drawing may be blank.

    Returns
    -------
    ndarray of shape (n_samples, 28, 28), uint8
        The darkest pixel of each drawing is 255.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied
       to document recognition", Proceedings of the IEEE 86(11), 1998, section III.A.
    """
    profiles = [drawings.sum(axis=2), drawings.sum(axis=1)]
    spans = [_find_span(profile) for profile in profiles]
    step = np.maximum(*(stop - start for start, stop in spans)) / BOX
    rows, columns = (
        _weigh_pixels(profile, span, step)
        for profile, span in zip(profiles, spans, strict=True)
    )
    images = rows @ drawings @ columns.transpose(0, 2, 1)
    images = np.rint(255 * images / images.max(axis=(1, 2), keepdims=True))
    return _centre(images.astype(np.uint8))


def has_mnist_form(images):
    """Return whether images already have MNIST's form.

    Parameters
    ----------
    images : ndarray of shape (n_samples, 28, 28), uint8
        Bright ink on 0.

    Returns
    -------
    ndarray of shape (n_samples,), bool
        True if the ink is 20 pixels long, or shorter but cut off at an edge, and its
        centre of mass lies in [14, 15) along both axes, where the centre of the first
        pixel is at 0.5.
    """
    spans = [_find_span(images.any(axis=axis)) for axis in (2, 1)]
    length = np.maximum(*(stop - start for start, stop in spans))
    is_cut = np.any([(start == 0) | (stop == SIDE) for start, stop in spans], axis=0)
    fits = (length == BOX) | ((length < BOX) & is_cut)
    return fits & ~_miss_centre(images).any(axis=0)


def keep_mnist_form(drawing):
    """Return a drawing as an image if it already has MNIST's form.

    Parameters
    ----------
    drawing : ndarray of shape (height, width)
        Ink from 0 to 1.

    Returns
    -------
    ndarray of shape (28, 28), uint8, or None
        The same pixels, or None if they must be scaled or moved.
    """
    if drawing.shape != (SIDE, SIDE):
        return None
    image = np.rint(255 * drawing).astype(np.uint8)
    return image if has_mnist_form(image[None])[0] else None


def remove_paper(gray, polarity="auto"):
    """Return the contrast of a picture that is in MNIST's form but for its paper.

    Parameters
    ----------
    gray : ndarray of shape (height, width), float
        Brightness from 0 to 1.
    polarity : {"auto", "dark", "light"}, default="auto"
        Whether the ink is darker or lighter than the paper.

    Returns
    -------
    ndarray of shape (28, 28), float, or None
        0 on paper, 1 for the strongest ink; None if the picture has another form.
    """
    if gray.shape != (SIDE, SIDE):
        return None
    # The corners of MNIST's images are blank.
    paper = np.median(gray[[0, 0, -1, -1], [0, -1, 0, -1]])
    for sign, ink in ((-1, "dark"), (1, "light")):
        contrast = np.clip(sign * (gray - paper), 0, None)
        if polarity in ("auto", ink) and contrast.max() > 0:
            contrast /= contrast.max()
            if keep_mnist_form(contrast) is not None:
                return contrast
    return None


def _miss_centre(images):
    """Return by how many pixels, down and right, images must move to be centred."""
    profiles = np.stack([images.sum(axis=axis, dtype=float) for axis in (2, 1)])
    with np.errstate(invalid="ignore"):  # blank images have no centre
        mean = profiles @ (np.arange(SIDE) + 0.5) / profiles.sum(axis=2)
    return np.nan_to_num(_CENTRE - np.floor(mean)).astype(int)


def _centre(images):
    """Move images that rounding or cutting left off centre, a pixel at a time."""
    for i in np.flatnonzero(_miss_centre(images).any(axis=0)):
        for _ in range(_MAX_MOVES):
            moves = _miss_centre(images[i : i + 1])[:, 0]
            if not moves.any():
                break
            images[i] = _move(images[i], *np.sign(moves))
    return images


def _move(image, down, right):
    """Return an image moved by at most a pixel; what leaves the image is lost."""
    padded = np.pad(image, 1)
    return padded[1 - down : 1 - down + SIDE, 1 - right : 1 - right + SIDE]


def _find_span(profile):
    """Return where the ink starts and stops along one axis."""
    has_ink = profile > 0
    return has_ink.argmax(axis=1), has_ink.shape[1] - has_ink[:, ::-1].argmax(axis=1)


def _weigh_pixels(profile, span, step):
    """Return how much of each old pixel each new pixel covers, along one axis."""
    pixel = np.arange(profile.shape[1])
    mean = (profile @ (pixel + 0.5)) / profile.sum(axis=1)
    start, _ = span
    shift = np.rint(_CENTRE - ((mean - start) / step - 0.5))
    edges = start[:, None] + step[:, None] * (np.arange(SIDE + 1) - shift[:, None])
    low, high = edges[:, :-1, None], edges[:, 1:, None]
    return np.maximum(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0)
