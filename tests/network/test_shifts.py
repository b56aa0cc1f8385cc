"""Predictions averaged over an image and its shifts, here and in the saved file."""

import numpy as np
import onnx
import pytest
from sklearn.model_selection import GridSearchCV

from skmnist import MNISTClassifier, load_digits28
from skmnist._network.shifts import shifted_pixels
from tests.network.test_onnx_graph import run_saved

X, Y = load_digits28(return_X_y=True)
X_TRAIN, Y_TRAIN, X = X[:300], Y[:300], X[300:600]
NETWORKS = {
    "dense": {"hidden_layer_sizes": (16,)},
    "conv": {"network": "conv", "filters": (3, 4), "hidden_layer_sizes": (8,)},
    "softplus": {"hidden_layer_sizes": (16,), "activation": "softplus"},
}


def functional(meta):
    import keras

    inputs = keras.Input((meta["n_features_in_"],))
    outputs = keras.layers.Dense(meta["n_classes_"], activation="softmax")(inputs)
    return keras.Model(inputs, outputs)


def fit(X=X_TRAIN, **params):
    return MNISTClassifier(epochs=2, random_state=0, **params).fit(X, Y_TRAIN)


@pytest.fixture(params=NETWORKS)
def classifier(request):
    return fit(**NETWORKS[request.param])


def mean_of_copies(classifier, distance):
    """Return the mean of the logits over shifted copies made by hand."""
    images = np.pad(
        X.reshape(-1, 28, 28), ((0, 0), (distance,) * 2, (distance,) * 2), mode="edge"
    )
    starts = 0, distance, 2 * distance
    copies = [
        images[:, top : top + 28, left : left + 28].reshape(-1, 784)
        for top in starts
        for left in starts
    ]
    return np.mean([classifier.decision_function(copy) for copy in copies], axis=0)


@pytest.mark.parametrize("distance", [1, 2])
def test_the_logits_are_the_mean_over_nine_copies(classifier, distance):
    expected = mean_of_copies(classifier, distance)
    plain = classifier.decision_function(X)
    classifier.set_params(test_time_shift=distance)
    found = classifier.decision_function(X)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)
    assert np.abs(found - plain).max() > 0.1
    classifier.set_params(test_time_shift=0)
    np.testing.assert_array_equal(classifier.decision_function(X), plain)


def test_networks_of_the_user_are_averaged_too():
    classifier = fit(network=functional)
    expected = mean_of_copies(classifier, 1)
    classifier.set_params(test_time_shift=1)
    np.testing.assert_allclose(classifier.decision_function(X), expected, atol=1e-4)


def test_an_image_has_the_same_bits_in_any_batch(classifier):
    classifier.set_params(test_time_shift=1)
    expected = classifier.predict_proba(X)
    found = np.concatenate(
        [classifier.predict_proba(X[i : i + 7]) for i in range(0, 300, 7)]
    )
    np.testing.assert_array_equal(found, expected)


def test_the_saved_file_averages_in_any_runtime(classifier, tmp_path):
    classifier.set_params(test_time_shift=1).save(tmp_path / "network.onnx")
    label, logits = run_saved(tmp_path / "network.onnx", X)
    np.testing.assert_array_equal(label, classifier.predict(X))
    expected = classifier.decision_function(X)
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-4)
    model = onnx.load(tmp_path / "network.onnx")
    onnx.checker.check_model(model, full_check=True)
    lowest = 18 if classifier.activation == "softplus" else 13
    assert model.opset_import[0].version == lowest
    loaded = MNISTClassifier.load(tmp_path / "network.onnx")
    np.testing.assert_array_equal(loaded.decision_function(X), expected)


def test_calibration_sees_the_averaged_logits():
    params = NETWORKS["dense"] | {"calibrate": True}
    plain, averaged = fit(**params), fit(test_time_shift=1, **params)
    for array, other in zip(plain.coefs_, averaged.coefs_, strict=True):
        np.testing.assert_array_equal(array, other)
    assert plain.temperature_ != averaged.temperature_


def test_a_grid_may_have_shifts():
    grid = {"test_time_shift": [0, 1]}
    search = GridSearchCV(MNISTClassifier(epochs=2, random_state=0), grid, cv=2)
    scores = search.fit(X_TRAIN, Y_TRAIN).cv_results_["mean_test_score"]
    assert len(set(scores)) == 2


def test_shifts_need_images():
    with pytest.raises(ValueError, match="`test_time_shift` must get images"):
        fit(X_TRAIN[:, :700], test_time_shift=1)
    assert fit(X_TRAIN[:, :700]).predict(X[:, :700]).shape == (300,)


@pytest.mark.parametrize(
    ("value", "error", "rule"),
    [(-1, ValueError, "at least 0"), (0.5, TypeError, "an integer")],
)
def test_a_distance_is_a_number_of_pixels(value, error, rule):
    with pytest.raises(error, match=f"`test_time_shift` must be {rule}"):
        fit(test_time_shift=value)


def test_pixels_at_an_edge_are_repeated_behind_it():
    found = shifted_pixels((2, 3), 1)
    assert found.shape == (9, 6)
    assert found[0].tolist() == [0, 0, 1, 0, 0, 1]
    assert found[4].tolist() == [0, 1, 2, 3, 4, 5]
    assert found[8].tolist() == [4, 5, 5, 4, 5, 5]


def test_a_distance_beyond_the_image_takes_no_memory():
    found = shifted_pixels((2, 3), 10**30)
    assert found[0].tolist() == [0] * 6
    assert found[8].tolist() == [5] * 6
