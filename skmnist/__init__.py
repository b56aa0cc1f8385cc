"""Handwritten digits with scikit-learn: the MNIST network as an estimator."""

from skmnist._classifier import MNISTClassifier
from skmnist._datasets import fetch_mnist, load_digits28
from skmnist._scaler import PixelRangeWarning, PixelScaler

__version__ = "0.1.0"

__all__ = [
    "MNISTClassifier",
    "PixelRangeWarning",
    "PixelScaler",
    "fetch_mnist",
    "load_digits28",
]
