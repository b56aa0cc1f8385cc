"""Augmentation: how far images are deformed in training, as plain numbers."""

from collections.abc import Mapping
from numbers import Real
from typing import NamedTuple

import numpy as np

from skmnist._data.suggestions import suggest


class Augmentation(NamedTuple):
    """The limits of the random deformations, which every epoch draws again.

    Attributes
    ----------
    rotation : float
        Degrees to either side.
    scale : float
        Height and width are each multiplied by up to `1 + scale`, or divided by it.
    shear : float
        Largest sideways move of a row, in pixels for each row away from the middle.
    shift : float
        Pixels to either side, across and down.
    elastic : float
        Standard deviation, in pixels, of a smooth random field of displacements.
    elastic_sigma : float
        Standard deviation of the Gaussian that makes the field smooth, in pixels; at
        least 0.5.
    stroke : float
        Largest share, in [0, 1], by which an image is mixed with its dilation or its
        erosion by one pixel.
    background : float
        Largest share, in [0, 1], by which an image is mixed with a background of random
        brightness and clouds. Half of the images get none.
    noise : float
        Largest share of the pixels, in [0, 1], that get a random brightness. Half of
        the images get none.
    share : float
        Share of the images that are deformed, in (0, 1]; the others stay as they are.
        Interpolation blurs a little, and a network that sees only deformed images is
        less sure of sharp ones.
    """

    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    elastic: float = 0.0
    elastic_sigma: float = 4.0
    stroke: float = 0.0
    background: float = 0.0
    noise: float = 0.0
    share: float = 1.0


# Rotation and scale are two thirds of Ciresan et al.'s, "Deep, big, simple neural nets
# for handwritten digit recognition", Neural Computation 22 (2010), section 2.1. Simard
# et al., "Best practices for convolutional neural networks", ICDAR 2003, section 2,
# give alpha = 34 and sigma = 4 for the elastic field: uniform noise in [-1, 1] smoothed
# and multiplied by alpha, which has a standard deviation of 1.4 pixels.
_AFFINE = {"rotation": 10.0, "scale": 0.1, "shear": 0.15, "shift": 1.5, "share": 0.6}
_ELASTIC = _AFFINE | {"elastic": 1.0}
# A quarter of the contrast remains: as in the thickest fog of MNIST-C, Mu and Gilmer,
# 2019, arXiv 1906.02337, whose impulses change 17 % of the pixels.
_ROBUST = _ELASTIC | {"background": 0.75, "noise": 0.2}
AUGMENTATIONS = {
    "affine": Augmentation(**_AFFINE),
    "elastic": Augmentation(**_ELASTIC),
    "robust": Augmentation(**_ROBUST),
}

# Pixels: below it, neighbouring pixels would move independently. The points of the
# random field are one such deviation apart, so their number has a bound, too.
_LOWEST_SIGMA = 0.5

# name: (highest value, whether 0 is allowed)
_LIMITS = {
    "rotation": (180, True),
    "scale": (4, True),
    "shear": (4, True),
    "shift": (np.inf, True),
    "elastic": (np.inf, True),
    "elastic_sigma": (np.inf, False),
    "stroke": (1, True),
    "background": (1, True),
    "noise": (1, True),
    "share": (1, False),
}


def make_augmentation(augmentation):
    """Return the limits that the parameter `augmentation` stands for.

    Parameters
    ----------
    augmentation : None, str or dict
        A name of AUGMENTATIONS, or numbers by the names of Augmentation.

    Returns
    -------
    Augmentation or None
        The limits.

    Raises
    ------
    TypeError
        If it has another type, or a limit is not a number.
    ValueError
        If no augmentation or no limit has that name, or a limit is out of range.
    """
    if augmentation is None:
        return None
    if isinstance(augmentation, str):
        if augmentation not in AUGMENTATIONS:
            names = ", ".join(map(repr, AUGMENTATIONS))
            raise ValueError(
                f"`augmentation` must be None, one of {names} or a dict, got "
                f"{augmentation!r}."
            )
        return AUGMENTATIONS[augmentation]
    if not isinstance(augmentation, Mapping):
        raise TypeError(
            f"`augmentation` must be None, a str or a dict, got {augmentation!r}."
        )
    for name, value in augmentation.items():
        _check_limit(name, value)
    return Augmentation(**{name: float(v) for name, v in augmentation.items()})


def _check_limit(name, value):
    if name not in _LIMITS:
        question = suggest(str(name), _LIMITS)
        raise ValueError(
            f"`augmentation` must have keys among {', '.join(_LIMITS)}, got {name!r}."
            f"{question}"
        )
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"`augmentation[{name!r}]` must be a number, got {value!r}.")
    if name == "elastic_sigma" and 0 < value < _LOWEST_SIGMA:
        raise ValueError(
            f"`augmentation['elastic_sigma']` must be at least {_LOWEST_SIGMA}, got "
            f"{value!r}."
        )
    highest, zero = _LIMITS[name]
    if not (0 <= value <= highest and np.isfinite(value)) or (value == 0 and not zero):
        rule = "at least 0" if zero else "above 0"
        bound = "" if np.isinf(highest) else f" and at most {highest}"
        raise ValueError(
            f"`augmentation[{name!r}]` must be {rule}{bound}, got {value!r}."
        )
