"""
Calibrate, and ask a person
===========================

How far can the probabilities be trusted, and which digits should a person read?
"""

# %%
# Three parts: to train on, to set things right with, and to test.
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
# Probabilities are calibrated if, of all answers given with 80 %, 80 % are right. Not
# all networks keep that promise. One that is trained on smoothed labels is told never
# to be sure, and so it says less than it knows. ``calibrate=True`` divides the outputs
# of the last layer by one number, the temperature that suits the validation data best.
# No answer changes, only how sure it is.
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
# The reliability diagram shows the same. The answers are sorted by how sure they are
# and put into groups of the same size. Each dot is a group. On the diagonal it is right
# as often as it says, above it more often.
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
    xlabel="Mean probability of the answers",
    ylabel="Share of them that is right",
)
legend = ax.legend(loc="lower right")

# %%
# Now the rule. Digits whose answer is below a threshold go to a person. The higher the
# threshold, the fewer digits are left to the network (the coverage), and the smaller
# its share of mistakes on them (the risk). We want 99 % of its answers to be right, and
# take the threshold that does it on the validation data.
figure, ax = plt.subplots(figsize=(5.5, 4), layout="constrained")
curve = RiskCoverageDisplay.from_estimator(
    calibrated, X_val, y_val, name="validation", ax=ax
)
RiskCoverageDisplay.from_estimator(calibrated, X_test, y_test, name="test", ax=ax)
coverage, threshold = curve.coverage_at(accuracy=0.99)
print(f"answer if the probability is at least {threshold:.2f}")
print(f"on the validation data these are {coverage:.1%}")

# %%
# Does it hold on the test data? The threshold was not chosen on them, so that the
# accuracy may be a little more or less than what was wanted.
sure = probabilities["smoothed, calibrated"].max(axis=1)
labels = calibrated.predict(X_test)
answers = sure >= threshold
right = labels == y_test
print(f"without the rule {right.mean():.1%} are right")
print(f"with it {right[answers].mean():.1%}, of the {answers.mean():.1%} answered")
print(f"to a person {sum(~answers)}, on {sum(~right[~answers])} of which it is wrong")

# %%
# The digits for the person, the least certain first. In brackets is how sure the
# network would have been.
order = np.argsort(sure)[: sum(~answers)]
grid = DigitGridDisplay.from_predictions(
    X_test[order],
    y_test[order],
    labels[order],
    confidence=sure[order],
    n_rows=3,
    n_cols=7,
)
plt.show()
