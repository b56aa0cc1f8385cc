"""Reads what a saved ONNX file holds, without trusting it and without copying it.

ONNX's own reader builds objects for all that a file describes, at up to a hundred times
its size in memory. This one walks the encoding of protocol buffers, skips what it does
not need, and returns views of the file.
"""

import numpy as np

# Entries: the most that are visited in a file. A network of 1,000 layers with batch
# normalization has 60,000. It takes a fifth of a second to visit them all.
_MOST_ENTRIES = 2**17

# Ends the names of kernels that are stored as ONNX's Conv takes them, with the channels
# first, and not as Keras does.
CHANNELS_FIRST = "_oihw"

# Numbers of the fields in onnx.proto.
_GRAPH, _METADATA = 7, 14  # of ModelProto
_INITIALIZER = 5  # of GraphProto
_KEY, _VALUE = 1, 2  # of StringStringEntryProto
_DIMS, _DATA_TYPE, _NAME, _RAW_DATA = 1, 2, 8, 9  # of TensorProto
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_FLOAT = 1  # TensorProto.FLOAT

# Kinds of encoding, and the bytes of those that have a fixed length.
_VARINT, _LENGTH = 0, 2
_FIXED = {1: 8, 5: 4}


def read_portable_graph(content):
    """Read a file with a graph of `build_portable_graph`, without trusting it.

    Parameters
    ----------
    content : bytes-like
        A serialized ONNX model.

    Returns
    -------
    metadata : dict of str to memoryview
        The metadata entries of the model, in UTF-8.
    weights : list of ndarray, float32
        In the order of Keras's `get_weights`; number and shapes are not checked. Views
        of `content`, which may not be aligned in memory: copy them before computing.

    Raises
    ------
    ValueError
        If a weight is not float32, or is stored in another file, which is not opened;
        or if the content is not an ONNX model.
    Exception
        If the content is wrong in a way that no check foresees.
    """
    walker, metadata, arrays = _Walker(), {}, {}
    for field, value in walker.fields(content):
        if field == _METADATA:
            entry = dict(walker.fields(value))
            metadata[str(entry.get(_KEY, b""), "utf-8")] = entry.get(_VALUE, b"")
        elif field == _GRAPH:
            for part, tensor in walker.fields(value):
                if part == _INITIALIZER:
                    arrays |= _read_weight([*walker.fields(tensor)])
    return metadata, [arrays[f"weight_{i}"] for i in range(len(arrays))]


def _read_weight(fields):
    """Return the array of a tensor by its name; nothing if it is no weight."""
    last = dict(fields)
    name = str(last.get(_NAME, b""), "utf-8")
    if last.get(_DATA_LOCATION) or _EXTERNAL_DATA in last:
        raise ValueError(f"it keeps {name!r:.50} in another file, which is not opened.")
    if not name.startswith("weight_"):
        return {}
    if last.get(_DATA_TYPE) != _FLOAT:
        raise ValueError(f"{name!r:.50} must be float32.")
    array = np.frombuffer(last.get(_RAW_DATA, b""), dtype="<f4")
    array = array.reshape([size for field, size in fields if field == _DIMS])
    if name.endswith(CHANNELS_FIRST):
        name, array = name.removesuffix(CHANNELS_FIRST), array.transpose(2, 3, 1, 0)
    return {name: array}


class _Walker:
    """Walks the fields of messages, up to a limit for all together."""

    def __init__(self):
        self._n_left = _MOST_ENTRIES

    def fields(self, message):
        """Yield the number of each field and its value, an int or a memoryview."""
        part, at = memoryview(message), 0
        while at < len(part):
            self._n_left -= 1
            if self._n_left < 0:
                raise ValueError(f"it has more than {_MOST_ENTRIES:,} entries.")
            tag, at = _read_varint(part, at)
            number, kind = tag >> 3, tag & 7
            if kind == _VARINT:
                value, at = _read_varint(part, at)
                yield number, value
                continue
            size = _FIXED.get(kind)
            if kind == _LENGTH:
                size, at = _read_varint(part, at)
            if size is None or size > len(part) - at:
                raise ValueError("it is not an ONNX model.")
            yield number, part[at : at + size]
            at += size


def _read_varint(part, at):
    """Return an integer of 7 bits a byte, lowest first, and the position after it."""
    number = 0
    for i, byte in enumerate(part[at : at + 10]):
        number |= (byte & 127) << 7 * i
        if byte < 128:
            return number, at + i + 1
    raise ValueError("it is not an ONNX model.")
