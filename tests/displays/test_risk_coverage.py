import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import FixedThresholdClassifier

from skmnist import MNISTClassifier, RiskCoverageDisplay

pytestmark = pytest.mark.usefixtures("pyplot")

# Correct, correct, wrong, correct, wrong, from the most to the least confident.
Y_TRUE = np.array([0, 1, 0, 1, 1])
Y_PRED = np.array([0, 1, 1, 1, 0])
CONFIDENCE = np.array([0.9, 0.8, 0.7, 0.6, 0.5])


def from_predictions(confidence=CONFIDENCE, **kwargs):
    return RiskCoverageDisplay.from_predictions(Y_TRUE, Y_PRED, confidence, **kwargs)


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_the_curve_rejects_the_least_confident_first():
    display = from_predictions()
    np.testing.assert_allclose(display.coverage, [0.2, 0.4, 0.6, 0.8, 1])
    np.testing.assert_allclose(display.risk, [0, 0, 1 / 3, 1 / 4, 2 / 5])
    np.testing.assert_array_equal(display.threshold, CONFIDENCE)
    assert display.aurc == pytest.approx((1 / 3 + 1 / 4 + 2 / 5) / 5)
    np.testing.assert_array_equal(display.line_.get_xdata(), display.coverage)
    np.testing.assert_array_equal(display.line_.get_ydata(), display.risk)


def test_the_order_of_the_samples_does_not_matter():
    order = [3, 0, 4, 2, 1]
    display = RiskCoverageDisplay.from_predictions(
        Y_TRUE[order], Y_PRED[order], CONFIDENCE[order]
    )
    np.testing.assert_array_equal(display.risk, from_predictions().risk)


