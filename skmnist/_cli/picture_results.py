"""What predict and read print: a result for each picture, as soon as it is known."""

import csv
import io
import json
import sys
import textwrap

from skmnist._data.printable import printable

# One line of CSV for each number; a box is in pixels of the picture.
_BOX = ("left", "top", "right", "bottom")
_COLUMNS = ("file", "page", "row", "column", "text", "probability", *_BOX)


def print_predictions(console, predictions, labels, width, as_json):
    """Print the label of each picture and its probability.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    predictions : iterable of (Path, ndarray of shape (n_classes,))
        The pictures, and the probabilities of their labels.
    labels : list
        The labels.
    width : int
        Columns for the names of the pictures.
    as_json : bool
        Print JSON, a single list, with the probability of every class.
    """
    if as_json:
        _print_list(console, (_as_entry(*pair, labels) for pair in predictions))
        return
    for path, probabilities in predictions:
        label = printable(labels[probabilities.argmax()])
        name = as_text(path)
        console.out(f"{name:<{width}}  {label}  {probabilities.max():.4f}")


def _as_entry(path, probabilities, labels):
    shares = probabilities.tolist()
    return {
        "file": str(path),
        "label": labels[probabilities.argmax()],
        "probability": max(shares),
        "probabilities": dict(zip(map(str, labels), shares, strict=True)),
    }


def _print_list(console, entries):
    """Print a list in JSON, entry by entry."""
    opening = "["
    for entry in entries:
        # The comma is printed with what follows it, so that the list stays valid.
        console.out(f"{opening}\n{textwrap.indent(json.dumps(entry, indent=2), '  ')}")
        opening = ","
    console.out("[]" if opening == "[" else "]")


def as_text(path):
    """Return a path as standard output can print it: names may hold any bytes.

    Parameters
    ----------
    path : Path
        The path.

    Returns
    -------
    str
        One line.
    """
    encoding = sys.stdout.encoding or "utf-8"
    return printable(path).encode(encoding, "backslashreplace").decode(encoding)


def print_readings(console, readings, form, name_all):
    """Print what was read in each page as soon as it is known.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    readings : iterable of (Path, int, Reading)
        The path of each page, its number in the file, from 1, and what it says.
    form : {"text", "json", "csv"}
        JSON is a single list, whatever the number of pages.
    name_all : bool
        Whether the name of its file precedes each text; otherwise only that of a
        further page of the file does.
    """
    {"text": _print_texts, "json": _print_json, "csv": _print_csv}[form](
        console, readings, name_all
    )


def _print_texts(console, readings, name_all):
    for path, page, reading in readings:
        if name_all or page > 1:
            which = f", page {page}" if page > 1 else ""
            console.out(f"{as_text(path)}{which}:")
        if reading.text:
            console.out(_as_lines(reading.text, reading.digits))


def _print_json(console, readings, _):
    _print_list(console, (_as_page(*reading) for reading in readings))


def _as_page(path, page, reading):
    numbers = [number._asdict() for number in reading.numbers]
    for number in numbers:
        del number["digits"]
    return {
        "file": str(path),
        "page": page,
        "text": reading.text,
        "numbers": numbers,
        "digits": [digit._asdict() for digit in reading.digits],
    }


def _print_csv(console, readings, _):
    console.out(_as_csv_line(_COLUMNS))
    for path, page, reading in readings:
        for i, row in enumerate(reading.rows):
            for j, number in enumerate(row):
                where = (as_text(path), page, i, j)
                text = _as_lines(number.text, number.digits)
                values = (*where, text, number.probability, *number.box)
                console.out(_as_csv_line(values))


def _as_csv_line(values):
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()


def _as_lines(text, digits):
    """Return the text of a reading, whose labels may hold line breaks of their own."""
    for label in {str(digit.label) for digit in digits}:
        if not label.isprintable():
            text = text.replace(label, printable(label))
    return "\n".join(map(printable, text.split("\n")))
