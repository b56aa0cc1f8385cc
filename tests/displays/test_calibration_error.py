import numpy as np
import pytest
from sklearn.metrics import make_scorer

from skmnist import expected_calibration_error


def brute_force(y_true, y_proba, n_bins):
    """Return the error bin by bin, as the papers define it."""
    confidence, correct = y_proba.max(axis=1), y_proba.argmax(axis=1) == y_true
    error = 0
    for low in np.arange(n_bins) / n_bins:
        inside = (confidence > low) & (confidence <= low + 1 / n_bins)
        if inside.any():
            gap = abs(correct[inside].mean() - confidence[inside].mean())
            error += inside.mean() * gap
    return error


@pytest.fixture
def predictions():
    rng = np.random.default_rng(0)
    y_proba = rng.dirichlet(np.full(4, 0.3), 500)
    return rng.integers(0, 4, 500), y_proba


@pytest.mark.parametrize("n_bins", [1, 2, 10, 15, 100])
def test_error_is_the_weighted_mean_gap_over_the_bins(predictions, n_bins):
    error = expected_calibration_error(*predictions, n_bins=n_bins)
    assert error == pytest.approx(brute_force(*predictions, n_bins))


def test_fifteen_bins_are_the_default(predictions):
    assert expected_calibration_error(*predictions) == pytest.approx(
        brute_force(*predictions, 15)
    )


@pytest.mark.parametrize(("correct", "expected"), [(1, 0), (0, 1)])
def test_error_of_certain_predictions_is_0_or_1(correct, expected):
    y_proba = np.eye(3)[[0, 1, 2]]
    y_true = np.array([0, 1, 2]) if correct else np.array([1, 2, 0])
    assert expected_calibration_error(y_true, y_proba) == expected


def test_error_is_0_if_accuracy_equals_confidence():
    y_proba = np.tile([0.75, 0.25], (4, 1))
    assert expected_calibration_error([0, 0, 0, 1], y_proba) == 0


def test_a_confidence_on_a_border_belongs_to_the_lower_bin():
    y_proba = np.array([[0.5, 0.5, 0], [0.4, 0.3, 0.3]])
    # Both are in one bin: accuracy 0.5, mean confidence 0.45.
    error = expected_calibration_error([0, 1], y_proba, n_bins=2, labels=[0, 1, 2])
    assert error == pytest.approx(0.05)


def test_a_vector_holds_the_probabilities_of_the_second_label():
    y_true, y_prob = ["no", "yes", "yes"], np.array([0.2, 0.9, 0.4])
    both = np.stack([1 - y_prob, y_prob], axis=1)
    assert expected_calibration_error(y_true, y_prob) == pytest.approx(
        expected_calibration_error(y_true, both)
    )


def test_labels_name_the_columns():
    y_proba = np.array([[0.9, 0.1, 0], [0.8, 0, 0.2]])
    labels = np.array(["a", "b", "c"], dtype=object)
    assert expected_calibration_error(
        ["a", "a"], y_proba, n_bins=1, labels=labels
    ) == pytest.approx(0.15)
    assert expected_calibration_error(
        ["a", "a"], y_proba, n_bins=1, labels=labels[::-1]
    ) == pytest.approx(0.85)


def test_it_can_be_made_a_scorer(fitted, digits):
    _, X, _, y = digits
    error = expected_calibration_error(y, fitted.predict_proba(X))
    assert 0 <= error < 0.2
    scorer = make_scorer(
        expected_calibration_error,
        response_method="predict_proba",
        greater_is_better=False,
    )
    assert scorer(fitted, X, y) == -error


def test_probabilities_of_float32_may_be_rounded_up():
    y_proba = np.array([[np.nextafter(np.float32(1), np.float32(2)), 0]])
    y_proba = y_proba.astype(np.float32)
    assert expected_calibration_error([0], y_proba, labels=[0, 1]) < 1e-6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], [[2.0, 1.0], [3.0, 0.0]]), r"`y_proba` must hold .* from 0 to 3"),
        (([0, 1], [[0.5, 0.5]]), r"`y_true` must hold a label for each of the 1"),
        (([0, 1], [[0.5, 0.4, 0.1]] * 2), r"each of the 3 columns .* got 2 labels in"),
        (([0, 1], [[0.5, np.nan]] * 2), "y_proba contains NaN"),
    ],
)
def test_mismatched_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        expected_calibration_error(*arguments)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 2], r"`labels` must name .* 2 columns of `y_proba`, got 3 labels\."),
        ([0, 2], r"`labels` must contain all labels .* got \[0, 2\] without \[1\]"),
        (["0", "1"], "Mix of label input types"),
    ],
)
def test_mismatched_labels_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        expected_calibration_error([0, 1], [[0.5, 0.5]] * 2, labels=labels)


@pytest.mark.parametrize(
    ("n_bins", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError)]
)
def test_n_bins_must_be_a_positive_int(n_bins, error):
    with pytest.raises(error, match=r"`n_bins` must be"):
        expected_calibration_error([0, 1], [[0.5, 0.5]] * 2, n_bins=n_bins)
