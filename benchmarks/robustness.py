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
from _harness import describe_machine, write_report
from handwriting import normalize, percent, score
from matplotlib.figure import Figure

from skmnist import (
    MNISTClassifier,
    PixelRangeWarning,
    __version__,
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
SHOWN = 15  # index of a five, which has curves, straight strokes and ends


def main():
    args = parse_arguments()
    # Some corruptions make the background of the images light.
    warnings.simplefilter("ignore", PixelRangeWarning)
    test = fetch_mnist(subset="test")
    images, labels = test.images[: args.rows], test.target[: args.rows]
    tables = {
        "Accuracy": compare_corruptions(args.models, images, labels, args.normalize),
        "The corruptions": describe_corruptions(),
    }
    intro = [
        f"The 15 corruptions of {PAPER}. Their parameters are the defaults of the "
        "published code. skmnist has its own code and random numbers, so results may "
        "differ a little from those on the published images.",
        f"{len(images):,} test images of MNIST, with the same corruptions for every "
        "classifier.",
        *describe_machine(PACKAGES),
        f"skmnist {__version__}",
    ]
    if args.normalize:
        note = "Normalised: by DigitNormalizer first; blank results count as mistakes."
        intro.insert(2, note)
    write_report(args.output, "Corrupted digits", intro, tables)
    picture = args.output.with_suffix(".png")
    draw(test.images[SHOWN % len(test.images)], picture)
    with args.output.open("a", encoding="utf-8") as file:
        file.write(f"\n![One digit under each corruption]({picture.name})\n")


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
    """Return a table: a row for each corruption, a column for each model."""
    ways = {"": lambda images: images.reshape(len(images), -1)}
    if with_normalizer:
        ways[", normalised"] = lambda images: normalize(list(images))
    columns = [name + way for way in ways for name in models]
    accuracies = {}
    for name in ("clean", *CORRUPTIONS):
        corrupted = corrupt(images, name)
        accuracies[name] = [
            accuracy
            for prepare in ways.values()
            for accuracy in score(models.values(), prepare(corrupted), labels)
        ]
        print(f"{name}:", *map(percent, accuracies[name]), flush=True)
    means = map(mean, zip(*(accuracies[name] for name in CORRUPTIONS), strict=True))
    accuracies["mean of the 15"] = list(means)
    rows = [(name, *map(percent, values)) for name, values in accuracies.items()]
    return [("", *columns), *rows]


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
