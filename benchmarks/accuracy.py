"""The test accuracy of the default network, over several seeds.

Run `python benchmarks/accuracy.py`; MNIST is found as `skmnist.fetch_mnist` finds it.
With `--keras` the same network is also trained by Keras's own loop, which takes a few
minutes per seed.
"""

import argparse
from pathlib import Path
from statistics import mean, stdev

import numpy as np
from _harness import describe_machine, write_report
from _networks import build_keras_network

from skmnist import MNISTClassifier, __version__, fetch_mnist

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


def spread(values):
    """Return the standard deviation, NaN for one value."""
    return stdev(values) if len(values) > 1 else float("nan")


def compare(accuracies):
    """Return a row with the difference of the means and its standard error."""
    ours, theirs = accuracies.values()
    difference = mean(ours) - mean(theirs)
    error = np.hypot(spread(ours), spread(theirs)) / np.sqrt(len(ours))
    return "difference", f"{difference:+.4f}", f"{error:.4f} (standard error)", ""


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
    rows = [
        (
            name,
            f"{mean(values):.4f}",
            f"{spread(values):.4f}",
            ", ".join(f"{value:.4f}" for value in values),
        )
        for name, values in accuracies.items()
    ]
    rows += [compare(accuracies)] if args.keras else []
    heading = f"Accuracy on the test set: {args.epochs} epochs, {args.seeds} seeds"
    notes = [
        f"skmnist {__version__}",
        "The network is 784-128-10, with Adam and batches of 32.",
        "Keras's initial weights are seeded, but not its shuffling: after "
        "`keras.utils.set_random_seed`, Keras shuffles the rows into the same order "
        "in every epoch.",
    ]
    write_report(
        args.output,
        "Accuracy",
        describe_machine(PACKAGES) + notes,
        {heading: [("", "mean", "standard deviation", "each seed"), *rows]},
    )


if __name__ == "__main__":
    main()
