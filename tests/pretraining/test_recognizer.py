import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

pytest.importorskip("recognizer.network", reason="the folder pretraining is not here")

from detector.marks import CLASSES, IGNORED
from recognizer.examples import BORDER, NOTHING, draw_examples, name_boxes
from recognizer.export import build_onnx
from recognizer.network import build_network

from skmnist._reading.recognition import N_PIXELS
from tests.onnx_runtime import onnxruntime

LARGEST = 600_000  # bytes, in the package


@pytest.fixture(scope="module")
def network():
    """A network whose normalizations are not those of a new one."""
    rng = np.random.default_rng(0)
    network = build_network()
    network.set_weights(
        [
            w * rng.uniform(0.6, 1.1, w.shape).astype(np.float32)
            + (rng.uniform(0, 0.1, w.shape).astype(np.float32) if w.ndim == 1 else 0)
            for w in network.get_weights()
        ]
    )
    return network


def test_onnx_answers_as_the_network_does(network):
    rng = np.random.default_rng(2)
    windows = rng.integers(0, 256, (7, N_PIXELS, N_PIXELS)).astype(np.uint8)
    windows[0] = 80
    logits = network(windows[..., None], training=False)
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    session = onnxruntime.InferenceSession(build_onnx(network).SerializeToString())
    (probabilities,) = session.run(None, {"windows": windows[:, None]})
    # Kernels are stored in half precision: eleven bits.
    assert_allclose(probabilities, expected, atol=5e-3)
    assert probabilities.shape == (7, len(CLASSES) + 1)


def test_onnx_is_small(network):
    assert len(build_onnx(network).SerializeToString()) < LARGEST


def test_boxes_are_named_by_what_lies_in_them():
    boxes = np.array([[10, 10, 30, 40], [60, 10, 64, 14], [100, 10, 130, 40]], float)
    labels = np.array([7, CLASSES.index("."), IGNORED])
    found = np.array(
        [
            [11, 11, 30, 40],  # the seven
            [10, 10, 30, 22],  # its bar
            [22, 10, 42, 40],  # half of it, and half of what is beside it
            [60, 10, 64, 14],  # the point
            [101, 12, 131, 40],  # what cannot be told
            [150, 10, 170, 40],  # paper
        ]
    )
    names = name_boxes(found, boxes, labels)
    assert names.tolist() == [7, IGNORED, NOTHING, 11, IGNORED, NOTHING]
    assert name_boxes(found, boxes[:0], labels[:0]).tolist() == 6 * [NOTHING]
    assert name_boxes(found[:0], boxes, labels).tolist() == []


def test_examples_are_the_same_however_many_processes_draw(material):
    windows, labels = draw_examples(material, 3, range(60), n_processes=1)
    others = draw_examples(material, 3, range(60), n_processes=2)
    assert_array_equal(windows, others[0])
    assert_array_equal(labels, others[1])
    side = N_PIXELS + 2 * BORDER
    assert windows.shape == (len(labels), side, side)
    # Digits, and what is taken for digits by mistake.
    assert np.mean(labels < 10) > 0.5
    assert (labels == NOTHING).any()
