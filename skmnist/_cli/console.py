"""What the command line prints."""

import csv
import io
import json
import sys
import textwrap
from contextlib import nullcontext

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from skmnist._data.printable import printable

# Columns: do not wrap tables that are written to a pipe.
_PIPE_WIDTH = 500

# One line of CSV for each number; a box is in pixels of the picture.
_BOX = ("left", "top", "right", "bottom")
_COLUMNS = ("file", "page", "row", "column", "text", "probability", *_BOX)

# Rows of the table of a search: what fits on a screen; the CSV file has all.
_MOST_ROWS = 20


def make_console():
    """Return a console that writes control characters to a terminal only.

    Returns
    -------
    rich.console.Console
        For standard output, without markup in strings.
    """
    # Rich also looks at environment variables (FORCE_COLOR and those of some CI
    # services), and would write control characters to a log file.
    on_terminal = sys.stdout.isatty()
    return Console(
        force_terminal=on_terminal,
        width=None if on_terminal else _PIPE_WIDTH,
        markup=False,
        emoji=False,
        highlight=False,
    )


def busy(console, message):
    """Return a context that shows a spinner on a terminal.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    message : str
        What is going on.

    Returns
    -------
    context manager
        It does nothing if the output is not a terminal.
    """
    if not console.is_interactive:
        return nullcontext()
    spinner = "dots" if console.encoding.startswith("utf") else "line"
    return console.status(message, spinner=spinner)


def print_model(console, classifier):
    """Print the layers, classes, last scores and parameters of a classifier.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    classifier : MNISTClassifier
        Fitted.
    """
    facts = {
        "classes": " ".join(map(printable, classifier.classes_)),
        "epochs trained": classifier.n_iter_,
    }
    if hasattr(classifier, "best_epoch_"):
        facts["best epoch"] = classifier.best_epoch_
    for name, values in classifier.history_.items():
        facts[f"last {printable(name)}"] = f"{values[-1]:.4f}"
    console.out(classifier.summary())
    _print_pairs(console, facts)
    _print_pairs(console, classifier.get_params())


def _print_pairs(console, pairs):
    width = max(map(len, pairs))
    console.print()
    for name, value in pairs.items():
        console.out(f"{name:<{width}}  {printable(value)}")


def print_predictions(console, classifier, rows, as_json):
    """Print the label of each picture and its probability.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    classifier : MNISTClassifier
        Fitted.
    rows : list of (Path, ndarray of shape (n_features,))
        The pictures and their pixels.
    as_json : bool
        Print JSON, with the probability of every class.
    """
    X = np.reshape([row for _, row in rows], (-1, classifier.n_features_in_))
    probabilities = classifier.predict_proba(X) if rows else []
    labels = classifier.classes_.tolist()
    entries = [
        {
            "file": str(path),
            "label": labels[p.argmax()],
            "probability": p.max().item(),
            "probabilities": dict(zip(map(str, labels), p.tolist(), strict=True)),
        }
        for (path, _), p in zip(rows, probabilities, strict=True)
    ]
    if as_json:
        console.out(json.dumps(entries, indent=2))
        return
    width = max(len(_as_text(path)) for path, _ in rows)
    for entry in entries:
        file, label, probability, _ = entry.values()
        label = printable(label)
        console.out(f"{_as_text(file):<{width}}  {label}  {probability:.4f}")


def _as_text(path):
    """Return a path as standard output can print it: names may hold any bytes."""
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
            console.out(f"{_as_text(path)}{which}:")
        if reading.text:
            console.out(_as_lines(reading.text, reading.digits))


def _print_json(console, readings, _):
    opening = "["
    for path, page, reading in readings:
        numbers = [number._asdict() for number in reading.numbers]
        for number in numbers:
            del number["digits"]
        entry = {
            "file": str(path),
            "page": page,
            "text": reading.text,
            "numbers": numbers,
            "digits": [digit._asdict() for digit in reading.digits],
        }
        # The comma is printed with what follows it, so that the list stays valid.
        console.out(f"{opening}\n{textwrap.indent(json.dumps(entry, indent=2), '  ')}")
        opening = ","
    console.out("[]" if opening == "[" else "]")


def _print_csv(console, readings, _):
    console.out(_as_csv_line(_COLUMNS))
    for path, page, reading in readings:
        for i, row in enumerate(reading.rows):
            for j, number in enumerate(row):
                where = (_as_text(path), page, i, j)
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


def print_scores(console, y_true, y_pred):
    """Print the accuracy, the scores of each class, and the confusion matrix.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    y_true : ndarray of shape (n_samples,)
        True labels.
    y_pred : ndarray of shape (n_samples,)
        Predicted labels.
    """
    from sklearn.metrics import accuracy_score, classification_report, confusion_matrix
    from sklearn.utils.multiclass import unique_labels

    labels = unique_labels(y_true, y_pred)
    report = classification_report(
        y_true, y_pred, labels=labels, output_dict=True, zero_division=0
    )
    table = _make_table(console, ["Class", "Precision", "Recall", "F1", "Support"])
    for label in map(str, labels):
        scores = report[label]
        cells = [f"{scores[k]:.4f}" for k in ("precision", "recall", "f1-score")]
        table.add_row(label, *cells, f"{scores['support']:.0f}")
    console.out(f"Test accuracy: {accuracy_score(y_true, y_pred):.4f}")
    console.print()
    console.print(table)
    console.print()
    console.out("Confusion matrix (rows: true label, columns: predicted label)")
    console.print(_confusion_table(console, labels, confusion_matrix(y_true, y_pred)))


def _make_table(console, header):
    style = box.SIMPLE if console.is_interactive else None
    table = Table(box=style, pad_edge=False, show_edge=False)
    for name in header:
        table.add_column(str(name), justify="right")
    return table


def _confusion_table(console, labels, counts):
    table = _make_table(console, ["", *labels])
    table.columns[0].style = "bold"
    for i, label in enumerate(labels):
        cells = [
            # Mistakes should stand out: the diagonal is bold, zeros are dim.
            Text(str(n), style="bold" if i == j else "" if n else "dim")
            for j, n in enumerate(counts[i])
        ]
        table.add_row(str(label), *cells)
    return table


def print_search(console, results, scoring, format_value):
    """Print the best combinations of parameters and their scores.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    results : dict
        As `ParameterSearch.results` returns them.
    scoring : str
        Name of the score.
    format_value : callable
        Turns the value of a parameter into a str.
    """
    order = results["rank_test_score"].argsort(kind="stable")
    names = list(results["params"][0])
    header = ["Rank", *names, scoring, "Std", "Fit (s)"]
    table = _make_table(console, header)
    for i in order[:_MOST_ROWS]:
        values = map(format_value, results["params"][i].values())
        table.add_row(
            str(results["rank_test_score"][i]),
            *values,
            f"{results['mean_test_score'][i]:.4f}",
            f"{results['std_test_score'][i]:.4f}",
            f"{results['mean_fit_time'][i]:.2f}",
        )
    console.print()
    if len(order) > _MOST_ROWS:
        console.out(f"The best {_MOST_ROWS} of {len(order)} combinations")
    console.print(table)
    console.print()
