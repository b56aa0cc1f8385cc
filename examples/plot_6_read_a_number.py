"""
Read a number
=============

A page with several numbers on it, from pixels to text.
"""

# %%
# The page has dark digits on ruled paper under uneven light, as in a photo. You can use
# any file that Pillow opens instead.
import os

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from sklearn.model_selection import train_test_split

from skmnist import (
    DigitNormalizer,
    MNISTClassifier,
    NumberReader,
    fetch_mnist,
    load_digits28,
)

load = fetch_mnist if os.environ.get("SKMNIST_EXAMPLES") == "mnist" else load_digits28
X, y = load(return_X_y=True)
X_train, X_page, y_train, y_page = train_test_split(X, y, stratify=y, random_state=0)

rng = np.random.default_rng(4)
height, width = 360, 560
ink = np.zeros((height, width))
for i, number in enumerate(["31415", "2718", "1618034"]):
    for j, digit in enumerate(number):
        image = X_page[rng.choice(np.flatnonzero(y_page == int(digit)))]
        image = Image.fromarray(image.reshape(28, 28))
        large = image.resize((56, 56), Image.Resampling.BICUBIC)
        top = 40 + 100 * i + rng.integers(-4, 5)
        left = 40 + 64 * j + rng.integers(-6, 7)
        ink[top : top + 56, left : left + 56] += np.asarray(large) / 255
light = np.linspace(240, 150, width)
page = light * (1 - 0.7 * ink) + rng.normal(0, 3, (height, width))
page[105::100] -= 40
page = np.clip(page, 0, 255).astype(np.uint8)

# %%
# The classifier is trained on digits in MNIST's form. The digits on the page are not
# among them.
classifier = MNISTClassifier(early_stopping=True, random_state=0)
classifier.fit(X_train, y_train)

# %%
# How does a picture become an input of the classifier? For a picture of a single digit,
# the normaliser shows each step.
stages = DigitNormalizer().explain(page[30:110, 30:105])
stages.plot()
print("a single digit:", classifier.predict(stages.result.reshape(1, -1)))

# %%
# The reader does the same with each digit that it finds. Uncertain digits are question
# marks in the text, and are drawn in another colour.

# sphinx_gallery_thumbnail_number = 2
reading = NumberReader(classifier).read(page)
print(reading.text)
for digit in reading.digits[:3]:
    print(digit)
reading.plot()
plt.show()
