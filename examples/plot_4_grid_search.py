"""
Grid search
===========

Which width and which step size? Every combination, cross-validated on all cores.
"""

# %%
# Every parameter of the classifier is a key of the grid. The seed makes the folds and
# the networks the same each time.
import matplotlib.pyplot as plt
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split

from skmnist import MNISTClassifier, load_digits28

X, y = load_digits28(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

widths, rates = [16, 32, 64, 128], [0.0003, 0.001, 0.003, 0.01, 0.03]
search = GridSearchCV(
    MNISTClassifier(epochs=5, random_state=0),
    {"hidden_layer_sizes": [(width,) for width in widths], "learning_rate": rates},
    cv=StratifiedKFold(3, shuffle=True, random_state=0),
)

# %%
# A fit uses one core and lets other threads run, so threads share the work best: they
# need no copies of the data and start at once.
with parallel_config(backend="threading", n_jobs=-1):
    search.fit(X_train, y_train)
print(search.best_params_)
print(f"accuracy on the folds {search.best_score_:.3f}")
print(f"accuracy on the test images {search.score(X_test, y_test):.3f}")

# %%
# One line a width; the bars are the standard deviation over the folds. Where they
# overlap, the folds do not tell which is better.
results = search.cv_results_
shape = len(widths), len(rates)
errors = 100 * (1 - results["mean_test_score"].reshape(shape))
deviations = 100 * results["std_test_score"].reshape(shape)

figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
colors = plt.colormaps["viridis"]([0.0, 0.3, 0.6, 0.85])
for i, (width, color) in enumerate(zip(widths, colors, strict=True)):
    # Side by side, so that no bar hides another.
    shifted = [rate * 1.1 ** (i - 1.5) for rate in rates]
    style = {"color": color, "marker": "o", "markersize": 5, "capsize": 3}
    ax.errorbar(shifted, errors[i], deviations[i], label=str(width), **style)
ax.set_xscale("log")
ax.set_yscale("log")
ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
ax.set_yticks([3, 5, 10, 20], ["3%", "5%", "10%", "20%"])
ax.minorticks_off()
ax.grid(alpha=0.3)
ax.set(
    xlabel="learning_rate",
    ylabel="mistakes on the fold left out",
    title="Five epochs on scikit-learn's digits",
)
ax.legend(title="hidden units")
plt.show()
