"""Train the pretrained networks, for digits as people really write them.

Run as `python pretraining/train.py [conv] [dense]`: writes skmnist/pretrained/*.onnx.
MNIST is loaded by `skmnist.fetch_mnist`. Each network takes about ten minutes on two
cores. On the same machine and with the same versions, the result is the same bit for
bit.

The training images are MNIST's, scikit-learn's own digits (43 other writers), digits in
writing styles that are rare in MNIST, degraded images of MNIST, and out-of-distribution
samples with random labels.
"""

import argparse
from pathlib import Path

import numpy as np
from _degradations import add_line_remnants, lower_resolution
from _out_of_distribution import make_out_of_distribution
from _writing_styles import cross_sevens, flag_ones, slash_zeros

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
    """Train the networks named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", choices=[*NETWORKS, []], metavar="NAME")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    args = parser.parse_args()
    X, y = make_training_set(np.random.default_rng(SEED))
    args.folder.mkdir(exist_ok=True)
    for name in args.names or NETWORKS:
        classifier = MNISTClassifier(**_SHARED | NETWORKS[name], verbose=1).fit(X, y)
        classifier.set_params(verbose=0).save(args.folder / f"{name}.onnx")


def make_training_set(rng):
    """Return all training images, as rows, and their labels."""
    mnist = fetch_mnist(subset="train")
    images, labels = mnist.images, mnist.target
    ones, sevens, zeros = (images[labels == digit] for digit in (1, 7, 0))
    digits = load_digits28()
    parts = [
        (images, labels),
        # Few, but by other writers, so each is used three times.
        (np.tile(digits.images, (3, 1, 1)), np.tile(digits.target, 3)),
        (flag_ones(_choose(ones, 6000, rng), rng, feet=0.4), 1),
        (cross_sevens(_choose(sevens, 1500, rng), rng), 7),
        (slash_zeros(_choose(zeros, 500, rng), rng), 0),
    ]
    for degrade in (lower_resolution, add_line_remnants):
        chosen = rng.choice(len(images), 6000, replace=False)
        parts.append((degrade(images[chosen], rng), labels[chosen]))
    outliers = make_out_of_distribution(images, 6000, rng)
    parts.append((outliers, rng.integers(0, 10, len(outliers))))
    X = np.concatenate([part for part, _ in parts])
    y = np.concatenate([np.broadcast_to(label, len(part)) for part, label in parts])
    return X.reshape(len(X), -1), y


def _choose(images, n_images, rng):
    return images[rng.choice(len(images), n_images, replace=False)]


if __name__ == "__main__":
    main()
