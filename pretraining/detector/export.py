"""The trained network as ONNX: pages of any size, batch normalization folded."""

import numpy as np
from _onnx_graph import OnnxGraph
from onnx import TensorProto

from detector.marks import CLASSES
from detector.network import CONTRAST_FLOOR, DILATIONS, POOL, WINDOW
from detector.targets import STRIDE

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
    graph = _PageGraph(model)
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
    cells = ["n", None, "rows", "columns"]
    channels = {"heat": len(CLASSES), "size": 2, "offset": 2}
    return graph.finish(
        "detector",
        {"pages": ["n", 1, "height", "width"]},
        {name: [cells[0], k, *cells[2:]] for name, k in channels.items()},
        {"classes": CLASSES, "stride": str(STRIDE)},
    )


class _PageGraph(OnnxGraph):
    """Knows how the network looks at a page, too."""

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
