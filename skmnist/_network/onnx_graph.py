"""ONNX graphs of a network: one that predicts here, and one that is saved."""

import numpy as np

from skmnist._network.architecture import (
    BATCH_NORM_EPSILON,
    LEAKY_RELU_SLOPE,
    SELU_ALPHA,
    SELU_SCALE,
)
from skmnist._network.onnx_reader import CHANNELS_FIRST

# The version of ONNX's operator set, from 2020, that has most operators in the form
# used here, and the later versions that the others need. A graph states the lowest
# version that it needs, because older runtimes refuse newer ones.
_LOWEST_OPSET = 13
_OPSETS = {"Gelu": 20, "Pad": 18, "ReduceLogSumExp": 18}


def build_logits_graph(architecture, weights, scale, temperature):
    """Build the graph that predicts here: from raw pixels to logits.

    Parameters
    ----------
    architecture : Architecture
        The layers.
    weights : list of ndarray
        In the order of Keras's `get_weights`. Those of several networks, one after
        another, make an ensemble: its logits are the mean of theirs.
    scale : float
        What raw pixels are divided by.
    temperature : float
        What the logits are divided by.

    Returns
    -------
    bytes
        A serialized ONNX model: input "pixels", float32 of shape (n, n_features);
        output "logits", float32 of shape (n, n_classes).
    """
    graph = _Graph()
    # Dividing the kernel instead of the pixels is free. Tiny weights may underflow, and
    # the user may want NumPy to raise.
    with np.errstate(all="ignore"):
        weights = [
            array
            for first, *others in architecture.split_networks(weights)
            for array in (first / np.float32(scale), *others)
        ]
    graph.add_networks("pixels", architecture, weights, temperature, "logits")
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
        As for `build_logits_graph`; stored unchanged as the initializers "weight_0",
        "weight_1", ..., but kernels of convolutions transposed, as "weight_0_oihw".
    scale : float
        What raw pixels are divided by.
    temperature : float
        What the logits are divided by.
    classes : ndarray of shape (n_classes,)
        The labels: integers, float64, bool or str.
    pixel_dtype : dtype
        Type of the raw pixels that the graph takes.

    Returns
    -------
    onnx.ModelProto
        Input "pixels" of shape (n, n_features); outputs "label" of shape (n,),
        "probabilities" and "logits", float32 of shape (n, n_classes).
    """
    graph = _Graph()
    x = "pixels"
    if pixel_dtype != np.float32:
        x = graph.add("Cast", [x], to=graph.type_of(np.float32))
    # The pixels are divided, not the kernel: a divided kernel would have to be computed
    # in the graph, and its numbers are too small for float16.
    x = graph.add("Div", [x, graph.constant(np.float32(scale), "scale")])
    x = graph.add_networks(x, architecture, weights, temperature)
    # Not from "logits": some converters to float16 cannot handle an output of the graph
    # that is an input of a node.
    graph.add("Identity", [x], "logits")
    graph.add("Softmax", [x], "probabilities", axis=1)
    best = graph.add("ArgMax", [x], axis=1, keepdims=0)
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

    def add_networks(self, x, architecture, weights, temperature, output=None):
        """Add all networks, from pixels, scaled or not, to the mean of their logits."""
        named = [(f"weight_{i}", array) for i, array in enumerate(weights)]
        networks = architecture.split_networks(named)
        logits = [self._add_network(x, architecture, network) for network in networks]
        x = logits[0]
        if len(logits) > 1:
            x = self.add("Div", [self.add("Sum", logits), self.scalar(len(logits))])
        temperature = self.constant(np.float32(temperature), "temperature")
        return self.add("Div", [x, temperature], output)

    def _add_network(self, x, architecture, named):
        """Add the layers of one network, and return the logits' name."""
        for layer, pairs in architecture.layer_weights(named):
            if layer.kind == "conv":
                # Stored as ONNX takes it: tools that quantize weights only look at
                # stored ones, not at computed ones.
                name, kernel = pairs[0]
                pairs[0] = name + CHANNELS_FIRST, kernel.transpose(3, 2, 0, 1)
            names = [self.constant(array, name) for name, array in pairs]
            x = self._add_layer(x, layer, names)
        return x

    def _add_layer(self, x, layer, arrays):
        """Add one layer; ONNX puts the channels of an image first, Keras last."""
        if layer.kind == "image":
            height, width, channels = layer.shape
            shape = np.array([-1, channels, height, width])
            x = self.add("Reshape", [x, self.constant(shape, "image_shape")])
        elif layer.kind == "conv":
            pad = layer.window // 2 if layer.padding == "same" else 0
            # The shape is optional, but OpenCV needs it.
            window = [layer.window] * 2
            x = self.add("Conv", [x, *arrays], kernel_shape=window, pads=[pad] * 4)
        elif layer.kind == "pool":
            x = self.add("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])
        elif layer.kind == "flatten":
            x = self.add("Transpose", [x], perm=[0, 2, 3, 1])
            # Not by Flatten, which OpenCV gets wrong after a transposition.
            shape = np.array([-1, layer.width])
            x = self.add("Reshape", [x, self.constant(shape, "row_shape")])
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
        operators = {node.op_type for node in self._nodes}
        opset = max(_OPSETS.get(operator, _LOWEST_OPSET) for operator in operators)
        opsets = [helper.make_opsetid("", opset)]
        return helper.make_model(
            graph,
            producer_name="skmnist",
            opset_imports=opsets,
            ir_version=helper.find_min_ir_version_for(opsets),
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
