"""load_pretrained: the classifiers that come with the package."""

from pathlib import Path

from skmnist._estimator.classifier import MNISTClassifier

_FOLDER = Path(__file__).parents[1] / "pretrained"
NAMES = ("conv", "dense")


def load_pretrained(name="conv"):
    """Load a classifier that comes with the package.

    The networks recognise handwritten digits that a :class:`DigitNormalizer` has
    prepared. By default, a :class:`NumberReader` uses one together with its detector,
    the network that finds digits on pages. They were trained on MNIST's training
    images, scikit-learn's bundled digits and drawn variants (flagged ones, crossed
    sevens), all augmented in each epoch. The model card in the documentation lists
    their accuracy.

    Parameters
    ----------
    name : {"conv", "dense"}, default="conv"
        "conv" is convolutional and more accurate; "dense" predicts in a fifth of the
        time.

    Returns
    -------
    MNISTClassifier
        A new fitted classifier for rows of 784 pixels as in MNIST: 0 for the
        background, up to 255 for ink. Its `classes_` are the integers 0 to 9.

    Raises
    ------
    ValueError
        If no network has that name.

    See Also
    --------
    DigitNormalizer : Brings pictures of digits into the form that they expect.
    RECIPES : Parameters for training on your own data.

    Examples
    --------
    >>> from skmnist import load_digits28, load_pretrained
    >>> X, y = load_digits28(return_X_y=True)
    >>> bool(load_pretrained().score(X, y) > 0.97)
    True
    """
    if not isinstance(name, str) or name not in NAMES:
        listed = " or ".join(map(repr, NAMES))
        raise ValueError(f"`name` must be {listed}, got {name!r}.")
    return MNISTClassifier.load(_FOLDER / f"{name}.onnx")
