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
from statistics import mean, median

import numpy as np
from _handwriting import (
    CORRUPTIONS,
    SIDE,
    SOURCES,
    STYLES,
    find_folders,
    photograph,
    read_manifest,
    resize_crudely,
)
from _harness import describe_machine, interleave, timed
from _page_scores import DATA_SETS, normalize, percent
from _report import draw_groups, spread, to_number, write_report

from skmnist import (
    DigitNormalizer,
    MNISTClassifier,
    fetch_mnist,
    load_pretrained,
)
from skmnist._data.mnist_form import has_mnist_form

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "handwriting.md"
PACKAGES = ("numpy", "scipy", "scikit-learn", "pillow", "onnxruntime")
ALL = "all of these"
N_SEEDS = 3
ROUNDS = 5


def main():
    args = parse_arguments()
    test = fetch_mnist(subset="test")
    models = args.models or train()
    pretrained = {name: load_pretrained(name) for name in ("conv", "dense")}
    images, labels = test.images[: args.rows], test.target[: args.rows]
    styles = compare_styles(models, pretrained, args.folder, args.rows)
    corruptions, form = compare_corruptions(models, images, labels)
    measured = [
        SOURCES,
        f"Default network: trained on MNIST with {len(models)} seeds; mean ± standard "
        "deviation over the seeds. There is one pretrained network of each kind. No "
        "network was trained on these pictures.",
        f"{len(images):,} test images of MNIST, and at most {args.rows:,} images of "
        "each other data set.",
        "Only resized: the whole picture is resized to 28 x 28, and inverted if it is "
        "bright.",
        "Refused: pictures in which DigitNormalizer finds no digit; they count as "
        "mistakes.",
        form,
        *describe_machine(PACKAGES),
    ]
    times = measure_times(models[0], test.images)
    write(args.output, styles, corruptions, times, measured)


def write(path, styles, corruptions, times, measured):
    """Write the page."""
    found = {
        row[0]: dict(zip(styles[0][1:], row[1:], strict=True)) for row in styles[1:]
    }
    every = found[ALL]
    answer = (
        f"The pretrained network `conv` reads {every['pretrained conv']} of "
        f"{every['pictures']} real digits correctly. The default network, trained on "
        f"MNIST alone, reads {every['default network'].partition(' ±')[0]}, and only "
        f"{every['only resized']} if pictures are not brought to MNIST's form but only "
        "resized."
    )
    ways = "pretrained conv", "default network", "only resized"
    groups = {
        way: {name: to_number(row[way]) for name, row in found.items()} for way in ways
    }
    groups["default network, only resized"] = groups.pop("only resized")
    chart = draw_groups(groups, "accuracy in %"), "The accuracy by style."
    sections = {
        "Single digits, by style": styles,
        "MNIST test images, corrupted": corruptions,
        "Time": times,
    }
    title = "Real handwriting: single digits"
    write_report(path, title, answer, sections, measured, chart)


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
                groups[ALL].append(found)
    order = ["photo", "draw", "draw28", "photo28", "cell", ALL, "printed"]
    sets = {style: tuple(zip(*groups[style], strict=True)) for style in order}
    for name in DATA_SETS:
        with np.load(folder / "datasets" / f"{name}.npz") as data:
            sets[name] = list(data["images"][:n_rows]), data["labels"][:n_rows]
    columns = ("", "pictures", "default network", "only resized", "refused")
    columns += tuple(f"pretrained {name}" for name in pretrained)
    compare = compare_style(models, pretrained.values())
    return [columns, *starmap(compare, sets.items())]


def compare_style(models, pretrained):
    def compare(name, pictures_and_labels):
        pictures, labels = pictures_and_labels
        rows = normalize(list(pictures))
        scores = score(models, rows, labels)
        crude = mean(score(models, resize_crudely(pictures), labels))
        refused = int(np.count_nonzero(~rows.any(axis=1)))
        others = map(percent, score(pretrained, rows, labels))
        cells = len(labels), as_cell(scores), percent(crude), refused, *others
        return STYLES.get(name, name), *cells

    return compare


def score(models, rows, labels):
    """Return the accuracy of each model; blank rows count as mistakes."""
    seen = rows.any(axis=1)
    return [np.mean((model.predict(rows) == labels) & seen) for model in models]


def as_cell(accuracies):
    return spread(accuracies, 100, 1, " %")


def compare_corruptions(models, images, labels):
    """Return a table of accuracies on corrupted images, and what their form is."""
    rows = [("", "accuracy", "only resized", "refused")]
    alone = score(models, images.reshape(len(images), -1), labels)
    rows.append(("without DigitNormalizer", as_cell(alone), "", ""))
    forms, changes = [], []
    for name, corrupt in CORRUPTIONS.items():
        rng = np.random.default_rng(0)
        corrupted = [corrupt(image, rng) for image in images]
        found = normalize(corrupted)
        fields = found.reshape(-1, SIDE, SIDE)
        changes.append(np.abs(normalize(list(fields)).astype(int) - found).max())
        forms.append(has_mnist_form(fields).mean())
        refused = int(np.count_nonzero(~found.any(axis=1)))
        crude = percent(mean(score(models, resize_crudely(corrupted), labels)))
        rows.append((name, as_cell(score(models, found, labels)), crude, refused))
    return rows, describe_form(min(forms), max(changes))


def describe_form(form, change):
    """Return whether the results have MNIST's form, as a sentence."""
    return (
        f"Of the corrupted images, DigitNormalizer brings at least {percent(form, 2)} "
        "to MNIST's form. Transformed again, they change by at most "
        f"{change} gray levels."
    )


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
