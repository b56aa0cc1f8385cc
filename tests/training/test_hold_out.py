import numpy as np
import pytest
from sklearn.ensemble import BaggingClassifier
from sklearn.model_selection import train_test_split

from skmnist import MNISTClassifier
from skmnist._training.hold_out import hold_out


@pytest.mark.parametrize(
    ("counts", "fraction", "expected"),
    [
        # (rows of each class, share, rows of each class that are held out)
        ([10, 10, 10], 0.1, [1, 1, 1]),
        ([12, 6, 6], 0.5, [6, 3, 3]),
        ([2, 2, 2], 0.1, [1, 1, 1]),
        ([2, 2, 2], 0.9, [1, 1, 1]),
        ([1, 5, 5], 0.1, [0, 1, 1]),
        ([1, 1, 2], 0.1, [0, 0, 1]),
        ([998, 2], 0.1, [99, 1]),
        ([60, 2, 2, 2], 0.1, [4, 1, 1, 1]),
        ([2, 98], 0.97, [1, 96]),
        ([1, 40, 60], 0.1, [0, 4, 7]),
    ],
)
def test_both_parts_hold_rows_of_every_class_that_has_two(counts, fraction, expected):
    indices = np.random.default_rng(0).permutation(
        np.repeat(range(len(counts)), counts)
    )
    used, held_out = hold_out(indices, fraction, seed=0)
    np.testing.assert_array_equal(np.sort([*used, *held_out]), range(sum(counts)))
    found = np.bincount(indices[held_out], minlength=len(counts))
    np.testing.assert_array_equal(found, expected)


def test_the_part_of_few_rows_is_random_and_depends_on_the_seed_only():
    indices = np.arange(24) % 10
    parts = [hold_out(indices, 0.1, seed)[1].tolist() for seed in (0, 0, 1, 2)]
    assert parts[0] == parts[1]
    assert len({*map(tuple, parts)}) == 3


def test_many_rows_are_split_as_by_scikit_learn():
    indices = np.arange(200) % 10
    expected = train_test_split(
        np.arange(200), test_size=0.1, stratify=indices, random_state=3
    )
    for ours, theirs in zip(hold_out(indices, 0.1, 3), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", ["early_stopping", "calibrate"])
def test_bootstrapped_small_data_are_fitted(name, digits):
    X_train, X_test, y_train, y_test = digits
    classifier = MNISTClassifier(
        epochs=15, learning_rate=0.01, random_state=0, **{name: True}
    )
    bagging = BaggingClassifier(classifier, n_estimators=3, random_state=0)
    bagging.fit(X_train[:120], y_train[:120])
    assert bagging.score(X_test, y_test) > 0.6


@pytest.mark.parametrize("name", ["early_stopping", "calibrate"])
def test_classes_with_a_single_row_each_are_refused(name):
    with pytest.raises(
        ValueError, match=r"need rows of a class .* 10 rows of 10 classes.* single row"
    ):
        MNISTClassifier(**{name: True}).fit(np.eye(10), np.arange(10))


class TestWeightedAccuracy:
    """With sample weights, `val_accuracy` is their share, however it is trained."""

    @staticmethod
    def fit(digits, **params):
        X, _, y, _ = digits
        weight = np.random.default_rng(0).random(400) ** 3
        classifier = MNISTClassifier(epochs=2, early_stopping=True, random_state=0)
        classifier.set_params(**params).fit(X[:400], y[:400], sample_weight=weight)
        _, held_out = hold_out(y[:400], 0.1, classifier._state.meta["seed"])
        hits = classifier.predict(X[held_out]) == y[held_out]
        expected = np.average(hits, weights=weight[held_out])
        assert expected != hits.mean()
        return classifier, expected

    @pytest.mark.parametrize(
        "params",
        [
            {},
            {"hidden_layer_sizes": (400, 400)},
            {"network": "conv", "filters": (4, 4)},
            {"batch_norm": True, "optimizer": "nadam"},
        ],
        ids=str,
    )
    def test_in_compiled_epochs(self, params, digits):
        classifier, expected = self.fit(digits, **params)
        found = classifier.history_["val_accuracy"][classifier.best_epoch_ - 1]
        assert found == pytest.approx(expected, abs=1e-6)

    @pytest.mark.parametrize("network", ["dense", "conv"])
    def test_in_the_loop_of_keras_where_callbacks_see_it(self, network, digits):
        from skmnist._keras.backend import keras

        seen = []

        class Recorder(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                """Need single batches."""

            def on_epoch_end(self, epoch, logs=None):
                seen.append(logs["val_accuracy"])

            def __deepcopy__(self, memo):
                return self

        params = {"network": network, "filters": (4,), "callbacks": [Recorder()]}
        classifier, expected = self.fit(digits, **params)
        found = classifier.history_["val_accuracy"]
        assert found[classifier.best_epoch_ - 1] == pytest.approx(expected, abs=1e-6)
        assert seen == found

    def test_weights_may_be_huge(self, digits):
        X, _, y, _ = digits
        classifier = MNISTClassifier(epochs=3, early_stopping=True, random_state=0)
        classifier.fit(X[:200], y[:200], sample_weight=np.full(200, 1e308) / 200)
        plain = MNISTClassifier(epochs=3, early_stopping=True, random_state=0)
        plain.fit(X[:200], y[:200])
        assert classifier.history_["val_accuracy"] == pytest.approx(
            plain.history_["val_accuracy"]
        )
