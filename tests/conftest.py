"""Data and fitted classifiers that several test modules share."""

import os

# scikit-learn's check of array API input runs only with SciPy's support switched on,
# which SciPy reads when it is imported.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skmnist import MNISTClassifier, NumberReader, load_digits28


@pytest.fixture(scope="session")
def digits():
    """scikit-learn's 8x8 digits as (X_train, X_test, y_train, y_test)."""
    X, y = load_digits(return_X_y=True)
    return train_test_split(X, y, test_size=0.3, stratify=y, random_state=0)


@pytest.fixture(scope="session")
def fitted(digits):
    """A classifier that knows the digits; not to be refitted."""
    X_train, _, y_train, _ = digits
    return MNISTClassifier(epochs=15, random_state=0).fit(X_train, y_train)


@pytest.fixture(scope="session")
def classifier():
    """A classifier that knows the digits in MNIST's form; not to be refitted."""
    digits = load_digits28()
    return MNISTClassifier(epochs=10, random_state=0).fit(digits.data, digits.target)


@pytest.fixture(scope="session")
def reader(classifier):
    return NumberReader(classifier)


@pytest.fixture
def pyplot(monkeypatch):
    """Draw without a screen, and take it for an error to show a figure."""
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    monkeypatch.setattr(plt, "show", lambda: pytest.fail("plt.show was called"))
    yield plt
    plt.close("all")


@pytest.fixture
def tiny():
    """Forty rows of noise on 9 pixels with three labels, for what needs no learning."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (40, 9)).astype(np.uint8), np.arange(40) % 3
