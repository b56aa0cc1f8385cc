"""GraphSession: runs an ONNX graph in any thread and in any process."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np

# Rows that are widened to float32 at a time: few enough to stay in the cache, enough
# to be worth a thread.
_BLOCK = 256

_TELEMETRY_SWITCH = "ORT_DISABLE_TELEMETRY"


class GraphSession:
    """Runs a graph from raw pixels to logits.

    ONNX Runtime computes a row in the same way whatever the batch, bit for bit, which
    NumPy's products do not, and it needs no Keras. It gets no threads of its own:
    those would not survive a fork, and a process that inherits them hangs at its end.

    Parameters
    ----------
    graph : bytes
        As `build_logits_graph` returns it.
    """

    def __init__(self, graph):
        self._session = _open(graph)
        self._n_threads = joblib.cpu_count()
        self._n_classes = self._session.get_outputs()[0].shape[1]

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
        n_threads = min(self._n_threads, len(X) // _BLOCK)
        if n_threads < 2:
            return self._run_blocks(X)
        logits = np.empty((len(X), self._n_classes), dtype=np.float32)
        starts, lock = iter(range(0, len(X), _BLOCK)), threading.Lock()

        def take_blocks():
            # Whoever is free takes the next: a processor that is slow has fewer.
            buffer = _make_buffer(X)
            while True:
                with lock:
                    start = next(starts, None)
                if start is None:
                    return
                block = slice(start, start + _BLOCK)
                logits[block] = self._run_block(X[block], buffer)

        with ThreadPoolExecutor(n_threads - 1) as pool:
            others = [pool.submit(take_blocks) for _ in range(n_threads - 1)]
            take_blocks()
        for other in others:
            other.result()  # raises what it raised
        return logits

    def _run_blocks(self, X):
        buffer = _make_buffer(X)
        blocks = (X[i : i + _BLOCK] for i in range(0, len(X), _BLOCK))
        return np.concatenate([self._run_block(block, buffer) for block in blocks])

    def _run_block(self, X, buffer):
        if X.dtype == np.float32:
            pixels = np.ascontiguousarray(X)
        else:
            pixels = buffer[: len(X)]
            pixels[:] = X
        return self._session.run(["logits"], {"pixels": pixels})[0]


def _make_buffer(X):
    """Return one buffer for all blocks: memory that is new to a process is slow."""
    return np.empty((min(len(X), _BLOCK), X.shape[1]), dtype=np.float32)


def _open(graph):
    onnxruntime = _import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        graph, options, providers=["CPUExecutionProvider"]
    )


def _import_onnxruntime():
    """Import ONNX Runtime with its telemetry off, unless the user has decided.

    Since 1.29 it reads the switch when it is first imported; without it, it writes an
    identifier to the user's cache, reports over the network, and aborts forked
    processes at their end.
    """
    undecided = _TELEMETRY_SWITCH not in os.environ and "onnxruntime" not in sys.modules
    if undecided:
        os.environ[_TELEMETRY_SWITCH] = "1"
    try:
        import onnxruntime
    finally:
        if undecided:
            del os.environ[_TELEMETRY_SWITCH]
    return onnxruntime
