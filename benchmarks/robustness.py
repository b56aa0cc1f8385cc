"""Accuracy of saved classifiers under the 15 corruptions of MNIST-C.

Run `python benchmarks/robustness.py [--models NAME=FILE ...]`: it prints a table and
writes docs/benchmarks/robustness.md, with a picture of the corruptions next to it.
MNIST is found as `skmnist.fetch_mnist` finds it. It takes half a minute on one core,
and ten minutes more with `--normalize`.
"""

import argparse
import inspect
import warnings
from pathlib import Path
from statistics import mean

import numpy as np
from _corruptions import CORRUPTIONS
from _harness import describe_machine
from _report import draw_bars, format_table, write_report
from handwriting import normalize, percent, score
from matplotlib.figure import Figure

from skmnist import (
    MNISTClassifier,
    PixelRangeWarning,
    fetch_mnist,
    load_pretrained,
)
from skmnist._estimator.pretrained import NAMES

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "robustness.md"
PACKAGES = ("numpy", "scipy", "scikit-learn", "onnxruntime")
PAPER = (
    "[MNIST-C: A Robustness Benchmark for Computer Vision]"
    "(https://arxiv.org/abs/1906.02337), N. Mu, J. Gilmer, 2019"
)
NORMALIZED, MEAN = ", normalised", "mean of the 15"
SHOWN = 15  # index of a five, which has curves, straight strokes and ends


def main():
    args = parse_arguments()
    # Some corruptions make the background of the images light.
    warnings.simplefilter("ignore", PixelRangeWarning)
    test = fetch_mnist(subset="test")
    images, labels = test.images[: args.rows], test.target[: args.rows]
    accuracies = compare_corruptions(args.models, images, labels, args.normalize)
    draw(test.images[SHOWN % len(test.images)], args.output.with_suffix(".png"))
    write(args.output, accuracies, len(images), describe_machine(PACKAGES))


def write(path, accuracies, n_images, machine):
    """Write the page: for each corruption, the accuracy of each model."""
    means = average(accuracies)
    rows = [
        (name, *(f"{100 * value:.1f}" for value in values.values()))
        for name, values in {**accuracies, MEAN: means}.items()
    ]
    picture = f"![One digit under each corruption]({path.with_suffix('.png').name})"
    sections = {
        "Accuracy in %": [("", *means), *rows],
        "The corruptions": f"{picture}\n\n{format_table(describe_corruptions())}",
    }
    measured = [
        f"The 15 corruptions of {PAPER}. Their parameters are the defaults of the "
        "published code. skmnist has its own code and random numbers, so results may "
        "differ a little from those on the published images.",
        f"{n_images:,} test images of MNIST, with the same corruptions for every "
        "classifier. Networks with the name of a recipe were trained by it.",
        *machine,
    ]
    if any(NORMALIZED in name for name in means):
        note = "Normalised: by DigitNormalizer first; blank results count as mistakes."
        measured.insert(2, note)
    figure = draw_bars(
        {name: 100 * value for name, value in means.items()},
        "accuracy in %, mean of the 15 corruptions",
        ours=means,
        texts={name: f"{100 * value:.1f}" for name, value in means.items()},
    )
    chart = figure, "Bars: the mean accuracy of each classifier."
    write_report(
        path, "Robustness", describe(accuracies, means), sections, measured, chart
    )


def describe(accuracies, means):
    """Return what was found, in sentences."""
    best, worst = max(means, key=means.get), min(means, key=means.get)
    text = (
        f"Averaged over 15 corruptions of MNIST's test images, `{best}` is the most "
        f"accurate network, with {100 * means[best]:.1f} %, and `{worst}` the least, "
        f"with {100 * means[worst]:.1f} %."
    )
    hard = [n for n, values in accuracies.items() if max(values.values()) < 0.5]
    if hard:
        text += f" All networks are below 50 % under: {', '.join(hard)}."
    return text


def average(accuracies):
    """Return the mean of each model over the corruptions."""
    names = [name for name in accuracies if name != "clean"]
    models = accuracies["clean"]
    return {m: mean(accuracies[name][m] for name in names) for m in models}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--models",
        nargs="+",
        type=load_model,
        metavar="NAME=FILE",
        help="saved classifiers; by default the pretrained ones",
    )
    parser.add_argument("--rows", type=int, default=10_000, help="test images")
    parser.add_argument(
        "--normalize", action="store_true", help="also with DigitNormalizer in front"
    )
    parser.add_argument("--output", type=Path, default=REPORT, help="the report")
    args = parser.parse_args()
    if args.models is None:
        args.models = [(name, load_pretrained(name)) for name in NAMES]
    args.models = dict(args.models)
    return args


def load_model(text):
    """Return the name and the classifier that NAME=FILE means."""
    name, _, path = text.rpartition("=")
    return name or Path(path).stem, MNISTClassifier.load(path)


def compare_corruptions(models, images, labels, with_normalizer):
    """Return, for each corruption, the accuracy of each model."""
    ways = {"": lambda images: images.reshape(len(images), -1)}
    if with_normalizer:
        ways[NORMALIZED] = lambda images: normalize(list(images))
    accuracies = {}
    for name in ("clean", *CORRUPTIONS):
        corrupted = corrupt(images, name)
        accuracies[name] = {
            model + way: accuracy
            for way, prepare in ways.items()
            for model, accuracy in zip(
                models, score(models.values(), prepare(corrupted), labels), strict=True
            )
        }
        print(f"{name}:", *map(percent, accuracies[name].values()), flush=True)
    return accuracies


def corrupt(images, name):
    """Return the images under a corruption, with a fixed seed."""
    if name == "clean":
        return images
    return CORRUPTIONS[name](images, np.random.default_rng(0))


def describe_corruptions():
    """Return a table that describes the corruptions, from their docstrings."""
    rows = [("", "description", "difference from the published code")]
    for name, function in CORRUPTIONS.items():
        what, _, difference = inspect.getdoc(function).partition("\n\n")
        rows.append((name, what, " ".join(difference.split())))
    return rows


def draw(image, path):
    """Write a picture of an image, clean and under each corruption."""
    figure = Figure(figsize=(8, 2.5), layout="constrained")
    for ax, name in zip(
        figure.subplots(2, 8).flat, ("clean", *CORRUPTIONS), strict=True
    ):
        ax.imshow(corrupt(image[None], name)[0], cmap="gray", vmin=0, vmax=255)
        ax.set_title(name, fontsize=9)
        # Keep the frame: without it, white edges would merge with the page.
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_color("0.6")
    # Without Matplotlib's version the file only changes if the picture does.
    figure.savefig(path, dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    main()
