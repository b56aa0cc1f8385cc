"""GraphSession: runs an ONNX graph in any thread and any process."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np

# Rows converted to float32 and predicted in one call: few enough to stay in the
# processor's cache, enough to be worth a thread.
_BLOCK = 256

_TELEMETRY_SWITCH = "ORT_DISABLE_TELEMETRY"


class GraphSession:
    """Runs a graph from raw pixels to logits.

    ONNX Runtime needs no Keras, and unlike NumPy's matrix products it gives a row the
    same bits in any batch. It gets no threads of its own: they do not survive a fork,
    and a forked process would hang at its end.

    Parameters
    ----------
    graph : bytes
        As `build_logits_graph` returns it.
    """

    def __init__(self, graph):
        self._session = open_session(graph)
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
            # Each thread takes the next block when it is free, so that a slow core
            # gets fewer.
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
            other.result()  # raises the thread's exception, if any
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
    """Return one buffer for all blocks: newly allocated memory is slow."""
    return np.empty((min(len(X), _BLOCK), X.shape[1]), dtype=np.float32)


def open_session(graph, *, keeps_memory=True):
    """Open a graph for the CPU, to be run in the caller's thread.

    Parameters
    ----------
    graph : bytes
        A serialized ONNX model.
    keeps_memory : bool, default=True
        Whether memory is kept from one run to the next.

    Returns
    -------
    onnxruntime.InferenceSession
        Usable in several threads at a time.
    """
    onnxruntime = _import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = options.enable_mem_pattern = keeps_memory
    return onnxruntime.InferenceSession(
        graph, options, providers=["CPUExecutionProvider"]
    )


def _import_onnxruntime():
    """Import ONNX Runtime with its telemetry off, unless the user has set the switch.

    Since version 1.29 it reads this environment variable on its first import. With
    telemetry on, it writes an identifier to the user's cache, sends data over the
    network, and aborts forked processes at their end.
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
