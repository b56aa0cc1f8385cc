"""The detector's network and its loss, in Keras, for any of its backends."""

import keras
from keras import layers, ops

from detector.targets import HAS_BOX, N_CLASSES, OFFSET, SIZE, WEIGHT

# Grey levels: added to the standard deviation, so that the noise of blank paper, a few
# levels, is not amplified.
CONTRAST_FLOOR = 4.0

# Pixels, and squares of so many pixels: the surroundings that a pixel is compared with
# are 17 squares of 4 pixels wide and high, a bit more than the highest digit.
POOL, WINDOW = 4, 17

# Channels at strides 2, 4 and 8, and dilations of the blocks: together they see farther
# than the highest digit.
_CHANNELS = (16, 32, 64)
DILATIONS = (1, 2, 1, 2)
_HEAD = 48

# The logit of every class before training: most places hold nothing, and the first
# steps need not learn it.
_FIRST_LOGIT = -4.0

_MOMENTUM = 0.97


@keras.saving.register_keras_serializable("skmnist_detector")
class LocalContrast(layers.Layer):
    """Bring grey levels to contrasts with the surroundings.

    Each pixel's difference from the mean around it is divided by the standard deviation
    there.
    """

    def call(self, pages):
        """Return contrasts of pages of shape (n, h, w, 1), multiples of 8 pixels."""
        pages = ops.cast(pages, "float32")
        difference = pages - _average(pages)
        spread = ops.sqrt(_average(ops.square(difference)))
        return difference / (spread + CONTRAST_FLOOR)


def _average(pages):
    """Average over the surroundings; beyond the border lies nothing."""
    channels_last = {"data_format": "channels_last"}
    coarse = ops.average_pool(pages, POOL, POOL, **channels_last)
    ones = ops.ones_like(coarse[:1])
    sums, counts = coarse, ones
    for size in ((1, WINDOW), (WINDOW, 1)):
        kernel = ops.ones((*size, 1, 1), dtype="float32")
        sums = ops.conv(sums, kernel, padding="same", **channels_last)
        counts = ops.conv(counts, kernel, padding="same", **channels_last)
    return ops.image.resize(
        sums / counts,
        pages.shape[1:3],
        interpolation="bilinear",
        antialias=False,
        **channels_last,
    )


def build_network(height, width):
    """Build the network.

    Parameters
    ----------
    height, width : int
        Of the pages, multiples of 8 pixels. The weights are the same for any.

    Returns
    -------
    keras.Model
        From pages of shape (n, height, width, 1), 0 to 255, to the classes' logits, the
        sizes and the offsets, of shape (n, height / 4, width / 4, n_classes + 4).
    """
    pages = keras.Input((height, width, 1), dtype="uint8", name="pages")
    x = LocalContrast(name="contrast", dtype="float32")(pages)
    low, middle, high = _CHANNELS
    x = _add_conv(x, low, "stem_2", stride=2)
    x = _add_conv(x, middle, "stem_4", stride=2)
    fine = _add_conv(x, middle, "fine")
    x = _add_conv(fine, high, "stem_8", stride=2)
    for k, dilation in enumerate(DILATIONS):
        x = _add_block(x, high, f"block_{k}", dilation)
    x = layers.UpSampling2D(2, name="enlarge")(x)
    x = layers.Concatenate(name="join")([x, fine])
    x = _add_conv(x, _HEAD, "merge", size=1)
    x = _add_conv(x, _HEAD, "head_0")
    x = _add_conv(x, _HEAD, "head_1")
    exact = {"dtype": "float32"}
    bias = keras.initializers.Constant(_FIRST_LOGIT)
    heat = layers.Conv2D(N_CLASSES, 1, bias_initializer=bias, name="heat", **exact)(x)
    # Three: the logarithm of about 20 pixels.
    bias = keras.initializers.Constant(3.0)
    size = layers.Conv2D(2, 1, bias_initializer=bias, name="size", **exact)(x)
    offset = layers.Conv2D(2, 1, name="offset", **exact)(x)
    outputs = layers.Concatenate(name="answer", **exact)([heat, size, offset])
    return keras.Model(pages, outputs, name="detector")


def _add_conv(x, channels, name, size=3, stride=1, dilation=1, activate=True):
    """Add a convolution with batch normalization."""
    x = layers.Conv2D(
        channels,
        size,
        strides=stride,
        padding="same",
        dilation_rate=dilation,
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    x = layers.BatchNormalization(momentum=_MOMENTUM, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if activate else x


def _add_block(x, channels, name, dilation):
    """Add a residual block."""
    y = _add_conv(x, channels, f"{name}_a", dilation=dilation)
    y = _add_conv(y, channels, f"{name}_b", activate=False)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


def compute_loss(targets, answers):
    """Compare answers with targets: the focal loss of Objects as Points, and sizes.

    Parameters
    ----------
    targets : tensor of shape (n, h, w, n_channels)
        See `targets.make_target`.
    answers : tensor of shape (n, h, w, n_classes + 4)
        Of the network.

    Returns
    -------
    tensor of shape ()
        Heat, per box; plus what boxes are off, in logarithms and cells.
    """
    goal, logits = targets[..., :N_CLASSES], answers[..., :N_CLASSES]
    weight = targets[..., WEIGHT : WEIGHT + 1]
    log_yes, log_no = -ops.softplus(-logits), -ops.softplus(logits)
    probability = ops.sigmoid(logits)
    is_peak = ops.cast(goal > 0.9999, "float32")
    hit = ops.square(1 - probability) * log_yes * is_peak
    miss = (1 - goal) ** 4 * ops.square(probability) * log_no * (1 - is_peak)
    heat = -ops.sum((hit + miss) * weight) / ops.maximum(ops.sum(is_peak), 1.0)
    has_box = targets[..., HAS_BOX : HAS_BOX + 1]
    error = ops.abs(targets[..., SIZE : OFFSET + 2] - answers[..., N_CLASSES:])
    box = ops.sum(error * has_box) / ops.maximum(ops.sum(has_box), 1.0)
    return heat + 0.5 * box
