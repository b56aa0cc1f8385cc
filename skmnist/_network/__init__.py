"""Networks as plain data: layers, table and ONNX graph."""
