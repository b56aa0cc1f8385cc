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
from statistics import mean

import numpy as np
from _harness import describe_machine
from _report import OTHERS, OURS, make_figure, spread, write_report
from scipy.special import softmax
from sklearn.metrics import accuracy_score, log_loss

from skmnist import (
    RECIPES,
    MNISTClassifier,
    expected_calibration_error,
    fetch_mnist,
)

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "recipes.md"
PACKAGES = ("numpy", "scikit-learn", "tensorflow", "keras", "llvmlite", "onnxruntime")
MODELS = Path("recipe_models")

# Besides the recipes, two of them with calibrated probabilities, and one that averages
# its weights, too.
CALIBRATED = {
    f"{name}, calibrated": RECIPES[name] | {"calibrate": True}
    for name in ("notebook", "fast")
}
CALIBRATED["notebook, averaged and calibrated"] = RECIPES["notebook"] | {
    "calibrate": True,
    "weight_averaging": 0.9,
}
# How far a dense network gets in an hour, with one seed.
LONG = {
    "dense, for an hour": RECIPES["dense"]
    | {"hidden_layer_sizes": (1536, 768, 384), "epochs": 600}
}
CONTESTANTS = RECIPES | CALIBRATED | LONG
# The same training with other seeds: the table of ensembles has it as "5 x conv".
del CONTESTANTS["ensemble"]


def main():
    args = parse_arguments()
    args.models.mkdir(exist_ok=True)
    train, test = fetch_mnist(subset="train"), fetch_mnist(subset="test")
    fits = {name: fit_all(name, train, args) for name in args.names}
    fits = {name: each for name, each in fits.items() if each}
    logs = {
        name: [fit["classifier"].predict_log_proba(test.data) for fit in fits[name]]
        for name in fits
    }
    summaries = {n: describe(fits[n], np.exp(logs[n]), test.target) for n in fits}
    together = list(ensembles(logs, test.target))
    write(args.output, summaries, together, describe_machine(PACKAGES))


def write(path, summaries, together, machine):
    """Write the page."""
    rows = [
        (name, *(summary[column] for column in HEADER))
        for name, summary in summaries.items()
    ]
    sections = {
        "MNIST's test set": [("recipe", *HEADER), *rows],
        "Ensembles": [("ensemble", "accuracy", "negative log-likelihood"), *together],
    }
    measured = [
        "Mean ± standard deviation over the seeds, which differ in the initial "
        "weights, the order of the images and the augmentation.",
        "Trained on the 60,000 training images. The recipes were chosen by their "
        "accuracy on the last 10,000 of these, after training on the others.",
        "An ensemble averages the logits of its networks, as `n_estimators` does. There"
        " is one of each kind, so no standard deviation is given.",
        *machine,
    ]
    chart = draw_recipes(summaries), "Test accuracy and training time of each recipe."
    answer = describe_recipes(summaries)
    write_report(path, "Recipes", answer, sections, measured, chart)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help=f"among {', '.join(CONTESTANTS)}")
    parser.add_argument("--seeds", type=int, default=5, help="how many")
    parser.add_argument("--models", type=Path, default=MODELS, help="trained networks")
    parser.add_argument(
        "--trained", action="store_true", help="only measure networks that are trained"
    )
    parser.add_argument("--output", default=REPORT, help="the report")
    args = parser.parse_args()
    args.names = args.names or list(CONTESTANTS)
    unknown = set(args.names) - set(CONTESTANTS)
    if unknown:
        parser.error(f"no such recipe: {', '.join(sorted(unknown))}")
    return args


def fit_all(name, data, args):
    """Return the fits of a recipe by `fit_once`, with each seed."""
    seeds = range(1 if name in LONG else args.seeds)
    paths = [
        args.models / f"{name.replace(',', '').replace(' ', '_')}_{seed}.onnx"
        for seed in seeds
    ]
    return [
        fit_once(name, seed, data, path)
        for seed, path in zip(seeds, paths, strict=True)
        if path.exists() or not args.trained
    ]


def fit_once(name, seed, data, path):
    """Train a recipe, unless its file exists; return the classifier and the seconds."""
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
    *("seeds", "accuracy", "negative log-likelihood", "calibration error"),
    *("training", "file"),
)


def describe(fits, probabilities, y):
    """Return the cells of a recipe's row, by column, and its means for the chart."""
    accuracies = [accuracy_score(y, p.argmax(axis=1)) for p in probabilities]
    losses = [log_loss(y, p) for p in probabilities]
    errors = [expected_calibration_error(y, p) for p in probabilities]
    # A fit that was paused has no time.
    seconds = [fit["seconds"] for fit in fits if fit["seconds"] is not None]
    return {
        "seeds": len(fits),
        "accuracy": spread(accuracies, 100, 2, " %"),
        "negative log-likelihood": spread(losses, 1, 4),
        "calibration error": spread(errors, 100, 2, " %"),
        "training": spread(seconds, 1, 1, " s") if seconds else "",
        "file": f"{fits[0]['bytes'] / 1e6:.2f} MB",
        "means": (100 * mean(accuracies), mean(seconds) if seconds else None),
    }


def describe_recipes(summaries):
    """Return what the recipes reach, as a sentence."""
    parts = []
    for name in RECIPES:
        accuracy, seconds = summaries.get(name, {}).get("means", (0, None))
        if seconds is not None:
            parts.append(f"`{name}` {accuracy:.2f} % in {in_words(seconds)}")
    listed = ", ".join(parts[:-1]) + f", and {parts[-1]}" if parts[1:] else parts[0]
    return f"Accuracy on MNIST's test set, and training time: {listed}."


def in_words(seconds):
    """Return a time in the unit that one would say."""
    if seconds < 120:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"


def draw_recipes(summaries):
    """Draw accuracy over training time."""
    figure, ax = make_figure(3.2)
    points = {name: summary["means"] for name, summary in summaries.items()}
    points = {name: point for name, point in points.items() if point[1] is not None}
    for name, (accuracy, seconds) in points.items():
        color = OURS if name in RECIPES else OTHERS
        ax.plot(seconds, accuracy, "o", color=color)
        # Of two points at almost the same place, one name is higher and one lower.
        near = [
            other_accuracy
            for other, (other_accuracy, other_seconds) in points.items()
            if other != name
            and abs(other_accuracy - accuracy) < 0.1
            and 0.8 < other_seconds / seconds < 1.25
        ]
        height = -3 if not near else 2 if accuracy >= max(near) else -9
        place = {"xytext": (7, height), "textcoords": "offset points"}
        ax.annotate(name, (seconds, accuracy), **place, fontsize=9)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.margins(x=0.2, y=0.12)
    ax.set_xlabel("training time in seconds")
    ax.set_ylabel("test accuracy in %")
    return figure


def ensembles(logs, y):
    """Yield a row for the ensemble of all seeds of a recipe, and of two recipes."""
    members = {f"{len(each)} x {name}": each for name, each in logs.items()}
    both = [name for name in ("conv", "robust") if name in logs]
    if len(both) == 2:
        together = [each for name in both for each in logs[name]]
        members["all conv and robust networks"] = together
    for name, each in members.items():
        if len(each) > 1:
            p = softmax(np.mean(each, axis=0), axis=1)
            accuracy = accuracy_score(y, p.argmax(axis=1))
            yield name, f"{100 * accuracy:.2f} %", f"{log_loss(y, p):.4f}"


if __name__ == "__main__":
    main()
