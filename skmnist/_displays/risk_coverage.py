"""RiskCoverageDisplay: fewer errors by rejecting the least confident predictions."""

from numbers import Real

import numpy as np

from skmnist._displays.predictions import check_predictions, predict_with_confidence
from skmnist._displays.style import (
    BLUE,
    GREEN,
    PERCENT,
    PURPLE,
    VERMILION,
    merge_style,
)

# Curves in the same axes differ in colour and, for prints in grey, in line style.
_STYLES = [
    {"color": BLUE, "linestyle": "-"},
    {"color": VERMILION, "linestyle": "--"},
    {"color": GREEN, "linestyle": "-."},
    {"color": PURPLE, "linestyle": ":"},
]

# Share of errors: the rounding error that comparisons allow. Different shares of fewer
# than a million samples differ by more.
_ROUNDING = 1e-12


class RiskCoverageDisplay:
    """Risk-coverage curve: the share of errors over the share of samples kept.

    A classifier with a reject option keeps only predictions whose confidence reaches a
    threshold. A higher threshold keeps a smaller share of the samples (the coverage),
    and usually a smaller share of those is wrong (the risk).

    Use :meth:`from_estimator` or :meth:`from_predictions` to create one.

    Parameters
    ----------
    coverage : ndarray of shape (n_thresholds,), float64
        Share of samples kept at each threshold, increasing, in (0, 1].
    risk : ndarray of shape (n_thresholds,), float64
        Share of wrong predictions among those kept, in [0, 1].
    threshold : ndarray of shape (n_thresholds,), float64
        The thresholds, decreasing: all confidences that occur. Samples with at least
        this confidence are kept.
    aurc : float, default=None
        Area under the curve: the mean risk over all coverages. None shows no area.
    name : str, default=None
        Name of the curve in the legend. None shows no name.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes with the curve.
    figure_ : matplotlib Figure
        The figure with the axes.
    line_ : matplotlib Line2D
        The curve.

    See Also
    --------
    expected_calibration_error : How far confidences differ from the accuracy.
    sklearn.calibration.CalibrationDisplay : Draws the accuracy over the confidence.

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
            Samples that it was not trained on, as its `predict` accepts them.
        y : array-like of shape (n_samples,)
            Their true labels.
        name : str, default=None
            Name of the curve in the legend. None uses the estimator's class.
        ax : matplotlib Axes, default=None
            Where to draw, beside any curves already there. None makes a new figure.
        line_kw : dict, default=None
            Passed to matplotlib's `plot`.

        Returns
        -------
        RiskCoverageDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the estimator has no `predict_proba`, or `y` and `X` do not match.
        """
        if not hasattr(estimator, "predict_proba"):
            raise ValueError(
                f"`estimator` must have `predict_proba`, got {estimator!r}; "
                "`from_predictions` accepts any measure of confidence."
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
        """Draw the curve of given predictions and confidences.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            True labels.
        y_pred : array-like of shape (n_samples,)
            Predicted labels.
        confidence : array-like of shape (n_samples,) or (n_samples, n_classes)
            The confidence of each prediction, as any finite number that is higher for
            more certain ones. With a number for each class, as from `predict_proba`,
            the largest is used.
        name : str, default=None
            Name of the curve in the legend. None shows no name.
        ax : matplotlib Axes, default=None
            Where to draw, beside any curves already there. None makes a new figure.
        line_kw : dict, default=None
            Passed to matplotlib's `plot`.

        Returns
        -------
        RiskCoverageDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there is no sample, lengths differ, text is mixed with numbers, or a
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
            Where to draw, beside any curves already there. None makes a new figure.
        name : str, default=None
            Name of the curve in the legend. None uses the name of the display.
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
        # A line of a single point would be invisible.
        if len(self.coverage) == 1:
            style["marker"] = "o"
        style = merge_style(Line2D, style, line_kw)
        (self.line_,) = ax.plot(self.coverage, self.risk, **style)
        ax.update_datalim([(0, 0), (1, 0)])
        ax.autoscale_view()
        ax.set(xlabel="Coverage (samples kept)", ylabel="Risk (share of errors)")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(PercentFormatter(1, symbol=PERCENT))
        if "label" in style:
            ax.legend(loc="upper left")
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def coverage_at(self, accuracy):
        """Return the largest coverage that reaches an accuracy, and its threshold.

        The threshold is the lowest that reaches the accuracy on the samples of the
        curve. On new samples the accuracy may be lower.

        Parameters
        ----------
        accuracy : float
            The required share of correct predictions among those kept, in [0, 1].

        Returns
        -------
        coverage : float
            The largest share of samples that can be kept; 0 if no threshold reaches
            `accuracy`.
        threshold : float
            Predictions with at least this confidence must be kept; infinite if no
            threshold reaches `accuracy`.

        Raises
        ------
        TypeError
            If `accuracy` is not a number.
        ValueError
            If `accuracy` is not in [0, 1].
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
        """Return the name, the area, or both, whichever are given."""
        area = None if self.aurc is None else f"AURC = {self.aurc:.2g}"
        return f"{name} ({area})" if name and area else name or area


def _risk_coverage(wrong, confidence):
    """Return coverage, risk and threshold for each confidence, and the area."""
    n_samples = len(wrong)
    order = np.argsort(-confidence, kind="stable")
    wrong, confidence = wrong[order], confidence[order]
    # A threshold keeps either all samples of a confidence or none of them.
    last = np.append(np.flatnonzero(np.diff(confidence)), n_samples - 1)
    n_kept = last + 1
    n_wrong = wrong.cumsum()[last]
    # The order of samples with the same confidence is arbitrary, so each one counts as
    # their mean.
    sizes = np.diff(n_kept, prepend=0)
    shares = np.diff(n_wrong, prepend=0) / sizes
    risks = np.repeat(shares, sizes).cumsum() / np.arange(1, n_samples + 1)
    return n_kept / n_samples, n_wrong / n_kept, confidence[last], float(risks.mean())
