import copy
import pickle
import re
import warnings

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_score

from skmnist import MNISTClassifier


def weights_of(classifier):
    return [*classifier.coefs_, *classifier.intercepts_]


def assert_same_weights(one, other):
    for ours, theirs in zip(weights_of(one), weights_of(other), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_default_network_on_mnist_has_101770_parameters():
    X = np.zeros((10, 28, 28), dtype=np.uint8)
    classifier = MNISTClassifier(epochs=1).fit(X, np.arange(10))
    assert classifier.model_.count_params() == 101_770
    assert sum(w.size for w in weights_of(classifier)) == 101_770
    assert "101,770 parameters" in classifier.summary()


def test_it_learns_the_digits(digits, fitted):
    _, X_test, _, y_test = digits
    assert fitted.score(X_test, y_test) > 0.95


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param(np.array([f"digit {i}" for i in range(10)]), id="str"),
        pytest.param(np.array(list("0123456789"), dtype=object), id="object"),
        pytest.param(np.arange(10) * 7 - 20, id="int"),
        pytest.param(np.arange(10, dtype=np.uint8), id="uint8"),
        pytest.param(np.arange(10) / 1, id="float"),
    ],
)
def test_labels_come_back_as_they_went_in(labels, digits, fitted):
    X_train, X_test, y_train, _ = digits
    classifier = MNISTClassifier(epochs=15, random_state=0).fit(
        X_train, labels[y_train]
    )
    assert classifier.classes_.dtype == labels.dtype
    predicted = classifier.predict(X_test)
    assert predicted.dtype == labels.dtype
    if (np.argsort(labels) == np.arange(10)).all():  # then the networks are equal
        np.testing.assert_array_equal(predicted, labels[fitted.predict(X_test)])


def test_two_classes_have_one_decision_value():
    X, y = load_iris(return_X_y=True)
    X, y = X[y != 2], y[y != 2] == 1
    classifier = MNISTClassifier(epochs=20, random_state=0).fit(X, y)
    decision = classifier.decision_function(X)
    assert decision.shape == (100,)
    np.testing.assert_array_equal(classifier.predict(X), decision > 0)
    probability = classifier.predict_proba(X)[:, 1]
    np.testing.assert_allclose(probability, 1 / (1 + np.exp(-decision)), rtol=1e-9)


def test_probabilities_are_float64_rows_that_sum_to_one(digits, fitted):
    probabilities = fitted.predict_proba(digits[1])
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_array_equal(
        fitted.classes_[probabilities.argmax(axis=1)], fitted.predict(digits[1])
    )


def test_log_probabilities_and_logits_agree_with_the_probabilities(digits, fitted):
    probabilities = fitted.predict_proba(digits[1])
    np.testing.assert_allclose(
        np.exp(fitted.predict_log_proba(digits[1])), probabilities, atol=1e-12
    )
    logits = fitted.decision_function(digits[1])
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    np.testing.assert_allclose(
        exponentials / exponentials.sum(axis=1, keepdims=True), probabilities
    )


def test_history_has_one_number_per_epoch(digits, fitted):
    assert set(fitted.history_) == {"loss", "accuracy"}
    assert {len(values) for values in fitted.history_.values()} == {15}
    assert fitted.n_iter_ == 15
    assert fitted.history_["loss"][-1] < fitted.history_["loss"][0] / 5
    assert not hasattr(fitted, "best_epoch_")


def test_validation_data_are_evaluated_each_epoch(digits):
    X_train, X_test, y_train, y_test = digits
    classifier = MNISTClassifier(epochs=4, random_state=0).fit(
        X_train, y_train, X_val=X_test, y_val=y_test
    )
    assert set(classifier.history_) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert classifier.history_["val_accuracy"][-1] == pytest.approx(
        classifier.score(X_test, y_test)
    )
    log_proba = classifier.predict_log_proba(X_test)
    assert classifier.history_["val_loss"][-1] == pytest.approx(
        -log_proba[np.arange(len(y_test)), y_test].mean(), rel=1e-4
    )


