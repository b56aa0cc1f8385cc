"""The layers of the dense network as plain data, from which all else is built."""

from typing import NamedTuple

import numpy as np

# Keras's default for BatchNormalization, needed wherever its formula is written out.
BATCH_NORM_EPSILON = 1e-3


class Layer(NamedTuple):
    """One layer: what it is, the width of its output, and its one setting."""

    kind: str
    width: int
    setting: object = None


class Architecture(NamedTuple):
    """What the dense network is, apart from its weights.

    Two equal architectures have the same compiled training program, so this is also
    the key under which programs are kept.
    """

    n_features: int
    n_classes: int
    hidden_layer_sizes: tuple
    activation: str
    dropout: float
    batch_norm: bool
    alpha: float
    optimizer: str

    def layers(self):
        """Return the layers from the first hidden one to the probabilities.

        Returns
        -------
        list of Layer
            Of the kinds "dense" (the setting is its activation or None), "batch_norm",
            "activation" (its name) and "dropout" (its rate).
        """
        layers = []
        for width in self.hidden_layer_sizes:
            if self.batch_norm:
                layers.append(Layer("dense", width))
                layers.append(Layer("batch_norm", width))
                layers.append(Layer("activation", width, self.activation))
            else:
                layers.append(Layer("dense", width, self.activation))
            if self.dropout:
                layers.append(Layer("dropout", width, self.dropout))
        return [*layers, Layer("dense", self.n_classes, "softmax")]

    def initial_weights(self, rng):
        """Draw Keras's default initial weights: Glorot's uniform, biases of zero.

        Glorot and Bengio, "Understanding the difficulty of training deep feedforward
        neural networks", AISTATS 2010, equation 16.

        Parameters
        ----------
        rng : numpy.random.Generator
            Draws the weights.

        Returns
        -------
        list of ndarray, float32
            In the order of Keras's `get_weights`.
        """
        weights = []
        for layer, shapes in self.layer_weights(self.weight_shapes()):
            if layer.kind == "dense":
                limit = np.sqrt(6 / sum(shapes[0]))
                kernel = rng.uniform(-limit, limit, size=shapes[0])
                weights += [kernel, np.zeros(shapes[1])]
            elif layer.kind == "batch_norm":
                # scale, shift, moving mean, moving variance
                weights += [np.full(layer.width, value) for value in (1, 0, 0, 1)]
        return [array.astype(np.float32) for array in weights]

    def weight_shapes(self):
        """Return the shape of each array of weights.

        Returns
        -------
        list of tuple of int
            In the order of Keras's `get_weights`.
        """
        shapes, width = [], self.n_features
        for layer in self.layers():
            if layer.kind == "dense":
                shapes += [(width, layer.width), (layer.width,)]
            elif layer.kind == "batch_norm":
                shapes += [(layer.width,)] * 4
            width = layer.width
        return shapes

    def layer_weights(self, weights):
        """Pair each layer with its part of the list of all weights.

        Parameters
        ----------
        weights : list of ndarray
            In the order of `initial_weights`.

        Returns
        -------
        list of (Layer, list of ndarray)
            Layers without weights have an empty list.
        """
        remaining = iter(weights)
        counts = {"dense": 2, "batch_norm": 4}
        return [
            (layer, [next(remaining) for _ in range(counts.get(layer.kind, 0))])
            for layer in self.layers()
        ]
