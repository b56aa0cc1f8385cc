"""How well pages of numbers are read, how fast, and with how much memory.

Run `python benchmarks/pages.py` on an idle Linux machine: it prints tables and writes
docs/benchmarks/pages.md. The environment variable SKMNIST_HANDWRITING names the folders
of real pictures, separated as in PATH: single/ and multi/, each with a manifest.csv,
and perhaps printed/ and datasets/ with .npz files. MNIST is found as
`skmnist.fetch_mnist` finds it. Pages of print need the fonts that
`python -m detector.fonts`, run in the folder `pretraining`, lists under "HELD_OUT".
"""

import argparse
import os
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from _fits import in_new_process, memory_megabytes
from _handwriting import SOURCES, find_folders
from _harness import describe_machine, timed
from _page_pictures import draw_full_page, draw_specks, make_cases
from _page_scores import (
    count_mistakes,
    percent,
    read_print,
    read_strings,
    read_styles,
    recognize_styles,
)
from _report import draw_bars, to_number, write_report
from PIL import Image

from skmnist import NumberReader, fetch_mnist

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "pages.md"
PACKAGES = ("numpy", "scipy", "scikit-learn", "pillow", "onnxruntime")
FALSE = "false digits", "of these, probability at least 0.5"
PARTS = ("accuracy", "time")
PRINT = "Print in fonts that are not in the training data"
ROUNDS = 3
MEGAPIXELS = 0.5, 1, 2, 4, 8, 16, 32
SPECKS = 0, 100, 1000, 10_000, 100_000


def main():
    args = parse_arguments()
    test = fetch_mnist(subset="test")
    tables = {}
    if "accuracy" in args.parts:
        tables |= measure_accuracy(args.folders, test, args.rows)
    if "time" in args.parts:
        tables |= measure_times(test)
    write(args.output, tables, describe_machine(PACKAGES))


def write(path, tables, machine):
    """Write the page."""
    measured = [
        SOURCES,
        "Pictures are read by `NumberReader()`, single digits by `DigitNormalizer` and "
        "`load_pretrained()`. Neither was trained on these pictures or fonts, nor on "
        "MNIST's test images.",
        "The two collections have no owner in common.",
        "Characters right: one minus the edit distance over the length of the label, "
        "at least 0 for each picture. Line breaks count; spaces count if the label "
        "has spaces. `min_probability=0`, so that no digit is left doubtful.",
        "Mean over owners: the mean of each owner's share of characters right. "
        "Pictures of one owner have the same pen, paper and light.",
        f"Times are medians of {ROUNDS} readings of a PNG file in a process of their "
        "own that has read another picture before; memory is the peak during the "
        "first of them minus the memory in use before.",
        *machine,
    ]
    answer, bars = summarize(tables)
    chart = None
    if bars:
        figure = draw_bars(bars, "characters right, in %", ours=bars)
        chart = figure, "The share of the characters that are read correctly."
    title = "Reading whole pages"
    write_report(path, title, answer, tables, measured, chart)


def summarize(tables):
    """Return what was found, as a sentence, and the bars of the chart."""
    parts, bars = [], {}
    for heading, (columns, *rows) in tables.items():
        if heading.startswith("Numbers"):
            for row in rows:
                found = dict(zip(columns[1:], row[1:], strict=True))
                where = heading.partition("(")[2].rstrip(")")
                bars[f"{row[0]}, {where}"] = to_number(found["characters right"])
            parts.append(
                f"{found['characters right']} of {found['characters']:,} characters on "
                f"{found['pictures']:,} real pages ({where})"
            )
        if heading == PRINT:
            bars["print, without its spaces"] = to_number(rows[-1][3])
            parts.append(
                f"{rows[-1][3]} of print, not counting spaces, in fonts that it was "
                "not trained on"
            )
    if not parts:
        return "How long pages take to read, and how much memory.", bars
    listed = ", ".join(parts[:-1]) + f", and {parts[-1]}" if parts[1:] else parts[0]
    return f"`NumberReader` correctly reads {listed}.", bars


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000, help="images of each set")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--output", help="the report (default: docs/ if it is whole)")
    args = parser.parse_args()
    is_whole = {*args.parts} == {*PARTS} and args.rows >= 10_000
    args.output = args.output or (REPORT if is_whole else os.devnull)
    args.folders = find_folders()
    if "accuracy" in args.parts and not args.folders:
        parser.error("SKMNIST_HANDWRITING must name the folders of the pictures")
    return args


def measure_accuracy(folders, test, n_rows):
    """Return the tables of what is read correctly."""
    tables = {}
    for number, folder in enumerate(folders, 1):
        title = f"Numbers, by style (collection {number})"
        tables[title] = read_styles(folder / "multi")
    for number, folder in enumerate(folders, 1):
        title = f"Single digits, by style (collection {number})"
        tables[title] = recognize_styles(folder, n_rows)
    tables["Strings of MNIST test digits"] = read_strings(test, n_rows)
    table = read_print()
    if table:
        tables[PRINT] = table
    return tables


def measure_times(test):
    """Return the tables of seconds and megabytes."""
    columns = "megapixels", "seconds", "MB", "characters", "characters right"
    by_picture = [("", *columns, *FALSE)]
    for name, draw in make_cases(test).items():
        page, label = draw()
        seconds, megabytes, text, digits = read_in_new_process(page)
        wrong, n_characters = count_mistakes(text, label)
        right = percent(1 - wrong / n_characters) if label else ""
        false = ("", "") if label else digits
        size = f"{page.size / 1e6:.3g}"
        cells = f"{seconds:.3g}", f"{megabytes:.0f}", n_characters or "", right, *false
        by_picture.append((name, size, *cells))
    by_size = [("megapixels", "digits", "seconds", "seconds per megapixel", "MB")]
    for megapixels in MEGAPIXELS:
        page, label = draw_full_page(test, megapixels)
        seconds, megabytes, *_ = read_in_new_process(page)
        n_digits = sum(map(str.isdigit, label))
        each = f"{seconds / megapixels:.3g}"
        row = megapixels, n_digits, f"{seconds:.3g}", each, f"{megabytes:.0f}"
        by_size.append(row)
    by_specks = [("specks", "seconds", "MB", *FALSE)]
    for n_specks in SPECKS:
        seconds, megabytes, _, digits = read_in_new_process(draw_specks(n_specks))
        by_specks.append((n_specks, f"{seconds:.3g}", f"{megabytes:.0f}", *digits))
    return {
        "Time and memory": by_picture,
        "Time by size, on pages full of numbers": by_size,
        "Time by number of pieces of ink, on 1,600 x 1,600 pixels": by_specks,
    }


def read_in_new_process(page):
    """Return seconds, megabytes, the text, and how many digits and probable ones."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.png"
        Image.fromarray(page).save(path)
        return in_new_process(time_and_weigh, path)


def time_and_weigh(path):
    """Read a file; the same as `read_in_new_process`, in this process."""
    reader = NumberReader(min_probability=0)
    reader.read(np.random.default_rng(0).integers(0, 255, (60, 60), np.uint8))
    # Reset the peak, which loading the networks has raised.
    Path("/proc/self/clear_refs").write_text("5")
    before = memory_megabytes("VmRSS")
    readings = []
    read = timed(lambda: readings.append(reader.read(path)))
    seconds = [read()]
    peak = memory_megabytes("VmHWM")
    seconds += [read() for _ in range(ROUNDS - 1)]
    probable = [digit.probability >= 0.5 for digit in readings[0].digits]
    counts = len(probable), sum(probable)
    return median(seconds), peak - before, readings[0].text, counts


if __name__ == "__main__":
    main()