def test_each_threshold_has_its_coverage_and_risk(fitted, digits):
    _, X, _, y = digits
    display = RiskCoverageDisplay.from_estimator(fitted, X, y)
    y_pred, confidence = fitted.predict(X), fitted.predict_proba(X).max(axis=1)
    for i in (0, len(display.threshold) // 2, -1):
        kept = confidence >= display.threshold[i]
        assert kept.mean() == pytest.approx(display.coverage[i])
        accuracy = accuracy_score(y[kept], y_pred[kept])
        assert display.risk[i] == pytest.approx(1 - accuracy)
    assert display.coverage[-1] == 1


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
def test_samples_of_the_same_confidence_are_kept_together(order):
    y_true, y_pred = np.array([0, 0, 0, 0]), np.array([0, 1, 0, 1])
    confidence = np.array([0.9, 0.9, 0.9, 0.5])
    display = RiskCoverageDisplay.from_predictions(
        y_true[order], y_pred[order], confidence[order]
    )
    np.testing.assert_allclose(display.coverage, [0.75, 1])
    np.testing.assert_allclose(display.risk, [1 / 3, 1 / 2])
    assert display.aurc == pytest.approx((3 * 1 / 3 + 1 / 2) / 4)


@pytest.mark.parametrize(
    ("accuracy", "expected"),
    [
        (1, (0.4, 0.8)),
        (0.75, (0.8, 0.6)),
        (0.7, (0.8, 0.6)),
        (0.6, (1, 0.5)),
        (0, (1, 0.5)),
    ],
)
def test_coverage_at_returns_the_largest_coverage_for_an_accuracy(accuracy, expected):
    assert from_predictions().coverage_at(accuracy=accuracy) == expected


def test_coverage_at_rejects_all_if_no_threshold_reaches_the_accuracy():
    display = RiskCoverageDisplay.from_predictions([0, 0], [1, 0], [0.9, 0.8])
    assert display.coverage_at(0.9) == (0, np.inf)


@pytest.mark.parametrize(
    ("accuracy", "error"),
    [(1.2, ValueError), (-1, ValueError), (np.nan, ValueError), ("1", TypeError)],
)
def test_coverage_at_refuses_an_invalid_accuracy(accuracy, error):
    with pytest.raises(error, match=r"`accuracy` must be"):
        from_predictions().coverage_at(accuracy)


def test_any_measure_of_confidence_is_accepted():
    margins = 100 * CONFIDENCE - 70
    np.testing.assert_array_equal(
        from_predictions(margins).risk, from_predictions().risk
    )


def test_confidence_may_hold_the_probabilities_of_all_labels():
    y_proba = np.stack([CONFIDENCE, 1 - CONFIDENCE], axis=1)
    display = from_predictions(y_proba)
    np.testing.assert_array_equal(display.threshold, CONFIDENCE)


def test_labels_may_be_strings():
    display = RiskCoverageDisplay.from_predictions(
        Y_TRUE.astype(str).tolist(), Y_PRED.astype(str).astype(object), CONFIDENCE
    )
    np.testing.assert_array_equal(display.risk, from_predictions().risk)


def test_a_single_sample_is_visible():
    display = RiskCoverageDisplay.from_predictions([1], [1], [0.5])
    assert display.line_.get_marker() == "o"


def test_curves_in_the_same_axes_differ_in_more_than_colour():
    one = from_predictions(name="one")
    other = from_predictions(-CONFIDENCE, name="other", ax=one.ax_)
    assert other.ax_ is one.ax_
    assert one.line_.get_color() != other.line_.get_color()
    assert one.line_.get_linestyle() != other.line_.get_linestyle()
    assert legend(other) == ["one (AURC = 0.2)", "other (AURC = 0.61)"]
    assert len(plt.get_fignums()) == 1


def test_all_curves_are_in_view():
    first = RiskCoverageDisplay.from_predictions([0, 0], [0, 0], [0.9, 0.8])
    RiskCoverageDisplay.from_predictions([0, 0], [1, 0], [0.9, 0.8], ax=first.ax_)
    low, high = first.ax_.get_ylim()
    assert low <= 0 < 1 <= high
    left, right = first.ax_.get_xlim()
    assert left <= 0 < 1 <= right


def test_the_legend_names_the_estimator(fitted, digits):
    _, X, _, y = digits
    display = RiskCoverageDisplay.from_estimator(fitted, X, y)
    assert legend(display)[0].startswith("MNISTClassifier (AURC = ")
    display = RiskCoverageDisplay.from_estimator(fitted, X, y, name="mine")
    assert legend(display)[0].startswith("mine (AURC = ")


@pytest.mark.parametrize(
    ("name", "aurc", "expected"),
    [(None, 0.25, ["AURC = 0.25"]), ("mine", None, ["mine"]), (None, None, None)],
)
def test_the_legend_shows_name_and_area_if_given(name, aurc, expected):
    display = RiskCoverageDisplay([0.5, 1], [0, 0.5], [0.9, 0.8], name=name, aurc=aurc)
    assert display.plot() is display
    if expected is None:
        assert display.ax_.get_legend() is None
    else:
        assert legend(display) == expected


def test_user_styles_override_defaults_under_any_alias():
    display = from_predictions(line_kw={"c": "black", "lw": 5, "label": "mine"})
    assert display.line_.get_color() == "black"
    assert display.line_.get_linewidth() == 5
    assert legend(display) == ["mine"]


def test_axes_are_labelled_coverage_and_risk():
    ax = from_predictions().ax_
    assert ax.get_xlabel().startswith("Coverage")
    assert ax.get_ylabel().startswith("Risk")


def test_estimators_without_probabilities_are_refused(tiny):
    ridge = RidgeClassifier().fit(*tiny)
    with pytest.raises(ValueError, match=r"`estimator` must have `predict_proba`, got"):
        RiskCoverageDisplay.from_estimator(ridge, *tiny)


def test_estimators_that_predict_by_a_threshold_keep_their_predictions(tiny):
    X, y = tiny
    classifier = MNISTClassifier(epochs=1, random_state=0).fit(X, y % 2)
    always = FixedThresholdClassifier(classifier, threshold=0).fit(X, y % 2)
    display = RiskCoverageDisplay.from_estimator(always, X, y % 2)
    assert display.risk[-1] == pytest.approx(np.mean(y % 2 == 0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], []), r"`y_true` must hold at least one label"),
        (([0, 1], [0], [0.5, 0.5]), r"`y_pred` must hold a label for each of the 2"),
        (([0, 1], [0, 1], [0.5]), r"`confidence` must hold a number for each of the 2"),
        (([0, 1], [0, 1], [0.5, np.nan]), "confidence contains NaN"),
        (([0, 1], ["0", "1"], [0.5, 0.5]), "Mix of label input types"),
    ],
)
def test_mismatched_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        RiskCoverageDisplay.from_predictions(*arguments)
