import numpy as np
import onnx
import pytest

from skmnist import MNISTClassifier, PixelScaler, load_digits28, load_pretrained
from skmnist._data.images import as_rows
from skmnist._estimator.initial_state import fresh_state
from skmnist._network.onnx_graph import (
    ACTIVATIONS,
    build_logits_graph,
    build_portable_graph,
)
from skmnist._training.data import TrainingData
from tests.onnx_runtime import onnxruntime

VARIANTS = {
    "plain": {"hidden_layer_sizes": (13,)},
    "deep": {"hidden_layer_sizes": (12, 11, 7)},
    "batch_norm": {"hidden_layer_sizes": (13,), "batch_norm": True},
    "dropout": {"hidden_layer_sizes": (13,), "dropout": 0.5},
    "conv": {"network": "conv", "filters": (3, 4), "hidden_layer_sizes": (5,)},
    "conv, all": {
        "network": "conv",
        "filters": (3, 4, 5),
        "hidden_layer_sizes": (),
        "batch_norm": True,
        "dropout": 0.5,
    },
    "all": {"hidden_layer_sizes": (12, 7), "batch_norm": True, "dropout": 0.5},
}


def draw_pixels(n_samples, n_features=49, dtype=np.uint8):
    rng = np.random.default_rng(n_samples)
    return rng.integers(0, 256, (n_samples, n_features)).astype(dtype)


def make_classifier(
    labels=range(10), n_features=49, dtype=np.uint8, shape=None, **params
):
    """Return a classifier with random weights, as if it were fitted."""
    classifier = MNISTClassifier(random_state=0, **params)
    X = draw_pixels(20, n_features, dtype)
    y = np.asarray(labels)[np.arange(20) % len(labels)]
    data = TrainingData.prepare(
        *as_rows(classifier, X, y, reset=True), sample_weight=None, class_weight=None
    )
    state = fresh_state(classifier, data, shape)
    # Biases and batch normalisation, which start as 0 or 1, become random too;
    # variances stay positive.
    rng = np.random.default_rng(1)
    weights = [w + rng.uniform(0, 0.3, w.shape).astype("f4") for w in state.weights]
    history = {"loss": [0.7, 0.5], "accuracy": [0.8, 0.9]}
    classifier._set_fitted_attributes(
        state._replace(weights=weights), history, best_epoch=None
    )
    return classifier


def graphs_of(classifier):
    state = classifier._state
    parts = state.architecture, state.weights, state.scaler.scale_, state.temperature
    return (
        onnx.ModelProto.FromString(build_logits_graph(*parts)),
        build_portable_graph(*parts, np.arange(10), np.uint8),
    )


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_predictions_are_those_of_keras(activation, variant):
    classifier = make_classifier(activation=activation, **VARIANTS[variant])
    X = draw_pixels(500)
    scaled = classifier._state.scaler.transform(X)
    expected = np.asarray(classifier.model_(scaled, training=False))
    np.testing.assert_allclose(classifier.predict_proba(X), expected, atol=1e-5)
    np.testing.assert_array_equal(classifier.predict(X), expected.argmax(axis=1))


def test_predictions_of_a_trained_network_are_those_of_keras(digits, fitted):
    X = np.concatenate([digits[0], digits[1]])
    scaled = PixelScaler().fit(digits[0]).transform(X)
    expected = fitted.model_.predict(scaled, verbose=0)
    np.testing.assert_allclose(fitted.predict_proba(X), expected, atol=1e-5)
    np.testing.assert_array_equal(fitted.predict(X), expected.argmax(axis=1))


