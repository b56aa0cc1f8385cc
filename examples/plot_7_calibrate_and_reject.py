"""
Calibration and rejection
=========================

How reliable are the probabilities, and which digits should a person read?
"""

# %%
# The digits are split into three parts: for training, calibration and the test.
import os

import matplotlib.pyplot as plt
import numpy as np
from sklearn.calibration import CalibrationDisplay
from sklearn.model_selection import train_test_split

from skmnist import (
    DigitGridDisplay,
    MNISTClassifier,
    RiskCoverageDisplay,
    expected_calibration_error,
    fetch_mnist,
    load_digits28,
)

load = fetch_mnist if os.environ.get("SKMNIST_EXAMPLES") == "mnist" else load_digits28
X, y = load(return_X_y=True)
X_rest, X_test, y_rest, y_test = train_test_split(
    X, y, test_size=0.4, stratify=y, random_state=0
)
X_train, X_val, y_train, y_val = train_test_split(
    X_rest, y_rest, test_size=0.4, stratify=y_rest, random_state=0
)

# %%
# Probabilities are calibrated if 80 % of the predictions with probability 80 % are
# right. Many networks are not. A network that is trained on smoothed labels learns
# never to be sure, and becomes underconfident. ``calibrate=True`` divides the logits by
# a temperature, chosen on the validation data. The predicted labels do not change, only
# their probabilities.
networks = {
    "plain": MNISTClassifier(random_state=0),
    "smoothed labels": MNISTClassifier(label_smoothing=0.1, random_state=0),
    "smoothed, calibrated": MNISTClassifier(
        label_smoothing=0.1, calibrate=True, random_state=0
    ),
}
probabilities = {}
for name, network in networks.items():
    network.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    probabilities[name] = network.predict_proba(X_test)
    error = expected_calibration_error(y_test, probabilities[name])
    print(
        f"{name}: accuracy {network.score(X_test, y_test):.3f}, "
        f"mean probability {probabilities[name].max(axis=1).mean():.3f}, "
        f"calibration error {error:.3f}"
    )
calibrated = networks["smoothed, calibrated"]
print(f"temperature {calibrated.temperature_:.2f}")

# %%
# The reliability diagram shows the same. The predictions are sorted by probability and
# put into groups of the same size. Each dot is a group. On the diagonal, predictions
# are right as often as their probability says; above it, more often.
figure, ax = plt.subplots(figsize=(5, 5), layout="constrained")
styles = {
    "smoothed labels": {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    "smoothed, calibrated": {"color": "#0072B2", "marker": "o", "linestyle": "-"},
}
for name, style in styles.items():
    sure = probabilities[name].max(axis=1)
    right = probabilities[name].argmax(axis=1) == y_test
    CalibrationDisplay.from_predictions(
        right, sure, n_bins=8, strategy="quantile", name=name, ax=ax, **style
    )
ax.set(
    xlim=(0.4, 1.02),
    ylim=(0.4, 1.02),
    xlabel="Mean probability",
    ylabel="Share of correct predictions",
)
legend = ax.legend(loc="lower right")

# %%
# Now the rejection rule: digits whose probability is below a threshold go to a person.
# The higher the threshold, the fewer digits are left to the network (the coverage), and
# the smaller the share of mistakes among them (the risk). We want 99 % of its
# predictions to be right, and choose the threshold for this on the validation data.
figure, ax = plt.subplots(figsize=(5.5, 4), layout="constrained")
curve = RiskCoverageDisplay.from_estimator(
    calibrated, X_val, y_val, name="validation", ax=ax
)
RiskCoverageDisplay.from_estimator(calibrated, X_test, y_test, name="test", ax=ax)
coverage, threshold = curve.coverage_at(accuracy=0.99)
print(f"accept if the probability is at least {threshold:.2f}")
print(f"accepted on the validation data: {coverage:.1%}")

# %%
# Does this hold on the test data? The threshold was not chosen on them, so the accuracy
# may be a little higher or lower than wanted.
sure = probabilities["smoothed, calibrated"].max(axis=1)
labels = calibrated.predict(X_test)
accepted = sure >= threshold
right = labels == y_test
print(f"accuracy on all digits: {right.mean():.1%}")
print(f"accepted: {accepted.mean():.1%}, accuracy {right[accepted].mean():.1%}")
print(f"for a person: {sum(~accepted)} digits, {sum(~right[~accepted])} of them wrong")

# %%
# The digits for the person, the least certain first, with the network's probabilities
# in brackets.
order = np.argsort(sure)[: sum(~accepted)]
grid = DigitGridDisplay.from_predictions(
    X_test[order],
    y_test[order],
    labels[order],
    confidence=sure[order],
    n_rows=3,
    n_cols=7,
)
plt.show()
