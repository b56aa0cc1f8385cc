"""
Look at the mistakes
====================

Which digits does the network confuse, and would you have read them correctly?
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
# The confusion matrix counts the predictions: rows are the true labels, columns the
# predicted ones. Everything off the diagonal is a mistake. To make mistakes visible,
# the darkest shade already stands for a fifth of a row.
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
# These are the most confident mistakes. The number is the probability of the predicted
# label. Would you have read them correctly? The network still has to learn those that
# are clear to you.
grid = DigitGridDisplay.from_estimator(
    classifier, X_test, y_test, select="wrong", n_rows=3, n_cols=6
)

# %%
# The most frequent confusions, and images of the first kind.
for true, predicted, count in grid.most_confused(5):
    print(f"{true} read as {predicted}: {count} times")
true, predicted, count = grid.most_confused(1)[0]
grid.plot(select=(true, predicted), n_rows=2, n_cols=4)
plt.show()
