"""Reading an ONNX file: what was written, and no more memory than the file has."""

import time
import tracemalloc
from contextlib import suppress

import numpy as np
import onnx
import pytest

from skmnist._network.onnx_reader import read_portable_graph
from tests.network.test_onnx_graph import graphs_of, make_classifier


def test_weights_are_read_back_as_they_were_written():
    classifier = make_classifier(batch_norm=True)
    model = graphs_of(classifier)[1]
    model.metadata_props.add(key="a", value="b")
    metadata, weights = read_portable_graph(model.SerializeToString())
    assert metadata == {"a": b"b"}
    for written, read in zip(classifier._state.weights, weights, strict=True):
        np.testing.assert_array_equal(written, read, strict=True)


def test_kernels_stored_with_the_channels_first_are_turned():
    kernel = np.arange(24, dtype="f4").reshape(1, 2, 3, 4)
    stored = onnx.numpy_helper.from_array(
        np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)), "weight_0_oihw"
    )
    model = onnx.ModelProto(graph=onnx.GraphProto(initializer=[stored]))
    _, weights = read_portable_graph(model.SerializeToString())
    np.testing.assert_array_equal(weights, [kernel], strict=True)


def test_concatenated_models_are_read_as_one():
    graph = onnx.GraphProto()
    zeros = onnx.numpy_helper.from_array(np.zeros(2, "f4"), "weight_0")
    graph.initializer.append(zeros)
    model = onnx.ModelProto(graph=graph)
    graph.initializer[0].name = "weight_1"
    model.metadata_props.add(key="a", value="b")
    other = onnx.ModelProto(graph=graph)
    other.metadata_props.add(key="c", value="d")
    content = model.SerializeToString() + other.SerializeToString()
    metadata, weights = read_portable_graph(content)
    assert metadata == {"a": b"b", "c": b"d"}
    assert [w.shape for w in weights] == [(2,), (2,)]


def wrap(number, content):
    """Return a field of bytes, encoded."""
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def varint(number):
    encoded = b""
    while number > 127:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])


MANY = 500_000
HUGE = {
    "empty initializers": wrap(7, wrap(5, b"") * MANY),
    "empty nodes": wrap(7, wrap(1, b"") * MANY),
    "empty graphs": wrap(7, b"") * MANY,
    "empty entries of metadata": wrap(14, b"") * MANY,
    "numbers of a tensor": wrap(7, wrap(5, b"\x08\x00" * MANY)),
    "unknown numbers": b"\x98\x06\x00" * MANY,
    "parts of one entry": wrap(14, wrap(1, b"") * MANY),
    "packed zeros": wrap(7, wrap(5, wrap(4, bytes(2 * MANY)))),
    "long text": wrap(7, wrap(2, b"x" * 2 * MANY)),
}


@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE)
def test_neither_memory_nor_time_grows_with_what_a_file_describes(content):
    # What is skipped as a whole need not be refused.
    started = time.process_time()
    with suppress(ValueError):
        read_portable_graph(content)
    assert time.process_time() - started < 5
    tracemalloc.start()
    try:
        with suppress(ValueError):
            read_portable_graph(content)
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["empty initializers", "numbers of a tensor"])
def test_a_file_with_more_entries_than_any_network_is_refused(name):
    with pytest.raises(ValueError, match="it has more than 131,072 entries"):
        read_portable_graph(HUGE[name])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xff" * 20, id="endless number"),
        pytest.param(b"\x80", id="unfinished number"),
        pytest.param(b"\x3a\x7f", id="length beyond the end"),
        pytest.param(b"\x3a" + varint(2**63), id="huge length"),
        pytest.param(b"\x39\x00", id="short fixed number"),
        pytest.param(b"\x3b\x3c", id="group"),
    ],
)
def test_content_that_is_not_a_model_is_refused(content):
    with pytest.raises(ValueError, match="it is not an ONNX model"):
        read_portable_graph(content)
