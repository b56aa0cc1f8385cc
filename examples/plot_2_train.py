"""
Train, and see what was learned
===============================

One fit, the curves of its epochs, and what the first layer looks for.
"""

# %%
# The digits are dealt into three parts. The network learns from the first. The second,
# the validation data, shows during the training how it does on digits that it does not
# learn from. The third is kept for the end.
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
# The defaults are the classic network: 784 pixels, 128 units, 10 probabilities. With
# early stopping, the epoch that did best on the validation data is kept.
classifier = MNISTClassifier(early_stopping=True, random_state=0)
classifier.fit(X_train, y_train, X_val=X_val, y_val=y_val)
print(classifier.summary())

# %%
# An epoch is one pass over the training data. The loss says how improbable the network
# finds the right labels; training makes it small. The validation curves tell how much
# of that holds for other digits.
TrainingHistoryDisplay.from_estimator(classifier)
print(f"{classifier.n_iter_} epochs, the best was {classifier.best_epoch_}")

# %%
# The digits that were kept for the end are used once.
print(f"accuracy {classifier.score(X_test, y_test):.3f}")

# %%
# What does it look for? Each unit of the first layer has a weight for each pixel, so
# its weights are a picture too. Ink on red pixels excites the unit, ink on blue ones
# inhibits it. The weights begin as random numbers, and most of that noise would still
# be there. ``alpha`` sets a price on large weights, so that those of no use vanish.
penalised = MNISTClassifier(alpha=0.001, early_stopping=True, random_state=0)
penalised.fit(X_train, y_train, X_val=X_val, y_val=y_val)
display = WeightsDisplay.from_estimator(penalised, n_rows=3, n_cols=6)
print(f"accuracy with alpha {penalised.score(X_test, y_test):.3f}")

# %%
# These are hard to read: it takes many units together to tell a digit. Without a hidden
# layer there is one unit for each digit, and one sees where a digit is expected to have
# ink, and where not.
linear = MNISTClassifier(hidden_layer_sizes=(), early_stopping=True, random_state=0)
linear.fit(X_train, y_train, X_val=X_val, y_val=y_val)
print(f"accuracy without a hidden layer {linear.score(X_test, y_test):.3f}")
display = WeightsDisplay.from_estimator(linear, n_rows=2, n_cols=5)
plt.show()
