import numpy as np
import pytest
from sklearn.metrics import log_loss

from skmnist import MNISTClassifier, expected_calibration_error
from skmnist._estimator.temperature import fit_temperature


def draw(n_rows, temperature, seed=0):
    """Draw logits, and labels with the probabilities of logits / temperature."""
    rng = np.random.default_rng(seed)
    logits = 3 * rng.standard_normal((n_rows, 4))
    # The argmax of logits plus Gumbel noise is distributed as the softmax.
    noise = rng.gumbel(size=logits.shape)
    return logits, (logits / temperature + noise).argmax(axis=1)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_the_temperature_that_drew_the_labels_is_found(temperature):
    logits, indices = draw(20_000, temperature)
    assert fit_temperature(logits, indices) == pytest.approx(temperature, rel=0.05)


def test_an_integer_weight_equals_repeated_rows():
    logits, indices = draw(300, 2.0)
    weight = np.arange(300) % 3
    repeated = np.repeat(np.arange(300), weight)
    assert fit_temperature(logits, indices, weight) == pytest.approx(
        fit_temperature(logits[repeated], indices[repeated]), rel=1e-3
    )


@pytest.mark.parametrize("n_rows", [3, 300])
def test_the_temperature_does_not_collapse_if_all_predictions_are_right(n_rows):
    indices = np.arange(n_rows) % 3
    temperature = fit_temperature(np.eye(3)[indices] * 5, indices)
    assert 0.3 < temperature < 1


@pytest.fixture(scope="module")
def pair(digits):
    """Two equal networks trained on the same rows, one of them calibrated."""
    X, _, y, _ = digits
    # Label smoothing makes a network underconfident.
    params = {"label_smoothing": 0.3, "validation_fraction": 0.3, "random_state": 0}
    # Early stopping that never stops, to hold out the same rows.
    stopping = {"early_stopping": True, "n_iter_no_change": 30, "epochs": 30}
    plain = MNISTClassifier(**params, **stopping).fit(X, y)
    return plain, MNISTClassifier(**params, **stopping, calibrate=True).fit(X, y)


def test_calibration_changes_the_probabilities_but_not_the_labels(pair, digits):
    plain, calibrated = pair
    X_test, y_test = digits[1], digits[3]
    assert plain.temperature_ == 1
    assert calibrated.temperature_ < 0.9
    np.testing.assert_array_equal(calibrated.predict(X_test), plain.predict(X_test))
    before, after = (c.predict_proba(X_test) for c in pair)
    assert log_loss(y_test, after) < log_loss(y_test, before)
    np.testing.assert_allclose(
        calibrated.decision_function(X_test) * calibrated.temperature_,
        plain.decision_function(X_test),
        rtol=1e-5,
    )
    assert calibrated.best_epoch_ == plain.best_epoch_


def test_the_pipeline_and_a_saved_file_are_calibrated_too(pair, digits, tmp_path):
    _, calibrated = pair
    X_test = digits[1]
    expected = calibrated.predict_proba(X_test)
    calibrated.save(tmp_path / "model.onnx")
    loaded = MNISTClassifier.load(tmp_path / "model.onnx")
    np.testing.assert_array_equal(loaded.predict_proba(X_test), expected)
    assert loaded.temperature_ == calibrated.temperature_
    of_keras = calibrated.pipeline_.predict_proba(X_test)
    np.testing.assert_allclose(of_keras, expected, atol=1e-5)


def test_calibration_uses_the_validation_data_if_given(digits):
    X, X_test, y, y_test = digits
    classifier = MNISTClassifier(epochs=5, calibrate=True, random_state=0)
    classifier.fit(X, y, X_val=X_test, y_val=y_test)
    logits = classifier.decision_function(X_test) * classifier.temperature_
    expected = fit_temperature(logits, y_test)
    assert classifier.temperature_ == pytest.approx(expected, rel=1e-3)
    assert "val_loss" in classifier.history_


def test_continued_training_calibrates_again(digits):
    X, _, y, _ = digits
    params = {"epochs": 3, "random_state": 0, "warm_start": True}
    warm = MNISTClassifier(calibrate=True, **params).fit(X, y)
    first = warm.temperature_
    warm.fit(X, y)
    at_once = MNISTClassifier(calibrate=True, **params | {"epochs": 6}).fit(X, y)
    assert warm.temperature_ == pytest.approx(at_once.temperature_, rel=1e-6)
    assert warm.temperature_ != first


def test_a_callable_network_is_calibrated(tiny):
    import keras

    def network(meta):
        outputs = keras.layers.Dense(meta["n_classes_"], activation="softmax")
        return keras.Sequential([keras.Input((meta["n_features_in_"],)), outputs])

    classifier = MNISTClassifier(network=network, epochs=2, calibrate=True)
    probabilities = classifier.fit(*tiny).predict_proba(tiny[0])
    assert classifier.temperature_ != 1
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_calibration_lowers_the_error_of_an_underconfident_network(pair, digits):
    X_test, y_test = digits[1], digits[3]
    errors = [
        expected_calibration_error(y_test, classifier.predict_proba(X_test))
        for classifier in pair
    ]
    assert errors[1] < errors[0]


def test_partial_fit_refuses_to_calibrate(tiny):
    with pytest.raises(ValueError, match="`calibrate` must be False for the first"):
        MNISTClassifier(calibrate=True).partial_fit(*tiny, classes=[0, 1, 2])