def test_without_hidden_layers_the_logits_are_one_matrix_product():
    classifier = make_classifier(hidden_layer_sizes=())
    X = draw_pixels(500)
    (kernel,), (bias,) = classifier.coefs_, classifier.intercepts_
    expected = X / 255 @ kernel + bias
    np.testing.assert_allclose(classifier.decision_function(X), expected, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_onnx_accepts_both_graphs(activation, variant):
    classifier = make_classifier(activation=activation, **VARIANTS[variant])
    for model in graphs_of(classifier):
        onnx.checker.check_model(model, full_check=True)


def test_the_saved_graph_names_its_inputs_and_outputs():
    graph = graphs_of(make_classifier())[1].graph
    assert [value.name for value in graph.input] == ["pixels"]
    outputs = [value.name for value in graph.output]
    assert outputs == ["label", "probabilities", "logits"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_kernels_are_stored_where_tools_that_quantize_them_look(variant):
    classifier = make_classifier(activation="relu", **VARIANTS[variant])
    for model in graphs_of(classifier):
        stored = {tensor.name for tensor in model.graph.initializer}
        kernels = {
            node.input[1]
            for node in model.graph.node
            if node.op_type in ("Gemm", "Conv")
        }
        assert kernels
        assert kernels <= stored


def test_no_node_takes_an_output_of_the_saved_graph():
    graph = graphs_of(make_classifier())[1].graph
    taken = {name for node in graph.node for name in node.input}
    assert not taken & {value.name for value in graph.output}


OPSETS = {"relu": (13, 7), "selu": (13, 7), "softplus": (18, 8), "gelu": (20, 9)}


@pytest.mark.parametrize(("activation", "versions"), OPSETS.items())
@pytest.mark.parametrize("variant", ["batch_norm", "conv"])
def test_graphs_state_the_lowest_versions_of_onnx_that_they_need(
    variant, activation, versions
):
    classifier = make_classifier(activation=activation, **VARIANTS[variant])
    for model in graphs_of(classifier):
        (opset,) = model.opset_import
        assert (opset.version, model.ir_version) == versions
        onnx.checker.check_model(model, full_check=True)
        if opset.version > 13:
            opset.version -= 1
            with pytest.raises(
                (onnx.checker.ValidationError, onnx.shape_inference.InferenceError)
            ):
                onnx.checker.check_model(model, full_check=True)


def run_saved(path, X):
    """Return the labels and the logits that ONNX Runtime gives for a file."""
    session = onnxruntime.InferenceSession(path)
    return session.run(["label", "logits"], {"pixels": X})


@pytest.fixture(params=["conv", "dense"])
def pretrained(request, tmp_path):
    """A network that knows digits, its file, and pixels as the file takes them."""
    classifier, path = load_pretrained(request.param), tmp_path / "network.onnx"
    classifier.save(path)
    return classifier, path, load_digits28().data[:200]


def test_quantizing_a_saved_network_makes_it_a_quarter_as_large(pretrained):
    from onnxruntime.quantization import QuantType, quantize_dynamic

    classifier, path, X = pretrained
    small = path.with_name("small.onnx")
    # Older versions of ONNX Runtime have no convolution of signed weights.
    quantize_dynamic(path, small, weight_type=QuantType.QUInt8)
    assert small.stat().st_size < 0.28 * path.stat().st_size
    labels, _ = run_saved(small, X)
    assert (labels == classifier.predict(X)).mean() > 0.99


def test_a_saved_network_survives_conversion_to_float16(pretrained):
    from onnxruntime.transformers.float16 import convert_float_to_float16

    classifier, path, X = pretrained
    onnx.save(convert_float_to_float16(onnx.load(path), keep_io_types=True), path)
    labels, logits = run_saved(path, X)
    expected = classifier.decision_function(X)
    np.testing.assert_allclose(logits, expected, atol=0.01 * np.ptp(expected))
    np.testing.assert_array_equal(labels, classifier.predict(X))


def test_predicting_goes_on_where_numpy_raises_on_underflow():
    classifier = make_classifier()
    classifier._state.weights[0][0] = 1e-38  # divided by 255, it is subnormal
    with np.errstate(all="raise"):
        classifier.predict(draw_pixels(5))


def test_the_temperature_is_in_the_graph_and_in_keras_model():
    classifier = make_classifier()
    X, before = draw_pixels(50), make_classifier().decision_function(draw_pixels(50))
    state = classifier._state._replace(temperature=2.5)
    classifier._set_fitted_attributes(state, classifier.history_, best_epoch=None)
    np.testing.assert_allclose(classifier.decision_function(X), before / 2.5, 1e-5)
    scaled = state.scaler.transform(X)
    expected = np.asarray(classifier.model_(scaled, training=False))
    np.testing.assert_allclose(classifier.predict_proba(X), expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (5, 5), (6, 9), (8, 8), (28, 28)])
def test_convolutions_of_images_of_any_size_are_those_of_keras(shape):
    params = VARIANTS["conv, all"]
    classifier = make_classifier(n_features=shape[0] * shape[1], shape=shape, **params)
    X = draw_pixels(20, shape[0] * shape[1])
    scaled = classifier._state.scaler.transform(X)
    expected = np.asarray(classifier.model_(scaled, training=False))
    np.testing.assert_allclose(classifier.predict_proba(X), expected, atol=1e-5)


def test_an_image_gets_the_same_bits_in_any_batch():
    classifier = make_classifier(network="conv", n_features=784)
    X = draw_pixels(700, 784)
    together = classifier.decision_function(X)
    alone = [classifier.decision_function(X[i : i + 1])[0] for i in range(0, 700, 9)]
    np.testing.assert_array_equal(together[::9], alone)
    np.testing.assert_array_equal(together[300:], classifier.decision_function(X[300:]))
