"""Training on the real MNIST, if SKMNIST_DATA names a folder that holds it."""

import numpy as np
import pytest

from skmnist import MNISTClassifier, fetch_mnist

pytestmark = pytest.mark.mnist


@pytest.fixture(scope="module")
def mnist():
    train, test = fetch_mnist(subset="train"), fetch_mnist(subset="test")
    return train.images, train.target, test.images, test.target


def test_two_epochs_reach_95_percent(mnist):
    X_train, y_train, X_test, y_test = mnist
    classifier = MNISTClassifier(epochs=2, random_state=0).fit(X_train, y_train)
    assert classifier.score(X_test, y_test) > 0.95
    assert classifier.history_["accuracy"][-1] > 0.95


def test_string_labels_as_on_openml_train_the_same_network(mnist):
    X_train, y_train, X_test, _ = mnist
    as_int = MNISTClassifier(epochs=1, random_state=0).fit(X_train, y_train)
    as_str = MNISTClassifier(epochs=1, random_state=0).fit(
        X_train.reshape(-1, 784).astype(np.int64), y_train.astype(str)
    )
    np.testing.assert_array_equal(
        as_int.predict(X_test).astype(str), as_str.predict(X_test)
    )
