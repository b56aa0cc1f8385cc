"""The recognizer's network, in Keras, for any of its backends."""

import keras
from detector.marks import CLASSES
from keras import layers, ops

from skmnist._reading.recognition import N_PIXELS

# Grey levels: added to the standard deviation, so that noise is not amplified.
CONTRAST_FLOOR = 4.0

# Channels at strides 1, 2, 4 and 8.
_CHANNELS = (24, 32, 64, 64)
# Blocks of two convolutions at each stride.
N_BLOCKS = (0, 1, 1, 1)

_MOMENTUM = 0.99


@keras.saving.register_keras_serializable("skmnist_recognizer")
class WindowContrast(layers.Layer):
    """Bring a window's grey levels to mean 0 and standard deviation 1."""

    def call(self, windows):
        """Return contrasts of windows of shape (n, side, side, 1)."""
        windows = ops.cast(windows, "float32")
        difference = windows - ops.mean(windows, axis=(1, 2), keepdims=True)
        spread = ops.sqrt(ops.mean(ops.square(difference), axis=(1, 2), keepdims=True))
        return difference / (spread + CONTRAST_FLOOR)


def build_network():
    """Build the network.

    Returns
    -------
    keras.Model
        From windows of shape (n, N_PIXELS, N_PIXELS, 1), uint8, to logits of shape
        (n, n_classes + 1); the last is of nothing.
    """
    windows = keras.Input((N_PIXELS, N_PIXELS, 1), dtype="uint8", name="windows")
    x = WindowContrast(name="contrast", dtype="float32")(windows)
    for k, (channels, n_blocks) in enumerate(zip(_CHANNELS, N_BLOCKS, strict=True)):
        x = _add_conv(x, channels, f"stem_{k}", stride=1 if k == 0 else 2)
        for i in range(n_blocks):
            x = _add_block(x, channels, f"block_{k}_{i}")
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(0.2, name="dropout")(x)
    logits = layers.Dense(len(CLASSES) + 1, name="logits", dtype="float32")(x)
    return keras.Model(windows, logits, name="recognizer")


def _add_conv(x, channels, name, stride=1, activate=True):
    """Add a convolution with batch normalization."""
    x = layers.Conv2D(
        channels,
        3,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    x = layers.BatchNormalization(momentum=_MOMENTUM, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if activate else x


def _add_block(x, channels, name):
    """Add a residual block."""
    y = _add_conv(x, channels, f"{name}_a")
    y = _add_conv(y, channels, f"{name}_b", activate=False)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))
