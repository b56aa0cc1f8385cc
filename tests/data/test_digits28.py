import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from skmnist import fetch_mnist, load_digits28


@pytest.fixture(scope="module")
def digits28():
    return load_digits28()


def test_digits28_have_the_form_of_mnist(digits28, saved):
    assert digits28.data.shape == (1797, 784)
    assert digits28.images.shape == (1797, 28, 28)
    assert digits28.data.dtype == np.uint8
    assert digits28.target.dtype == np.int64
    assert digits28.keys() == fetch_mnist().keys()
    np.testing.assert_array_equal(digits28.target, load_digits().target)


def test_digits28_have_full_contrast(digits28):
    assert (digits28.data.max(axis=1) == 255).all()
    assert 0.75 < (digits28.data == 0).mean() < 0.85  # 0.81 in MNIST


def test_digits28_are_20_pixels_on_their_longer_side(digits28):
    rows = np.ptp(np.where(digits28.images.any(axis=2), np.arange(28), 14), axis=1)
    columns = np.ptp(np.where(digits28.images.any(axis=1), np.arange(28), 14), axis=1)
    assert (np.maximum(rows, columns) == 19).all()


@pytest.mark.parametrize("axis", [1, 2])
def test_digits28_have_their_centre_of_mass_in_the_middle(axis, digits28):
    profiles = digits28.images.sum(axis=axis, dtype=float)
    centres = profiles @ np.arange(28) / profiles.sum(axis=1)
    assert np.abs(centres - 14).max() < 0.55  # whole pixels, as MNIST was moved
    assert centres.mean() == pytest.approx(14, abs=0.05)


def test_digits28_are_upright(digits28):
    target = digits28.target
    coarse = np.kron(load_digits().images, np.ones((1, 3, 3))).reshape(1797, -1)
    fine = digits28.images[:, 2:26, 2:26].reshape(1797, -1)
    means = [
        pixels[target == d].mean(axis=0) for pixels in (coarse, fine) for d in range(10)
    ]
    likeness = np.corrcoef(means)[:10, 10:]
    assert likeness.argmax(axis=1).tolist() == list(range(10))


def test_digits28_can_be_learned(digits28):
    accuracy = cross_val_score(KNeighborsClassifier(1), digits28.data, digits28.target)
    assert accuracy.mean() > 0.94


def test_digits28_are_always_the_same(digits28):
    np.testing.assert_array_equal(load_digits28().data, digits28.data)


def test_as_frame_returns_pandas():
    X, y = load_digits28(as_frame=True, return_X_y=True)
    assert X.shape == (1797, 784)
    assert y.name == "target"


@pytest.mark.mnist
def test_digits28_are_recognised_by_a_model_of_mnist(digits28):
    mnist = fetch_mnist(subset="test")
    model = KNeighborsClassifier(3).fit(mnist.data / 255, mnist.target)
    assert model.score(digits28.data / 255, digits28.target) > 0.75