def test_validation_data_do_not_change_the_training(digits):
    X_train, X_test, y_train, y_test = digits
    alone = MNISTClassifier(epochs=2, random_state=0).fit(X_train, y_train)
    watched = MNISTClassifier(epochs=2, random_state=0).fit(
        X_train, y_train, X_val=X_test, y_val=y_test
    )
    assert_same_weights(alone, watched)


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        ({"X_val": np.zeros((2, 9))}, "must be given together, got None for `y_val`"),
        ({"y_val": [0, 1]}, "must be given together, got None for `X_val`"),
        (
            {"X_val": np.zeros((2, 9)), "y_val": [0, 7]},
            r"`y_val` must hold only the classes \[0, 1, 2\], also got \[7\]",
        ),
        ({"X_val": np.zeros((2, 8)), "y_val": [0, 1]}, "X has 8 features"),
    ],
)
def test_validation_data_that_do_not_match_are_refused(validation, message, tiny):
    with pytest.raises(ValueError, match=message):
        MNISTClassifier().fit(*tiny, **validation)


def test_early_stopping_keeps_the_best_epoch(digits):
    X_train, _, y_train, _ = digits
    classifier = MNISTClassifier(
        epochs=200, early_stopping=True, n_iter_no_change=3, random_state=0
    ).fit(X_train, y_train)
    accuracy = classifier.history_["val_accuracy"]
    assert classifier.n_iter_ == len(accuracy) < 200
    assert classifier.best_epoch_ == np.argmax(accuracy) + 1
    assert classifier.best_epoch_ == classifier.n_iter_ - 3


def test_early_stopping_restores_the_weights_of_the_best_epoch(digits):
    X_train, X_test, y_train, y_test = digits
    classifier = MNISTClassifier(
        epochs=60, early_stopping=True, n_iter_no_change=4, random_state=1
    ).fit(X_train, y_train, X_val=X_test, y_val=y_test)
    best = classifier.history_["val_accuracy"][classifier.best_epoch_ - 1]
    assert classifier.score(X_test, y_test) == pytest.approx(best)


def test_the_validation_part_is_stratified_and_shuffled(digits):
    """On rows sorted by label, the last tenth alone would hold one or two labels."""
    X_train, X_test, y_train, y_test = digits
    order = np.argsort(y_train, kind="stable")
    params = {"epochs": 20, "early_stopping": True, "random_state": 0}
    in_order = MNISTClassifier(**params).fit(X_train[order], y_train[order])
    shuffled = MNISTClassifier(**params).fit(X_train, y_train)
    assert in_order.score(X_test, y_test) == pytest.approx(
        shuffled.score(X_test, y_test), abs=0.02
    )
    assert in_order.history_["val_accuracy"][-1] > 0.9


def test_rows_of_weight_zero_are_ignored(digits):
    X_train, _, y_train, _ = digits
    weight = (np.arange(len(y_train)) % 3 > 0).astype(float)
    weighted = MNISTClassifier(epochs=2, random_state=0).fit(
        X_train, y_train, sample_weight=weight
    )
    left_out = MNISTClassifier(epochs=2, random_state=0).fit(
        X_train[weight > 0], y_train[weight > 0]
    )
    assert_same_weights(weighted, left_out)


def test_only_the_ratios_of_weights_matter(digits):
    X_train, _, y_train, _ = digits
    weight = np.random.default_rng(0).integers(1, 5, len(y_train)).astype(float)
    before = weight.copy()
    one, other = (
        MNISTClassifier(epochs=2, random_state=0).fit(X_train, y_train, factor * weight)
        for factor in (1, 1024)
    )
    assert_same_weights(one, other)
    np.testing.assert_array_equal(weight, before)


def test_rows_with_more_weight_count_more(digits):
    """Each image has two labels, one of them with three times the weight."""
    X_train, _, y_train, _ = digits
    X, y = np.r_[X_train, X_train], np.r_[y_train, (y_train + 1) % 10]
    weight = np.r_[np.full(len(X_train), 3.0), np.ones(len(X_train))]
    classifier = MNISTClassifier(epochs=30, random_state=0).fit(X, y, weight)
    assert classifier.score(X_train, y_train) > 0.9
    probability = classifier.predict_proba(X_train)
    assert probability[np.arange(len(y_train)), y_train].mean() == pytest.approx(
        0.75, abs=0.08
    )


