"""
Grid search
===========

Which layer width and learning rate? Every combination, cross-validated on all cores.
"""

# %%
# Every parameter of the classifier can be a key of the grid. The seeds make the folds
# and the networks the same each time.
import os

import matplotlib.pyplot as plt
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split

from skmnist import MNISTClassifier, fetch_mnist, load_digits28

load = fetch_mnist if os.environ.get("SKMNIST_EXAMPLES") == "mnist" else load_digits28
X, y = load(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

widths, rates = [16, 32, 64, 128], [0.0003, 0.001, 0.003, 0.01, 0.03]
search = GridSearchCV(
    MNISTClassifier(epochs=5, random_state=0),
    {"hidden_layer_sizes": [(width,) for width in widths], "learning_rate": rates},
    cv=StratifiedKFold(3, shuffle=True, random_state=0),
)

# %%
# A fit of a small network uses one core and lets other threads run, so threads are the
# best choice: they need no copies of the data and start at once.
with parallel_config(backend="threading", n_jobs=-1):
    search.fit(X_train, y_train)
print(search.best_params_)
print(f"accuracy on the folds {search.best_score_:.3f}")
print(f"accuracy on the test images {search.score(X_test, y_test):.3f}")

# %%
# The search shows more than the best combination. Each line is a width; the bars are
# the standard deviation over the folds. Where bars overlap, the folds do not show which
# combination is better, and the best of all, in the ring, may be best by chance. Where
# the lines are low and flat, the choice matters little.
results = search.cv_results_
shape = len(widths), len(rates)
errors = 100 * (1 - results["mean_test_score"].reshape(shape))
deviations = 100 * results["std_test_score"].reshape(shape)

figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
colors = plt.colormaps["viridis"]([0.0, 0.3, 0.6, 0.85])
for i, (width, color, marker) in enumerate(zip(widths, colors, "osD^", strict=True)):
    # Side by side, so that no bar hides another.
    shifted = [rate * 1.1 ** (i - 1.5) for rate in rates]
    style = {"color": color, "marker": marker, "markersize": 5, "capsize": 3}
    ax.errorbar(shifted, errors[i], deviations[i], label=str(width), **style)
    if i == search.best_index_ // len(rates):
        j = search.best_index_ % len(rates)
        ax.plot(shifted[j], errors[i, j], "o", mfc="none", mec="#D55E00", ms=16, mew=2)
ax.set_xscale("log")
ax.set_yscale("log")
ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
lowest, highest = ax.get_ylim()
ticks = [tick for tick in (1, 2, 3, 5, 10, 20, 50) if lowest < tick < highest]
ax.set_yticks(ticks, [f"{tick}%" for tick in ticks])
ax.minorticks_off()
ax.grid(alpha=0.3)
ax.set(
    xlabel="learning_rate",
    ylabel="mistakes on the held-out fold",
    title="Grid search with five epochs",
)
ax.legend(title="hidden units")
plt.show()
