"""ONNX Runtime for the tests: imported without its telemetry, as the package does."""

from skmnist._network.onnx_session import _import_onnxruntime

onnxruntime = _import_onnxruntime()