def test_class_weight_equals_that_weight_for_each_row_of_the_class(digits):
    X_train, _, y_train, _ = digits
    by_class = MNISTClassifier(epochs=2, class_weight={3: 5.0}, random_state=0)
    by_row = MNISTClassifier(epochs=2, random_state=0)
    by_class.fit(X_train, y_train)
    by_row.fit(X_train, y_train, sample_weight=np.where(y_train == 3, 5.0, 1.0))
    assert_same_weights(by_class, by_row)


def test_balanced_class_weight_finds_the_rare_class(digits):
    X_train, X_test, y_train, y_test = digits
    kept = (y_train != 3) | (np.cumsum(y_train == 3) <= 6)
    recall = {}
    for class_weight in (None, "balanced"):
        classifier = MNISTClassifier(
            epochs=4, class_weight=class_weight, random_state=0
        ).fit(X_train[kept], y_train[kept])
        recall[class_weight] = np.mean(classifier.predict(X_test[y_test == 3]) == 3)
    assert recall["balanced"] > recall[None] + 0.1


def test_warm_start_continues_where_fit_ended(digits):
    X_train, _, y_train, _ = digits
    twice = MNISTClassifier(epochs=2, warm_start=True, random_state=0)
    twice.fit(X_train, y_train).fit(X_train, y_train)
    once = MNISTClassifier(epochs=4, random_state=0).fit(X_train, y_train)
    assert_same_weights(twice, once)
    assert twice.history_ == once.history_
    assert twice.n_iter_ == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c, X, y: c.fit(X, y % 5), r"`y` must have the classes of the earlier"),
        (lambda c, X, y: c.fit(X[:, :60], y), "`X` must have 64 features as in the"),
        (
            lambda c, X, y: c.set_params(hidden_layer_sizes=7).fit(X, y),
            "the network must be that of the earlier fit",
        ),
        (
            lambda c, X, y: c.set_params(activation="tanh").partial_fit(X, y),
            "the network must be that of the earlier fit",
        ),
    ],
)
def test_continued_training_refuses_other_data_or_another_network(change, message):
    X, y = load_digits(return_X_y=True)
    classifier = MNISTClassifier(epochs=1, warm_start=True).fit(X, y)
    before = classifier.predict_proba(X)
    with pytest.raises(ValueError, match=message):
        change(classifier, X, y)
    np.testing.assert_array_equal(classifier.predict_proba(X), before)


def test_three_partial_fits_equal_three_epochs_of_fit(digits):
    X_train, _, y_train, _ = digits
    parts = MNISTClassifier(random_state=0)
    for _ in range(3):
        parts.partial_fit(X_train, y_train, classes=np.arange(10))
    whole = MNISTClassifier(epochs=3, random_state=0).fit(X_train, y_train)
    assert_same_weights(parts, whole)
    assert parts.history_ == whole.history_


def test_partial_fit_learns_from_parts_of_the_data(digits):
    X_train, X_test, y_train, y_test = digits
    classifier = MNISTClassifier(random_state=0)
    for start in range(4 * 10):
        part = slice(start % 4, None, 4)
        classifier.partial_fit(X_train[part], y_train[part], classes=range(10))
    assert classifier.score(X_test, y_test) > 0.9
    assert classifier.n_iter_ == 40


def test_a_part_may_lack_some_classes(digits):
    X_train, _, y_train, _ = digits
    part = y_train > 6
    classifier = MNISTClassifier().partial_fit(
        X_train[part], y_train[part], classes=range(10)
    )
    np.testing.assert_array_equal(classifier.classes_, range(10))
    for _ in range(14):
        classifier.partial_fit(X_train[part], y_train[part])
    assert classifier.predict_proba(X_train).shape == (len(X_train), 10)
    assert classifier.score(X_train[part], y_train[part]) > 0.95


