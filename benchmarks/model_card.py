"""The model card of the pretrained networks: what they are and what they reach.

Run as `python benchmarks/model_card.py`: prints tables and writes docs/model_card.md.
MNIST is found as `skmnist.fetch_mnist` finds it; the environment variable
SKMNIST_HANDWRITING names the folder of real pictures, as in handwriting.py. It takes
some minutes on two cores.
"""

import argparse
import os
from pathlib import Path

import numpy as np
from _harness import describe_machine, write_report
from handwriting import compare_styles, percent, read_numbers, read_strings
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
STYLE_COLUMN, ACCURACY_COLUMN = 0, 2

TRAINING = (
    "Training images: MNIST's 60,000; scikit-learn's 1,797 bundled digits, three "
    "times each; 6,000 ones with a flag, some with a foot, 1,500 crossed sevens and "
    "500 slashed zeros, drawn onto MNIST's; 6,000 of MNIST's as coarse as in small "
    "pictures, and 6,000 with what is left of a ruled line; and 6,000 images of what "
    "is no single digit (digits that touch, halves, one over another) with labels "
    "drawn at random, so that the networks doubt such things.",
    "Each epoch bends three of four anew: rotation, scale, shear, shift, an elastic "
    "field, thinner and thicker strokes. A twentieth is held out to calibrate the "
    "probabilities. Script: `pretraining/train.py`; it gives the same bits again on "
    "the same machine and versions.",
    "The way of training was chosen by the accuracy on the real digits below, which "
    "are therefore no independent test; none of them was trained on. MNIST's test "
    "images chose nothing.",
    "For rows of 784 pixels in MNIST's form: behind `DigitNormalizer`, or in "
    "`NumberReader`.",
    "Limits: one writer's 1 is another's 7. Letters, signs and blots get a label "
    "too, though mostly a doubtful one. Digits that overlap are seldom read "
    "rightly. Not meant for decisions about people, money or health without "
    "somebody who checks.",
    "Licence: BSD-3-Clause, as the package.",
)


def main():
    args = parse_arguments()
    networks = {name: load_pretrained(name) for name in NAMES}
    test = fetch_mnist(subset="test")
    tables = {
        "MNIST's test images": describe_networks(networks, test),
        "The same by digit: share that is recognised": compare_digits(networks, test),
        "Real digits, by style": compare_real(networks, args.folder, args.rows),
        "Numbers, by style, read by the convolutional network": read_numbers(
            [networks["conv"]], args.folder
        ),
        "Strings of MNIST's test digits, read by it": read_strings(
            [networks["conv"]], test, args.rows
        ),
    }
    intro = [*TRAINING, *describe_machine(PACKAGES), f"skmnist {__version__}"]
    write_report(args.output, "Model card of the pretrained networks", intro, tables)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000, help="images of each set")
    parser.add_argument("--output", default=REPORT, help="the report")
    args = parser.parse_args()
    args.folder = Path(os.environ.get("SKMNIST_HANDWRITING", ""))
    if not (args.folder / "single").is_dir():
        parser.error("SKMNIST_HANDWRITING must name the folder of the pictures")
    return args


def describe_networks(networks, test):
    rows = {
        "parameters": lambda c, p: f"{c.model_.count_params():,}",
        "accuracy": lambda c, p: percent(np.mean(p.argmax(axis=1) == test.target), 2),
        "negative log-likelihood": lambda c, p: f"{log_loss(test.target, p):.4f}",
        "expected calibration error": lambda c, p: percent(
            expected_calibration_error(test.target, p), 2
        ),
        "share kept at 99.9 % accuracy": lambda c, p: percent(
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
