"""The trained network as ONNX: pages of any size, batch normalization folded."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from detector.marks import CLASSES
from detector.network import CONTRAST_FLOOR, DILATIONS, POOL, WINDOW
from detector.targets import STRIDE

# As in the package's other networks.
_OPSET, _IR_VERSION = 20, 9

# Pixels: the network halves a page three times.
_MULTIPLE = 8


def build_onnx(model):
    """Write the network from a grey page to what is where.

    Parameters
    ----------
    model : keras.Model
        Of `network.build_network`.

    Returns
    -------
    onnx.ModelProto
        Input "pages", uint8 of shape (n, 1, height, width), of any height and width:
        at the right and below, the page's last pixels are repeated to a multiple of
        8 pixels. Outputs, float32, a row and a column for each 4 pixels: "heat" of
        shape (n, n_classes, rows, columns), probabilities; "size" of shape
        (n, 2, rows, columns), logarithms of width and height in pixels; "offset" of
        shape (n, 2, rows, columns), x and y from a cell's middle to the box's, cells.
    """
    graph = _Graph(model)
    graph.add_contrast()
    x = graph.add_conv("contrast", "stem_2", stride=2)
    x = graph.add_conv(x, "stem_4", stride=2)
    fine = graph.add_conv(x, "fine")
    x = graph.add_conv(fine, "stem_8", stride=2)
    for k, dilation in enumerate(DILATIONS):
        y = graph.add_conv(x, f"block_{k}_a", dilation=dilation)
        y = graph.add_conv(y, f"block_{k}_b", activate=False)
        x = graph.add("Relu", [graph.add("Add", [x, y])])
    scales = graph.constant("twice", np.array([1, 1, 2, 2], np.float32))
    x = graph.add(
        "Resize",
        [x, "", scales],
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    x = graph.add("Concat", [x, fine], axis=1)
    for name in ("merge", "head_0", "head_1"):
        x = graph.add_conv(x, name)
    logits = graph.add_conv(x, "heat", activate=False)
    graph.add("Sigmoid", [logits], "heat")
    graph.add_conv(x, "size", activate=False, output="size")
    graph.add_conv(x, "offset", activate=False, output="offset")
    return graph.finish()


class _Graph:
    """Collects nodes and constants into an ONNX model."""

    def __init__(self, model):
        self._model = model
        self._nodes, self._constants = [], {}

    def add(self, operator, inputs, output=None, **attributes):
        """Add a node and return the name of its output."""
        output = output or f"{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name, value):
        """Add a constant and return its name."""
        self._constants[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def add_contrast(self):
        """Add what brings grey levels to contrasts; see `network.LocalContrast`."""
        page = self.add("Cast", [self._pad("pages")], to=TensorProto.FLOAT)
        mean = self._average(page)
        difference = self.add("Sub", [page, mean])
        square = self.add("Mul", [difference, difference])
        spread = self.add("Sqrt", [self._average(square)])
        floor = self.constant("floor", np.float32(CONTRAST_FLOOR))
        spread = self.add("Add", [spread, floor])
        self.add("Div", [difference, spread], "contrast")

    def _pad(self, pages):
        """Repeat the last pixels up to a multiple of 8."""
        size = self.add("Shape", [pages], start=2)
        multiple = self.constant("multiple", np.array([_MULTIPLE, _MULTIPLE]))
        missing = self.add("Mod", [self.add("Neg", [size]), multiple])
        none = self.constant("none", np.zeros(2, np.int64))
        pads = self.add("Concat", [none, missing], axis=0)
        axes = self.constant("axes", np.array([2, 3]))
        return self.add("Pad", [pages, pads, "", axes], mode="edge")

    def _average(self, page):
        """Average over the surroundings; beyond the border lies nothing."""
        square = [POOL, POOL]
        x = self.add("AveragePool", [page], kernel_shape=square, strides=square)
        half = WINDOW // 2
        for down, right in ((0, half), (half, 0)):
            x = self.add(
                "AveragePool",
                [x],
                kernel_shape=[2 * down + 1, 2 * right + 1],
                pads=[down, right, down, right],
                count_include_pad=0,
            )
        scales = self.constant("pool", np.array([1, 1, POOL, POOL], np.float32))
        return self.add("Resize", [x, "", scales], mode="linear")

    def add_conv(self, x, name, stride=1, dilation=1, activate=True, output=None):
        """Add a convolution, batch normalization folded into it."""
        kernel, bias = _fold(self._model, name)
        kernel = kernel.transpose(3, 2, 0, 1)
        # With a stride of 2, Keras pads an even page on the right and below only.
        reach = dilation * (kernel.shape[2] - 1)
        before = (reach - stride + 1) // 2
        after = reach - stride + 1 - before
        x = self.add(
            "Conv",
            [
                x,
                self.constant(f"{name}_kernel", kernel),
                self.constant(f"{name}_bias", bias),
            ],
            None if activate else output,
            strides=[stride] * 2,
            dilations=[dilation] * 2,
            pads=[before, before, after, after],
        )
        return self.add("Relu", [x], output) if activate else x

    def finish(self):
        """Return the checked model."""
        page = ["n", 1, "height", "width"]
        cells = ["n", None, "rows", "columns"]
        outputs = [("heat", len(CLASSES)), ("size", 2), ("offset", 2)]
        values = [
            helper.make_tensor_value_info(
                name, TensorProto.FLOAT, [cells[0], channels, *cells[2:]]
            )
            for name, channels in outputs
        ]
        graph = helper.make_graph(
            self._nodes,
            "detector",
            [helper.make_tensor_value_info("pages", TensorProto.UINT8, page)],
            values,
            list(self._constants.values()),
        )
        model = helper.make_model(
            graph,
            producer_name="skmnist",
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
        )
        for key, value in (("classes", CLASSES), ("stride", str(STRIDE))):
            model.metadata_props.add(key=key, value=value)
        onnx.checker.check_model(model, full_check=True)
        return model


def _fold(model, name):
    """Return a layer's kernel and bias, with what its normalization does."""
    weights = model.get_layer(name).get_weights()
    if len(weights) == 2:
        return weights
    normalization = model.get_layer(f"{name}_norm")
    gamma, beta, mean, variance = normalization.get_weights()
    factor = gamma / np.sqrt(variance + normalization.epsilon)
    return weights[0] * factor, beta - mean * factor
