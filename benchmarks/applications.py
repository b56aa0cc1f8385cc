"""How well printed numbers are read: meters, displays, price labels, signs, plates.

Run `python benchmarks/applications.py`: it prints tables and writes
docs/benchmarks/applications.md, with a picture of each kind next to it. All pictures
are drawn, so it needs no data. It takes two minutes on one core.
"""

import argparse
import re
from pathlib import Path
from statistics import mean

import numpy as np
from _harness import describe_machine
from _print_pictures import FONT, KINDS, photograph
from _report import draw_bars, write_report
from matplotlib.figure import Figure

from skmnist import NumberReader

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
GOOD = "usual", "16 pixels high", "blur of 5 %", "45° from the side", "dusk", "night"
BLURRED = "blur of 10 %"
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
    draw_examples(picture)
    sections = {"The pictures": f"![A usual picture of each kind]({picture.name})"}
    for heading, kinds in GROUPS.items():
        sections[heading] = tabulate(verdicts, kinds)
    sections["Which mistakes are noticed"] = tabulate_mistakes(verdicts)
    write_report(
        args.output,
        "Printed numbers",
        describe(verdicts),
        sections,
        describe_method(args.pictures),
        draw_chart(verdicts),
    )


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
    reader = NumberReader(orientation="upright")
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


def rate(verdicts, kinds, conditions, verdict=RIGHT, column=0):
    """Return how many percent of some pictures got a verdict."""
    every = [row for kind in kinds for c in conditions for row in verdicts[kind, c]]
    return 100 * mean(row[column] == verdict for row in every)


def describe(verdicts):
    """Return what was found, in sentences."""
    shares = {kind: rate(verdicts, [kind], GOOD) for kind in KINDS}
    worst = min(shares, key=shares.get)
    return (
        f"{rate(verdicts, KINDS, GOOD):.0f} % of printed numbers are read without a "
        "mistake if the digits are at least 16 pixels high, the picture is sharp, "
        "and the camera looks from at most 45° to the side, by day and by night. The "
        f"hardest kind is the {worst}, with {shares[worst]:.0f} %. Blur does most "
        "harm: if it is as wide as a tenth of a digit's height, "
        f"{rate(verdicts, KINDS, [BLURRED]):.0f} % are read without a mistake."
    )


def draw_chart(verdicts):
    """Draw the share of right numbers in each condition."""
    shares = {c: rate(verdicts, KINDS, [c]) for c in CONDITIONS}
    texts = {name: f"{share:.0f}" for name, share in shares.items()}
    label = "% of numbers read without a mistake, all kinds"
    return draw_bars(shares, label, ours=GOOD, texts=texts), (
        "Bars: the share of numbers that are read without a mistake in each condition."
    )


def tabulate(verdicts, kinds):
    """Return a table: the share of right numbers in each condition."""
    rows = [
        (c, *(f"{rate(verdicts, [kind], [c]):.0f} %" for kind in kinds))
        for c in CONDITIONS
    ]
    return [("pictures", *kinds), *rows]


def tabulate_mistakes(verdicts):
    """Return a table: what happens to all pictures of a kind."""
    names = "right", "wrong, unnoticed"
    rows = [("", *names, *(f"{name} (at least {SURE})" for name in names))]
    for kind in KINDS:
        cells = [
            f"{rate(verdicts, [kind], CONDITIONS, verdict, column):.0f} %"
            for column in (0, 1)
            for verdict in (RIGHT, UNNOTICED)
        ]
        rows.append((kind, *cells))
    return rows


def describe_method(n_pictures):
    """Return how it was measured, as lines."""
    n_every = n_pictures * len(CONDITIONS)
    return [
        f"{n_pictures} drawn pictures of each kind under each condition, {n_every} of "
        f"a kind (seed {SEED}), the same numbers under all conditions. They are read "
        'by `NumberReader(orientation="upright")`, as from a camera that stands fast.',
        "Usual: digits 32 pixels high, sharp, from the front, by day, tilted by at "
        "most 2°, as a JPEG file. Each condition differs from that in one thing.",
        "Blur: standard deviation of a Gaussian, in heights of a digit. Dusk and "
        "night: white is at 90 and 40 of 255, with noise of 4 and 6.",
        f"Print: {FONT}. The networks were not trained on it. The displays have seven "
        "segments, whose unlit ones can be seen faintly.",
        "Right: all digits of the number, and the point of a price. On a plate with "
        "letters the last four digits count, because letters may be read as digits.",
        f"Unnoticed: a number that is wrong, has no ?, and has the form of its kind: "
        "six digits for a meter, two digits behind the point for a price, a speed "
        f"limit that exists. At least {SURE}: numbers with a less probable digit are "
        "left to a person. The last table counts all conditions, hard ones included.",
        *describe_machine(PACKAGES),
    ]


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
