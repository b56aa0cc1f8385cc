"""Tiny images in place of MNIST's, on a mirror, in a cache or in a local folder."""

import threading
from hashlib import sha256

import numpy as np
import pytest

from skmnist import fetch_mnist
from tests.data.mirrors import MirrorServer, as_idx


@pytest.fixture
def arrays(monkeypatch):
    """Five and three tiny images in place of MNIST's."""
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(256, size=(5, 4, 6), dtype=np.uint8),
        "y_train": np.array([3, 1, 4, 1, 5], dtype=np.uint8),
        "x_test": rng.integers(256, size=(3, 4, 6), dtype=np.uint8),
        "y_test": np.array([9, 2, 6], dtype=np.uint8),
    }
    sums = {key: sha256(as_idx(array)).hexdigest() for key, array in arrays.items()}
    monkeypatch.setattr("skmnist._data.mnist._SHA256", sums)
    monkeypatch.delenv("SKMNIST_DATA", raising=False)
    return arrays


@pytest.fixture
def server(arrays, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = MirrorServer(arrays)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.stopped.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def use_mirrors(server, monkeypatch):
    def use(*behaviours):
        mirrors = tuple(server.url(behaviour) for behaviour in behaviours)
        monkeypatch.setattr("skmnist._data.mnist._MIRRORS", mirrors)

    return use


@pytest.fixture
def filled_cache(arrays, use_mirrors, tmp_path):
    use_mirrors("good")
    fetch_mnist(data_home=tmp_path)
    return tmp_path / "skmnist"


@pytest.fixture
def local(arrays, tmp_path, monkeypatch):
    """The folder that SKMNIST_DATA names; there are no mirrors."""
    monkeypatch.setattr("skmnist._data.mnist._MIRRORS", ())
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "home"))
    folder = tmp_path / "local"
    folder.mkdir()
    monkeypatch.setenv("SKMNIST_DATA", str(folder))
    return folder


@pytest.fixture
def saved(local, arrays):
    np.savez(local / "mnist.npz", **arrays)
