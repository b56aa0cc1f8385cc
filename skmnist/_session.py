"""GraphSession: runs an ONNX graph in any thread and in any process."""

import os

import numpy as np

# Rows that are widened to float32 at a time: few enough to stay in the cache.
_BLOCK = 2048


class GraphSession:
    """Runs a graph from raw pixels to logits.

    ONNX Runtime computes a row in the same way whatever the batch and the number of
    threads, bit for bit, which NumPy's products do not, and it needs no Keras.

    Parameters
    ----------
    graph : bytes
        As `build_logits_graph` returns it.
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
        if len(X) <= _BLOCK:
            return self._run_block(X)
        blocks = (X[i : i + _BLOCK] for i in range(0, len(X), _BLOCK))
        return np.concatenate([self._run_block(block) for block in blocks])

    def _run_block(self, X):
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
