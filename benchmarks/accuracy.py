"""The test accuracy of the default network, over several seeds.

Run `python benchmarks/accuracy.py`; MNIST is found as `skmnist.fetch_mnist` finds it.
With `--keras` the same network is also trained by Keras's own loop, which takes a few
minutes per seed.
"""

import argparse
from pathlib import Path
from statistics import mean, stdev

import numpy as np
from _harness import describe_machine
from _networks import build_keras_network
from _report import OURS, make_figure, spread, write_report

from skmnist import MNISTClassifier, fetch_mnist

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "accuracy.md"
PACKAGES = ("numpy", "scikit-learn", "tensorflow", "keras", "scikeras")
N_TRAIN = 60_000


def score_skmnist(mnist, epochs, seed):
    """Return the accuracy on the test set after training by MNISTClassifier."""
    X, y = mnist.data, mnist.target
    classifier = MNISTClassifier(epochs=epochs, random_state=seed)
    classifier.fit(X[:N_TRAIN], y[:N_TRAIN])
    return classifier.score(X[N_TRAIN:], y[N_TRAIN:])


def score_keras(mnist, epochs, seed):
    """Return the accuracy on the test set after training by Keras's own loop."""
    X, y = mnist.data.astype(np.float32) / np.float32(255), mnist.target
    # Still Keras's own trainer, but several times faster: a hundred steps in a call.
    model = build_keras_network(steps_per_execution=100, jit_compile=True)
    # Not keras.utils.set_random_seed: Keras would shuffle each epoch into one order.
    rng = np.random.default_rng(seed)
    for kernel in model.trainable_weights[::2]:
        limit = np.sqrt(6 / sum(kernel.shape))
        kernel.assign(rng.uniform(-limit, limit, kernel.shape))
    model.fit(X[:N_TRAIN], y[:N_TRAIN], batch_size=32, epochs=epochs, verbose=0)
    return model.evaluate(X[N_TRAIN:], y[N_TRAIN:], verbose=0)[1]


def compare(accuracies):
    """Return what was found, as a sentence or two."""
    ours, *theirs = accuracies.values()
    seeds = f"{len(ours)} seeds" if len(ours) > 1 else "one seed"
    text = f"The default network recognises {100 * mean(ours):.2f} % of MNIST's test "
    text += f"images correctly, averaged over {seeds}."
    if not theirs:
        return text
    difference = 100 * (mean(ours) - mean(theirs[0]))
    text += f" Trained by Keras, it recognises {100 * mean(theirs[0]):.2f} %."
    if len(ours) < 2:
        return text
    error = 100 * np.hypot(stdev(ours), stdev(theirs[0])) / np.sqrt(len(ours))
    text += f" The difference is {difference:+.2f} points, with a standard error of "
    return f"{text}{error:.2f} points."


def draw_accuracies(accuracies):
    """Draw the accuracy of each seed as a dot, and the mean as a line."""
    figure, ax = make_figure(0.9 + 0.4 * len(accuracies))
    for place, values in enumerate(accuracies.values()):
        percentages = [100 * value for value in values]
        ax.plot(percentages, [place] * len(values), "o", color=OURS, alpha=0.6)
        ax.plot([mean(percentages)] * 2, [place - 0.25, place + 0.25], color="0.3")
    ax.set_yticks(range(len(accuracies)), accuracies)
    ax.set_ylim(len(accuracies) - 0.5, -0.5)
    ax.set_xlabel("test accuracy in %: a dot for each seed, a line for the mean")
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=5, help="how many")
    parser.add_argument("--keras", action="store_true", help="train with Keras too")
    parser.add_argument("--output", default=REPORT, help="the report")
    args = parser.parse_args()
    mnist = fetch_mnist()
    scorers = {"skmnist": score_skmnist}
    if args.keras:
        scorers["keras.Model.fit"] = score_keras
    accuracies = {
        name: [score(mnist, args.epochs, seed) for seed in range(args.seeds)]
        for name, score in scorers.items()
    }
    write(args.output, accuracies, args.epochs, describe_machine(PACKAGES))


def write(path, accuracies, epochs, machine):
    """Write the page."""
    rows = [(name, spread(v, 100, 2, " %")) for name, v in accuracies.items()]
    n_seeds = len(next(iter(accuracies.values())))
    heading = f"Accuracy on the test set: {epochs} epochs, {n_seeds} seeds"
    columns = "", "accuracy ± standard deviation"
    measured = [
        "The network is 784-128-10, trained with Adam in batches of 32.",
        "Keras's initial weights are seeded, but not its shuffling: after "
        "`keras.utils.set_random_seed`, Keras shuffles the rows into the same order "
        "in every epoch.",
        *machine,
    ]
    chart = draw_accuracies(accuracies), "The test accuracy of each seed."
    sections = {heading: [columns, *rows]}
    write_report(path, "Accuracy", compare(accuracies), sections, measured, chart)


if __name__ == "__main__":
    main()
