"""Accuracy on real digits, one in each picture, and on corrupted MNIST test images.

Run `python benchmarks/handwriting.py`: it prints tables and writes
docs/benchmarks/handwriting.md. The environment variable SKMNIST_HANDWRITING names the
folder of the pictures, or several, of which the first is taken: single/ and printed/,
each with a manifest.csv, and datasets/ with .npz files. `pages.py` measures pictures of
several digits. MNIST is found as `skmnist.fetch_mnist` finds it. It takes
about half an hour on two cores, a few minutes with `--rows 500`.
"""

import argparse
from collections import defaultdict
from io import BytesIO
from itertools import starmap
from pathlib import Path
from statistics import mean, median, stdev

import numpy as np
from _handwriting import (
    CORRUPTIONS,
    SIDE,
    STYLES,
    find_folders,
    photograph,
    read_manifest,
    resize_crudely,
)
from _harness import describe_machine, interleave, timed, write_report
from _page_scores import DATA_SETS, normalize, percent

from skmnist import (
    DigitNormalizer,
    MNISTClassifier,
    __version__,
    fetch_mnist,
    load_pretrained,
)
from skmnist._data.mnist_form import has_mnist_form

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "handwriting.md"
PACKAGES = ("numpy", "scipy", "scikit-learn", "pillow", "onnxruntime")
N_SEEDS = 3
ROUNDS = 5


def main():
    args = parse_arguments()
    test = fetch_mnist(subset="test")
    models = args.models or train()
    pretrained = {name: load_pretrained(name) for name in ("conv", "dense")}
    images, labels = test.images[: args.rows], test.target[: args.rows]
    tables = {
        "Single digits, by style": compare_styles(
            models, pretrained, args.folder, args.rows
        ),
        "MNIST test images, corrupted": compare_corruptions(models, images, labels),
    }
    tables["Time"] = measure_times(models[0], test.images)
    intro = [
        "Real handwriting: digits photographed, scanned or drawn by many people, "
        "collected from public repositories, without copies of MNIST images, and "
        "labelled by eye. Most sources state no licence, so the pictures are not part "
        "of skmnist.",
        STYLES,
        f"Default network: trained on MNIST with {len(models)} seeds; mean and "
        "standard deviation (sd) over the seeds. There is one pretrained network of "
        "each kind. No network was trained on these pictures.",
        f"{len(images):,} test images of MNIST, and at most {args.rows:,} images of "
        "each other data set.",
        "Crude: the whole picture is resized to 28 x 28, and inverted if it is bright.",
        "Refused: pictures in which DigitNormalizer finds no digit; they count as "
        "mistakes.",
        *describe_machine(PACKAGES),
        f"skmnist {__version__}",
    ]
    write_report(args.output, "Handwriting that is not MNIST", intro, tables)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000, help="images of each set")
    parser.add_argument("--models", nargs="+", type=MNISTClassifier.load)
    parser.add_argument("--output", default=REPORT, help="the report")
    args = parser.parse_args()
    folders = find_folders()
    if not folders:
        parser.error("SKMNIST_HANDWRITING must name the folder of the pictures")
    args.folder = folders[0]
    return args


def train():
    X, y = fetch_mnist(subset="train", return_X_y=True)
    return [MNISTClassifier(random_state=seed).fit(X, y) for seed in range(N_SEEDS)]


def compare_styles(models, pretrained, folder, n_rows):
    """Return a table of accuracies on the real pictures of one digit."""
    groups = defaultdict(list)
    for name in ("single", "printed"):
        for entry in read_manifest(folder / name):
            found = folder / name / entry["file"], int(entry["label"])
            groups[entry["style"]].append(found)
            if name == "single":
                groups["all of these"].append(found)
    order = ["photo", "draw", "draw28", "photo28", "cell", "all of these", "printed"]
    sets = {style: tuple(zip(*groups[style], strict=True)) for style in order}
    for name in DATA_SETS:
        with np.load(folder / "datasets" / f"{name}.npz") as data:
            sets[name] = list(data["images"][:n_rows]), data["labels"][:n_rows]
    columns = ("", "pictures", "default network", "sd", "crude", "refused")
    columns += tuple(f"pretrained {name}" for name in pretrained)
    compare = compare_style(models, pretrained.values())
    return [columns, *starmap(compare, sets.items())]


def compare_style(models, pretrained):
    def compare(name, pictures_and_labels):
        pictures, labels = pictures_and_labels
        rows = normalize(list(pictures))
        scores = score(models, rows, labels)
        crude = mean(score(models, resize_crudely(pictures), labels))
        refused = np.count_nonzero(~rows.any(axis=1))
        others = map(percent, score(pretrained, rows, labels))
        return name, len(labels), *spread(scores), percent(crude), refused, *others

    return compare


def score(models, rows, labels):
    """Return the accuracy of each model; blank rows count as mistakes."""
    seen = rows.any(axis=1)
    return [np.mean((model.predict(rows) == labels) & seen) for model in models]


def spread(values):
    """Return the mean and the standard deviation, as cells."""
    return percent(mean(values)), percent(stdev(values)) if len(values) > 1 else ""


def compare_corruptions(models, images, labels):
    """Return a table of accuracies on MNIST test images under each corruption."""
    columns = ("", "accuracy", "sd", "in MNIST's form")
    rows = [(*columns, "largest change when transformed again", "refused", "crude")]
    alone = score(models, images.reshape(len(images), -1), labels)
    rows.append(("without DigitNormalizer", *spread(alone), "", "", "", ""))
    for name, corrupt in CORRUPTIONS.items():
        rng = np.random.default_rng(0)
        corrupted = [corrupt(image, rng) for image in images]
        found = normalize(corrupted)
        fields = found.reshape(-1, SIDE, SIDE)
        change = np.abs(normalize(list(fields)).astype(int) - found).max()
        refused = np.count_nonzero(~found.any(axis=1))
        form = percent(has_mnist_form(fields).mean(), 2)
        cells = [*spread(score(models, found, labels)), form]
        crude = percent(mean(score(models, resize_crudely(corrupted), labels)))
        rows.append((name, *cells, change, refused, crude))
    return rows


def measure_times(model, images):
    """Return a table of times, medians of several rounds."""
    photo, normalizer = photograph(images[0]), DigitNormalizer()
    small = list(255 - images[:1000])
    contestants = {
        "a JPEG photo of 12 megapixels with one digit": lambda: normalizer.transform(
            [BytesIO(photo)]
        ),
        "1,000 pictures of 28 x 28, dark on light": lambda: normalizer.transform(small),
        "1,000 pictures already in MNIST's form": lambda: normalizer.transform(
            images[:1000]
        ),
    }
    seconds = interleave({name: timed(f) for name, f in contestants.items()}, ROUNDS)
    rows = [(name, f"{median(taken):.3g}") for name, taken in seconds.items()]
    return [("", "seconds"), *rows]


if __name__ == "__main__":
    main()
