"""GraphSession: runs an ONNX graph in any thread and in any process."""

import os

import joblib
import numpy as np

# Rows that are widened to float32 at a time: few enough to stay in the cache.
_BLOCK = 512

# Up to so many rows the product is done before a second thread has woken up.
_FEW = 16


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
        self._sessions = {}

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
        session = self._session(few=len(X) <= _FEW)
        if len(X) <= _BLOCK:
            return _run_block(session, X)
        blocks = (X[i : i + _BLOCK] for i in range(0, len(X), _BLOCK))
        return np.concatenate([_run_block(session, block) for block in blocks])

    def _session(self, *, few):
        # The threads of a session do not survive a fork: a process opens its own, and
        # neither uses nor drops the one that it inherited.
        key = os.getpid(), few
        if key not in self._sessions:
            self._sessions[key] = _open(self._graph, 1 if few else joblib.cpu_count())
        return self._sessions[key]


def _run_block(session, X):
    pixels = np.ascontiguousarray(X, dtype=np.float32)
    return session.run(["logits"], {"pixels": pixels})[0]


def _open(graph, n_threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.inter_op_num_threads = 1
    # Idle threads that spin would take the cores from a fit next to them.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        graph, options, providers=["CPUExecutionProvider"]
    )
