"""skmnist train: the progress bar, Ctrl-C and the result."""

import time
import warnings
from contextlib import contextmanager, nullcontext

import typer

from skmnist._cli.inputs import fail
from skmnist._cli.networks import save_network
from skmnist._cli.progress_bar import StepTask, make_bar
from skmnist._data.printable import printable
from skmnist._estimator.engine_choice import TrainingInterrupted
from skmnist._report.report import TrainingRun

# What the bar says until there are metrics.
_FIRST_EPOCH = ("the first epoch may compile for some seconds", "may compile")


def fit(console, classifier, X, y, held_out, out):
    """Fit a classifier and save it; show the progress and report the result.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    classifier : MNISTClassifier
        The classifier.
    X : ndarray of shape (n_samples, n_features)
        Raw pixels.
    y : ndarray of shape (n_samples,)
        Labels.
    held_out : dict
        `X_val` and `y_val`, or nothing.
    out : Path or None
        The file to save to.

    Returns
    -------
    TrainingRun
        The accuracy, the times and whether Ctrl-C ended the training. The classifier is
        fitted even then.
    """
    with (
        _progress(console, classifier),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.filterwarnings("always", category=TrainingInterrupted)
        started = time.perf_counter()
        try:
            classifier.fit(X, y, **held_out)
        except ValueError as error:
            fail(error)
        seconds = time.perf_counter() - started
    # Before anything is printed: Ctrl-C also ends the program at the other end of a
    # pipe, and then printing fails.
    if out is not None:
        save_network(classifier, out)
    extent = _describe_extent(classifier)
    interrupted = False
    for warning in caught:
        text = str(warning.message)
        if issubclass(warning.category, TrainingInterrupted):
            interrupted = True
            text = f"interrupted after {extent}; what was learned is kept."
        typer.echo(f"Warning: {text}", err=True)
    best = getattr(classifier, "best_epoch_", None)
    kept = "" if best is None else f"; the weights are those of epoch {best}"
    console.out(f"Trained {extent} in {seconds:.1f} s{kept}")
    if out is not None:
        console.out(f"Saved {printable(out)}")
    accuracy = classifier.score(X, y)
    console.out(f"Training accuracy: {accuracy:.4f}")
    n_held_out = len(held_out.get("y_val", ()))
    return TrainingRun(len(X), n_held_out, accuracy, seconds, interrupted)


def _describe_extent(classifier):
    """Return how many epochs were trained, and of an ensemble how many networks."""
    text = f"{classifier.n_iter_} epoch{'s' * (classifier.n_iter_ != 1)}"
    n_networks, wanted = classifier.n_estimators_, classifier.n_estimators
    if wanted == 1:
        return text
    most = "up to " if classifier.early_stopping else ""
    count = wanted if n_networks == wanted else f"{n_networks} of {wanted}"
    return f"{count} networks ({most}{text} each)"


@contextmanager
def _progress(console, classifier):
    """Show a bar on a terminal, and print a line for each epoch elsewhere."""
    if console.is_interactive:
        bar = make_bar(console, "Epoch")
        # Without a total the bar pulses: imports and compilation take seconds.
        task = StepTask(bar, None, description="Preparing ...")
        classifier.set_callbacks(_BarUpdater(task))
    else:
        bar = nullcontext()
        classifier.set_params(verbose=1)
    try:
        with bar:
            yield
    finally:
        # A saved network should not remember how its training was shown.
        classifier.set_callbacks().set_params(verbose=0)


class _BarUpdater:
    """Moves a bar on by an epoch at a time, as a callback of scikit-learn's."""

    def __init__(self, task):
        self._task = task

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        if context.task_name == "epoch":
            n_epochs = estimator.epochs * estimator.n_estimators
            self._task.begin(n_epochs, _FIRST_EPOCH)

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        # Ctrl-C ends an epoch without a result.
        if context.task_name == "epoch" and fitted_estimator is not None:
            history = fitted_estimator.history_
            logs = {name: values[-1] for name, values in history.items()}
            self._task.step(_list_figures(logs))


def _list_figures(logs):
    """Return the metrics of an epoch, in several texts: the shorter, the fewer."""
    loss, accuracy = (f"{name} {logs[name]:.4f}" for name in ("loss", "accuracy"))
    if "val_loss" not in logs:
        return [f"{loss}  {accuracy}", accuracy]
    # Of the metrics, the accuracy on images that were held out says most.
    held_out = f"val {logs['val_accuracy']:.4f}"
    return [
        f"{loss} (val {logs['val_loss']:.4f})  {accuracy} ({held_out})",
        f"{loss}  {accuracy} ({held_out})",
        f"{accuracy} ({held_out})",
        held_out,
    ]
