"""load_pretrained: the networks that come with the package."""

from pathlib import Path

from skmnist._estimator.classifier import MNISTClassifier

_FOLDER = Path(__file__).parents[1] / "pretrained"
NAMES = ("conv", "dense")


def load_pretrained(name="conv"):
    """Load a network that comes with the package.

    They were trained on MNIST's training images, on scikit-learn's bundled digits and
    on drawn variants (flagged ones, crossed sevens), all bent anew in each epoch, to
    read what people write by hand: behind a :class:`DigitNormalizer`, or in a
    :class:`NumberReader`. The documentation has a card with what they reach.

    Parameters
    ----------
    name : {"conv", "dense"}, default="conv"
        "conv" is convolutional and the more accurate one; "dense" takes a fifth of the
        time to predict.

    Returns
    -------
    MNISTClassifier
        Fitted on rows of 784 pixels from 0 to 255, ink high, as MNIST has them; its
        classes are the integers 0 to 9. A new object in each call.

    Raises
    ------
    ValueError
        If there is no network of that name.

    See Also
    --------
    DigitNormalizer : Brings pictures of digits to the form that it takes.
    RECIPES : Parameters to train networks on your own data.

    Examples
    --------
    >>> from skmnist import load_digits28, load_pretrained
    >>> X, y = load_digits28(return_X_y=True)
    >>> bool(load_pretrained().score(X, y) > 0.97)
    True
    """
    if name not in NAMES:
        listed = " or ".join(map(repr, NAMES))
        raise ValueError(f"`name` must be {listed}, got {name!r}.")
    return MNISTClassifier.load(_FOLDER / f"{name}.onnx")