@pytest.mark.parametrize(
    ("params", "calls", "message"),
    [
        ({}, [{}], "`classes` must be passed on the first call to partial_fit"),
        ({}, [{"classes": [0, 1]}], r"`y` must hold only the classes \[0, 1\].*\[2\]"),
        (
            {},
            [{"classes": [0, 1, 2]}, {"classes": [0, 1, 2, 3]}],
            "`classes` must be those of the first call",
        ),
        ({"early_stopping": True}, [{"classes": [0, 1, 2]}], "`early_stopping` must"),
        ({"class_weight": "balanced"}, [{"classes": [0, 1, 2]}], "`class_weight` must"),
    ],
)
def test_partial_fit_refuses_what_it_cannot_do(params, calls, message, tiny):
    classifier = MNISTClassifier(**params)
    *first, last = calls
    for call in first:
        classifier.partial_fit(*tiny, **call)
    with pytest.raises(ValueError, match=message):
        classifier.partial_fit(*tiny, **last)


def test_partial_fit_after_fit_knows_the_classes(digits):
    X_train, _, y_train, _ = digits
    classifier = MNISTClassifier(epochs=2, random_state=0).fit(X_train, y_train)
    classifier.partial_fit(X_train[:50], y_train[:50])
    assert classifier.n_iter_ == 3


def test_partial_fit_continues_where_a_schedule_and_a_calibration_ended(digits):
    X_train, _, y_train, _ = digits
    params = {"learning_rate_schedule": "onecycle", "learning_rate": 0.05}
    params |= {"calibrate": True, "early_stopping": True, "epochs": 2}
    classifier = MNISTClassifier(random_state=0, **params).fit(X_train, y_train)
    temperature, by_hand = classifier.temperature_, copy.deepcopy(classifier)
    by_hand.set_params(
        learning_rate_schedule="constant",
        learning_rate=0.002,
        calibrate=False,
        early_stopping=False,
    )
    for part in (slice(100), slice(100, 200)):
        classifier.partial_fit(X_train[part], y_train[part])
        by_hand.partial_fit(X_train[part], y_train[part])
    assert_same_weights(classifier, by_hand)
    assert classifier.temperature_ == by_hand.temperature_ == temperature != 1
    # Without held-out rows, a new fit has no temperature.
    by_hand.set_params(warm_start=True, epochs=1).fit(X_train, y_train)
    assert by_hand.temperature_ == 1


@pytest.mark.parametrize("network", ["dense", "conv"])
@pytest.mark.parametrize(
    ("rows", "is_kept"),
    [
        pytest.param(lambda y: y == 3, True, id="one-class"),
        pytest.param(lambda y: np.arange(len(y)) < 20, True, id="less-than-a-batch"),
        pytest.param(lambda y: y < 10, False, id="all"),
    ],
)
def test_small_parts_keep_the_batch_normalisation(network, rows, is_kept, digits):
    X_train, _, y_train, _ = digits
    classifier = MNISTClassifier(
        network=network, filters=(4,), batch_norm=True, epochs=2, random_state=0
    ).fit(X_train, y_train)
    before = [w.copy() for w in classifier._state.weights]
    part = rows(y_train)
    classifier.partial_fit(X_train[part], y_train[part])
    kept = [
        np.array_equal(now, then)
        for now, then in zip(classifier._state.weights, before, strict=True)
    ]
    # Kernel, scale and shift are trained; mean and variance are averages. The bias has
    # no effect on normalised sums, and need not change.
    kernel, _, *others = kept[:6]
    assert [kernel, *others] == [False] * 3 + [is_kept] * 2


@pytest.mark.parametrize("y", [np.ones(40), np.full(40, "seven")])
def test_a_single_class_is_refused(y, tiny):
    with pytest.raises(ValueError, match="`y` must hold at least 2 classes, got 1"):
        MNISTClassifier().fit(tiny[0], y)


class FailsAtTheEnd:
    """A callback of scikit-learn's that raises after the last epoch."""

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        raise OSError("the disk is full")


def test_a_failed_fit_does_not_advance_the_random_stream(digits):
    X, _, y, _ = digits
    one, other = (MNISTClassifier(8, dropout=0.2, random_state=0) for _ in range(2))
    for classifier in (one, other):
        classifier.partial_fit(X, y, classes=range(10))
    one.set_callbacks(FailsAtTheEnd())
    with pytest.raises(OSError, match="the disk is full"):
        one.partial_fit(X, y)
    one.set_callbacks().partial_fit(X, y)
    other.partial_fit(X, y)
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))


