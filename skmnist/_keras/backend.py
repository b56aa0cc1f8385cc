"""The one door to TensorFlow, Keras and scikeras: imported silently and left unpatched.

Importing this module takes seconds; only the network and training modules do, and they
are themselves imported inside the functions that need them.
"""

import os
import random
import re
import sys
import tempfile
import threading
from contextlib import contextmanager

# Lines that TensorFlow's C++ runtime writes to file descriptor 2 while it is imported,
# before any Python setting of a log level is heeded.
_RUNTIME_NOISE = re.compile(
    rb"[IWE]\d{4} |\d{4}-\d\d-\d\d .*: [IWE] |WARNING: All log messages before absl"
    rb"|To enable the following instructions"
)

_SCIKERAS_HOOKS = ("__reduce__", "__deepcopy__")


@contextmanager
def _muted_runtime():
    """Drop the TensorFlow runtime's own lines from file descriptor 2, and only those.

    The descriptor itself has to be diverted, since the lines do not pass through
    sys.stderr. What others write meanwhile is passed on afterwards.
    """
    try:
        saved = os.dup(2)
    except OSError:  # no standard error, hence no noise: a daemon or a GUI program
        yield
        return
    with tempfile.TemporaryFile() as diverted:
        if sys.stderr is not None:
            sys.stderr.flush()
        os.dup2(diverted.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            diverted.seek(0)
            for line in diverted:
                if not _RUNTIME_NOISE.match(line):
                    os.write(2, line)


_first_run = threading.Lock()
_runs_to_mute = 2  # the first program for training, the first for validation


@contextmanager
def muted_first_run():
    """Drop what the runtime logs once, when it first compiles."""
    global _runs_to_mute
    # One thread at a time: two that divert the descriptor would not put it back.
    with _first_run:
        if _runs_to_mute:
            _runs_to_mute -= 1
            with _muted_runtime():
                yield
            return
    yield


@contextmanager
def _restored_globals():
    """Give back the environment and Python's random state, which TensorFlow changes.

    Its log level is lowered meanwhile, unless the user has set one.
    """
    environment, random_state = dict(os.environ), random.getstate()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        yield
    finally:
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
        os.environ.update(environment)
        random.setstate(random_state)


def _import_scikeras():
    """Import scikeras and take its patches of Keras's pickling back.

    At its import scikeras 0.13 replaces how all Keras models, losses, metrics and
    optimizers of the process are pickled and copied.
    """
    classes = (keras.Model, keras.losses.Loss, keras.metrics.Metric)
    classes += (keras.optimizers.Optimizer,)
    hooks = [(c, h, c.__dict__.get(h)) for c in classes for h in _SCIKERAS_HOOKS]
    from scikeras.utils.transformers import ClassifierLabelEncoder
    from scikeras.wrappers import KerasClassifier

    for cls, hook, original in hooks:
        if original is not None:
            setattr(cls, hook, original)
        elif hook in cls.__dict__:
            delattr(cls, hook)
    return KerasClassifier, ClassifierLabelEncoder


def _refuse_backend(name):
    raise ImportError(
        "skmnist trains with Keras on TensorFlow, but Keras was set to the backend "
        f"{name!r}: unset KERAS_BACKEND or set it to 'tensorflow' before Keras is "
        "imported."
    )


with _restored_globals(), _muted_runtime():
    if "keras" not in sys.modules:
        backend = os.environ.get("KERAS_BACKEND", "tensorflow")
        if backend != "tensorflow":
            _refuse_backend(backend)
    import keras
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        _refuse_backend(keras.backend.backend())
    KerasClassifier, ClassifierLabelEncoder = _import_scikeras()
    tf.config.list_logical_devices()  # looks for GPUs, and logs when there are none

__all__ = [
    "ClassifierLabelEncoder",
    "KerasClassifier",
    "keras",
    "muted_first_run",
    "tf",
]
