"""The layers of a network as plain data: Keras, ONNX and `summary` are built on it."""

import math
from typing import NamedTuple

import numpy as np

# Added to the variance by BatchNormalization: Keras's default.
BATCH_NORM_EPSILON = 1e-3

# Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805

# Slope of LeakyReLU below 0: Keras's default.
LEAKY_RELU_SLOPE = 0.2

# Pixels, side of the kernel: larger in the first convolution, which sees raw pixels.
_FIRST_WINDOW, _WINDOW = 5, 3

_N_WEIGHTS = {"conv": 2, "dense": 2, "batch_norm": 4}


class Layer(NamedTuple):
    """One layer of a network.

    Attributes
    ----------
    kind : str
        "image" (rows reshaped to images), "conv", "pool" (2 x 2 max pooling),
        "flatten", "dense", "batch_norm", "activation" or "dropout".
    shape : tuple of int
        Output shape: (width,) or (height, width, channels).
    setting : str, float or None
        Activation of "conv", "dense" and "activation"; rate of "dropout".
    window : int
        Side of the kernel of "conv".
    padding : str
        Padding of "conv": "valid" or "same".
    """

    kind: str
    shape: tuple
    setting: object = None
    window: int = 0
    padding: str = "valid"

    @property
    def width(self):
        """Number of units or of channels."""
        return self.shape[-1]


class Architecture(NamedTuple):
    """The layers of a network, and the settings that its training program depends on.

    Equal architectures share one compiled training program, so this is also the key
    of the cache of programs. Without `filters` the network is dense.
    """

    n_features: int
    n_classes: int
    hidden_layer_sizes: tuple
    activation: str
    dropout: float
    batch_norm: bool
    alpha: float
    optimizer: str
    label_smoothing: float = 0.0
    filters: tuple = ()
    image_shape: tuple | None = None

    def layers(self):
        """Return the layers from the pixels to the probabilities.

        Returns
        -------
        list of Layer
            A dense network starts with its first hidden layer.
        """
        layers = self._image_layers() if self.filters else []
        for width in self.hidden_layer_sizes:
            layers += self._activated(Layer("dense", (width,)))
            layers += self._dropped(layers)
        return [*layers, Layer("dense", (self.n_classes,), "softmax")]

    def _image_layers(self):
        """Return the blocks of convolutions, with a pooling layer between blocks."""
        layers = [Layer("image", (*self.image_shape, 1))]
        for block, filters in enumerate(self.filters):
            height, width, channels = layers[-1].shape
            if block and min(height, width) > 1:
                layers.append(Layer("pool", (height // 2, width // 2, channels)))
            for _ in range(2 if block else 1):
                window = _WINDOW if block else _FIRST_WINDOW
                layers += self._convolution(layers[-1].shape, filters, window)
        layers.append(Layer("flatten", (math.prod(layers[-1].shape),)))
        return layers + self._dropped(layers)

    def _convolution(self, shape, filters, window):
        height, width, _ = shape
        padding = "same"
        # The border is mostly blank and costs time. Small images need every pixel.
        if min(height, width) > window:
            padding = "valid"
            height, width = height - window + 1, width - window + 1
        shape = (height, width, filters)
        return self._activated(Layer("conv", shape, None, window, padding))

    def _activated(self, layer):
        """Return a layer and its activation, with batch normalisation before it."""
        if not self.batch_norm:
            return [layer._replace(setting=self.activation)]
        return [
            layer,
            Layer("batch_norm", layer.shape),
            Layer("activation", layer.shape, self.activation),
        ]

    def _dropped(self, layers):
        if not self.dropout:
            return []
        return [Layer("dropout", layers[-1].shape, self.dropout)]

    def initial_weights(self, rng):
        """Draw Keras's default initial weights: Glorot uniform, and zero biases.

        Glorot and Bengio, "Understanding the difficulty of training deep feedforward
        neural networks", AISTATS 2010, equation 16.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        list of ndarray, float32
            In the order of Keras's `get_weights`.
        """
        weights = []
        for layer, shapes in self.layer_weights(self.weight_shapes()):
            if layer.kind in ("conv", "dense"):
                *window, n_inputs, n_outputs = shapes[0]
                limit = np.sqrt(6 / (math.prod(window) * (n_inputs + n_outputs)))
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
        shapes, n_inputs = [], self.n_features
        for layer in self.layers():
            if layer.kind == "dense":
                shapes += [(n_inputs, layer.width), (layer.width,)]
            elif layer.kind == "conv":
                window = layer.window, layer.window
                shapes += [(*window, n_inputs, layer.width), (layer.width,)]
            elif layer.kind == "batch_norm":
                shapes += [(layer.width,)] * 4
            n_inputs = layer.width
        return shapes

    def layer_weights(self, weights):
        """Pair each layer with its weights.

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
        return [
            (layer, [next(remaining) for _ in range(_N_WEIGHTS.get(layer.kind, 0))])
            for layer in self.layers()
        ]

    def split_networks(self, weights):
        """Split the weights of an ensemble of such networks.

        Parameters
        ----------
        weights : list of ndarray
            For each network in the order of `initial_weights`.

        Returns
        -------
        list of list of ndarray
            The weights of each network.
        """
        n_arrays = len(self.weight_shapes())
        return [
            weights[start : start + n_arrays]
            for start in range(0, len(weights), n_arrays)
        ]

    def with_statistics(self, weights, others):
        """Replace the moving averages of batch normalisation.

        Parameters
        ----------
        weights, others : list of ndarray
            In the order of `initial_weights`.

        Returns
        -------
        list of ndarray
            The moving averages of `others`, and all other arrays of `weights`.
        """
        pairs = zip(
            self.layer_weights(weights), self.layer_weights(others), strict=True
        )
        replaced = []
        for (layer, arrays), (_, new) in pairs:
            is_norm = layer.kind == "batch_norm"
            replaced += [*arrays[:2], *new[2:]] if is_norm else arrays
        return replaced
