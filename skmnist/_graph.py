"""The ONNX graph of a dense network, and the session that predicts with it.

ONNX Runtime computes each row in the same way whatever the batch and the number of
threads, bit for bit, which NumPy's products do not, and it needs no Keras.
"""

import os

import numpy as np

from skmnist._architecture import BATCH_NORM_EPSILON

# Keras's name of an activation -> its ONNX operator and attributes.
ACTIVATIONS = {
    "elu": ("Elu", {}),
    "gelu": ("Gelu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.2}),
    "linear": ("Identity", {}),
    "relu": ("Relu", {}),
    "selu": ("Selu", {}),
    "sigmoid": ("Sigmoid", {}),
    "softplus": ("Softplus", {}),
    "tanh": ("Tanh", {}),
}

# The first operator set with Gelu, and a file format that runtimes since 2023 read.
_OPSET, _IR_VERSION = 20, 9


def build_graph(architecture, weights, scale):
    """Write the network from raw pixels to logits as an ONNX model.

    Parameters
    ----------
    architecture : Architecture
        The layers.
    weights : list of ndarray
        In the order of Keras's `get_weights`.
    scale : float
        What raw pixels are divided by. It is folded into the first kernel.

    Returns
    -------
    bytes
        A serialized ONNX model: input "pixels", float32 of shape (n, n_features);
        output "logits", float32 of shape (n, n_classes).
    """
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants, x = [], [], "pixels"

    def add(operator, inputs, **attributes):
        output = f"{operator.lower()}_{len(nodes)}"
        nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(array):
        name = f"constant_{len(constants)}"
        constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    divisor = np.float32(scale)
    for layer, arrays in architecture.layer_weights(weights):
        activation = None
        if layer.kind == "dense":
            kernel, bias = arrays
            x = add("Gemm", [x, constant(kernel / divisor), constant(bias)])
            divisor = np.float32(1)
            activation = layer.setting
        elif layer.kind == "batch_norm":
            names = [constant(array) for array in arrays]
            x = add("BatchNormalization", [x, *names], epsilon=BATCH_NORM_EPSILON)
        elif layer.kind == "activation":
            activation = layer.setting
        if activation in ACTIVATIONS:
            operator, attributes = ACTIVATIONS[activation]
            x = add(operator, [x], **attributes)
    nodes.append(helper.make_node("Identity", [x], ["logits"]))

    def value(name, width):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width])

    graph = helper.make_graph(
        nodes,
        "skmnist",
        [value("pixels", architecture.n_features)],
        [value("logits", architecture.n_classes)],
        constants,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
    )
    return model.SerializeToString()


class GraphSession:
    """Runs a graph, in any thread and in any process that inherits it.

    Parameters
    ----------
    graph : bytes
        As `build_graph` returns it.
    """

    def __init__(self, graph):
        self._graph = graph
        self._process = None

    def run(self, X):
        """Return the logits of raw pixels.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Raw pixels.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), float32
            The logits.
        """
        if self._process != os.getpid():
            # The threads of a session do not survive a fork.
            self._session, self._process = self._open(), os.getpid()
        pixels = np.ascontiguousarray(X, dtype=np.float32)
        return self._session.run(["logits"], {"pixels": pixels})[0]

    def _open(self):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = 1
        # Idle threads that spin would take the cores from a fit next to them.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(
            self._graph, options, providers=["CPUExecutionProvider"]
        )
