import re

import numpy as np
import pandas as pd
import polars as pl
import pytest

from skmnist import MNISTClassifier

LABELS = [0, 1, 2] * 12 + [2, 1, 0, 1]  # of the forty rows of `tiny`


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (pd.Series(LABELS, dtype="Int64"), np.arange(3)),
        (pd.array(LABELS, dtype="Int8"), np.arange(3, dtype=np.int8)),
        (pd.DataFrame({"y": LABELS}, dtype="UInt8")["y"], np.arange(3, dtype=np.uint8)),
        (pd.Series(LABELS, dtype="Int64").astype("category"), np.arange(3)),
        (pd.Series(LABELS) > 0, np.array([False, True])),
        ((pd.Series(LABELS) > 0).astype("boolean"), np.array([False, True])),
        (pd.Series(LABELS, dtype="Float32"), np.arange(3, dtype=np.float32)),
        (pl.Series(LABELS), np.arange(3)),
        (pl.Series(LABELS) > 0, np.array([False, True])),
    ],
    ids=lambda value: str(getattr(value, "dtype", "")),
)
def test_labels_are_predicted_in_the_dtype_that_they_had(y, classes, tiny):
    X, _ = tiny
    for classifier in (
        MNISTClassifier(epochs=1).fit(X, y, X_val=X, y_val=y),
        MNISTClassifier().partial_fit(X, y, classes=y),
    ):
        assert classifier.classes_.dtype == classifier.predict(X).dtype == classes.dtype
        np.testing.assert_array_equal(classifier.classes_, classes)
        assert classifier.score(X, y) == np.mean(classifier.predict(X) == list(y))


def test_a_column_of_nullable_labels_keeps_its_dtype(tiny):
    X, _ = tiny
    y = pd.DataFrame({"y": LABELS}, dtype="Int64")
    with pytest.warns(Warning, match="column-vector y was passed"):
        classifier = MNISTClassifier(epochs=1).fit(X, y)
    assert classifier.predict(X).dtype == np.int64


def test_missing_labels_are_refused(tiny):
    y = pd.Series([None, *LABELS[1:]], dtype="Int64")
    with pytest.raises(
        ValueError, match=r"`y` must hold a label .* 1 of 40 are missing"
    ):
        MNISTClassifier().fit(tiny[0], y)


@pytest.mark.parametrize(
    ("convert", "remedy"),
    [
        pytest.param(lambda y: y, "y", id="array"),
        pytest.param(lambda y: y.astype(bool), "y", id="bool"),
        pytest.param(lambda y: 0.9 * y + 0.1 / 3, "y", id="smoothed"),
        pytest.param(lambda y: y.tolist(), "np.asarray(y)", id="lists"),
        pytest.param(pd.DataFrame, "np.asarray(y)", id="pandas"),
        pytest.param(
            lambda y: pd.DataFrame(y).astype("Int64"), "np.asarray(y)", id="nullable"
        ),
        pytest.param(pl.DataFrame, "np.asarray(y)", id="polars"),
    ],
)
def test_the_error_for_one_hot_labels_says_how_to_convert_them(convert, remedy, tiny):
    y = convert(np.eye(3)[LABELS])
    message = f"of shape (40, 3): pass `{remedy}.argmax(axis=1)`"
    with pytest.raises(ValueError, match=re.escape(message)):
        MNISTClassifier().fit(tiny[0], y)


def test_validation_labels_may_not_be_one_hot_either(tiny):
    X, y = tiny
    with pytest.raises(ValueError, match=r"pass `y_val\.argmax\(axis=1\)`"):
        MNISTClassifier().fit(X, y, X_val=X, y_val=np.eye(3)[y])
