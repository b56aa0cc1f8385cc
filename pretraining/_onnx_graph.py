"""OnnxGraph: writes a Keras network as ONNX, batch normalization folded."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# As in the package's other networks.
_OPSET, _IR_VERSION = 20, 9


class OnnxGraph:
    """Collects nodes and constants into an ONNX model.

    Parameters
    ----------
    model : keras.Model
        Whose weights are written.
    is_half : bool
        Whether kernels are stored in half precision; they are computed with in single.
    """

    def __init__(self, model, is_half=False):
        self._model, self._is_half = model, is_half
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
                self.add_kernel(f"{name}_kernel", kernel),
                self.constant(f"{name}_bias", bias),
            ],
            None if activate else output,
            strides=[stride] * 2,
            dilations=[dilation] * 2,
            pads=[before, before, after, after],
        )
        return self.add("Relu", [x], output) if activate else x

    def add_kernel(self, name, kernel):
        """Add a kernel and return its name."""
        if not self._is_half:
            return self.constant(name, kernel)
        half = self.constant(name, kernel.astype(np.float16))
        return self.add("Cast", [half], to=TensorProto.FLOAT)

    def add_dense(self, x, name, output):
        """Add a dense layer without activation."""
        kernel, bias = self._model.get_layer(name).get_weights()
        kernel = self.add_kernel(f"{name}_kernel", kernel)
        return self.add(
            "Gemm", [x, kernel, self.constant(f"{name}_bias", bias)], output
        )

    def finish(self, name, page, outputs, metadata):
        """Return the checked model.

        Parameters
        ----------
        name : str
            Of the graph.
        page : dict of {str: list}
            The input's name and shape.
        outputs : dict of {str: list}
            Names and shapes.
        metadata : dict of {str: str}
            What a reader must know.
        """
        inputs = [
            helper.make_tensor_value_info(key, TensorProto.UINT8, shape)
            for key, shape in page.items()
        ]
        values = [
            helper.make_tensor_value_info(key, TensorProto.FLOAT, shape)
            for key, shape in outputs.items()
        ]
        constants = list(self._constants.values())
        graph = helper.make_graph(self._nodes, name, inputs, values, constants)
        model = helper.make_model(
            graph,
            producer_name="skmnist",
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
        )
        for key, value in metadata.items():
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
