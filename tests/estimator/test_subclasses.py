"""Subclasses of MNISTClassifier whose constructors have other parameters."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.callback import ScoringMonitor
from sklearn.model_selection import GridSearchCV

from skmnist import MNISTClassifier


class Wide(MNISTClassifier):
    """One number instead of a sequence, and a default of its own."""

    def __init__(self, width=16, *, epochs=3, random_state=None):
        super().__init__((width,), epochs=epochs, random_state=random_state)
        self.width = width


class Forwarding(MNISTClassifier):
    """Pass all on. scikit-learn cannot clone it, but fits it as it fits MLPClassifier's
    subclasses."""

    def __init__(self, **params):
        super().__init__(**{"epochs": 3} | params)


class Fixed(MNISTClassifier):
    """Have no parameters at all."""

    def __init__(self):
        super().__init__(16, dropout=0.1, epochs=3, random_state=0)


class Noted(Wide):
    """Have a parameter that JSON cannot hold."""

    def __init__(self, width=16, *, note=None, epochs=3, random_state=None):
        super().__init__(width, epochs=epochs, random_state=random_state)
        self.note = note


def wide_network(meta, width, activation):
    from skmnist._keras.backend import keras

    inputs = keras.Input((meta["n_features_in_"],))
    hidden = keras.layers.Dense(width, activation=activation)(inputs)
    outputs = keras.layers.Dense(meta["n_classes_"], activation="softmax")(hidden)
    return keras.Model(inputs, outputs)


class OwnNetwork(MNISTClassifier):
    """Build the network from a parameter of the subclass."""

    def __init__(self, width=16):
        super().__init__(network=wide_network, epochs=3, random_state=0)
        self.width = width


@pytest.mark.parametrize(
    "classifier",
    [
        Wide(24, random_state=0),
        Forwarding(dropout=0.1, random_state=0),
        Fixed(),
        Noted(note=object(), random_state=0),
    ],
    ids=lambda classifier: type(classifier).__name__,
)
def test_a_subclass_fits_predicts_and_saves(classifier, digits, tmp_path):
    X_train, X_test, y_train, y_test = digits
    classifier.fit(X_train, y_train)
    assert classifier.n_iter_ == 3
    assert classifier.score(X_test, y_test) > 0.5
    assert classifier.pipeline_.predict(X_test).shape == y_test.shape
    classifier.save(tmp_path / "digits.onnx")
    for cls in (type(classifier), MNISTClassifier):
        loaded = cls.load(tmp_path / "digits.onnx")
        assert type(loaded) is cls
        np.testing.assert_array_equal(
            loaded.predict_proba(X_test), classifier.predict_proba(X_test)
        )
        assert loaded.epochs == 3
        assert loaded.dropout == classifier.dropout
    classifier.partial_fit(X_train, y_train)
    assert classifier.n_iter_ == 4


def test_a_loaded_subclass_has_its_own_parameters(digits, tmp_path):
    X_train, _, y_train, _ = digits
    Wide(24, epochs=2, random_state=0).fit(X_train, y_train).save(tmp_path / "w.onnx")
    loaded = Wide.load(tmp_path / "w.onnx")
    assert loaded.get_params() == {"width": 24, "epochs": 2, "random_state": 0}
    assert loaded.hidden_layer_sizes == (24,)
    assert loaded.fit(X_train, y_train).coefs_[0].shape == (64, 24)


def test_a_subclass_reads_the_file_of_its_base(fitted, digits, tmp_path):
    fitted.save(tmp_path / "digits.onnx")
    loaded = Wide.load(tmp_path / "digits.onnx")
    np.testing.assert_array_equal(loaded.predict(digits[1]), fitted.predict(digits[1]))


def test_a_subclass_is_cloned_pickled_searched_and_watched(digits):
    X_train, X_test, y_train, _ = digits
    monitor = ScoringMonitor(scoring="accuracy")
    classifier = clone(Wide(24, random_state=0)).set_callbacks(monitor)
    classifier.fit(X_train, y_train)
    assert monitor.get_logs().data_as_pandas["task_name"].tolist().count("epoch") == 3
    copied = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(copied.predict(X_test), classifier.predict(X_test))
    search = GridSearchCV(Wide(random_state=0), {"epochs": [1, 8]}, cv=2)
    assert search.fit(X_train, y_train).best_params_ == {"epochs": 8}


def test_a_network_function_gets_the_parameters_of_a_subclass(digits):
    X_train, X_test, y_train, y_test = digits
    classifier = OwnNetwork(24).fit(X_train, y_train)
    assert classifier.model_.layers[1].units == 24
    assert classifier.score(X_test, y_test) > 0.5


@pytest.mark.parametrize("name", ["dropout", "epochs"])
def test_the_rules_hold_for_a_subclass(name, tiny):
    classifier = Forwarding(**{name: -1})
    with pytest.raises(ValueError, match=f"`{name}` must be at least"):
        classifier.fit(*tiny)
