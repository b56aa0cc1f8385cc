"""TensorFlow is imported late and silently, and leaves the process as it was."""

import os
import subprocess
import sys
import textwrap

import pytest


def run(program, *arguments, **environment):
    """Run a program in a new interpreter and capture its file descriptors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program), *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


def test_importing_the_package_imports_nothing_heavy():
    done = run(
        """
        import sys
        import sklearn.base, sklearn.pipeline
        before = set(sys.modules)
        from skmnist import *
        heavy = ["tensorflow", "keras", "scikeras", "matplotlib", "pandas", "onnx",
                 "onnxruntime", "llvmlite"]
        print([name for name in heavy if name in set(sys.modules) - before])
        """
    )
    assert done.stdout == "[]\n", done.stderr


def test_a_fit_imports_only_what_it_computes_with():
    done = run(
        """
        import sys
        import sklearn.base, sklearn.pipeline
        before = set(sys.modules)
        import numpy as np
        from skmnist import MNISTClassifier
        MNISTClassifier(4, epochs=1).fit(np.eye(9), np.arange(9) % 3)
        added = set(sys.modules) - before
        heavy = ["tensorflow", "keras", "scikeras", "matplotlib", "pandas", "onnx",
                 "onnxruntime", "numba", "PIL", "sklearn.model_selection"]
        print([name for name in heavy if name in added], "llvmlite" in added)
        """
    )
    assert done.stdout == "[] True\n", done.stderr


@pytest.mark.parametrize("first", ["pass", "import tensorflow"])
def test_fit_and_predict_write_nothing_to_the_descriptors(first):
    done = run(
        f"""
        import os, sys
        import warnings
        # The output of the user's own import of TensorFlow does not count.
        saved = os.dup(2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            {first}
        os.dup2(saved, 2)
        from sklearn.datasets import load_digits
        from skmnist import MNISTClassifier
        X, y = load_digits(return_X_y=True)
        # The kernel trains the first one, TensorFlow the second.
        for activation in ("relu", "gelu"):
            classifier = MNISTClassifier(
                8, activation=activation, epochs=2, early_stopping=True, dropout=0.1
            )
            classifier.fit(X, y).predict_proba(X)
            classifier.score(X, y)
        """
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_output_of_other_threads_during_the_import_of_tensorflow_is_kept():
    done = run(
        """
        import os, threading
        stop = threading.Event()
        def write():
            while not stop.wait(0.2):
                os.write(2, b"another thread\\n")
        thread = threading.Thread(target=write)
        thread.start()
        import skmnist._keras.backend
        stop.set()
        thread.join()
        """
    )
    lines = done.stderr.splitlines()
    assert len(lines) > 2
    assert set(lines) == {"another thread"}


def test_importing_tensorflow_keeps_the_environment_and_random_state():
    done = run(
        """
        import os, random
        import numpy as np
        import sklearn.model_selection  # changes both
        before = dict(os.environ), random.getstate()
        from skmnist import MNISTClassifier
        MNISTClassifier(epochs=1).fit(np.eye(4), [0, 1, 0, 1]).model_
        print((dict(os.environ), random.getstate()) == before)
        """
    )
    assert done.stdout == "True\n", done.stderr


def test_global_state_does_not_change():
    done = run(
        """
        import os, random
        import numpy as np
        import keras
        import tensorflow as tf
        from tensorflow.python.eager import context
        from tensorflow.python.framework import config
        from sklearn.datasets import load_digits

        tf.random.set_seed(7)
        keras.utils.set_random_seed(3)

        def snapshot():
            state = np.random.get_state()
            kept = {
                "python": random.getstate(),
                "numpy": (state[0], state[1].tobytes(), *state[2:]),
                "tensorflow": context.global_seed(),
                "keras": keras.src.random.seed_generator.global_seed_generator()
                    .state.value.numpy().tolist(),
                "deterministic": config.is_op_determinism_enabled(),
                "environment": dict(os.environ),
                "floatx": keras.config.floatx(),
                "policy": keras.config.dtype_policy().name,
                "threads": (tf.config.threading.get_intra_op_parallelism_threads(),
                            tf.config.threading.get_inter_op_parallelism_threads()),
                "eager": tf.executing_eagerly(),
            }
            for cls in (keras.Model, keras.losses.Loss, keras.metrics.Metric,
                        keras.optimizers.Optimizer):
                for hook in ("__reduce__", "__deepcopy__"):
                    kept[f"{cls.__name__}.{hook}"] = getattr(cls, hook, None)
            return kept

        def small(meta, hidden_layer_sizes):
            return keras.Sequential([
                keras.Input((meta["n_features_in_"],)),
                keras.layers.Dense(hidden_layer_sizes[0], activation="relu"),
                keras.layers.Dropout(0.1),
                keras.layers.Dense(meta["n_classes_"], activation="softmax"),
            ])

        snapshot()  # creates the generator of Keras, if there is none
        before = snapshot()
        from skmnist import MNISTClassifier
        X, y = load_digits(return_X_y=True)
        for params in ({}, {"dropout": 0.1}, {"network": small},
                       {"random_state": None}):
            params = {"epochs": 2, "random_state": 0} | params
            MNISTClassifier(**params).fit(X, y).pipeline_.predict(X[:2])
        after = snapshot()
        print([name for name in before if before[name] != after[name]])
        """
    )
    assert done.stdout == "[]\n", done.stderr


def test_another_keras_backend_is_named_in_the_error():
    done = run(
        """
        import os
        os.environ["KERAS_BACKEND"] = "numpy"
        import numpy as np
        from skmnist import MNISTClassifier
        try:
            MNISTClassifier(activation="gelu").fit(np.eye(4), [0, 1, 0, 1])
        except ImportError as error:
            print(error)
        """
    )
    assert "Keras was set to the backend 'numpy'" in done.stdout, done.stderr


# Stands in for an installation without the three, also in the processes of a search.
FORBID_KERAS = """
import sys
for name in ("tensorflow", "keras", "scikeras"):
    sys.modules[name] = None
"""

WITHOUT_KERAS = """
import os, sys
import joblib
import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from skmnist import MNISTClassifier

X, y = load_digits(return_X_y=True)
path = sys.argv[1]
classifier = MNISTClassifier(16, epochs=15, random_state=0)
assert cross_val_score(classifier, X, y, cv=2).mean() > 0.8
grid = {"dropout": [0.0, 0.1], "batch_norm": [True]}
scores = []
for backend in ("threading", "loky"):
    with joblib.parallel_config(backend, n_jobs=2):
        search = GridSearchCV(classifier, grid, cv=2, error_score="raise").fit(X, y)
    scores.append(search.cv_results_["mean_test_score"])
np.testing.assert_array_equal(*scores)
classifier.set_params(early_stopping=True, calibrate=True, augmentation="affine")
classifier.set_params(learning_rate_schedule="onecycle").fit(X, y)
assert classifier.temperature_ != 1
classifier.save(path)
loaded = MNISTClassifier.load(path)
np.testing.assert_array_equal(loaded.predict(X), classifier.predict(X))
np.testing.assert_array_equal(loaded.predict_proba(X), classifier.predict_proba(X))
loaded.partial_fit(X, y)
MNISTClassifier(16).partial_fit(X, y, classes=range(10)).partial_fit(X, y)
MNISTClassifier(16, epochs=2, warm_start=True).fit(X, y).fit(X, y)
for shown in (classifier, make_pipeline(clone(classifier)).fit(X, y), search):
    assert "MNISTClassifier" in shown._repr_html_() + repr(shown)
print(hasattr(classifier, "model_"), hasattr(classifier, "pipeline_"))
for name in ("model_", "pipeline_"):
    try:
        getattr(classifier, name)
    except AttributeError as error:
        print(error)
"""


def test_small_dense_networks_need_no_keras(tmp_path):
    # Every new interpreter imports this file, the workers of joblib too.
    (tmp_path / "sitecustomize.py").write_text(FORBID_KERAS)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = run(WITHOUT_KERAS, tmp_path / "digits.onnx", PYTHONPATH=path)
    assert done.stderr == ""
    answer, *messages = done.stdout.splitlines()
    assert answer == "False False"
    assert len(messages) == 2
    for message in messages:
        assert "`pip install tensorflow keras scikeras`" in message
