"""Data and fitted classifiers that several test modules share."""

import ipaddress
import os
import signal
import sys

# scikit-learn's check of array API input runs only with SciPy's support switched on,
# which SciPy reads when it is imported.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skmnist import MNISTClassifier, NumberReader, load_digits28
from tests.browser import find_obstacle

# The marks of tests that need data which the repository cannot hold, and the variables
# that name their folders.
FOLDERS = {
    "mnist": "SKMNIST_DATA",
    "handwriting": "SKMNIST_HANDWRITING",
    "site": "SKMNIST_SITE",
}


# A shell that runs the tests in the background has them ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """Skip tests that need what this machine lacks, and report them as skipped."""
    obstacle = find_obstacle()
    for item in items:
        if obstacle and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=obstacle))
        for mark, variable in FOLDERS.items():
            if item.get_closest_marker(mark) and not os.environ.get(variable):
                reason = f"set {variable} to the folder with these data to run it"
                item.add_marker(pytest.mark.skip(reason=reason))


def refuse_the_network(event, args):
    """Fail the test that talks to another machine; an audit hook of the process."""
    if event == "socket.connect":
        _, address = args
        # A path of a Unix socket stays on the machine.
        host = address[0] if isinstance(address, tuple) else "localhost"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0]
    else:
        return
    if not is_loopback(host):
        pytest.fail(f"This test asked for {host!r}; tests run without a network.")


def is_loopback(host):
    """Return whether a host, by name or by address, is this machine."""
    host = host.decode() if isinstance(host, bytes) else host or "localhost"
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


sys.addaudithook(refuse_the_network)


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
