"""The model card of the pretrained networks: training, accuracy, limits.

Run `python benchmarks/model_card.py`: it prints tables and writes docs/model_card.md.
MNIST is found as `skmnist.fetch_mnist` finds it; the environment variable
SKMNIST_HANDWRITING names the folder of real pictures, as in handwriting.py. It takes a
few minutes on two cores.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from _handwriting import STYLES, find_folders
from _harness import describe_machine, write_report
from _page_scores import percent, read_strings, read_styles
from handwriting import compare_styles
from sklearn.metrics import log_loss, recall_score

from skmnist import (
    RiskCoverageDisplay,
    __version__,
    expected_calibration_error,
    fetch_mnist,
    load_pretrained,
)
from skmnist._estimator.pretrained import NAMES

REPORT = Path(__file__).parents[1] / "docs" / "model_card.md"
PACKAGES = ("numpy", "scipy", "scikit-learn", "pillow", "onnxruntime")
TITLE = "Model card of the pretrained networks"
STYLE_COLUMN, ACCURACY_COLUMN = 0, 2

TRAINING = (
    "Three networks come with the package: `conv` and `dense`, which `load_pretrained` "
    "returns, classify digits in MNIST's form; the detector finds digits on pages, for "
    "`NumberReader` and `DigitNormalizer`. What follows here is about the classifiers; "
    "the detector has its own section below.",
    "Training images: MNIST's 60,000; scikit-learn's 1,797 bundled digits, three "
    "times each; 6,000 ones with a flag, some with a foot, 1,500 crossed sevens and "
    "500 slashed zeros, drawn onto MNIST digits; 6,000 MNIST digits at the low "
    "resolution of small pictures, and 6,000 with remains of a ruled line; and "
    "6,000 images that are not a single digit (touching digits, halves, overlapping "
    "digits) with random labels, so that the networks are not confident about such "
    "images.",
    "Each epoch augments three of four images: rotation, scale, shear, shift, an "
    "elastic field, thinner and thicker strokes. A twentieth of the images is held "
    "out to calibrate the probabilities. Script: `pretraining/train.py`; it gives "
    "the same bits again on the same machine and versions.",
    "We chose the training setup by its accuracy on the real digits below, so these "
    "are not an independent test set. No network was trained on them. MNIST's test "
    "images were not used for any choice.",
    "Input: rows of 784 pixels in MNIST's form. Use the networks after "
    "`DigitNormalizer`, or in `NumberReader`.",
    "Limits: some people's 1 looks like other people's 7. Letters, signs and blots "
    "get a label too, but usually a low probability. Overlapping digits are seldom "
    "read correctly. Do not use the networks for decisions about people, money or "
    "health unless a person checks the results.",
    STYLES,
    "Licence: BSD-3-Clause, like the package.",
)


DETECTOR = (
    ("", "detector"),
    (
        "network",
        "convolutional, fully: 377,000 weights; an ONNX file of 1.5 MB, where batch "
        "normalization is folded into the convolutions",
    ),
    ("input", "grey levels of a page, of any height and width, in either polarity"),
    (
        "output",
        "for each square of 4x4 pixels the probability of each class, and a box",
    ),
    (
        "classes",
        "14: the digits 0 to 9, minus, point (also for a comma), slash and colon",
    ),
    (
        "training pages",
        "192x192 pixels, drawn by the scripts in `pretraining/detector/`: digits of "
        "MNIST's training images, rewritten with various pens, with flags, crossbars "
        "and slashes; digits in the fonts listed below; dot matrices. "
        "Beside and below them words, scribbles, ruled lines, tables, frames, "
        "show-through, desks, uneven light, perspective, blur, noise and JPEG "
        "artefacts. Of real writing, only MNIST's training images were used",
    ),
    (
        "fonts",
        "from packages in Debian's section main, so all have free licences. "
        "`python -m detector.fonts`, run in `pretraining/`, prints the command that "
        "installs them",
    ),
    (
        "training",
        "16,000 steps of 16 pages by `pretraining/train_detector.py`. The first 3,700 "
        "steps were taken in a learning-rate schedule made for 40,000 steps, the "
        "others in schedules for 20,000 and 16,000. Therefore `python "
        "pretraining/train_detector.py --steps 16000` gives an equivalent network, "
        "but not exactly these bits",
    ),
    (
        "good at",
        "digits in pen or print, on ruled or squared paper, in tables and forms, on "
        "displays, side by side or touching, at any size from 16 pixels of height",
    ),
    (
        "bad at",
        "ones with a long flag, which are read as sevens; digits of one number with "
        "very wide gaps; struck-out digits; digits that lie on their side or are "
        "upside down, if there are only a few; letters, of which it knows none: some "
        "are taken for digits",
    ),
    ("accuracy", "[Reading pages](benchmarks/pages.md)"),
    ("licence", "BSD-3-Clause, like the package"),
)
USES = {"PRINT": "print", "DISPLAY": "displays", "HANDWRITING": "handwriting"}


def main():
    args = parse_arguments()
    networks = {name: load_pretrained(name) for name in NAMES}
    test = fetch_mnist(subset="test")
    tables = {
        "The detector": DETECTOR,
        "Fonts that the detector was trained on": list_fonts(),
        "MNIST test images": describe_networks(networks, test),
        "Recall by digit on MNIST test images": compare_digits(networks, test),
        "Real digits, by style": compare_real(networks, args.folder, args.rows),
        "Numbers, by style, read by the convolutional network": read_styles(
            args.folder / "multi", networks["conv"]
        ),
        "Strings of MNIST test digits, read by the convolutional network": read_strings(
            test, args.rows, networks["conv"]
        ),
    }
    intro = [*TRAINING, *describe_machine(PACKAGES), f"skmnist {__version__}"]
    write_report(args.output, TITLE, intro, tables)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000, help="images of each set")
    parser.add_argument("--output", default=REPORT, help="the report")
    args = parser.parse_args()
    folders = find_folders()
    if not folders:
        parser.error("SKMNIST_HANDWRITING must name the folder of the pictures")
    args.folder = folders[0]
    return args


def list_fonts():
    """Return a table of the fonts on the detector's training pages."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "pretraining"))
    from detector import fonts

    rows = [("use", "Debian package", "fonts")]
    for group, use in USES.items():
        for package, names in getattr(fonts, group).items():
            rows.append((use, package, ", ".join(names)))
    return rows


