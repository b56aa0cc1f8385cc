import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn import config_context
from sklearn.preprocessing import StandardScaler

from skmnist import PixelRangeWarning, PixelScaler


@pytest.mark.parametrize(
    ("dtype", "largest", "scale"),
    [
        (np.bool_, 1, 1),
        (np.uint8, 200, 255),
        (np.uint16, 300, 65535),
        (np.int64, 200, 200),
        (np.float32, 16, 16),
        (np.float64, 0.5, 0.5),
    ],
)
def test_auto_is_the_maximum_of_image_dtypes_and_otherwise_of_the_data(
    dtype, largest, scale
):
    X = np.array([[0, largest], [0, 0]], dtype=dtype)
    scaler = PixelScaler().fit(X)
    assert scaler.scale_ == scale
    transformed = scaler.transform(X)
    assert transformed.dtype == np.float32
    np.testing.assert_allclose(transformed, X / scale, rtol=1e-6)


def test_auto_uses_the_absolute_values_of_negative_numbers():
    X = np.array([[-4.0, 2.0]])
    np.testing.assert_allclose(PixelScaler().fit_transform(X), [[-1, 0.5]])


def test_blank_images_stay_blank():
    X = np.zeros((3, 4))
    np.testing.assert_array_equal(PixelScaler().fit_transform(X), X)


@pytest.mark.parametrize("max_value", [12, 12.0, np.float16(12), np.uint8(12)])
def test_a_number_fixes_the_scale(max_value):
    X = np.array([[3.0, 6.0]])
    np.testing.assert_allclose(
        PixelScaler(max_value=max_value).fit_transform(X), [[0.25, 0.5]]
    )


@pytest.mark.parametrize(
    "max_value",
    [0, -1, 1e-45, 3e38, 10**400, np.inf, np.nan, "max", None, np.ones(3), ["auto"]],
)
def test_an_invalid_max_value_is_refused(max_value):
    with pytest.raises(ValueError, match="`max_value` must be 'auto' or a number from"):
        PixelScaler(max_value=max_value).fit(np.ones((2, 2)))


@pytest.mark.parametrize("largest", [1e-44, 1e-31, 1e31])
def test_pixels_too_small_or_too_large_to_compute_with_are_refused(largest):
    with pytest.raises(ValueError, match="`X` must hold pixels whose largest"):
        PixelScaler().fit(np.array([[0, largest]]))


def test_inverse_transform_restores_the_pixels():
    X = np.arange(256, dtype=np.uint8).reshape(16, 16)
    scaler = PixelScaler().fit(X)
    np.testing.assert_allclose(
        scaler.inverse_transform(scaler.transform(X)), X, rtol=1e-6
    )


def test_images_keep_their_shape():
    X = np.random.default_rng(0).integers(0, 256, (5, 4, 4), dtype=np.uint8)
    assert PixelScaler().fit_transform(X).shape == (5, 4, 4)


@pytest.mark.parametrize(("library", "frame"), [("pandas", pd), ("polars", pl)])
def test_rows_become_data_frames_on_request_and_images_stay_arrays(library, frame):
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 4), dtype=np.uint8)
    expected = PixelScaler().fit_transform(images)
    for scaler in (PixelScaler(), PixelScaler().set_output(transform=library)):
        with config_context(transform_output=library):
            for scaled in (scaler.fit_transform(images), scaler.transform(images)):
                np.testing.assert_array_equal(scaled, expected)
            assert not hasattr(scaler, "get_feature_names_out")
            rows = scaler.fit_transform(images.reshape(5, 16))
        assert isinstance(rows, frame.DataFrame)
        assert [*rows.columns] == [f"x{i}" for i in range(16)]
        np.testing.assert_array_equal(rows.to_numpy(), expected.reshape(5, 16))


def test_pixels_may_underflow_where_numpy_is_set_to_raise():
    X = np.array([[0, 1e-50], [0, 1e-30]])
    with np.errstate(all="raise"):
        scaler = PixelScaler(max_value=1e10).fit(X)
        assert not scaler.transform(X)[0].any()
        assert scaler.inverse_transform(X)[0, 1] == 0


@pytest.mark.parametrize("container", [sparse.csr_array, sparse.csc_matrix])
def test_sparse_pixels_stay_sparse(container):
    X = container(np.array([[0, 255], [51, 0]], dtype=np.uint8))
    transformed = PixelScaler().fit_transform(X)
    assert sparse.issparse(transformed)
    assert transformed.dtype == np.float32
    np.testing.assert_allclose(transformed.toarray(), [[0, 1], [0.2, 0]], rtol=1e-6)


def test_a_pixel_that_was_nearly_always_blank_stays_in_range():
    """StandardScaler makes such a pixel huge; therefore all pixels share one scale."""
    X = np.zeros((1000, 2), dtype=np.uint8)
    X[:, 0], X[0, 1] = 128, 1
    late_ink = np.array([[128, 255]], dtype=np.uint8)
    assert PixelScaler().fit(X).transform(late_ink).max() == 1
    assert StandardScaler().fit(X).transform(late_ink).max() > 1000


@pytest.mark.parametrize(
    ("seen", "given", "remedy"),
    [
        (np.uint8(255), np.float64(1.0), "Multiply them by 255"),
        (np.float64(16), np.float64(0.9), "Multiply them by 16"),
        (np.float32(1), np.uint8(255), "Divide them by their full range"),
    ],
)
def test_pixels_on_another_scale_raise_a_warning(seen, given, remedy):
    scaler = PixelScaler().fit(np.array([[0, seen]], dtype=seen.dtype))
    with pytest.warns(PixelRangeWarning, match=remedy):
        scaler.transform(np.array([[0, given]], dtype=given.dtype))


@pytest.mark.parametrize(
    ("seen", "given"),
    [
        ([[0, 255]], [[0, 0]]),
        ([[0, 255]], [[0, 2]]),
        ([[0, 1]], [[0, 1.5]]),
        ([[-3, 3]], [[0, 0.5]]),
        ([[0, 3]], [[0, 0.5]]),
        ([[0, 3]], [[0, 200]]),
    ],
)
def test_pixels_that_may_be_on_the_same_scale_raise_no_warning(seen, given):
    scaler = PixelScaler().fit(np.array(seen, dtype=float))
    assert scaler.transform(np.array(given, dtype=float)).shape == (1, 2)
