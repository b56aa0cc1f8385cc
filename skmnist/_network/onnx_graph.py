"""ONNX graphs of a network: one that predicts here, and one that is saved."""

import numpy as np

from skmnist._network.architecture import (
    BATCH_NORM_EPSILON,
    LEAKY_RELU_SLOPE,
    SELU_ALPHA,
    SELU_SCALE,
)

# Versions of ONNX: the first operator set with Gelu, and the file format that goes
# with it, which runtimes have read since 2023.
_OPSET, _IR_VERSION = 20, 9


def build_logits_graph(architecture, weights, scale, temperature):
    """Build the graph that predicts here: from raw pixels to logits.

    Parameters
    ----------
    architecture : Architecture
        The layers.
    weights : list of ndarray
        In the order of Keras's `get_weights`.
    scale : float
        What raw pixels are divided by.
    temperature : float
        What the last layer's sums are divided by.

    Returns
    -------
    bytes
        A serialized ONNX model: input "pixels", float32 of shape (n, n_features);
        output "logits", float32 of shape (n, n_classes).
    """
    graph = _Graph()
    graph.add_network("pixels", architecture, weights, scale, temperature)
    model = graph.finish(
        {"pixels": (np.float32, architecture.n_features)},
        {"logits": (np.float32, architecture.n_classes)},
    )
    return model.SerializeToString()


def build_portable_graph(
    architecture, weights, scale, temperature, classes, pixel_dtype
):
    """Build the graph that is saved: from raw pixels to labels and probabilities.

    Parameters
    ----------
    architecture : Architecture
        The layers.
    weights : list of ndarray
        In the order of Keras's `get_weights`; stored unchanged as the initializers
        "weight_0", "weight_1", ...
    scale : float
        What raw pixels are divided by.
    temperature : float
        What the last layer's sums are divided by.
    classes : ndarray of shape (n_classes,)
        The labels: integers, float64, bool or str.
    pixel_dtype : dtype
        Type of the raw pixels.

    Returns
    -------
    onnx.ModelProto
        Input "pixels" of shape (n, n_features); outputs "label" of shape (n,),
        "probabilities" and "logits", float32 of shape (n, n_classes).
    """
    graph = _Graph()
    x = graph.add("Cast", ["pixels"], to=graph.type_of(np.float32))
    graph.add_network(x, architecture, weights, scale, temperature)
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


def metadata_entry(key, value):
    """Serialize one metadata entry, to be appended to a serialized model.

    Protocol buffers can be concatenated: a model followed by these bytes is a model
    with one more entry.

    Parameters
    ----------
    key, value : str
        The entry.

    Returns
    -------
    bytes
        A serialized model with this entry only.
    """
    import onnx

    entry = onnx.ModelProto()
    entry.metadata_props.add(key=key, value=value)
    return entry.SerializeToString()


class _Graph:
    """Collects nodes and constants into an ONNX model."""

    def __init__(self):
        import onnx  # only needed to write graphs
        import onnx.numpy_helper

        self._onnx = onnx
        self._nodes, self._constants = [], {}

    def type_of(self, dtype):
        """Return ONNX's type number of a dtype."""
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

    def constant(self, value, name):
        """Add a constant, or replace the one of this name, and return its name."""
        array = np.asarray(value)
        if array.dtype.kind == "U":
            array = array.astype(object)
        self._constants[name] = self._onnx.numpy_helper.from_array(array, name)
        return name

    def scalar(self, value):
        """Add a float32 number and return its name."""
        return self.constant(np.float32(value), f"number_{value}")

    def add_network(self, x, architecture, weights, scale, temperature):
        """Add the layers from raw pixels to "logits"."""
        names = [self.constant(w, f"weight_{i}") for i, w in enumerate(weights)]
        # Dividing the kernel instead of the pixels is free: runtimes do it once, when
        # they load the graph.
        scale = self.constant(np.float32(scale), "scale")
        names[0] = self.add("Div", [names[0], scale])
        for layer, arrays in architecture.layer_weights(names):
            x = self._add_layer(x, layer, arrays)
        self.add(
            "Div", [x, self.constant(np.float32(temperature), "temperature")], "logits"
        )

    def _add_layer(self, x, layer, arrays):
        """Add one layer; ONNX puts the channels of an image first, Keras last."""
        if layer.kind == "image":
            height, width, channels = layer.shape
            shape = np.array([-1, channels, height, width])
            x = self.add("Reshape", [x, self.constant(shape, "image_shape")])
        elif layer.kind == "conv":
            kernel = self.add("Transpose", [arrays[0]], perm=[3, 2, 0, 1])
            pad = layer.window // 2 if layer.padding == "same" else 0
            x = self.add("Conv", [x, kernel, arrays[1]], pads=[pad] * 4)
        elif layer.kind == "pool":
            x = self.add("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])
        elif layer.kind == "flatten":
            x = self.add("Transpose", [x], perm=[0, 2, 3, 1])
            x = self.add("Flatten", [x])
        elif layer.kind == "dense":
            x = self.add("Gemm", [x, *arrays])
        elif layer.kind == "batch_norm":
            x = self.add("BatchNormalization", [x, *arrays], epsilon=BATCH_NORM_EPSILON)
        if layer.kind in ("conv", "dense", "activation"):
            x = self._add_activation(x, layer.setting)
        return x

    def _add_activation(self, x, activation):
        # The graphs end in logits; the one that is saved adds the softmax itself.
        known = activation in ACTIVATIONS
        return ACTIVATIONS[activation](self, x) if known else x

    def finish(self, inputs, outputs):
        """Return the model."""
        helper = self._onnx.helper
        graph = helper.make_graph(
            self._nodes,
            "skmnist",
            [self._value(name, *value) for name, value in inputs.items()],
            [self._value(name, *value) for name, value in outputs.items()],
            list(self._constants.values()),
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


def _operator(name, **attributes):
    return lambda graph, x: graph.add(name, [x], **attributes)


def _add_elu(graph, x, alpha=1.0):
    """Add alpha * (exp(min(x, 0)) - 1) + max(x, 0)."""
    positive = graph.add("Relu", [x])
    exponential = graph.add("Exp", [graph.add("Sub", [x, positive])])
    negative = graph.add("Sub", [exponential, graph.scalar(1)])
    negative = graph.add("Mul", [negative, graph.scalar(alpha)])
    return graph.add("Add", [positive, negative])


def _add_selu(graph, x):
    elu = _add_elu(graph, x, SELU_ALPHA)
    return graph.add("Mul", [elu, graph.scalar(SELU_SCALE)])


def _add_softplus(graph, x):
    """Add log(exp(x) + exp(0))."""
    axis = graph.constant(np.array([-1]), "softplus_axis")
    one_behind = graph.constant(np.array([0, 1]), "softplus_pads")
    x = graph.add("Unsqueeze", [x, axis])
    pairs = graph.add("Pad", [x, one_behind, "", axis])
    return graph.add("ReduceLogSumExp", [pairs, axis], keepdims=0)


# Keras's name of an activation -> the function that adds it to a graph. ONNX Runtime's
# own Elu, Selu and Softplus round differently at the end of a batch than inside it; the
# operators used above round the same everywhere.
ACTIVATIONS = {
    "elu": _add_elu,
    "gelu": _operator("Gelu"),
    "leaky_relu": _operator("LeakyRelu", alpha=LEAKY_RELU_SLOPE),
    "linear": _operator("Identity"),
    "relu": _operator("Relu"),
    "selu": _add_selu,
    "sigmoid": _operator("Sigmoid"),
    "softplus": _add_softplus,
    "tanh": _operator("Tanh"),
}
