import tracemalloc

import numpy as np
import pytest
from PIL import Image

from skmnist._pictures.loading import load_picture


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
@pytest.mark.parametrize("size", [(900, 1100), (611, 397), (3001, 40)])
def test_a_deep_picture_is_shrunk_as_pillow_would(dtype, size):
    rng = np.random.default_rng(0)
    # Smooth, so that what lies in a block of pixels is alike.
    levels = rng.uniform(0, 60_000, (12, 12)).astype(np.float32)
    levels = np.asarray(Image.fromarray(levels).resize(size[::-1]))
    levels = levels.clip(0, 65_535).astype(dtype)
    white = 65_535 if dtype != np.float32 else levels.max()
    gray = load_picture(Image.fromarray(levels), 100).gray
    expected = Image.fromarray(levels.astype(np.float32) / np.float32(white))
    expected = expected.resize(
        gray.shape[::-1], Image.Resampling.HAMMING, reducing_gap=2.0
    )
    np.testing.assert_allclose(gray, np.asarray(expected).clip(0, 1), atol=1e-5)


def test_a_large_deep_picture_takes_little_memory():
    image = Image.fromarray(np.full((4000, 4000), 40_000, np.uint16))
    load_picture(image, 100)  # what is imported does not count
    tracemalloc.start()
    gray = load_picture(image, 1000).gray
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert gray.shape == (1000, 1000)
    # Four bytes for each pixel of the picture would be 64 million.
    assert peak < 40e6
