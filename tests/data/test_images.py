import re
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image
from scipy import sparse

from skmnist import DigitGridDisplay, MNISTClassifier


class Foreign:
    """An array of some other library: it has `__array__` and nothing else."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return self.values.astype(dtype or self.values.dtype)


class ForeignWithShape(Foreign):
    """The same with a shape, as tensors have it."""

    @property
    def shape(self):
        return self.values.shape

    @property
    def ndim(self):
        return self.values.ndim

    def __len__(self):
        return len(self.values)


def tensor(values):
    from skmnist._keras.backend import tf

    return tf.constant(values)


def dask_array(values):
    import dask.array

    return dask.array.from_array(values)


@pytest.fixture(scope="module")
def by_shape():
    """One fitted classifier and its test images as (n, 8, 8)."""
    from sklearn.datasets import load_digits

    images, y = load_digits().images.astype(np.uint8), load_digits().target
    classifier = MNISTClassifier(epochs=5, random_state=0).fit(images[:600], y[:600])
    return classifier, images, y


@pytest.mark.parametrize(
    "convert",
    [
        pytest.param(lambda X: X.reshape(len(X), 64), id="rows"),
        pytest.param(lambda X: X, id="images"),
        pytest.param(lambda X: X[..., np.newaxis], id="one-channel"),
        pytest.param(lambda X: list(X), id="list-of-images"),
        pytest.param(lambda X: X.reshape(len(X), 64).tolist(), id="list-of-lists"),
        pytest.param(lambda X: X.astype(np.float32), id="float32"),
        pytest.param(lambda X: X.astype(np.float64), id="float64"),
        pytest.param(lambda X: X.astype(np.int64), id="int64"),
        pytest.param(lambda X: X.astype(np.uint16), id="uint16"),
        pytest.param(lambda X: np.asfortranarray(X.reshape(len(X), 64)), id="fortran"),
        pytest.param(lambda X: pd.DataFrame(X.reshape(len(X), 64)), id="pandas"),
        pytest.param(lambda X: sparse.csr_array(X.reshape(len(X), 64)), id="csr"),
        pytest.param(lambda X: sparse.csc_matrix(X.reshape(len(X), 64)), id="csc"),
        pytest.param(lambda X: X[:, np.newaxis], id="channel-first"),
        pytest.param(lambda X: list(X[:, np.newaxis]), id="list-channel-first"),
        pytest.param(lambda X: X.tolist(), id="nested-lists"),
        pytest.param(Foreign, id="array-method"),
        pytest.param(ForeignWithShape, id="array-method-and-shape"),
        pytest.param(lambda X: Foreign(X[:, np.newaxis]), id="array-method-channel"),
        pytest.param(tensor, id="tensorflow"),
        pytest.param(lambda X: tensor(X.reshape(len(X), 64)), id="tensorflow-rows"),
        pytest.param(lambda X: list(map(tensor, X)), id="list-of-tensors"),
        pytest.param(dask_array, id="dask"),
        pytest.param(lambda X: dask_array(X[:, np.newaxis]), id="dask-channel-first"),
    ],
)
def test_all_containers_and_dtypes_give_the_same_probabilities(by_shape, convert):
    classifier, images, _ = by_shape
    expected = classifier.predict_proba(images[:50])
    np.testing.assert_array_equal(
        classifier.predict_proba(convert(images[:50])), expected
    )


@pytest.mark.parametrize(
    ("convert", "image_shape"),
    [
        pytest.param(lambda X: X.reshape(len(X), 64), None, id="rows"),
        pytest.param(lambda X: X[..., np.newaxis], (8, 8), id="channel-last"),
        pytest.param(lambda X: X[:, np.newaxis], (8, 8), id="channel-first"),
        pytest.param(Foreign, (8, 8), id="array-method"),
        pytest.param(tensor, (8, 8), id="tensorflow"),
        pytest.param(lambda X: tensor(X.reshape(len(X), 64)), None, id="tensor-rows"),
    ],
)
def test_images_of_all_kinds_train_the_same_network(by_shape, convert, image_shape):
    classifier, images, y = by_shape
    other = MNISTClassifier(epochs=5, random_state=0).fit(
        convert(images[:600]), y[:600]
    )
    assert other.n_features_in_ == classifier.n_features_in_ == 64
    assert other.image_shape_ == image_shape
    for ours, theirs in zip(other.coefs_, classifier.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_tensors_are_validated_and_scored_like_arrays(by_shape):
    classifier, images, y = by_shape
    X, y = images[:100], y[:100]
    score = classifier.score(tensor(X), tensor(y))
    assert score == classifier.score(X, y)
    fit = MNISTClassifier(epochs=1).fit(X, tensor(y), X_val=tensor(X), y_val=tensor(y))
    assert len(fit.history_["val_loss"]) == 1


def test_a_display_takes_images_with_the_channel_first(by_shape, pyplot):
    _, images, y = by_shape
    display = DigitGridDisplay.from_images(images[:4, np.newaxis], y[:4])
    np.testing.assert_array_equal(display.images, images[:4])


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param("three.png", id="path"),
        pytest.param(["three.png", "four.png"], id="paths"),
        pytest.param(np.array(["three.png"]), id="array-of-paths"),
        pytest.param(Path("three.png"), id="path-object"),
        pytest.param([Path("three.png")], id="path-objects"),
        pytest.param(b"\x89PNG", id="bytes"),
        pytest.param(Image.new("L", (8, 8)), id="pillow"),
        pytest.param([np.zeros((8, 8)), np.zeros((9, 9))], id="different-sizes"),
    ],
)
def test_the_error_for_pictures_names_the_transformer_for_them(by_shape, picture):
    with pytest.raises(ValueError, match=r"`X` must .* DigitNormalizer\(\)\.transform"):
        by_shape[0].predict(picture)
    with pytest.raises(ValueError, match=r"`X` must .* DigitNormalizer\(\)\.transform"):
        MNISTClassifier().fit(picture, [0, 1])


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_feature_names_are_stored_and_compared(frame, tiny):
    X, y = tiny
    names = [f"pixel{i}" for i in range(9)]
    table = frame({name: X[:, i] for i, name in enumerate(names)})
    classifier = MNISTClassifier(epochs=1, random_state=0).fit(table, y)
    assert classifier.feature_names_in_.tolist() == names
    with pytest.raises(ValueError, match="feature names should match"):
        classifier.predict(table[names[::-1]])


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.zeros((4, 3, 3, 3)), r"got \(4, 3, 3, 3\)"),
        (np.zeros((4, 1, 3, 3, 1)), r"got \(4, 1, 3, 3, 1\)"),
        (np.full((4, 9), "ink"), "must hold numbers.*got strings"),
        ([["1"] * 9] * 4, "must hold numbers.*got strings, such as '1'"),
        (np.full((4, 9), "1", dtype=object), "must hold numbers.*got strings"),
        (pd.DataFrame(np.full((4, 9), "1")), "must hold numbers.*got strings"),
        (np.full((4, 9), np.nan), "contains NaN"),
        (np.full((4, 9), np.inf), "contains infinity"),
        (np.full((4, 9), 1e300), "too large for dtype"),
        (np.zeros((4, 9), dtype=complex), "Complex data not supported"),
        (np.zeros(9), "Expected 2D array, got 1D array"),
        (np.zeros((0, 9)), "0 sample"),
    ],
)
def test_input_that_is_not_a_set_of_images_is_refused(X, message, tiny):
    classifier = MNISTClassifier(epochs=1)
    with pytest.raises(ValueError, match=message):
        classifier.fit(X, np.arange(len(X)) % 2)
    classifier.fit(*tiny)
    with pytest.raises(ValueError, match=message):
        classifier.predict(X)


@pytest.mark.parametrize(
    ("convert", "shape"),
    [
        pytest.param(lambda image: image, (8, 8), id="array"),
        pytest.param(
            lambda image: image[..., np.newaxis], (8, 8, 1), id="channel-last"
        ),
        pytest.param(lambda image: image.tolist(), (8, 8), id="nested-lists"),
        pytest.param(Foreign, (8, 8), id="array-method"),
        pytest.param(tensor, (8, 8), id="tensorflow"),
    ],
)
def test_the_error_for_a_single_image_says_how_to_wrap_it(by_shape, convert, shape):
    classifier, images, _ = by_shape
    message = f"got one image of shape {shape}: wrap it as X[None], which has the shape"
    with pytest.raises(ValueError, match=re.escape(f"{message} (1, {str(shape)[1:]}.")):
        classifier.predict(convert(images[0]))
    assert classifier.predict(images[0][None]).shape == (1,)


def test_a_single_image_in_fit_is_refused():
    with pytest.raises(ValueError, match=r"one image of shape \(28, 28\)"):
        MNISTClassifier().fit(np.zeros((28, 28)), [3])


def test_images_of_another_shape_are_refused(by_shape):
    classifier, images, _ = by_shape
    with pytest.raises(ValueError, match=r"images of shape \(8, 8\) .* got \(4, 16\)"):
        classifier.predict(images[:3].reshape(3, 4, 16))


def test_another_number_of_pixels_is_refused(by_shape):
    classifier, _, _ = by_shape
    with pytest.raises(ValueError, match="X has 63 features, but MNISTClassifier is"):
        classifier.predict(np.zeros((2, 63)))


def test_another_number_of_labels_is_refused():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        MNISTClassifier().fit(np.zeros((4, 9)), [0, 1, 0])
