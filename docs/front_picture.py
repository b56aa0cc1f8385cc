"""Draw the picture of the front page: a page of digits, and what is read on it."""

import matplotlib.pyplot as plt  # noqa: TID253 a script
import numpy as np
from PIL import Image

from skmnist import MNISTClassifier, NumberReader, load_digits28

X, y = load_digits28(return_X_y=True)
classifier = MNISTClassifier(random_state=0).fit(X[::2], y[::2])

rng = np.random.default_rng(5)
ink = np.zeros((230, 330))
for row, number in enumerate(["2718", "31415", "1984"]):
    for column, digit in enumerate(number):
        unseen = 1 + 2 * np.flatnonzero(y[1::2] == int(digit))
        image = Image.fromarray(X[rng.choice(unseen)].reshape(28, 28))
        top, left = 12 + 72 * row + rng.integers(7), 14 + 62 * column + rng.integers(9)
        ink[top : top + 56, left : left + 56] = image.resize((56, 56))
page = np.linspace(250, 170, 330) * (1 - 0.7 * ink / 255)

reading = NumberReader(classifier).read(np.uint8(page))
figure, ax = plt.subplots(figsize=(5, 3.5), layout="constrained")
reading.plot(ax, text_kw={"fontsize": 12, "fontweight": "bold"})
ax.axis("off")
