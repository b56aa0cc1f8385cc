"""
Cross-validate
==============

How good is it really, and would more data help?
"""

# %%
# A single held-out part gives one number, which depends on chance. Cross-validation
# splits the data into folds and holds out each fold once.
import os

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import (
    LearningCurveDisplay,
    StratifiedKFold,
    cross_val_score,
)

from skmnist import MNISTClassifier, fetch_mnist, load_digits28

load = fetch_mnist if os.environ.get("SKMNIST_EXAMPLES") == "mnist" else load_digits28
X, y = load(return_X_y=True)

classifier = MNISTClassifier(epochs=10, random_state=0)
folds = StratifiedKFold(5, shuffle=True, random_state=0)
scores = cross_val_score(classifier, X, y, cv=folds)
print("accuracy on each fold", np.round(scores, 3))
print(f"mean {scores.mean():.3f}, standard deviation {scores.std():.3f}")

# %%
# Without shuffling, a fold is a contiguous part of the file. Neighbouring digits may be
# by the same writer, so a fold has more writers that the network has not seen. If this
# accuracy is lower, expect it for digits of new writers.
in_order = cross_val_score(classifier, X, y, cv=StratifiedKFold(5))
print("accuracy on each fold", np.round(in_order, 3))
print(f"mean {in_order.mean():.3f}, standard deviation {in_order.std():.3f}")

# %%
# Would more digits help? The learning curve trains on a part of the data, then on more.
# If the lower line still rises at its right end, more data will help. The gap between
# the lines shows how much the network overfits. The bands are one standard deviation
# over the folds.
figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
display = LearningCurveDisplay.from_estimator(
    classifier,
    X,
    y,
    cv=folds,
    train_sizes=[0.05, 0.1, 0.2, 0.5, 1.0],
    score_type="both",
    score_name="Accuracy",
    line_kw={"marker": "o"},
    ax=ax,
)
for n, score in zip(display.train_sizes, display.test_scores.mean(axis=1), strict=True):
    print(f"{n:6} digits: {score:.3f}")
ax.set_xscale("log")
ax.set_xticks(display.train_sizes, [f"{n:,}" for n in display.train_sizes])
ax.minorticks_off()
ax.grid(alpha=0.3)
ax.set(xlabel="Digits to learn from", title="Ten epochs on more and more digits")
plt.show()
