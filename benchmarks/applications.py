"""How well printed numbers are read: meters, displays, price labels, signs, plates.

Run `python benchmarks/applications.py`: it prints tables and writes
docs/benchmarks/applications.md, with a picture of each kind next to it. All pictures
are drawn, so it needs no data. It takes two minutes on one core.
"""

import argparse
import os
import re
from pathlib import Path
from statistics import mean

import numpy as np
from _harness import describe_machine
from _print_pictures import FONT, KINDS, photograph
from matplotlib.figure import Figure

from skmnist import NumberReader, __version__

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "applications.md"
PACKAGES = ("numpy", "pillow", "onnxruntime")
SEED = 0
# What differs from a usual picture -> arguments of `photograph`.
CONDITIONS = {
    "usual": {},
    "16 pixels high": {"height": 16},
    "12 pixels high": {"height": 12},
    "8 pixels high": {"height": 8},
    "blur of 5 %": {"blur": 0.05},
    "blur of 10 %": {"blur": 0.1},
    "blur of 15 %": {"blur": 0.15},
    "45° from the side": {"angle": 45},
    "60° from the side": {"angle": 60},
    "dusk": {"white": 90, "noise": 4},
    "night": {"white": 40, "noise": 6},
}
# The pictures that the first sentence of the report is about.
GOOD = "usual", "16 pixels high", "blur of 5 %", "45° from the side", "dusk"
# Heading of a table -> the kinds that it is about.
GROUPS = {
    "Meters, displays and price labels": ("meter", "display", "price label"),
    "Speed signs and number plates": ("speed sign", "plate", "plate with letters"),
}
SURE = 0.9  # probability: the higher of the two thresholds that are compared
RIGHT, NOTICED, UNNOTICED = VERDICTS = "right", "noticed", "unnoticed"


def main():
    args = parse_arguments()
    verdicts = {
        (kind, condition): read_pictures(kind, condition, args.pictures)
        for kind in KINDS
        for condition in CONDITIONS
    }
    picture = args.output.with_suffix(".png")
    lines = [
        "# Meters, labels, signs and plates",
        "",
        summarize(verdicts),
        "",
        f"![One usual picture of each kind]({picture.name})",
    ]
    for heading, kinds in GROUPS.items():
        lines += ["", f"## {heading}", "", *tabulate(verdicts, kinds)]
    lines += ["", "## Which mistakes are noticed", "", *tabulate_mistakes(verdicts)]
    lines += ["", "## How this was measured", "", *describe(args.pictures)]
    print("\n".join(lines))
    if args.output.name != os.devnull:
        args.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
        draw_examples(picture)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--pictures", type=int, default=20, help="of each kind under each condition"
    )
    parser.add_argument("--output", type=Path, default=REPORT, help="the report")
    return parser.parse_args()


def read_pictures(kind, condition, n_pictures):
    """Read pictures of a kind.

    Returns
    -------
    list of (str, str)
        For each picture one of VERDICTS, and the verdict if all numbers are rejected
        that have a digit less probable than SURE.
    """
    reader = NumberReader()
    verdicts = []
    for picture, text in make_pictures(kind, condition, n_pictures):
        reading = reader.read(picture)
        verdict = judge(reading.text, text, KINDS[kind].form)
        is_sure = all(digit.probability >= SURE for digit in reading.digits)
        verdicts.append((verdict, verdict if is_sure else NOTICED))
    return verdicts


def make_pictures(kind, condition, n_pictures):
    """Yield photographs of a kind and their texts, the same ones in every run."""
    for i in range(n_pictures):
        rng = np.random.default_rng([SEED, [*KINDS].index(kind), i])
        picture, text = KINDS[kind].draw(rng)
        yield photograph(picture, rng, **CONDITIONS[condition]), text


def judge(found, text, form):
    """Return one of VERDICTS: a mistake is noticed if the text has another form."""
    match = re.search(form, "".join(found.split()))
    if match is None:
        return NOTICED
    return RIGHT if match[0] == text else UNNOTICED


