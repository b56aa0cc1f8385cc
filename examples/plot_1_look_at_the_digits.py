"""
Look at the digits
==================

The data: images, rows of pixels, and labels.
"""

# %%
# Each image has a label: the digit that its writer meant. A classifier gets each image
# as a row of numbers. The images are in MNIST's form: 0 is blank, 255 is ink.
import os

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import pairwise_distances_argmin
from sklearn.model_selection import train_test_split

from skmnist import DigitGridDisplay, fetch_mnist, load_digits28

load = fetch_mnist if os.environ.get("SKMNIST_EXAMPLES") == "mnist" else load_digits28
digits = load()
print("images", digits.images.shape)
print("rows", digits.data.shape)
print("labels", digits.target.shape)
print("pixels from", digits.data.min(), "to", digits.data.max())

# %%
# Here is a random sample. People write the same digit in different ways.
grid = DigitGridDisplay.from_images(
    digits.images, digits.target, select="random", n_rows=3, n_cols=8, random_state=0
)

# %%
# How many of each digit are there? If one were rare, a classifier could always miss it
# and still have a high accuracy.
for label, count in zip(digits.target_names, np.bincount(digits.target), strict=True):
    print(f"{label}: {count}")

# %%
# What is a row? It holds the lines of the image, one after the other: the top line from
# left to right, then the next. Here is one line of one image, and the same numbers in
# the row.
which, line = 0, 14
side = digits.images.shape[1]
picture, row = digits.images[which], digits.data[which]
start, stop = line * side, (line + 1) * side
print("the same numbers:", np.array_equal(row[start:stop], picture[line]))

figure, (top, bottom) = plt.subplots(
    2, 1, figsize=(4.5, 6), height_ratios=[3, 1], layout="constrained"
)
top.imshow(picture, cmap="gray_r")
top.axhspan(line - 0.5, line + 0.5, fill=False, edgecolor="#D55E00", linewidth=2)
top.set(title=f"Line {line} of a {digits.target[which]}", xticks=[], yticks=[])
bottom.bar(range(start, stop), row[start:stop], width=0.9, color="#D55E00")
bottom.set(xlabel="position in the row", ylabel="pixel", yticks=[0, 128, 255])
left, right = bottom.set_xlim(start - 0.5, stop - 0.5)

# %%
# The mean image of each digit, over three quarters of the images. It is dark where all
# writers put ink, and grey where they differ.
X_train, X_test, y_train, y_test = train_test_split(
    digits.data, digits.target, stratify=digits.target, random_state=0
)
means = [X_train[y_train == label].mean(axis=0) for label in digits.target_names]
grid = DigitGridDisplay.from_images(means, digits.target_names, n_rows=2, n_cols=5)

# %%
# These ten images already make a simple classifier: predict the digit with the nearest
# mean. How often is it right on the images that were not used for the means? The
# network of the next example has to do better.
nearest = pairwise_distances_argmin(X_test, means)
print(f"accuracy of the nearest mean {(nearest == y_test).mean():.3f}")
plt.show()
