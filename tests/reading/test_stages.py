import io

import numpy as np
import pytest
from PIL import Image

from skmnist import DigitNormalizer
from tests.sample_pictures import IMAGES, KINDS, draw_box


@pytest.mark.parametrize("kind", KINDS)
def test_explain_ends_with_the_result_of_transform(kind, tmp_path):
    picture = KINDS[kind](IMAGES[5], tmp_path / "digit.png")
    stages = DigitNormalizer().explain(picture)
    assert stages.result.dtype == np.uint8
    np.testing.assert_array_equal(
        stages.result.ravel(), DigitNormalizer().transform([picture])[0]
    )
    assert stages.ink.shape == stages.digit.shape
    assert stages.digit.max() <= 1


def test_explain_shows_what_was_removed():
    stages = DigitNormalizer().explain(draw_box(IMAGES[5]))
    assert 0 < (stages.digit > 0.5).sum() < 0.8 * (stages.ink > 0.5).sum()


def test_the_stages_are_drawn_side_by_side(pyplot):
    stages = DigitNormalizer().explain(draw_box(IMAGES[5]))
    assert stages.plot() is stages
    assert stages.axes_.shape == (4,)
    assert all(ax.figure is stages.figure_ for ax in stages.axes_)
    drawn = [ax.images[0].get_array() for ax in stages.axes_]
    expected = [stages.picture, stages.ink, stages.digit, stages.result]
    assert all(np.array_equal(a, b) for a, b in zip(drawn, expected, strict=True))
    titles = [ax.get_title() for ax in stages.axes_]
    assert titles == ["Picture", "Ink", "Digit", "As MNIST's"]
    left = [ax.get_position().x0 for ax in stages.axes_]
    assert left == sorted(left)


def test_given_axes_and_styles_are_used(pyplot):
    figure, axes = pyplot.subplots(2, 2)
    stages = DigitNormalizer().explain(IMAGES[5])
    stages.plot(axes=axes, image_kw={"cmap": "gray_r"})
    assert stages.figure_ is figure
    assert [*stages.axes_] == [*axes.ravel()]
    assert {ax.images[0].get_cmap().name for ax in axes.ravel()} == {"gray_r"}
    assert pyplot.get_fignums() == [figure.number]


def test_a_prompt_shows_the_sizes_and_a_notebook_the_pictures(pyplot):
    stages = DigitNormalizer().explain(IMAGES[5])
    height, width = stages.ink.shape
    expected = f"ink={height}x{width}, digit={height}x{width}, result=28x28)"
    assert repr(stages).startswith("DigitStages(picture=28x28, ")
    assert repr(stages).endswith(expected)
    content = stages._repr_png_()
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == (900, 260)
    assert pyplot.get_fignums() == []
    assert not hasattr(stages, "axes_")