def test_a_failed_fit_keeps_the_earlier_network(digits):
    X_train, X_test, y_train, _ = digits
    classifier = MNISTClassifier(epochs=2, random_state=0).fit(X_train, y_train)
    before = classifier.predict_proba(X_test)
    with pytest.raises(ValueError, match="at least 2 classes"):
        classifier.fit(X_train, np.zeros(len(X_train)))
    np.testing.assert_array_equal(classifier.predict_proba(X_test), before)


def test_ctrl_c_keeps_what_was_learned_and_warns(digits):
    from skmnist._keras.backend import keras

    class Interrupter(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 5:
                raise KeyboardInterrupt

    X_train, X_test, y_train, y_test = digits
    classifier = MNISTClassifier(callbacks=[Interrupter()], random_state=0)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        classifier.fit(X_train, y_train)
    assert classifier.n_iter_ == 5
    five = MNISTClassifier(epochs=5, random_state=0).fit(X_train, y_train)
    assert classifier.score(X_test, y_test) == five.score(X_test, y_test) > 0.8


def test_ctrl_c_in_the_first_epoch_keeps_the_earlier_history(digits):
    from skmnist._keras.backend import keras

    class Interrupter(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            raise KeyboardInterrupt

    X_train, X_test, y_train, y_test = digits
    classifier = MNISTClassifier(epochs=3, warm_start=True, random_state=0)
    history = classifier.fit(X_train, y_train).history_
    classifier.set_params(callbacks=[Interrupter()], early_stopping=True)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        classifier.fit(X_train, y_train)
    assert {name: values[:3] for name, values in classifier.history_.items()} == (
        history
    )
    assert classifier.n_iter_ == 3
    assert not hasattr(classifier, "best_epoch_")
    assert classifier.score(X_test, y_test) > 0.7


def test_a_callback_that_changes_the_model_does_not_affect_the_next_fit(digits):
    from skmnist._keras.backend import keras

    class Freezer(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.layers[-1].trainable = False

    X_train, _, y_train, _ = digits
    before = MNISTClassifier(epochs=1, random_state=0).fit(X_train, y_train)
    MNISTClassifier(epochs=1, callbacks=[Freezer()]).fit(X_train, y_train)
    after = MNISTClassifier(epochs=1, random_state=0).fit(X_train, y_train)
    assert_same_weights(before, after)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_global_dtype_policy_of_the_user_changes_nothing(optimizer, digits):
    from skmnist._keras.backend import keras

    X_train, _, y_train, _ = digits
    # No other test has this size; otherwise the model of an earlier fit would be used.
    params = {"hidden_layer_sizes": 21, "optimizer": optimizer, "random_state": 0}
    keras.config.set_dtype_policy("mixed_float16")
    try:
        mixed = MNISTClassifier(epochs=2, **params).fit(X_train, y_train)
    finally:
        keras.config.set_dtype_policy("float32")
    plain = MNISTClassifier(epochs=2, **params).fit(X_train, y_train)
    assert_same_weights(mixed, plain)


def test_diverging_training_is_an_error(digits):
    X_train, _, y_train, _ = digits
    classifier = MNISTClassifier(optimizer="sgd", learning_rate=1e30, epochs=2)
    with pytest.raises(ValueError, match=r"`learning_rate` must be smaller.*1e\+30"):
        classifier.fit(X_train, y_train)
    assert not hasattr(classifier, "classes_")


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ({0: -1.0}, "not negative"),
        ({0: np.nan}, "finite weights"),
        ({0: 10**400}, "finite weights"),
        ({0: "x"}, "finite weights.* got {0: 'x'}"),
        ({0: None}, "finite weights"),
        ({0: [1]}, "finite weights"),
        ({0: 0, 1: 0, 2: 0}, "not all 0"),
        ({7: 2.0}, r"got \[7\] and no weight for \[0, 1, 2\]"),
        ({0: 1, 1: 1, "2": 1}, r"got \['2'\] and no weight for \[2\]"),
        ({0: 1, 1: 1, 2: 1, 7: -1}, "not negative"),
    ],
)
def test_class_weights_that_break_their_rules_are_refused(class_weight, message, tiny):
    with pytest.raises(ValueError, match=f"`class_weight` .*{message}"):
        MNISTClassifier(class_weight=class_weight).fit(*tiny)


def test_a_weight_for_a_label_without_rows_changes_nothing(tiny):
    X, y = tiny
    weights = {0: 1, 1: 2, 2: 3, 3: 4, "four": 5}
    by_dict = MNISTClassifier(class_weight=weights, epochs=2, random_state=0).fit(X, y)
    by_row = MNISTClassifier(epochs=2, random_state=0).fit(X, y, sample_weight=1 + y)
    assert_same_weights(by_dict, by_row)


def test_folds_that_lack_a_weighted_label_are_fitted(digits):
    X_train, _, y_train, _ = digits
    order = np.argsort(y_train)[:300]
    classifier = MNISTClassifier(epochs=1, class_weight=dict.fromkeys(range(10), 2))
    X, y = X_train[order], y_train[order]
    scores = cross_val_score(classifier, X, y, cv=KFold(3), error_score="raise")
    assert len(scores) == 3


HUGE, TINY = 1e308, 1e-320


@pytest.mark.parametrize(
    ("by_class", "by_row"),
    [
        *((None, HUGE), (HUGE, None), (HUGE, HUGE)),
        *((None, TINY), (TINY, TINY), (HUGE, TINY)),
    ],
)
def test_only_the_ratios_of_weights_matter_however_large_they_are(
    by_class, by_row, tiny
):
    X, y = tiny
    class_weight = by_class and dict.fromkeys(range(3), by_class)
    sample_weight = by_row and np.full(len(y), by_row)
    params = {"hidden_layer_sizes": (5,), "epochs": 2, "random_state": 0}
    weighted = MNISTClassifier(class_weight=class_weight, **params)
    weighted.fit(X, y, sample_weight=sample_weight)
    assert_same_weights(weighted, MNISTClassifier(**params).fit(X, y))


def test_weights_that_overflow_in_partial_fit_are_refused_by_name(tiny):
    X, y = tiny
    classifier = MNISTClassifier((5,), class_weight=dict.fromkeys(range(3), 1e30))
    with pytest.raises(ValueError, match="`class_weight` must be at most 1e"):
        classifier.partial_fit(X, y, classes=range(3))
    weight = np.full(len(y), 1e30)
    with pytest.raises(ValueError, match="`sample_weight` must be at most 1e"):
        MNISTClassifier((5,)).partial_fit(X, y, range(3), sample_weight=weight)
    MNISTClassifier((5,)).partial_fit(X, y, range(3), sample_weight=weight / 1e20)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_penalty_that_makes_the_training_diverge_is_named(optimizer, tiny):
    classifier = MNISTClassifier((5,), alpha=1e30, optimizer=optimizer, epochs=2)
    with pytest.raises(ValueError, match=r"`alpha` must be smaller .* got 1e\+30"):
        classifier.fit(*tiny)


@pytest.mark.parametrize("largest", [1e-44, 1e-38, 1e35])
def test_pixels_too_small_or_too_large_for_training_are_named(largest, tiny):
    X, y = tiny
    with pytest.raises(ValueError, match="`X` must hold pixels whose largest absolute"):
        MNISTClassifier((5,), epochs=1).fit(X / 255 * largest, y)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_pixels_that_give_no_finite_probabilities_are_refused(method, tiny):
    X, y = tiny
    classifier = MNISTClassifier((5,), epochs=1, random_state=0).fit(X - 1.0, y)
    classifier._state.weights[0] *= 10_000
    assert np.isfinite(classifier.predict_proba(X - 1.0)).all()
    with pytest.raises(ValueError, match=r"`X` must hold pixels from which .* in fit"):
        getattr(classifier, method)(np.full((1, 9), 3e38))


def test_a_warm_start_validates_on_the_same_rows(digits):
    X_train, _, y_train, _ = digits
    classifier = MNISTClassifier(
        epochs=1, early_stopping=True, warm_start=True, random_state=0
    )
    by_hand = MNISTClassifier(epochs=2, early_stopping=True, random_state=0)
    classifier.fit(X_train, y_train).fit(X_train, y_train)
    by_hand.fit(X_train, y_train)
    assert classifier.history_["val_loss"] == by_hand.history_["val_loss"]


def test_a_fitted_callable_network_does_not_change_with_the_parameters(digits):
    X_train, X_test, y_train, _ = digits

    def network(meta, activation):
        from skmnist._keras.backend import keras

        return keras.Sequential(
            [
                keras.Input((meta["n_features_in_"],)),
                keras.layers.Dense(16, activation=activation),
                keras.layers.Dense(meta["n_classes_"], activation="softmax"),
            ]
        )

    classifier = MNISTClassifier(network=network, epochs=3, random_state=0)
    before = classifier.fit(X_train, y_train).predict_proba(X_test)
    classifier = copy.deepcopy(classifier.set_params(activation="tanh"))
    np.testing.assert_array_equal(classifier.predict_proba(X_test), before)


@pytest.mark.parametrize(
    "params",
    [
        {"alpha": 0.01},
        {"dropout": 0.5},
        {"batch_norm": True},
        {"activation": "tanh"},
        {"optimizer": "rmsprop"},
        {"learning_rate": 0.003},
        {"batch_size": 64},
        {"hidden_layer_sizes": (32, 16)},
    ],
)
def test_each_parameter_changes_the_training_and_the_network_still_learns(
    params, digits, fitted
):
    X_train, X_test, y_train, y_test = digits
    classifier = MNISTClassifier(epochs=15, random_state=0, **params)
    classifier.fit(X_train, y_train)
    assert classifier.history_["loss"] != fitted.history_["loss"]
    assert classifier.score(X_test, y_test) > 0.9


def test_alpha_makes_the_weights_smaller(digits, fitted):
    X_train, _, y_train, _ = digits
    decayed = MNISTClassifier(epochs=15, alpha=0.01, random_state=0)
    decayed.fit(X_train, y_train)
    norms = [
        sum(float((kernel**2).sum()) for kernel in classifier.coefs_)
        for classifier in (decayed, fitted)
    ]
    assert norms[0] < norms[1] / 2


def test_without_hidden_layers_it_is_multinomial_regression(digits):
    X_train, X_test, y_train, y_test = digits
    linear = MNISTClassifier((), learning_rate=0.01, random_state=0)
    linear.fit(X_train, y_train)
    # Scaled, so that the solver converges in few steps.
    regression = LogisticRegression(max_iter=300).fit(X_train / 16, y_train)
    assert linear.score(X_test, y_test) == pytest.approx(
        regression.score(X_test / 16, y_test), abs=0.02
    )


def test_summary_lists_the_layers(digits):
    X_train, _, y_train, _ = digits
    classifier = MNISTClassifier((32, 16), dropout=0.2, batch_norm=True, epochs=1)
    lines = classifier.fit(X_train, y_train).summary().splitlines()
    kinds = [line.split()[0] for line in lines if "None" in line]
    block = ["Dense", "BatchNormalization", "Activation", "Dropout"]
    assert kinds == ["Flatten", *block, *block, "Dense"]
    total = classifier.model_.count_params()
    assert lines[-1] == f"{total:,} parameters"


def test_a_prompt_and_a_notebook_show_the_summary_as_a_table(fitted):
    summary = fitted.summary()
    assert isinstance(summary, str)
    assert repr(summary) == str(summary)
    page = summary._repr_html_()
    rows = page.partition("</table>")[0].split("<tr>")[1:]
    assert len(rows) == len(summary.splitlines()) - 3  # without rules and total
    shown = re.sub("<[^>]+>", " ", " ".join(rows)).split()
    words = " ".join(summary.splitlines()[:-1]).split()
    assert shown == [word for word in words if "--" not in word]
    assert page.endswith(f"<p>{summary.splitlines()[-1]}</p>")
    assert pickle.loads(pickle.dumps(summary)) == summary


@pytest.mark.parametrize("as_set", [False, True])
def test_predict_of_pictures_names_what_reads_them(fitted, as_set, tmp_path):
    path = tmp_path / "three.png"
    Image.new("L", (90, 70), 240).save(path)
    with Image.open(path) as image, open(path, "rb") as file:
        pictures = [str(path), path, file, *([] if as_set else [image])]
        for picture in pictures:
            with pytest.raises(ValueError, match=r"DigitNormalizer.*NumberReader"):
                fitted.predict([picture] if as_set else picture)


def test_the_pipeline_predicts_like_the_classifier(digits, fitted):
    _, X_test, _, y_test = digits
    scaler, network = fitted.pipeline_
    assert type(scaler).__name__ == "PixelScaler"
    assert "KerasClassifier" in {base.__name__ for base in type(network).__mro__}
    np.testing.assert_allclose(
        fitted.pipeline_.predict_proba(X_test), fitted.predict_proba(X_test), atol=1e-5
    )
    assert fitted.pipeline_.score(X_test, y_test) == fitted.score(X_test, y_test)
    assert fitted.pipeline_[-1].model_ is fitted.model_


def test_the_keras_model_is_saved_and_loaded_by_keras_alone(digits, fitted, tmp_path):
    from skmnist._keras.backend import keras

    fitted.model_.save(tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras")
    scaled = fitted.pipeline_[0].transform(digits[1])
    np.testing.assert_allclose(
        model.predict(scaled, verbose=0), fitted.predict_proba(digits[1]), atol=1e-5
    )


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
def test_the_pipeline_can_be_fitted_again(label_smoothing, digits):
    X_train, X_test, y_train, y_test = digits
    params = {"label_smoothing": label_smoothing, "learning_rate": 0.01}
    fitted = MNISTClassifier(16, epochs=5, random_state=0, **params)
    pipeline = clone(fitted.fit(X_train, y_train).pipeline_)
    assert pipeline.fit(X_train, y_train).score(X_test, y_test) > 0.8


def test_later_parameters_do_not_affect_the_pipeline(digits):
    X_train, X_test, y_train, _ = digits
    fitted = MNISTClassifier(8, epochs=2, random_state=0).fit(X_train, y_train)
    fitted.set_params(augmentation="none", label_smoothing=7)
    assert hasattr(fitted, "model_")
    assert (fitted.pipeline_.predict(X_test) == fitted.predict(X_test)).all()


@pytest.mark.parametrize("attribute", ["pipeline_", "model_", "coefs_", "intercepts_"])
def test_fitted_attributes_do_not_exist_before_fit(attribute):
    assert not hasattr(MNISTClassifier(), attribute)


def test_verbose_prints_a_plain_line_per_epoch(digits, capfd):
    X_train, X_test, y_train, y_test = digits
    MNISTClassifier(epochs=3, verbose=1, random_state=0).fit(
        X_train, y_train, X_val=X_test, y_val=y_test
    )
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["Epoch", f"{epoch}/3"] for epoch in (1, 2, 3)
    ]
    assert all("val_accuracy" in line and "s left" in line for line in lines)
    assert err == ""
    assert all(line.isprintable() for line in lines)


def test_fit_emits_no_warning(digits):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MNISTClassifier(epochs=1).fit(digits[0], digits[2])


@pytest.mark.parametrize("attribute", ["coefs_", "intercepts_"])
def test_the_weights_cannot_be_changed_behind_the_predictions(attribute, digits):
    X_train, X_test, y_train, _ = digits
    classifier = MNISTClassifier(8, epochs=1, random_state=0).fit(X_train, y_train)
    before = classifier.predict_proba(X_test)
    for array in getattr(classifier, attribute):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0
    # What trains further has arrays of its own.
    classifier.set_params(warm_start=True).fit(X_train, y_train)
    assert not np.array_equal(classifier.predict_proba(X_test), before)


def test_a_network_function_cannot_change_the_facts_of_the_fit(tiny):
    def network(meta):
        from skmnist._keras.backend import keras

        n_features, n_classes = meta.pop("n_features_in_"), meta.pop("n_classes_")
        meta["classes_"][:] = 7
        inputs = keras.Input((n_features,))
        outputs = keras.layers.Dense(n_classes, activation="softmax")(inputs)
        return keras.Model(inputs, outputs)

    classifier = MNISTClassifier(network=network, epochs=1).fit(*tiny)
    np.testing.assert_array_equal(classifier.classes_, [0, 1, 2])
    assert classifier.model_.count_params() == 30
