"""The test of a classifier: the tables on the screen, and `--report`."""

from skmnist._cli.console import busy
from skmnist._cli.inputs import fail, predict_digits
from skmnist._cli.tables import print_scores
from skmnist._data.printable import printable


def show_test(console, classifier, data_name, test, title, folder=None, training=None):
    """Print how well a classifier does on test images, and write the report.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    classifier : MNISTClassifier
        Fitted.
    data_name : str
        The name of the data set.
    test : tuple of (X, y)
        Raw pixels and labels of its test images.
    title : str
        Title of the report.
    folder : Path, default=None
        Where to write the report. None for no report.
    training : TrainingRun, default=None
        How the classifier was trained. None if that is not known.
    """
    X, y = test
    print_scores(console, y, predict_digits(classifier, X), data_name)
    if folder is None:
        return
    classes = classifier.classes_.astype(int)  # as `predict_digits` returns them
    try:
        with busy(console, "Writing the report ..."):
            from skmnist._report.report import write_report

            write_report(
                folder, classifier, X, y, title, training=training, classes=classes
            )
    except OSError as error:
        fail(error)
    console.out(f"Report: {printable(folder / 'report.html')}")
