"""Train the networks that come with the package, for digits that people really write.

Run as `python pretraining/train.py [conv] [dense]`: writes skmnist/pretrained/*.onnx.
MNIST is found as `skmnist.fetch_mnist` finds it. It takes some ten minutes a network on
two cores, and gives the same bits again on the same machine and versions.

The training images are MNIST's, scikit-learn's own digits (43 other writers), digits in
ways of writing that MNIST hardly has, MNIST's as pictures wear them, and, with labels
drawn at random, what is no single digit.
"""

import argparse
from pathlib import Path

import numpy as np
from _junk import make_junk
from _styles import cross_sevens, flag_ones, slash_zeros
from _wear import add_remains, coarsen

from skmnist import MNISTClassifier, fetch_mnist, load_digits28

FOLDER = Path(__file__).parents[1] / "skmnist" / "pretrained"
SEED = 0

_SHARED = {
    "augmentation": {
        "rotation": 12,
        "scale": 0.12,
        "shear": 0.25,
        "shift": 1.5,
        "elastic": 1.2,
        "stroke": 0.5,
        "share": 0.75,
    },
    "batch_size": 128,
    "calibrate": True,
    "learning_rate_schedule": "onecycle",
    "random_state": SEED,
    "validation_fraction": 0.05,
}
NETWORKS = {
    "conv": {
        "network": "conv",
        "hidden_layer_sizes": (256,),
        "batch_norm": True,
        "dropout": 0.3,
        "epochs": 24,
        "learning_rate": 0.004,
    },
    "dense": {"hidden_layer_sizes": (448, 224), "epochs": 100, "learning_rate": 0.002},
}


def main():
    """Train the networks that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", choices=[*NETWORKS, []], metavar="NAME")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    args = parser.parse_args()
    X, y = make_material(np.random.default_rng(SEED))
    args.folder.mkdir(exist_ok=True)
    for name in args.names or NETWORKS:
        classifier = MNISTClassifier(**_SHARED | NETWORKS[name], verbose=1).fit(X, y)
        classifier.set_params(verbose=0).save(args.folder / f"{name}.onnx")


def make_material(rng):
    """Return all training images, as rows, and their labels."""
    mnist = fetch_mnist(subset="train")
    images, labels = mnist.images, mnist.target
    ones, sevens, zeros = (images[labels == digit] for digit in (1, 7, 0))
    digits = load_digits28()
    parts = [
        (images, labels),
        # Few, but of other writers: each three times.
        (np.tile(digits.images, (3, 1, 1)), np.tile(digits.target, 3)),
        (flag_ones(_choose(ones, 6000, rng), rng, feet=0.4), 1),
        (cross_sevens(_choose(sevens, 1500, rng), rng), 7),
        (slash_zeros(_choose(zeros, 500, rng), rng), 0),
    ]
    for wear in (coarsen, add_remains):
        chosen = rng.choice(len(images), 6000, replace=False)
        parts.append((wear(images[chosen], rng), labels[chosen]))
    junk = make_junk(images, 6000, rng)
    parts.append((junk, rng.integers(0, 10, len(junk))))
    X = np.concatenate([part for part, _ in parts])
    y = np.concatenate([np.broadcast_to(label, len(part)) for part, label in parts])
    return X.reshape(len(X), -1), y


def _choose(images, n_images, rng):
    return images[rng.choice(len(images), n_images, replace=False)]


if __name__ == "__main__":
    main()
