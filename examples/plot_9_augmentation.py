"""
Augmentation for few digits
===========================

Few digits go further if random deformations augment them in each epoch.
"""

# %%
# The parameter ``augmentation`` is a name or a dict of limits. "affine" rotates,
# scales, shears and shifts; "elastic" also moves each pixel a little, like a trembling
# hand. A dict sets single limits: here rotations by up to 40 degrees, and thicker or
# thinner strokes.
import os

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split

from skmnist import MNISTClassifier, fetch_mnist, load_digits28

load = fetch_mnist if os.environ.get("SKMNIST_EXAMPLES") == "mnist" else load_digits28
X, y = load(return_X_y=True)
augmentations = ["affine", "elastic", {"rotation": 40}, {"stroke": 1.0}]

# %%
# What does the network see? Augmentation only happens during training, so we look from
# inside: a custom network has a layer that remembers its inputs. A batch holds the same
# digit eight times, deformed in eight ways.
n_times = 8


def network_with_memory(meta):
    import keras

    class Memory(keras.layers.Layer):
        def build(self, shape):
            self.seen = self.add_weight(
                shape=(n_times, shape[-1]), initializer="zeros", trainable=False
            )

        def call(self, x, training=False):
            if training:
                self.seen.assign(x)
            return x

    inputs = keras.Input((meta["n_features_in_"],))
    x = Memory(name="memory")(inputs)
    outputs = keras.layers.Dense(meta["n_classes_"], activation="softmax")(x)
    return keras.Model(inputs, outputs)


def augment(row, augmentation):
    spy = MNISTClassifier(
        network=network_with_memory,
        augmentation=augmentation,
        batch_size=n_times,
        epochs=1,
        random_state=0,
    )
    # Training needs labels; any will do.
    spy.fit(np.tile(row, (n_times, 1)), np.arange(n_times) % 2)
    return spy.model_.get_layer("memory").seen.numpy().reshape(n_times, 28, 28)


figure, axes = plt.subplots(
    len(augmentations), 1 + n_times, figsize=(9, 4), layout="constrained"
)
figure.suptitle("One digit, as training shows it to the network")
axes[0, 0].set_title("original")
digit = X[4]
for line, augmentation in zip(axes, augmentations, strict=True):
    pictures = [digit.reshape(28, 28) / 255, *augment(digit, augmentation)]
    for ax, picture in zip(line, pictures, strict=True):
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(augmentation, rotation=0, ha="right", va="center")
    line[0].spines[:].set(color="#0072B2", linewidth=2.5)

# %%
# How much does it help? Half of the digits are for the test. From the other half, the
# network gets a few digits, then more. Each accuracy is the mean of three random draws.
X_rest, X_test, y_rest, y_test = train_test_split(
    X, y, test_size=0.5, stratify=y, random_state=0
)
sizes, draws = [50, 100, 200, 400], range(3)
accuracies = {None: [], "affine": [], "elastic": []}
for augmentation, of_sizes in accuracies.items():
    for size in sizes:
        of_draws = []
        for draw in draws:
            X_few, _, y_few, _ = train_test_split(
                X_rest, y_rest, train_size=size, stratify=y_rest, random_state=draw
            )
            classifier = MNISTClassifier(augmentation=augmentation, random_state=draw)
            of_draws.append(classifier.fit(X_few, y_few).score(X_test, y_test))
        of_sizes.append(of_draws)
    print(f"{augmentation}: {np.mean(of_sizes, axis=1).round(3)}")

# %%
# Augmentation helps where its lines are below the line without it. The bars range from
# the best draw to the worst; where they overlap, three draws do not show much. Also
# compare along the lines: is it better to augment the digits, or to have twice as many?
figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
styles = [("o-", "#0072B2"), ("s--", "#D55E00"), ("^:", "#009E73")]
for i, ((augmentation, of_sizes), (style, color)) in enumerate(
    zip(accuracies.items(), styles, strict=True)
):
    mistakes = 100 * (1 - np.array(of_sizes))
    mean = mistakes.mean(axis=1)
    bars = mean - mistakes.min(axis=1), mistakes.max(axis=1) - mean
    # Side by side, so that no bar hides another.
    shifted = np.array(sizes) * 1.05 ** (i - 1)
    label = augmentation or "no augmentation"
    ax.errorbar(shifted, mean, bars, fmt=style, color=color, capsize=3, label=label)
ax.set_xscale("log")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.set_ylim(0)
ax.grid(alpha=0.3)
ax.set(xlabel="digits to learn from", ylabel="mistakes on the test digits (%)")
ax.legend()
plt.show()
