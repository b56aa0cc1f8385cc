"""
Train a network and plot its weights
====================================

One fit, its learning curves, and the weights of the first layer.
"""

# %%
# The digits are split into three parts. The network learns from the training data. The
# validation data show during the training how it does on other digits. The test data
# are kept for the end.
import os

import matplotlib.pyplot as plt
from sklearn.model_selection import train_test_split

from skmnist import (
    MNISTClassifier,
    TrainingHistoryDisplay,
    WeightsDisplay,
    fetch_mnist,
    load_digits28,
)

load = fetch_mnist if os.environ.get("SKMNIST_EXAMPLES") == "mnist" else load_digits28
X, y = load(return_X_y=True)
X_rest, X_test, y_rest, y_test = train_test_split(X, y, stratify=y, random_state=0)
X_train, X_val, y_train, y_val = train_test_split(
    X_rest, y_rest, stratify=y_rest, random_state=0
)
print(f"{len(X_train)} to train, {len(X_val)} to validate, {len(X_test)} to test")

# %%
# The default is the classic network: 784 pixels, 128 units, 10 probabilities. With
# early stopping, the weights of the best epoch on the validation data are kept.
classifier = MNISTClassifier(early_stopping=True, random_state=0)
classifier.fit(X_train, y_train, X_val=X_val, y_val=y_val)
print(classifier.summary())

# %%
# An epoch is one pass over the training data. The loss is high if the network gives the
# right labels low probabilities; training makes it small. The validation curves show
# how well this works on other digits.
TrainingHistoryDisplay.from_estimator(classifier)
print(f"{classifier.n_iter_} epochs, the best was {classifier.best_epoch_}")

# %%
# The test digits are used once.
print(f"accuracy {classifier.score(X_test, y_test):.3f}")

# %%
# What does the network look for? Each unit of the first layer has a weight for each
# pixel, so its weights are an image too. Ink on red pixels excites the unit, ink on
# blue pixels inhibits it. The weights start as random numbers, and much of this noise
# would remain. ``alpha`` penalises large weights, so that useless ones shrink.
penalised = MNISTClassifier(alpha=0.001, early_stopping=True, random_state=0)
penalised.fit(X_train, y_train, X_val=X_val, y_val=y_val)
display = WeightsDisplay.from_estimator(penalised, n_rows=3, n_cols=6)
print(f"accuracy with alpha {penalised.score(X_test, y_test):.3f}")

# %%
# These are hard to interpret, because many units together recognise a digit. Without a
# hidden layer, each digit has one unit, which shows where the network expects ink.
linear = MNISTClassifier(hidden_layer_sizes=(), early_stopping=True, random_state=0)
linear.fit(X_train, y_train, X_val=X_val, y_val=y_val)
print(f"accuracy without a hidden layer {linear.score(X_test, y_test):.3f}")
display = WeightsDisplay.from_estimator(linear, n_rows=2, n_cols=5)
plt.show()
