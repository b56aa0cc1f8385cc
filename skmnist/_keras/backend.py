"""The one door to TensorFlow, Keras and scikeras: imported silently and left unpatched.

Importing this module takes seconds, so this wing is imported inside the functions that
need it.
"""

import os
import random
import re
import sys
import tempfile
import threading
from contextlib import contextmanager

# Lines that TensorFlow's C++ runtime writes to file descriptor 2 while it is imported,
# before a log level can be set from Python.
_RUNTIME_NOISE = re.compile(
    rb"[IWE]\d{4} |\d{4}-\d\d-\d\d .*: [IWE] |WARNING: All log messages before absl"
    rb"|To enable the following instructions"
)

_SCIKERAS_HOOKS = ("__reduce__", "__deepcopy__")


@contextmanager
def _muted_runtime():
    """Drop the lines of TensorFlow's runtime, and only these, from file descriptor 2.

    The descriptor itself has to be diverted, because the lines do not pass through
    sys.stderr. All other output is written afterwards.
    """
    try:
        saved = os.dup(2)
    except OSError:  # no standard error: a daemon or a GUI program
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
_runs_to_mute = 2  # programs: the first for training and the first for validation


@contextmanager
def muted_first_run():
    """Drop what the runtime logs when it compiles for the first time."""
    global _runs_to_mute
    # One thread at a time: two could not both restore the descriptor.
    with _first_run:
        if _runs_to_mute:
            _runs_to_mute -= 1
            with _muted_runtime():
                yield
            return
    yield


@contextmanager
def _restored_globals():
    """Restore the environment and Python's random state, which TensorFlow changes.

    Its log level is raised in the meantime, unless the user has set one.
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
    """Import scikeras and undo its patches of Keras's pickling.

    When imported, scikeras 0.13 changes how all Keras models, losses, metrics and
    optimizers of the process are pickled and copied.
    """
    classes = (keras.Model, keras.losses.Loss, keras.metrics.Metric)
    classes += (keras.optimizers.Optimizer,)
    hooks = [(c, h, c.__dict__.get(h)) for c in classes for h in _SCIKERAS_HOOKS]
    from scikeras.wrappers import KerasClassifier

    for cls, hook, original in hooks:
        if original is not None:
            setattr(cls, hook, original)
        elif hook in cls.__dict__:
            delattr(cls, hook)
    return KerasClassifier


def _refuse_backend(name):
    raise ImportError(
        "skmnist trains with Keras on TensorFlow, but Keras was set to the backend "
        f"{name!r}: unset KERAS_BACKEND or set it to 'tensorflow' before Keras is "
        "imported."
    )


def has_gpu():
    """Return whether TensorFlow would compute on a GPU."""
    # The physical devices: listing the logical ones would take their memory.
    return bool(tf.config.list_physical_devices("GPU"))


with _restored_globals(), _muted_runtime():
    if "keras" not in sys.modules:
        backend = os.environ.get("KERAS_BACKEND", "tensorflow")
        if backend != "tensorflow":
            _refuse_backend(backend)
    import keras
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        _refuse_backend(keras.backend.backend())
    KerasClassifier = _import_scikeras()
    has_gpu()  # TensorFlow logs its search for GPUs: let it search while it is muted

__all__ = [
    "KerasClassifier",
    "has_gpu",
    "keras",
    "muted_first_run",
    "tf",
]