def rate(verdicts, verdict=RIGHT, column=0):
    """Return a share as text."""
    return f"{100 * mean(row[column] == verdict for row in verdicts):.0f} %"


def join(verdicts, kinds, conditions):
    """Return all verdicts of some kinds under some conditions."""
    pairs = [(kind, condition) for kind in kinds for condition in conditions]
    return [row for pair in pairs for row in verdicts[pair]]


def summarize(verdicts):
    """Return the paragraph that begins the report."""
    shares = {kind: rate(join(verdicts, [kind], GOOD)) for kind in KINDS}
    listed = ", ".join(f"{share} of the {kind}s" for kind, share in shares.items())
    listed = listed.replace("plate with letterss", "plates with letters")
    return (
        f"**{rate(join(verdicts, KINDS, GOOD))} of printed numbers are read without a "
        "mistake** if the digits are at least 16 pixels high, the picture is sharp, "
        f"the camera is at most 45° to the side, and it is not night: {listed}. "
        f"With a blur of a tenth of a digit's height, "
        f"{rate(join(verdicts, KINDS, ['blur of 10 %']))} are."
    )


def tabulate(verdicts, kinds):
    """Return the lines of a table: the share of right numbers in each condition."""
    rows = [
        (condition, *(rate(verdicts[kind, condition]) for kind in kinds))
        for condition in CONDITIONS
    ]
    return format_table(("pictures", *kinds), rows)


def tabulate_mistakes(verdicts):
    """Return the lines of a table: what happens to all pictures of a kind."""
    rows = []
    for kind in KINDS:
        every = join(verdicts, [kind], CONDITIONS)
        both = [(RIGHT, 0), (UNNOTICED, 0), (RIGHT, 1), (UNNOTICED, 1)]
        rows.append((kind, *(rate(every, *column) for column in both)))
    names = "right", "wrong, unnoticed"
    sure = [f"{name} (at least {SURE})" for name in names]
    return format_table(("", *names, *sure), rows)


def format_table(columns, rows):
    """Return the lines of a Markdown table, shares aligned to the right."""
    rule = ("---", *["---:"] * (len(columns) - 1))
    return [f"| {' | '.join(row)} |" for row in (columns, rule, *rows)]


def describe(n_pictures):
    """Return how it was measured, as a list."""
    n_every = n_pictures * len(CONDITIONS)
    lines = [
        f"`NumberReader()` read {n_pictures} drawn pictures of each kind under each "
        f"condition, {n_every} of a kind (seed {SEED}). The pictures of a kind show "
        "the same numbers under all conditions.",
        "Usual: digits 32 pixels high, sharp, from the front, by day, tilted by at "
        "most 2°, as a JPEG file. Each condition differs from that in one thing.",
        "Blur: standard deviation of a Gaussian, in heights of a digit. Dusk and "
        "night: white is at 90 and 40 of 255, with noise of 4 and 6.",
        f"Print: {FONT}, which the networks were not trained on. The displays have "
        "seven segments, whose unlit ones can be seen faintly.",
        "Right: all digits of the number, and the point of a price. On a plate with "
        "letters the last four digits count, because letters may be read as digits.",
        f"Last table: all {n_every} pictures of a kind, hard ones included. A wrong "
        'number is noticed if it has a "?" or another form than its kind: six digits '
        "for a meter, two digits behind the point for a price, a speed limit that "
        f"exists. At least {SURE}: numbers with a less probable digit are rejected.",
        *describe_machine(PACKAGES),
        f"skmnist {__version__}",
    ]
    return [f"- {line}" for line in lines]


def draw_examples(path):
    """Draw one usual picture of each kind."""
    figure = Figure(figsize=(8, 3.2), dpi=160, layout="constrained")
    for ax, kind in zip(figure.subplots(2, 3).flat, KINDS, strict=True):
        ((picture, _),) = make_pictures(kind, "usual", 1)
        ax.imshow(picture)
        ax.set_title(kind, fontsize=10)
        ax.axis("off")
    figure.savefig(path)


if __name__ == "__main__":
    main()
