"""The network 784-128-10 in the libraries that skmnist is compared with."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier


def build_keras_network(**options):
    """Return the default network, compiled for integer labels."""
    from skmnist._keras.backend import keras  # as keras, but silent

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        "adam", "sparse_categorical_crossentropy", metrics=["accuracy"], **options
    )
    return model


def start_keras():
    """Return a function that trains a Keras model for one more epoch."""
    model = build_keras_network()
    return lambda X, y: model.fit(X, y, batch_size=32, epochs=1, verbose=0)


def start_scikeras():
    """Return a function that trains a scikeras classifier for one more epoch."""
    from skmnist._keras.backend import KerasClassifier

    # A lambda without arguments, because scikeras passes all arguments that it can.
    classifier = KerasClassifier(
        lambda: build_keras_network(), batch_size=32, verbose=0
    )
    return classifier.partial_fit


def start_mlp():
    """Return a function that trains scikit-learn's network for one epoch."""
    # One epoch is enough here, so it does not converge.
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    return MLPClassifier((128,), batch_size=32, max_iter=1).fit


def build_torch_network():
    """Return the network without its softmax, which PyTorch's loss includes."""
    from torch import nn

    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def start_torch():
    """Return a function that trains a PyTorch network for one more epoch."""
    import torch

    network = build_torch_network()
    optimizer = torch.optim.Adam(network.parameters(), fused=True)

    def train(X, y):
        X, y = torch.from_numpy(X), torch.from_numpy(y)
        for rows in torch.randperm(len(X)).split(32):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(X[rows]), y[rows])
            loss.backward()
            optimizer.step()

    return train


def start_skorch():
    """Return a function that trains a skorch classifier for one more epoch."""
    import torch
    from skorch import NeuralNetClassifier

    classifier = NeuralNetClassifier(
        build_torch_network,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        batch_size=32,
        max_epochs=1,
        train_split=None,
        iterator_train__shuffle=True,
        verbose=0,
    )
    classes = np.arange(10)
    return lambda X, y: classifier.partial_fit(X, y, classes=classes)


PEERS = {
    "keras.Model.fit": start_keras,
    "scikeras KerasClassifier": start_scikeras,
    "scikit-learn MLPClassifier": start_mlp,
    "PyTorch loop": start_torch,
    "skorch": start_skorch,
}

# Libraries that are optional: the benchmark runs without them.
NEEDS = {"PyTorch loop": "torch", "skorch": "skorch"}
