"""
Look at the mistakes
====================

Which digits are taken for which, and do the mistakes look like mistakes?
"""

# %%
# Half of the digits are held out here, so that there are mistakes to look at.
import os

import matplotlib.pyplot as plt
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split

from skmnist import DigitGridDisplay, MNISTClassifier, fetch_mnist, load_digits28

load = fetch_mnist if os.environ.get("SKMNIST_EXAMPLES") == "mnist" else load_digits28
X, y = load(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.5, stratify=y, random_state=0
)
classifier = MNISTClassifier(random_state=0).fit(X_train, y_train)
print(f"accuracy {classifier.score(X_test, y_test):.3f}")

# %%
# The confusion matrix counts. A row is what was written, a column is what was read;
# right answers are on the diagonal, and all else is a mistake. To show the mistakes,
# the darkest shade stands for a fifth of a row already.
figure, ax = plt.subplots(figsize=(5.5, 5.5), layout="constrained")
matrix = ConfusionMatrixDisplay.from_estimator(
    classifier,
    X_test,
    y_test,
    cmap="Blues",
    im_kw={"vmax": len(y_test) / 50},
    colorbar=False,
    ax=ax,
)

# %%
# These are the worst mistakes: the network was wrong and most sure of it. The number is
# the probability that it gave to its answer. Would you have read them rightly? Those
# that are clear to you are what the network has yet to learn.
grid = DigitGridDisplay.from_estimator(
    classifier, X_test, y_test, select="wrong", n_rows=3, n_cols=6
)

# %%
# What was taken for what, the most frequent first, and the pictures of the first kind.
for true, predicted, count in grid.most_confused(5):
    print(f"{true} taken for {predicted}: {count} times")
true, predicted, count = grid.most_confused(1)[0]
grid.plot(select=(true, predicted), n_rows=2, n_cols=4)
plt.show()
