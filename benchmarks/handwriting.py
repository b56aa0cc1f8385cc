"""Accuracy on real handwriting and on corrupted MNIST test images.

Run `python benchmarks/handwriting.py`: it prints tables and writes
docs/benchmarks/handwriting.md. The environment variable SKMNIST_HANDWRITING names the
folder of the pictures: single/, printed/ and multi/, each with a manifest.csv, and
datasets/ with .npz files. MNIST is found as `skmnist.fetch_mnist` finds it. It takes
about half an hour on two cores, a few minutes with `--rows 500`.
"""

import argparse
import os
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
    compose,
    count_edits,
    photograph,
    read_manifest,
    resize_crudely,
)
from _harness import describe_machine, interleave, timed, write_report
from joblib import Parallel, delayed

from skmnist import (
    DigitNormalizer,
    MNISTClassifier,
    NumberReader,
    __version__,
    fetch_mnist,
    load_pretrained,
)
from skmnist._data.mnist_form import has_mnist_form

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "handwriting.md"
PACKAGES = ("numpy", "scipy", "scikit-learn", "pillow", "onnxruntime")
DATA_SETS = ("hwd1000", "semeion", "usps_train")
N_SEEDS = 3
N_STRINGS, N_TOUCHING = 1000, 300
GAPS = {"3 to 8 pixels apart": (3, 8)} | {
    f"{gap} pixels apart": (gap, gap) for gap in (0, -1, -2)
}
BLOCK = 50  # pictures that a worker gets at a time
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
    readers = {f"by the pretrained {n} network": [m] for n, m in pretrained.items()}
    readers["by the default network"] = models
    for name, each in readers.items():
        tables[f"Numbers, by style, read {name}"] = read_numbers(each, args.folder)
        title = f"Strings of MNIST test digits, read {name}"
        tables[title] = read_strings(each, test, args.rows)
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
    args.folder = Path(os.environ.get("SKMNIST_HANDWRITING", ""))
    if not (args.folder / "single").is_dir():
        parser.error("SKMNIST_HANDWRITING must name the folder of the pictures")
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


def normalize(pictures):
    """Return rows in MNIST's form, on all cores; blank where there is no digit."""
    normalizer = DigitNormalizer(handle_invalid="blank")
    blocks = [pictures[i : i + BLOCK] for i in range(0, len(pictures), BLOCK)]
    rows = Parallel(n_jobs=-1)(delayed(normalizer.transform)(b) for b in blocks)
    return np.concatenate(rows)


def score(models, rows, labels):
    """Return the accuracy of each model; blank rows count as mistakes."""
    seen = rows.any(axis=1)
    return [np.mean((model.predict(rows) == labels) & seen) for model in models]


def spread(values):
    """Return the mean and the standard deviation, as cells."""
    return percent(mean(values)), percent(stdev(values)) if len(values) > 1 else ""


def percent(share, n_digits=1):
    return f"{100 * share:.{n_digits}f} %"


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


def read_numbers(models, folder):
    """Return a table of how well pictures of several digits are read.

    Characters are those of the label, with line breaks. A picture counts for at most as
    many mistakes as it has characters.
    """
    entries = read_manifest(folder / "multi")
    texts = [entry["label"].replace("/", "\n") for entry in entries]
    pictures = [folder / "multi" / entry["file"] for entry in entries]
    strings = list(zip(pictures, texts, strict=True))
    # "line 3 only": letters are in the lines above it.
    last = ["line 3 only" in entry["notes"] for entry in entries]
    edits = count_edits_of_each(models, strings, last)
    lengths = np.array([len(text) for text in texts])
    edits = np.minimum(edits, lengths)
    rows = [("", "pictures", "characters", "characters right", "sd", "pictures right")]
    styles = np.array([entry["style"] for entry in entries])
    for style in dict.fromkeys(styles.tolist()):
        own = styles == style
        right = 1 - edits[:, own].sum(axis=1) / lengths[own].sum()
        counts = np.count_nonzero(own), lengths[own].sum()
        exact = percent((edits[:, own] == 0).mean())
        rows.append((style.replace("_", " "), *counts, *spread(right.tolist()), exact))
    return rows


def count_edits_of_each(models, strings, last=None):
    """Return the edits that each model's texts need, of shape (n_models, n_strings)."""
    last = last or [False] * len(strings)
    blocks = [slice(i, i + BLOCK) for i in range(0, len(strings), BLOCK)]
    edits = Parallel(n_jobs=-1)(
        delayed(count_edits_in_block)(model, strings[block], last[block])
        for model in models
        for block in blocks
    )
    return np.concatenate(edits).reshape(len(models), len(strings))


def count_edits_in_block(model, strings, last):
    """Return the edit distance of each text; where `last` is true, of its last line."""
    reader = NumberReader(model, min_probability=0)
    texts = [reader.read(picture).text for picture, _ in strings]
    texts = [t.split("\n")[-1] if x else t for t, x in zip(texts, last, strict=True)]
    wanted = [text for _, text in strings]
    return list(map(count_edits, texts, wanted))


def read_strings(models, test, n_rows):
    """Return a table of the share of strings that are read without a mistake."""
    columns = ("strings right", "sd", "network alone, digit by digit")
    rows = [("one to eight digits", "strings", *columns, "characters right")]
    known = [model.predict(test.data) == test.target for model in models]
    for name, gaps in GAPS.items():
        rng = np.random.default_rng(0)
        n_strings = min(N_STRINGS if min(gaps) > 0 else N_TOUCHING, n_rows)
        drawn = [
            rng.integers(len(test.data), size=rng.integers(1, 9))
            for _ in range(n_strings)
        ]
        strings = [compose(test.images[i], test.target[i], gaps, rng) for i in drawn]
        edits = count_edits_of_each(models, strings)
        exact = (edits == 0).mean(axis=1).tolist()
        alone = mean(np.mean([right[i].all() for i in drawn]) for right in known)
        characters = 1 - edits.sum(axis=1).mean() / sum(map(len, drawn))
        row = (name, n_strings, *spread(exact), percent(alone), percent(characters))
        rows.append(row)
    return rows


def measure_times(model, images):
    """Return a table of times, medians of several rounds."""
    photo, normalizer = photograph(images[0]), DigitNormalizer()
    small = list(255 - images[:1000])
    contestants = {
        "a JPEG photo of 12 megapixels with one digit": lambda: normalizer.transform(
            [BytesIO(photo)]
        ),
        "the same by NumberReader": lambda: NumberReader(model).read(BytesIO(photo)),
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
