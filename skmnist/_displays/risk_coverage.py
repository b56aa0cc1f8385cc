"""RiskCoverageDisplay: fewer errors by rejecting the least confident predictions."""

from numbers import Real

import numpy as np

from skmnist._displays.predictions import check_predictions, predict_with_confidence
from skmnist._displays.style import merge_style

# Colours of the palette of Okabe and Ito: curves in the same axes are told apart with
# any kind of colour vision, and by the dashes also in grey.
_STYLES = [
    {"color": "#0072B2", "linestyle": "-"},
    {"color": "#D55E00", "linestyle": "--"},
    {"color": "#009E73", "linestyle": "-."},
    {"color": "#CC79A7", "linestyle": ":"},
]

_PERCENT = "\N{NO-BREAK SPACE}%"

# Shares of errors within this are equal: they are quotients of whole numbers.
_ROUNDING = 1e-12


class RiskCoverageDisplay:
    """Risk-coverage curve: the share of errors over the share of samples answered.

    A classifier that may decline to answer keeps the predictions whose confidence
    reaches a threshold. The higher the threshold, the fewer samples are kept (the
    coverage), and the fewer errors are among those kept (the risk).

    Use :meth:`from_estimator` or :meth:`from_predictions` to create one.

    Parameters
    ----------
    coverage : ndarray of shape (n_thresholds,), float64
        Share of samples kept at each threshold, rising, in (0, 1].
    risk : ndarray of shape (n_thresholds,), float64
        Share of wrong predictions among those kept, in [0, 1].
    threshold : ndarray of shape (n_thresholds,), float64
        The thresholds, falling: the confidences that occur. Samples of at least this
        confidence are kept.
    aurc : float, default=None
        Area under the curve: the mean risk over all coverages. None shows none.
    name : str, default=None
        Name of the curve in the legend. None shows none.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where `plot` drew.
    figure_ : matplotlib Figure
        The figure that it is in.
    line_ : matplotlib Line2D
        The curve.

    See Also
    --------
    expected_calibration_error : How far confidences are from the accuracy.
    sklearn.calibration.CalibrationDisplay : Draws confidences against the accuracy.

    References
    ----------
    R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective
    classification", Journal of Machine Learning Research 11, 2010.

    Y. Geifman and R. El-Yaniv, "Selective classification for deep neural networks",
    NeurIPS 2017.

    Examples
    --------
    >>> from sklearn.model_selection import train_test_split
    >>> from skmnist import MNISTClassifier, RiskCoverageDisplay, load_digits28
    >>> X, y = load_digits28(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> classifier = MNISTClassifier(epochs=3, random_state=0).fit(X_train, y_train)
    >>> display = RiskCoverageDisplay.from_estimator(classifier, X_test, y_test)
    >>> coverage, threshold = display.coverage_at(accuracy=0.99)
    >>> 0.5 < coverage < 1
    True
    """

    def __init__(self, coverage, risk, threshold, *, aurc=None, name=None):
        self.coverage = coverage
        self.risk = risk
        self.threshold = threshold
        self.aurc = aurc
        self.name = name

    @classmethod
    def from_estimator(cls, estimator, X, y, *, name=None, ax=None, line_kw=None):
        """Draw the curve of a fitted classifier.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier with `predict_proba`. The probability of the predicted
            label is the confidence.
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Samples that it was not trained on, as its `predict` takes them.
        y : array-like of shape (n_samples,)
            Their labels.
        name : str, default=None
            Name of the curve in the legend. None for the estimator's class.
        ax : matplotlib Axes, default=None
            Where to draw; curves already there stay. None makes a new figure.
        line_kw : dict, default=None
            Passed to matplotlib's `plot`.

        Returns
        -------
        RiskCoverageDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the estimator has no `predict_proba`, or `y` does not fit to `X`.
        """
        if not hasattr(estimator, "predict_proba"):
            raise ValueError(
                f"`estimator` must have `predict_proba`, got {estimator!r}; "
                "`from_predictions` takes any measure of confidence."
            )
        y_pred, confidence = predict_with_confidence(estimator, X)
        return cls.from_predictions(
            y,
            y_pred,
            confidence,
            name=type(estimator).__name__ if name is None else name,
            ax=ax,
            line_kw=line_kw,
        )

    @classmethod
    def from_predictions(
        cls, y_true, y_pred, confidence, *, name=None, ax=None, line_kw=None
    ):
        """Draw the curve of predictions and their confidences.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            True labels.
        y_pred : array-like of shape (n_samples,)
            Predicted labels.
        confidence : array-like of shape (n_samples,) or (n_samples, n_classes)
            How sure each prediction is: any finite numbers, the higher the surer. With
            a number for each class, such as `predict_proba` returns, the largest
            counts.
        name : str, default=None
            Name of the curve in the legend. None shows none.
        ax : matplotlib Axes, default=None
            Where to draw; curves already there stay. None makes a new figure.
        line_kw : dict, default=None
            Passed to matplotlib's `plot`.

        Returns
        -------
        RiskCoverageDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there is no sample, lengths differ, text is mixed with numbers or a
            confidence is not finite.
        """
        y_true, y_pred, confidence = check_predictions(y_true, y_pred, confidence)
        coverage, risk, threshold, aurc = _risk_coverage(y_true != y_pred, confidence)
        return cls(coverage, risk, threshold, aurc=aurc, name=name).plot(
            ax, line_kw=line_kw
        )

    def plot(self, ax=None, *, name=None, line_kw=None):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; curves already there stay. None makes a new figure.
        name : str, default=None
            Name of the curve in the legend. None for that of the display.
        line_kw : dict, default=None
            Passed to matplotlib's `plot`.

        Returns
        -------
        self : RiskCoverageDisplay
            The display.
        """
        from matplotlib.lines import Line2D
        from matplotlib.ticker import PercentFormatter

        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=(5, 3.6), layout="constrained")
        style = dict(_STYLES[len(ax.lines) % len(_STYLES)])
        label = self._legend_label(self.name if name is None else name)
        if label:
            style["label"] = label
        # A single threshold would leave no line to see.
        if len(self.coverage) == 1:
            style["marker"] = "o"
        style = merge_style(Line2D, style, line_kw)
        (self.line_,) = ax.plot(self.coverage, self.risk, **style)
        ax.update_datalim([(0, 0), (1, 0)])
        ax.autoscale_view()
        ax.set(xlabel="Coverage (samples kept)", ylabel="Risk (errors among them)")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(PercentFormatter(1, symbol=_PERCENT))
        if "label" in style:
            ax.legend(loc="upper left")
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def coverage_at(self, accuracy):
        """Return how many samples can be kept for a wanted accuracy, and how.

        The threshold is the best one for the samples of the curve; on new ones the
        accuracy may fall short of what is wanted.

        Parameters
        ----------
        accuracy : float
            The wanted share of right predictions among those kept, in [0, 1].

        Returns
        -------
        coverage : float
            The largest share of samples whose accuracy is at least `accuracy`; 0 where
            no threshold reaches it.
        threshold : float
            Predictions of at least this confidence are to be kept; infinite where no
            threshold reaches `accuracy`.

        Raises
        ------
        TypeError
            If `accuracy` is not a number.
        ValueError
            If it is not in [0, 1].
        """
        if not isinstance(accuracy, Real):
            raise TypeError(f"`accuracy` must be a number, got {accuracy!r}.")
        if not 0 <= accuracy <= 1:
            raise ValueError(f"`accuracy` must be in [0, 1], got {accuracy}.")
        reached = np.flatnonzero(self.risk <= 1 - accuracy + _ROUNDING)
        if len(reached) == 0:
            return 0.0, np.inf
        last = reached[-1]
        return float(self.coverage[last]), float(self.threshold[last])

    def _legend_label(self, name):
        """Return the name and the area, as far as there are any."""
        area = None if self.aurc is None else f"AURC = {self.aurc:.2g}"
        return f"{name} ({area})" if name and area else name or area


def _risk_coverage(wrong, confidence):
    """Return coverage, risk and threshold for each confidence, and the area."""
    n_samples = len(wrong)
    order = np.argsort(-confidence, kind="stable")
    wrong, confidence = wrong[order], confidence[order]
    # A threshold keeps all samples of the same confidence or none.
    last = np.append(np.flatnonzero(np.diff(confidence)), n_samples - 1)
    n_kept = last + 1
    n_wrong = wrong.cumsum()[last]
    # Each sample counts as the mean of all of its confidence, whose order is chance.
    sizes = np.diff(n_kept, prepend=0)
    shares = np.diff(n_wrong, prepend=0) / sizes
    risks = np.repeat(shares, sizes).cumsum() / np.arange(1, n_samples + 1)
    return n_kept / n_samples, n_wrong / n_kept, confidence[last], float(risks.mean())
