"""Accuracy and training time of each recipe, over several seeds.

Run `python benchmarks/recipes.py [NAME ...]`; MNIST is found as `skmnist.fetch_mnist`
finds it. The trained networks stay in the folder `--models`: an interrupted run resumes
from there, and other benchmarks read them. All recipes and five seeds take several
hours on two cores. The recipes were chosen on the last 10,000 training images; the test
set is only used here.
"""

import argparse
import json
import time
from pathlib import Path
from statistics import mean, stdev

import numpy as np
from _harness import describe_machine, write_report
from sklearn.metrics import accuracy_score, log_loss

from skmnist import (
    RECIPES,
    MNISTClassifier,
    __version__,
    expected_calibration_error,
    fetch_mnist,
)

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "recipes.md"
PACKAGES = ("numpy", "scikit-learn", "tensorflow", "keras", "llvmlite", "onnxruntime")
MODELS = Path("recipe_models")

# Besides the recipes, two of them with calibrated probabilities.
CALIBRATED = {
    f"{name}, calibrated": RECIPES[name] | {"calibrate": True}
    for name in ("notebook", "fast")
}
# How far a dense network gets in an hour, with one seed.
LONG = {
    "dense, for an hour": RECIPES["dense"]
    | {"hidden_layer_sizes": (1536, 768, 384), "epochs": 600}
}
CONTESTANTS = RECIPES | CALIBRATED | LONG


def main():
    args = parse_arguments()
    args.models.mkdir(exist_ok=True)
    train, test = fetch_mnist(subset="train"), fetch_mnist(subset="test")
    fits = {
        name: [
            fit_once(name, seed, train, args.models)
            for seed in range(1 if name in LONG else args.seeds)
        ]
        for name in args.names
    }
    probabilities = {
        name: [fit["classifier"].predict_proba(test.data) for fit in fits[name]]
        for name in fits
    }
    tables = {
        f"MNIST's test set, {args.seeds} seeds": [
            HEADER,
            *(describe(n, fits[n], probabilities[n], test.target) for n in fits),
        ],
        "Ensembles": [
            ("ensemble", "accuracy", "negative log-likelihood"),
            *ensembles(probabilities, test.target),
        ],
    }
    notes = [
        f"skmnist {__version__}",
        "Trained on the 60,000 training images. The recipes were chosen by their "
        "accuracy on the last 10,000 of these, after training on the others.",
        "An ensemble averages the probabilities of its networks, as "
        "VotingClassifier(voting='soft') does. There is one of each kind, so no "
        "standard deviation is given.",
    ]
    lines = describe_machine(PACKAGES) + notes
    write_report(args.output, "Recipes", lines, tables)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help=f"among {', '.join(CONTESTANTS)}")
    parser.add_argument("--seeds", type=int, default=5, help="how many")
    parser.add_argument("--models", type=Path, default=MODELS, help="trained networks")
    parser.add_argument("--output", default=REPORT, help="the report")
    args = parser.parse_args()
    args.names = args.names or list(CONTESTANTS)
    unknown = set(args.names) - set(CONTESTANTS)
    if unknown:
        parser.error(f"no such recipe: {', '.join(sorted(unknown))}")
    return args


def fit_once(name, seed, data, folder):
    """Train a recipe, unless its file exists; return the classifier and the seconds."""
    path = folder / f"{name.replace(',', '').replace(' ', '_')}_{seed}.onnx"
    times = path.with_suffix(".json")
    if not times.exists():
        print(f"training {name}, seed {seed}", flush=True)
        classifier = MNISTClassifier(**CONTESTANTS[name], random_state=seed)
        start = time.perf_counter()
        classifier.fit(data.data, data.target)
        seconds = time.perf_counter() - start
        classifier.save(path)
        times.write_text(json.dumps({"seconds": seconds}))
    seconds = json.loads(times.read_text())["seconds"]
    return {
        "classifier": MNISTClassifier.load(path),
        "seconds": seconds,
        "bytes": path.stat().st_size,
    }


HEADER = (
    "recipe",
    "accuracy",
    "each seed",
    "negative log-likelihood",
    "calibration error",
    "training time",
    "file",
)


def describe(name, fits, probabilities, y):
    accuracies = [accuracy_score(y, p.argmax(axis=1)) for p in probabilities]
    losses = [log_loss(y, p) for p in probabilities]
    errors = [expected_calibration_error(y, p) for p in probabilities]
    return (
        name,
        f"{spread(accuracies, 100, 2)} %",
        ", ".join(f"{100 * a:.2f}" for a in accuracies),
        spread(losses, 1, 4),
        f"{spread(errors, 100, 2)} %",
        describe_times([fit["seconds"] for fit in fits]),
        f"{fits[0]['bytes'] / 1e6:.2f} MB",
    )


def describe_times(seconds):
    """Return the times as text; a fit that was paused has none."""
    known = [value for value in seconds if value is not None]
    return f"{spread(known, 1, 1)} s" if known else ""


def spread(values, factor, digits):
    """Return the mean and the standard deviation as text."""
    values = [factor * value for value in values]
    text = f"{mean(values):.{digits}f}"
    return f"{text} ± {stdev(values):.{digits}f}" if len(values) > 1 else text


def ensembles(probabilities, y):
    """Yield a row for the ensemble of all seeds of a recipe, and of two recipes."""
    members = {
        f"{len(p)} x {name}": p for name, p in probabilities.items() if len(p) > 1
    }
    both = [name for name in ("dense", "conv") if name in probabilities]
    if len(both) == 2:
        together = [p for name in both for p in probabilities[name]]
        members["all dense and conv networks"] = together
    for name, each in members.items():
        p = np.mean(each, axis=0)
        accuracy = accuracy_score(y, p.argmax(axis=1))
        yield name, f"{100 * accuracy:.2f} %", f"{log_loss(y, p):.4f}"


if __name__ == "__main__":
    main()
