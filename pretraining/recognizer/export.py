"""The trained recognizer as ONNX, batch normalization folded."""

import numpy as np
from _onnx_graph import OnnxGraph
from detector.marks import CLASSES
from onnx import TensorProto

from recognizer.network import CONTRAST_FLOOR, N_BLOCKS
from skmnist._reading.recognition import N_PIXELS


def build_onnx(model):
    """Write the network from windows to what is in them.

    Parameters
    ----------
    model : keras.Model
        Of `network.build_network`.

    Returns
    -------
    onnx.ModelProto
        Input "windows", uint8 of shape (n, 1, N_PIXELS, N_PIXELS); output
        "probabilities", float32 of shape (n, n_classes + 1), the last of nothing.
    """
    graph = OnnxGraph(model, is_half=True)
    x = _add_contrast(graph)
    for k, n_blocks in enumerate(N_BLOCKS):
        x = graph.add_conv(x, f"stem_{k}", stride=1 if k == 0 else 2)
        for i in range(n_blocks):
            y = graph.add_conv(x, f"block_{k}_{i}_a")
            y = graph.add_conv(y, f"block_{k}_{i}_b", activate=False)
            x = graph.add("Relu", [graph.add("Add", [x, y])])
    # Keras flattens with the channels last.
    x = graph.add("Flatten", [graph.add("Transpose", [x], perm=[0, 2, 3, 1])])
    logits = graph.add_dense(x, "logits", "logits")
    graph.add("Softmax", [logits], "probabilities")
    return graph.finish(
        "recognizer",
        {"windows": ["n", 1, N_PIXELS, N_PIXELS]},
        {"probabilities": ["n", len(CLASSES) + 1]},
        {"classes": CLASSES},
    )


def _add_contrast(graph):
    """Add what brings grey levels to contrasts; see `network.WindowContrast`."""
    windows = graph.add("Cast", ["windows"], to=TensorProto.FLOAT)
    axes = graph.constant("axes", np.array([2, 3]))
    difference = graph.add("Sub", [windows, graph.add("ReduceMean", [windows, axes])])
    square = graph.add("Mul", [difference, difference])
    spread = graph.add("Sqrt", [graph.add("ReduceMean", [square, axes])])
    floor = graph.constant("floor", np.float32(CONTRAST_FLOOR))
    return graph.add("Div", [difference, graph.add("Add", [spread, floor])])
