import json
import re

import numpy as np
import onnx
import pytest

from skmnist import MNISTClassifier


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("epochs", 0, "`epochs` must be at least 1, got 0"),
        ("batch_size", 0, "`batch_size` must be at least 1, got 0"),
        ("learning_rate", 0, "`learning_rate` must be above 0, got 0"),
        ("learning_rate", float("inf"), "`learning_rate` must be finite, got inf"),
        ("learning_rate", 1e39, r"`learning_rate` must be at most 3.4e\+38, got 1e"),
        ("alpha", 10**400, r"`alpha` must be at most 3.4e\+38, got 1000"),
        ("dropout", 1.0, "`dropout` must be at least 0 and below 1, got 1.0"),
        ("dropout", -0.1, "`dropout` must be at least 0 and below 1, got -0.1"),
        ("alpha", -1, "`alpha` must be at least 0, got -1"),
        ("validation_fraction", 0, "`validation_fraction` must be above 0 and below 1"),
        ("n_iter_no_change", 0, "`n_iter_no_change` must be at least 1, got 0"),
        ("verbose", -1, "`verbose` must be at least 0, got -1"),
        ("activation", "rellu", "`activation` must be one of 'elu'.*got 'rellu'"),
        ("optimizer", "Adam", "`optimizer` must be one of 'adadelta'.*got 'Adam'"),
        ("network", "conv3d", "`network` must be one of 'dense', 'conv' or a function"),
        ("filters", (), "`filters` must hold at least one number, got none"),
        ("filters", (8, 0), r"`filters` must be an integer or .* got \(8, 0\)"),
        ("label_smoothing", 1.0, "`label_smoothing` must be at least 0 and below 1"),
        (
            "learning_rate_schedule",
            "cosin",
            "`learning_rate_schedule` must be one of 'constant'.*got 'cosin'",
        ),
        (
            "augmentation",
            "afine",
            "`augmentation` must be None, one of 'affine', 'elastic', 'robust' or a "
            "dict, got",
        ),
        (
            "augmentation",
            {"rotate": 5},
            "keys among.*'rotate'. Did you mean 'rotation'",
        ),
        (
            "augmentation",
            {"shift": -1},
            r"`augmentation\['shift'\]` must be at least 0",
        ),
        ("augmentation", {"stroke": 2}, "must be at least 0 and at most 1, got 2"),
        ("augmentation", {"elastic_sigma": 0}, "must be above 0, got 0"),
        ("augmentation", {"elastic_sigma": 0.4}, "must be at least 0.5, got 0.4"),
        ("hidden_layer_sizes", (64, 0), r"`hidden_layer_sizes` .* got \(64, 0\)"),
        ("hidden_layer_sizes", 12.5, "`hidden_layer_sizes` .* got 12.5"),
        ("random_state", -1, "`random_state` must be None, an integer from 0.*got -1"),
        ("class_weight", "balance", "`class_weight` must be None, 'balanced' or a"),
    ],
)
def test_a_value_that_breaks_its_rule_is_refused(name, value, message, tiny):
    with pytest.raises(ValueError, match=message):
        MNISTClassifier(**{name: value}).fit(*tiny)


@pytest.mark.parametrize(
    "name", ["activation", "optimizer", "network", "learning_rate_schedule"]
)
@pytest.mark.parametrize("value", [["relu"], {}, 3, None, np.array(["relu", "sgd"])])
def test_a_choice_that_is_no_string_is_refused(name, value, tiny):
    with pytest.raises(ValueError, match=f"`{name}` must be one of .*, got "):
        MNISTClassifier(**{name: value}).fit(*tiny)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("epochs", 1.5, "`epochs` must be an integer, got 1.5"),
        ("epochs", True, "`epochs` must be an integer, got True"),
        ("learning_rate", "0.1", "`learning_rate` must be a number, got '0.1'"),
        ("early_stopping", "yes", "`early_stopping` must be True or False, got 'yes'"),
        ("calibrate", 1, "`calibrate` must be True or False, got 1"),
        ("augmentation", 3, "`augmentation` must be None, a str or a dict, got 3"),
        ("augmentation", {"shift": "1"}, r"`augmentation\['shift'\]` must be a number"),
        ("callbacks", "early", "`callbacks` must be None or a list"),
        ("callbacks", [print], "`callbacks` must be None or a list"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(name, value, message, tiny):
    with pytest.raises(TypeError, match=message):
        MNISTClassifier(**{name: value}).fit(*tiny)


def test_an_unknown_parameter_is_refused():
    with pytest.raises(TypeError, match="epoch"):
        MNISTClassifier(epoch=3)
    with pytest.raises(ValueError, match="Invalid parameter 'epoch'"):
        MNISTClassifier().set_params(epoch=3)


@pytest.mark.parametrize(
    ("hidden_layer_sizes", "shapes"),
    [
        (5, [(9, 5), (5, 3)]),
        (np.int64(5), [(9, 5), (5, 3)]),
        ([5, 4], [(9, 5), (5, 4), (4, 3)]),
        (np.array([5, 4]), [(9, 5), (5, 4), (4, 3)]),
        ((), [(9, 3)]),
    ],
)
def test_hidden_layer_sizes_set_the_shapes_of_the_layers(
    hidden_layer_sizes, shapes, tiny
):
    classifier = MNISTClassifier(hidden_layer_sizes, epochs=1).fit(*tiny)
    assert [coef.shape for coef in classifier.coefs_] == shapes
    assert [b.shape for b in classifier.intercepts_] == [s[1:] for s in shapes]


@pytest.mark.parametrize(
    ("sample_weight", "message"),
    [
        (np.ones(39), r"`sample_weight` must have the shape \(40,\).* got \(39,\)"),
        (np.ones((40, 1)), r"must have the shape \(40,\).* got \(40, 1\)"),
        (np.full(40, -1.0), "`sample_weight` must not be negative, got -1"),
        (np.zeros(40), "`sample_weight` must hold at least one weight above zero"),
        (np.full(40, np.nan), "sample_weight contains NaN"),
        (["heavy"] * 40, "`sample_weight` must hold numbers: could not convert"),
    ],
)
def test_sample_weights_that_break_their_rules_are_refused(
    sample_weight, message, tiny
):
    with pytest.raises(ValueError, match=message):
        MNISTClassifier().fit(*tiny, sample_weight=sample_weight)


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("epoch", " Did you mean 'epochs'?"),
        ("learn_rate", " Did you mean 'learning_rate'?"),
        ("colour", ""),
    ],
)
def test_an_unknown_parameter_raises_an_error_with_the_nearest_one(name, question):
    message = r"Invalid parameter '{}' for estimator .* Valid parameters are: .*\]\.{}$"
    with pytest.raises(ValueError, match=message.format(name, re.escape(question))):
        MNISTClassifier().set_params(**{name: 1})


