"""The tables of info, train, evaluate and search."""

from rich import box
from rich.table import Table
from rich.text import Text

from skmnist._data.printable import printable

# Rows of the table of a search: what fits on a screen; the CSV file has all.
_MOST_ROWS = 20


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


def print_scores(console, y_true, y_pred, data_name):
    """Print the scores of each class, the confusion matrix, and the accuracy.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    y_true : ndarray of shape (n_samples,)
        True labels.
    y_pred : ndarray of shape (n_samples,)
        Predicted labels.
    data_name : str
        The name of the data set, which the accuracy is for.
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
    console.print()
    _print_table(console, table)
    console.print()
    console.out("Confusion matrix (rows: true label, columns: predicted)")
    matrix = confusion_matrix(y_true, y_pred)
    _print_table(console, _confusion_table(console, labels, matrix))
    console.print()
    print_accuracy(console, accuracy_score(y_true, y_pred), len(y_true), data_name)


def print_accuracy(console, accuracy, n_images, data_name):
    """Print the accuracy on test images, with the name of their data set.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    accuracy : float
        Share of correct predictions.
    n_images : int
        Number of test images.
    data_name : str
        The name of the data set.
    """
    where = f"{n_images:,} images of {data_name}"
    console.out(f"Test accuracy: {accuracy:.4f} ({where})")


def _make_table(console, header, n_words=0):
    """Return a table; its columns are numbers, except `n_words` after the first."""
    style = box.SIMPLE if console.is_interactive else None
    table = Table(box=style, pad_edge=False, show_edge=False)
    for i, name in enumerate(header):
        # Numbers are never cut; words are folded on a narrow terminal.
        is_word = 1 <= i <= n_words
        table.add_column(
            str(name), justify="right", no_wrap=not is_word, overflow="fold"
        )
    return table


def _print_table(console, table):
    """Print a table, closer together if it does not fit."""
    if console.measure(table).maximum >= console.width:
        table.padding = 0
    console.print(table)


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
    table = _make_table(console, header, n_words=len(names))
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
    _print_table(console, table)
    console.print()
