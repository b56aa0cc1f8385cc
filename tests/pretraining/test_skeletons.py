import numpy as np
import pytest

pytest.importorskip("detector.skeletons", reason="the folder pretraining is not here")

from detector.pens import Pen
from detector.raster import thin
from detector.skeletons import find_skeleton

from skmnist import load_digits28


def test_thinned_bar_is_one_pixel_wide():
    mask = np.zeros((9, 30), np.uint8)
    mask[2:7, 3:27] = 1
    thin(mask)
    assert mask.sum(axis=0).max() == 1
    assert mask.any(axis=0).sum() > 18


def test_skeleton_stands_on_its_line_and_keeps_the_shape():
    images = load_digits28().images[:20]
    for image in images:
        skeleton = find_skeleton(image)
        assert skeleton.points[:, 1].max() == pytest.approx(1)
        assert skeleton.points.min() >= -1e-6
        assert skeleton.edges.max() < len(skeleton.points)


@pytest.mark.parametrize("width", [0.05, 0.1, 0.2])
def test_pen_draws_lines_of_its_width(width):
    pen = Pen(width=width, softness=1.0)
    points = np.array([[10.0, 20.0], [60.0, 20.0]], np.float32)
    alpha, _, _ = pen.draw(points, np.array([[0, 1]]), 60.0, np.random.default_rng(0))
    drawn = alpha[:, alpha.shape[1] // 2].sum()
    assert drawn == pytest.approx(60 * width, rel=0.05)


def test_line_is_not_thinner_than_the_least():
    pen = Pen(width=0.01, least=1.2)
    assert pen.radius(20.0) == pytest.approx(0.6)