def dense_layer():
    from skmnist._keras.backend import keras

    return keras.layers.Dense(3)


def built_model():
    from skmnist._keras.backend import keras

    return keras.Sequential([keras.Input((9,)), dense_layer()])


class CallableModel:
    """A model of PyTorch's kind: it has weights, and calling it predicts."""

    def __call__(self, X):
        return X

    def state_dict(self):
        return {}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (built_model, "got a Sequential: every fit starts with a new network"),
        (dense_layer, "got a Dense: every fit starts with a new network"),
        (CallableModel, "got a CallableModel: every fit starts with a new network"),
        (lambda: CallableModel, "got the class CallableModel: pass a function that"),
        (lambda: int, "got the class int: pass a function that"),
        (lambda: lambda: None, "too many positional arguments"),
        (lambda: lambda *, meta: None, "too many positional arguments"),
        (lambda: lambda meta, units: None, "missing a required argument: 'units'"),
        (lambda: lambda dropout: None, "multiple values for argument 'dropout'"),
    ],
)
def test_the_error_for_a_wrong_network_says_what_is_wanted(make, message, tiny):
    rule = r"a function `network\(meta, \*\*params\)` that returns a new keras.Model"
    with pytest.raises(TypeError, match=f"{rule}.*{message}"):
        MNISTClassifier(network=make()).fit(*tiny)


@pytest.mark.parametrize("network", [None, 3, np.zeros(3), ["dense"]])
def test_a_network_that_is_neither_a_name_nor_a_function_is_refused(network, tiny):
    with pytest.raises(ValueError, match=r"`network` must be one of .* or a function"):
        MNISTClassifier(network=network).fit(*tiny)


def test_early_stopping_may_wait_for_ever(tiny, tmp_path):
    classifier = MNISTClassifier(epochs=12, early_stopping=True, random_state=0)
    classifier.set_params(n_iter_no_change=np.inf).fit(*tiny)
    assert classifier.n_iter_ == 12
    assert 1 <= classifier.best_epoch_ <= 12
    classifier.save(tmp_path / "classifier.onnx")
    loaded = MNISTClassifier.load(tmp_path / "classifier.onnx")
    assert loaded.n_iter_no_change == np.inf


def test_numbers_that_json_lacks_are_saved_as_valid_json(tiny, tmp_path):
    X, y = tiny
    classifier = MNISTClassifier(4, epochs=1, warm_start=True, random_state=0)
    classifier.set_params(n_iter_no_change=np.inf).fit(X, y).fit(X, y, X_val=X, y_val=y)
    classifier.save(tmp_path / "classifier.onnx")
    text = next(
        entry.value
        for entry in onnx.load(tmp_path / "classifier.onnx").metadata_props
        if entry.key == "skmnist"
    )

    def refuse(constant):
        pytest.fail(f"{constant} is not JSON")

    json.loads(text, parse_constant=refuse)
    loaded = MNISTClassifier.load(tmp_path / "classifier.onnx")
    assert loaded.n_iter_no_change == np.inf
    np.testing.assert_equal(loaded.history_, classifier.history_)
    assert np.isnan(loaded.history_["val_loss"][0])


@pytest.mark.parametrize("value", [-np.inf, np.nan, 2.0])
def test_another_number_that_is_no_integer_is_refused(value, tiny):
    with pytest.raises(TypeError, match="`n_iter_no_change` must be an integer, got"):
        MNISTClassifier(n_iter_no_change=value).fit(*tiny)
