"""skmnist search: the progress bar, the scores and the files."""

import csv
import io
import os
import sys
from contextlib import contextmanager

import numpy as np
import typer

from skmnist._cli.console import busy
from skmnist._cli.inputs import fail
from skmnist._cli.networks import save_network
from skmnist._cli.progress_bar import StepTask, make_bar
from skmnist._cli.search_grid import format_params, format_value
from skmnist._cli.tables import print_accuracy, print_search
from skmnist._data.files import replace_file
from skmnist._data.printable import printable


def run_search(console, search, n_jobs, results, out, data_name, test=None):
    """Search, print the scores, write them, and save the best network.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    search : ParameterSearch
        Fits in its journal are not repeated.
    n_jobs : int
        Number of fits run in parallel.
    results : Path or None
        The CSV file.
    out : Path or None
        The file to save the best network to.
    data_name : str
        The name of the data set.
    test : tuple of (X, y), default=None
        The data to test that network on.
    """
    try:
        _make_fits(console, search, n_jobs)
        table = search.results()
        _tell_failures(search)
        print_search(console, table, search.scoring, format_value)
        if results is not None:
            _write_scores(console, search, results, table)
        if np.isnan(table["mean_test_score"]).all():
            fail("no combination has a score in every fold.")
        if out is not None:
            _save_best(console, search, table, out, data_name, *test)
    except KeyboardInterrupt:
        _leave(search)


def _make_fits(console, search, n_jobs):
    """Run the fits that are not finished, and show the progress."""
    n_left, n_fits = len(search.pending()), search.n_fits
    if n_left < n_fits:
        console.out(f"{n_fits - n_left} of them were finished before")
    if not n_left:
        return
    progress = _show_bar if console.is_interactive else _show_lines
    with progress(console, search, n_fits - n_left) as show:
        try:
            for candidate, fold in search.run(n_jobs):
                show(candidate, fold)
        except OSError as error:
            fail(f"a finished fit cannot be kept: {error}")


@contextmanager
def _show_bar(console, search, n_done):
    """Yield a function that shows a finished fit on a terminal."""
    with make_bar(console, "Fit") as bar:
        task = StepTask(bar, search.n_fits, completed=n_done)

        def show(candidate, fold):
            score = search.outcome(candidate, fold).score
            task.step([f"last {search.scoring} {score:.4f}", f"last {score:.4f}"])

        yield show


@contextmanager
def _show_lines(console, search, n_done):
    """Yield a function that prints a line for a finished fit."""
    width = len(str(search.n_fits))

    def show(candidate, fold):
        nonlocal n_done
        n_done += 1
        outcome = search.outcome(candidate, fold)
        console.out(
            f"Fit {n_done:{width}}/{search.n_fits}  "
            f"{format_params(search.candidates[candidate])}  fold {fold + 1}  "
            f"{search.scoring} {outcome.score:.4f}  {outcome.seconds:.2f} s"
        )

    yield show


def _tell_failures(search):
    """Print a warning for each combination with a fit that failed."""
    table = search.results()
    for params, error in zip(table["params"], table["error"], strict=True):
        if error is not None:
            reason = printable(" ".join(error.split()))
            typer.echo(f"Warning: {format_params(params)} failed: {reason}", err=True)


def _write_scores(console, search, path, table):
    """Write the CSV file; if that fails, say what is kept."""
    try:
        replace_file(path, _format_csv(table).encode())
    except OSError as error:
        fault = error.strerror or error
        fail(f"'{path}' cannot be written: {fault}; {_describe_kept(search)}")
    console.out(f"Saved {printable(path)}")


def _format_csv(table):
    """Return a line for each combination, the best first."""
    params = list(table["params"][0])
    columns = [name for name in table if name not in ("params", "error")]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(f"param_{name}" for name in params), *columns, "error"])
    for i in table["rank_test_score"].argsort(kind="stable"):
        values = [format_value(value) for value in table["params"][i].values()]
        figures = [table[name][i].item() for name in columns]
        writer.writerow([*values, *figures, table["error"][i] or ""])
    return text.getvalue()


def _save_best(console, search, table, out, data_name, X_test, y_test):
    """Train the best combination on all training images, save and test it."""
    best = int(table["rank_test_score"].argmin())
    with busy(console, "Training the best on all images ..."):
        try:
            classifier = search.refit(best)
        except ValueError as error:
            fail(error)
    save_network(classifier, out, otherwise=_describe_kept(search))
    console.out(f"Saved {printable(out)}")
    accuracy = classifier.score(X_test, y_test)
    print_accuracy(console, accuracy, len(y_test), data_name)


def _leave(search):
    """Exit at once, because a running fit cannot be stopped."""
    typer.echo(f"Interrupted; {_describe_kept(search)}", err=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(130)


def _describe_kept(search):
    if search.journal is None:
        return "nothing is kept: there is no --results or --out."
    n_done = search.n_fits - len(search.pending())
    return (
        f"{n_done} of {search.n_fits} fits are kept in '{printable(search.journal)}'; "
        "the same "
        "command continues from there."
    )
