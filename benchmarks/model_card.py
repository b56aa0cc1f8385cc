"""The model card of the pretrained networks: training, accuracy, limits.

Run `python benchmarks/model_card.py`: it prints tables and writes docs/model_card.md.
MNIST is found as `skmnist.fetch_mnist` finds it; the environment variable
SKMNIST_HANDWRITING names the folder of real pictures, as in handwriting.py. It takes a
few minutes on two cores.
"""

import argparse
import sys
from pathlib import Path
from string import Template

import numpy as np
from _handwriting import SOURCES, find_folders
from _harness import describe_machine
from _page_scores import percent, read_strings, read_styles
from _report import format_table
from handwriting import compare_styles
from sklearn.metrics import log_loss, recall_score

import skmnist
from skmnist import (
    RiskCoverageDisplay,
    expected_calibration_error,
    fetch_mnist,
    load_pretrained,
)
from skmnist._estimator.pretrained import NAMES

REPORT = Path(__file__).parents[1] / "docs" / "model_card.md"
PACKAGES = ("numpy", "scipy", "scikit-learn", "pillow", "onnxruntime")
PRETRAINED = Path(skmnist.__file__).parent / "pretrained"
TEMPLATE = Path(__file__).with_name("model_card_template.md")
STYLE_COLUMN, ACCURACY_COLUMN = 0, 2

USES = {"PRINT": "print", "DISPLAY": "displays", "HANDWRITING": "handwriting"}


def main():
    args = parse_arguments()
    networks = {name: load_pretrained(name) for name in NAMES}
    test = fetch_mnist(subset="test")
    tables = {
        "real_digits": compare_real(networks, args.folder, args.rows),
        "pages": read_styles(args.folder / "multi"),
        "mnist": describe_networks(networks, test),
        "recall": compare_digits(networks, test),
        "strings": read_strings(test, args.rows),
        "fonts": list_fonts(),
    }
    parameters = [f"{c.model_.count_params():,}" for c in networks.values()]
    write(args.output, tables, parameters, describe_machine(PACKAGES))


def write(path, tables, parameters, machine):
    """Write the model card: the template, with the tables filled in."""
    sizes = [
        f"{(PRETRAINED / f'{name}.onnx').stat().st_size / 1e6:.1f} MB"
        for name in (*NAMES, "detector")
    ]
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        {name: format_table(rows) for name, rows in tables.items()},
        parameters=" | ".join(parameters),
        files=" | ".join(sizes),
        measured="\n".join(f"- {line}" for line in (SOURCES, *machine)),
    )
    Path(path).write_text(text, encoding="utf-8")
    print(text)


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
