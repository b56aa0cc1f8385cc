"""TrainingHistoryDisplay: loss and accuracy by epoch."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmnist._displays.style import BLUE, VERMILION, merge_style

# The line styles differ too, for prints in grey.
_TRAINING_STYLE = {"label": "Training", "color": BLUE, "linestyle": "-"}
_VALIDATION_STYLE = {"label": "Validation", "color": VERMILION, "linestyle": "--"}
_BEST_EPOCH_STYLE = {"color": "0.35", "linestyle": ":", "linewidth": 1.5}

# Epochs: the most that get a dot each. With more, the dots would overlap.
_MOST_DOTS = 25

# Between ticks: round numbers of epochs, such as 1, 2, 5 or 10.
_TICK_STEPS = (1, 2, 5, 10)

_TITLES = {"loss": "Loss", "accuracy": "Accuracy"}


class TrainingHistoryDisplay:
    """Learning curves: loss and accuracy over the epochs of training.

    Use :meth:`from_estimator` to create one from a fitted classifier.

    Parameters
    ----------
    history : dict of str to list of float
        `loss` and `accuracy`, and with validation data `val_loss` and `val_accuracy`,
        each with one number per epoch, as in `MNISTClassifier.history_`.
    best_epoch : int, default=None
        The epoch to mark, counted from 1. None marks no epoch.

    Attributes
    ----------
    axes_ : ndarray of shape (2,) of matplotlib Axes
        The axes of the loss and of the accuracy.
    figure_ : matplotlib Figure
        The figure with the axes.
    lines_ : dict of str to matplotlib Line2D
        The curves, with the keys of `history`.
    best_epoch_lines_ : list of matplotlib Line2D or None
        The line that marks the best epoch in each axes; None without `best_epoch`.

    See Also
    --------
    sklearn.model_selection.LearningCurveDisplay : Score by number of samples.

    Examples
    --------
    >>> from skmnist import MNISTClassifier, TrainingHistoryDisplay, load_digits28
    >>> X, y = load_digits28(return_X_y=True)
    >>> classifier = MNISTClassifier(epochs=3, random_state=0).fit(X, y)
    >>> display = TrainingHistoryDisplay.from_estimator(classifier)
    >>> sorted(display.lines_)
    ['accuracy', 'loss']
    """

    def __init__(self, *, history, best_epoch=None):
        self.history = history
        self.best_epoch = best_epoch

    @classmethod
    def from_estimator(
        cls,
        estimator,
        *,
        axes=None,
        training_kw=None,
        validation_kw=None,
        best_epoch_kw=None,
    ):
        """Draw the learning curves of a fitted classifier.

        Parameters
        ----------
        estimator : MNISTClassifier
            A fitted classifier. Its `history_` is drawn, and its `best_epoch_`, if it
            has one, is marked.
        axes : array-like of two matplotlib Axes, default=None
            Where to draw loss and accuracy. None makes a new figure.
        training_kw, validation_kw, best_epoch_kw : dict, default=None
            Passed to matplotlib's `plot` for the training and validation curves, and
            to `axvline` for the best epoch.

        Returns
        -------
        TrainingHistoryDisplay
            The display, drawn.
        """
        check_is_fitted(estimator)
        display = cls(
            history=estimator.history_,
            best_epoch=getattr(estimator, "best_epoch_", None),
        )
        return display.plot(
            axes,
            training_kw=training_kw,
            validation_kw=validation_kw,
            best_epoch_kw=best_epoch_kw,
        )

    def plot(
        self, axes=None, *, training_kw=None, validation_kw=None, best_epoch_kw=None
    ):
        """Draw the learning curves.

        Parameters
        ----------
        axes : array-like of two matplotlib Axes, default=None
            Where to draw loss and accuracy. None makes a new figure.
        training_kw, validation_kw, best_epoch_kw : dict, default=None
            Passed to matplotlib's `plot` for the training and validation curves, and
            to `axvline` for the best epoch.

        Returns
        -------
        self : TrainingHistoryDisplay
            The display.

        Raises
        ------
        ValueError
            If `history` holds no epoch, or `axes` are not exactly two.
        """
        from matplotlib.lines import Line2D
        from matplotlib.ticker import MaxNLocator

        self._check_history()
        styles = {
            "": merge_style(Line2D, _TRAINING_STYLE, training_kw),
            "val_": merge_style(Line2D, _VALIDATION_STYLE, validation_kw),
        }
        self.axes_ = _check_axes(axes)
        self.figure_ = self.axes_[0].figure
        self.lines_ = {}
        for ax, (name, title) in zip(self.axes_, _TITLES.items(), strict=True):
            for prefix, style in styles.items():
                if prefix + name in self.history:
                    self._plot_curve(ax, prefix + name, style)
            ax.set(xlabel="Epoch", ylabel=title)
            ax.xaxis.set_major_locator(
                MaxNLocator(steps=_TICK_STEPS, integer=True, min_n_ticks=1)
            )
        self._mark_best_epoch(best_epoch_kw)
        for ax in self.axes_:
            # A single curve is named by the axes.
            if len(ax.get_legend_handles_labels()[0]) > 1:
                ax.legend()
        return self

    def _check_history(self):
        missing = [name for name in _TITLES if not len(self.history.get(name, ()))]
        if missing:
            raise ValueError(
                "`history` must hold 'loss' and 'accuracy' of at least one epoch, got "
                f"none for {' and '.join(map(repr, missing))}."
            )

    def _plot_curve(self, ax, name, style):
        values = self.history[name]
        dots = {"marker": "o", "markersize": 4} if len(values) <= _MOST_DOTS else {}
        epochs = range(1, len(values) + 1)
        (self.lines_[name],) = ax.plot(epochs, values, **(dots | style))

    def _mark_best_epoch(self, best_epoch_kw):
        from matplotlib.lines import Line2D

        self.best_epoch_lines_ = None
        if self.best_epoch is None:
            return
        style = {"label": f"Best epoch: {self.best_epoch}"} | _BEST_EPOCH_STYLE
        style = merge_style(Line2D, style, best_epoch_kw)
        self.best_epoch_lines_ = [
            ax.axvline(self.best_epoch, **style) for ax in self.axes_
        ]


def _check_axes(axes):
    """Return the user's two axes, or new ones."""
    if axes is None:
        import matplotlib.pyplot as plt

        # A small figure has relatively large text.
        _, axes = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
    axes = np.ravel(axes)
    if len(axes) != 2:
        raise ValueError(f"`axes` must be two matplotlib Axes, got {len(axes)}.")
    return axes
