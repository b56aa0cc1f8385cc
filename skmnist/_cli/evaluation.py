"""The test of a classifier: the tables on the screen, and `--report`."""

from skmnist._cli.console import busy, print_scores
from skmnist._cli.inputs import fail, predict_digits
from skmnist._report.report import write_report


def show_test(console, classifier, X, y, title, folder=None, training=None):
    """Print how well a classifier does on test images, and write the report.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    classifier : MNISTClassifier
        Fitted.
    X : ndarray of shape (n_samples, n_features)
        Raw pixels.
    y : ndarray of shape (n_samples,), int
        Labels.
    title : str
        Title of the report.
    folder : Path, default=None
        Where to write the report. None for no report.
    training : TrainingRun, default=None
        How the classifier was trained. None if that is not known.
    """
    print_scores(console, y, predict_digits(classifier, X))
    if folder is None:
        return
    classes = classifier.classes_.astype(int)  # as `predict_digits` returns them
    try:
        with busy(console, "Writing the report ..."):
            write_report(
                folder, classifier, X, y, title, training=training, classes=classes
            )
    except OSError as error:
        fail(error)
