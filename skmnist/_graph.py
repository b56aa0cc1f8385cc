"""ONNX graphs of a dense network: one to predict with, one to give away."""

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


def build_logits_graph(architecture, weights, scale):
    """Write the network from raw pixels to logits, as fast as can be.

    Parameters
    ----------
    architecture : Architecture
        The layers.
    weights : list of ndarray
        In the order of Keras's `get_weights`.
    scale : float
        What raw pixels are divided by; folded into the first kernel.

    Returns
    -------
    bytes
        A serialized ONNX model: input "pixels", float32 of shape (n, n_features);
        output "logits", float32 of shape (n, n_classes).
    """
    weights = [weights[0] / np.float32(scale), *weights[1:]]
    graph = _Graph()
    graph.add_network("pixels", architecture, weights)
    model = graph.finish(
        {"pixels": (np.float32, architecture.n_features)},
        {"logits": (np.float32, architecture.n_classes)},
    )
    return model.SerializeToString()


def build_portable_graph(architecture, weights, scale, classes, pixel_dtype):
    """Write the network from raw pixels to labels and probabilities.

    Parameters
    ----------
    architecture : Architecture
        The layers.
    weights : list of ndarray
        In the order of Keras's `get_weights`; they stand in the graph as they are,
        under the names "weight_0", "weight_1", ...
    scale : float
        What raw pixels are divided by.
    classes : ndarray of shape (n_classes,)
        The labels: int64, float64, bool or str.
    pixel_dtype : dtype
        Of the raw pixels that the graph takes.

    Returns
    -------
    onnx.ModelProto
        Input "pixels" of shape (n, n_features); outputs "label" of shape (n,),
        "probabilities" and "logits", float32 of shape (n, n_classes).
    """
    graph = _Graph()
    x = graph.add("Cast", ["pixels"], to=graph.type_of(np.float32))
    x = graph.add("Div", [x, graph.constant(np.float32(scale), "scale")])
    graph.add_network(x, architecture, weights)
    graph.add("Softmax", ["logits"], "probabilities", axis=1)
    best = graph.add("ArgMax", ["logits"], axis=1, keepdims=0)
    graph.add("Gather", [graph.constant(classes, "classes"), best], "label", axis=0)
    return graph.finish(
        {"pixels": (pixel_dtype, architecture.n_features)},
        {
            "label": (classes.dtype, None),
            "probabilities": (np.float32, architecture.n_classes),
            "logits": (np.float32, architecture.n_classes),
        },
    )


class _Graph:
    """Collects nodes and constants into an ONNX model."""

    def __init__(self):
        import onnx  # only what writes graphs needs it
        import onnx.numpy_helper

        self._onnx = onnx
        self._nodes, self._constants = [], []

    def type_of(self, dtype):
        """Return ONNX's number for a dtype."""
        dtype = np.dtype(dtype)
        if dtype.kind in "OU":
            return self._onnx.TensorProto.STRING
        return self._onnx.helper.np_dtype_to_tensor_dtype(dtype)

    def add(self, operator, inputs, output=None, **attributes):
        """Add a node and return the name of its output."""
        output = output or f"{operator.lower()}_{len(self._nodes)}"
        node = self._onnx.helper.make_node(operator, inputs, [output], **attributes)
        self._nodes.append(node)
        return output

    def constant(self, array, name):
        """Add a constant and return its name."""
        array = np.asarray(array)
        if array.dtype.kind == "U":
            array = array.astype(object)
        self._constants.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def add_network(self, x, architecture, weights):
        """Add the layers from scaled pixels to "logits"."""
        names = [self.constant(w, f"weight_{i}") for i, w in enumerate(weights)]
        *hidden, (_, last) = architecture.layer_weights(names)
        for layer, arrays in hidden:
            if layer.kind == "dense":
                x = self.add("Gemm", [x, *arrays])
            elif layer.kind == "batch_norm":
                x = self.add(
                    "BatchNormalization", [x, *arrays], epsilon=BATCH_NORM_EPSILON
                )
            if layer.kind != "dropout" and layer.setting is not None:
                operator, attributes = ACTIVATIONS[layer.setting]
                x = self.add(operator, [x], **attributes)
        self.add("Gemm", [x, *last], "logits")

    def finish(self, inputs, outputs):
        """Return the model."""
        helper = self._onnx.helper
        graph = helper.make_graph(
            self._nodes,
            "skmnist",
            [self._value(name, *value) for name, value in inputs.items()],
            [self._value(name, *value) for name, value in outputs.items()],
            self._constants,
        )
        return helper.make_model(
            graph,
            producer_name="skmnist",
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
        )

    def _value(self, name, dtype, width):
        shape = ["n"] if width is None else ["n", width]
        return self._onnx.helper.make_tensor_value_info(
            name, self.type_of(dtype), shape
        )
