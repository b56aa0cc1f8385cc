import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest

from skmnist._network.onnx_graph import ACTIVATIONS
from tests.network.test_onnx_graph import VARIANTS, draw_pixels, make_classifier

# Ends as scripts do, with all that Python and ONNX Runtime tidy up at their end.
FORK = """
import os, sys
import numpy as np
from skmnist import MNISTClassifier

classifier, X = MNISTClassifier.load(sys.argv[1]), np.load(sys.argv[2])
one, many = classifier.predict_proba(X[:1]), classifier.predict_proba(X)
child = os.fork()
np.testing.assert_array_equal(classifier.predict_proba(X[:1]), one)
np.testing.assert_array_equal(classifier.predict_proba(X), many)
if child:
    assert os.waitpid(child, 0)[1] == 0
"""

POOL = """
import multiprocessing, sys
import numpy as np
from skmnist import MNISTClassifier

if __name__ == "__main__":
    classifier, X = MNISTClassifier.load(sys.argv[1]), np.load(sys.argv[2])
    expected = classifier.predict_proba(X)
    with multiprocessing.get_context(sys.argv[3]).Pool(2) as pool:
        for answer in pool.map(classifier.predict_proba, [X] * 4):
            np.testing.assert_array_equal(answer, expected)
"""


# Telemetry would add a thread, and a file to the home folder.
TELEMETRY = """
import os, sys
import numpy as np
import psutil
from skmnist import MNISTClassifier

environment = dict(os.environ)
classifier, X = MNISTClassifier.load(sys.argv[1]), np.load(sys.argv[2])
threads = psutil.Process().num_threads()
classifier.predict_proba(X[:1])
assert psutil.Process().num_threads() == threads
assert dict(os.environ) == environment
"""


def run_python(program, *arguments, **environment):
    """Run a program in a new process, which has to succeed; return what it prints."""
    result = subprocess.run(
        [sys.executable, program, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_an_image_is_predicted_alike_in_any_batch(activation, variant):
    classifier = make_classifier(activation=activation, **VARIANTS[variant])
    X = draw_pixels(5000)
    expected = classifier.predict_proba(X)
    for n in range(1, 41):
        np.testing.assert_array_equal(classifier.predict_proba(X[:n]), expected[:n])
    for part in (slice(4999, None), slice(600, 617), slice(3, 4000, 7)):
        np.testing.assert_array_equal(classifier.predict_proba(X[part]), expected[part])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_image_is_predicted_alike_in_any_dtype_and_memory_order(dtype, order):
    classifier = make_classifier()
    X = draw_pixels(700)
    converted = np.asarray(X, dtype=dtype, order=order)
    np.testing.assert_array_equal(
        classifier.predict_proba(converted), classifier.predict_proba(X)
    )


def test_threads_predict_at_once_from_one_classifier():
    X = draw_pixels(1000)
    expected = make_classifier().predict_proba(X)
    classifier = make_classifier()  # has not predicted yet
    sizes = [1, 7, 600, 1000] * 50
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: classifier.predict_proba(X[:n]), sizes))
    for n, answer in zip(sizes, answers, strict=True):
        np.testing.assert_array_equal(answer, expected[:n])


@pytest.fixture
def saved(tmp_path):
    """Paths of a saved classifier and of pixels for it."""
    make_classifier().save(tmp_path / "model.onnx")
    np.save(tmp_path / "X.npy", draw_pixels(3000))
    return tmp_path / "model.onnx", tmp_path / "X.npy"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_goes_on_predicting_with_the_classifier_it_inherited(saved, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(FORK)
    run_python(program, *saved)


@pytest.mark.parametrize(
    "method",
    [
        "spawn",
        pytest.param(
            "fork",
            marks=pytest.mark.skipif(
                not hasattr(os, "fork"), reason="this system does not fork"
            ),
        ),
    ],
)
def test_workers_predict_alike(method, saved, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(POOL)
    run_python(program, *saved, method)


def test_telemetry_stays_off_and_the_environment_as_it_was(saved, tmp_path):
    program, home = tmp_path / "program.py", tmp_path / "home"
    program.write_text(TELEMETRY)
    home.mkdir()
    run_python(program, *saved, HOME=str(home), XDG_CACHE_HOME=str(home))
    assert list(home.iterdir()) == []


def test_a_thousand_predictions_take_no_more_memory():
    classifier = make_classifier(n_features=784, hidden_layer_sizes=(128,))
    X = draw_pixels(1, n_features=784)
    process = psutil.Process()
    for _ in range(100):
        classifier.predict_proba(X)
    before = process.memory_info().rss
    for _ in range(1000):
        classifier.predict_proba(X)
    assert process.memory_info().rss - before < 5e6
