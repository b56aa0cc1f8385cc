import io

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("detector.page", reason="the folder pretraining is not here")

from detector.skeletons import Skeleton, make_line
from draw_sample_pages import draw
from sample_pages.pages import Tools
from sample_pages.strokes import Strokes
from sample_pages.writer import Models, Writer

from skmnist import load_digits28, load_sample_pages


@pytest.fixture(scope="module")
def tools(material):
    digits = load_digits28()
    models = Models(digits.images[:900], digits.target[:900])
    font = material.printed[0]
    return Tools(models, font, font, font)


def make_circle(x, y, radius, n_points):
    angles = np.linspace(0, 2 * np.pi, n_points, endpoint=False)
    points = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], 1)
    steps = np.arange(n_points)
    return points.astype(np.float32), np.stack([steps, (steps + 1) % n_points], 1)


def test_a_ring_is_one_closed_stroke():
    strokes = Strokes(Skeleton(*make_circle(0.5, 0.5, 0.5, 40)))
    assert (strokes.n_ends, strokes.n_junctions) == (0, 0)
    (line,) = strokes.lines
    np.testing.assert_array_equal(line[0], line[-1])
    assert np.hypot(*(line - 0.5).T) == pytest.approx(0.5, abs=0.02)


def test_lines_that_cross_are_two_straight_strokes():
    across = make_line([(x, 0.5) for x in np.linspace(0, 1, 21)])
    down = [(0.5, y) for y in np.linspace(0, 1, 21)]
    points = np.concatenate([across.points, np.float32(down)])
    edges = np.concatenate([across.edges, across.edges + 21])
    edges[edges == 31] = 10  # one middle for both
    strokes = Strokes(Skeleton(points, edges))
    assert (strokes.n_ends, strokes.n_junctions) == (4, 1)
    spans = sorted(np.ptp(line, axis=0).round(2).tolist() for line in strokes.lines)
    assert spans == [[0, 1], [1, 0]]


def test_a_spur_beside_a_junction_is_left_out():
    line = make_line([(0.5, y) for y in np.linspace(0, 1, 41)])
    spur = line.add_line((0.5, 0.5), (0.54, 0.5), n_points=3)
    edges = np.where(spur.edges == 41, 20, spur.edges)
    strokes = Strokes(Skeleton(spur.points, edges))
    assert (strokes.n_ends, strokes.n_junctions) == (2, 0)


def test_ends_of_a_stroke_stay(tools):
    (line,) = Strokes(make_line([(0, y) for y in np.linspace(0, 1, 30)])).lines
    np.testing.assert_allclose(line[[0, -1]], [(0, 0), (0, 1)], atol=1e-6)


def test_a_writer_s_digits_are_alike_and_never_the_same(tools):
    writer = Writer(np.random.default_rng(0), tools.models, tools.letters)
    first, again = (np.concatenate(writer.write("2", 0, 0, 1)[0]) for _ in range(2))
    assert first.shape != again.shape or (first != again).any()
    assert np.abs(np.ptp(first, axis=0) - np.ptp(again, axis=0)).max() < 0.3


def test_digits_stand_on_their_line(tools):
    writer = Writer(np.random.default_rng(0), tools.models, tools.letters)
    lines, x = writer.write("0823", 10, 100, 40)
    points = np.concatenate(lines)
    assert points[:, 1].min() == pytest.approx(60, abs=6)
    assert points[:, 1].max() == pytest.approx(100, abs=4)
    assert points[:, 0].min() > 7
    assert points[:, 0].max() < x + 3


def test_measuring_draws_nothing(tools):
    one, other = (
        Writer(np.random.default_rng(0), tools.models, tools.letters) for _ in range(2)
    )
    wide = one.measure("123", 40)
    assert one.write("123", 0, 0, 40)[1] == other.write("123", 0, 0, 40)[1] == wide


def test_the_same_page_is_drawn_again(tools):
    png, text = draw("label", tools)
    assert (png, text) == draw("label", tools)
    assert text == load_sample_pages().texts[5]
    assert Image.open(io.BytesIO(png)).size == (760, 560)