def describe_networks(networks, test):
    rows = {
        "parameters": lambda c, p: f"{c.model_.count_params():,}",
        "accuracy": lambda c, p: percent(np.mean(p.argmax(axis=1) == test.target), 2),
        "negative log-likelihood": lambda c, p: f"{log_loss(test.target, p):.4f}",
        "expected calibration error": lambda c, p: percent(
            expected_calibration_error(test.target, p), 2
        ),
        "coverage at 99.9 % accuracy": lambda c, p: percent(
            risk_coverage(test.target, p).coverage_at(0.999)[0]
        ),
    }
    probabilities = {name: c.predict_proba(test.data) for name, c in networks.items()}
    cells = [
        (title, *(row(c, probabilities[name]) for name, c in networks.items()))
        for title, row in rows.items()
    ]
    return [("", *networks), *cells]


def risk_coverage(y, p):
    from matplotlib.figure import Figure

    return RiskCoverageDisplay.from_predictions(
        y, p.argmax(axis=1), p, ax=Figure().subplots()
    )


def compare_digits(networks, test):
    recalls = [
        recall_score(test.target, classifier.predict(test.data), average=None)
        for classifier in networks.values()
    ]
    rows = [
        (digit, *(percent(recall[digit], 2) for recall in recalls))
        for digit in range(10)
    ]
    return [("", *networks), *rows]


def compare_real(networks, folder, n_rows):
    """Return a table of accuracies on the real digits, a column for each network."""
    tables = [compare_styles([c], {}, folder, n_rows)[1:] for c in networks.values()]
    rows = [
        (each[0][STYLE_COLUMN], each[0][1], *(row[ACCURACY_COLUMN] for row in each))
        for each in zip(*tables, strict=True)
    ]
    return [("", "pictures", *networks), *rows]


if __name__ == "__main__":
    main()
