"""`model_` and `pipeline_` are built when used, not by a look at the estimator."""

import copy
import pickle
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skmnist._estimator.on_demand import OnDemand, become
from skmnist._keras.backend import keras

FITTED = """
import copy, inspect, pickle, sys
import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_html_repr
from skmnist import MNISTClassifier, PixelScaler
X, y = np.random.default_rng(0).integers(0, 255, (40, 9)), np.arange(40) % 3
c = MNISTClassifier(4, epochs=1, random_state=0).fit(X, y)
"""

LOOKS = {
    "repr": "repr(c), str(c), f'{c}'",
    "html": "c._repr_html_(), c._repr_mimebundle_(), estimator_html_repr(c)",
    "pipeline": "make_pipeline(PixelScaler(), c).fit(X, y)._repr_html_()",
    "voting": "VotingClassifier([('net', c)]).fit(X, y)._repr_html_()",
    "search": "GridSearchCV(c, {'alpha': [0.0]}, cv=2).fit(X, y)._repr_html_()",
    "members": "inspect.getmembers(c), inspect.getmembers_static(c), dir(c), vars(c)",
    "hasattr": "[hasattr(c, n) for n in ('model_', 'pipeline_', 'coefs_', 'other')]",
    "copies": "copy.copy(c), copy.deepcopy(c), pickle.loads(pickle.dumps(c))",
}


def run(program):
    """Run a program in a new interpreter, warnings as errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("installed", [True, False], ids=["with", "without"])
def test_looking_at_a_classifier_imports_no_keras(installed):
    forbid = "import sys\nfor name in ('tensorflow', 'keras', 'scikeras'):\n"
    forbid += "    sys.modules[name] = None\n"
    names = "[n for n in ('tensorflow', 'keras', 'scikeras') if sys.modules.get(n)]"
    looks = "\n".join(
        f"{look}\nassert not {names}, {kind!r}" for kind, look in LOOKS.items()
    )
    answers = "print([hasattr(c, n) for n in ('model_', 'pipeline_', 'other')])"
    done = run(("" if installed else forbid) + FITTED + looks + "\n" + answers)
    assert done.stderr == ""
    assert done.stdout == f"{[installed, installed, False]}\n"


def test_the_parts_are_of_keras_and_scikit_learn_once_they_are_used():
    done = run(
        FITTED
        + """
model, pipeline = c.model_, c.pipeline_
assert "keras" not in sys.modules
from sklearn.pipeline import Pipeline
assert isinstance(pipeline, Pipeline) and type(pipeline) is not Pipeline
scaler, network = pipeline
assert type(pipeline) is Pipeline and pipeline is c.pipeline_
import keras
assert isinstance(model, keras.Model)
assert model is c.model_ is network.model_
assert type(model).__module__.startswith("keras.")
scaled = scaler.transform(X)
expected = c.predict_proba(X)
copied = pickle.loads(pickle.dumps(c)).pipeline_
for found in (model(scaled), model.predict(scaled, verbose=0),
              pipeline.predict_proba(X), copied.predict_proba(X)):
    np.testing.assert_allclose(found, expected, atol=1e-5)
print(hasattr(c, "model_"), "model_" in dir(c))
"""
    )
    assert done.stderr == ""
    assert done.stdout == "True False\n"


@pytest.fixture
def model(fitted):
    return fitted.model_


@pytest.mark.parametrize(
    "use",
    [
        lambda m, x: m(x),
        lambda m, x: m.predict(x, verbose=0),
        lambda m, x: keras.Model(m.inputs, m.outputs)(x),
        lambda m, x: keras.Sequential([m])(x),
        lambda m, x: copy.deepcopy(m)(x),
        lambda m, x: copy.copy(m)(x),
        lambda m, x: pickle.loads(pickle.dumps(m))(x),
    ],
    ids=["call", "predict", "functional", "sequential", "deepcopy", "copy", "pickle"],
)
@pytest.mark.filterwarnings("ignore:The structure of `inputs`:UserWarning")
def test_a_model_on_demand_computes_as_the_model(use, model):
    x = np.random.default_rng(0).random((3, 64), dtype=np.float32)
    np.testing.assert_allclose(use(OnDemand(lambda: model), x), model(x), atol=1e-6)


def test_a_model_on_demand_is_saved_by_keras(model, tmp_path):
    OnDemand(lambda: model).save(tmp_path / "model.keras")
    x = np.random.default_rng(0).random((3, 64), dtype=np.float32)
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(x), model(x), atol=1e-6)


@pytest.mark.parametrize(
    "use",
    [len, bool, list, clone, repr, lambda p: p[0], lambda p: p.get_params()],
    ids=["len", "bool", "list", "clone", "repr", "item", "method"],
)
def test_a_pipeline_on_demand_becomes_the_pipeline(use, fitted):
    pipeline = OnDemand(lambda: fitted.pipeline_)
    assert isinstance(pipeline, Pipeline)
    assert type(use(pipeline)) is type(use(fitted.pipeline_))
    assert type(pipeline) is Pipeline
    pipeline.note = "kept"
    assert vars(fitted.pipeline_).pop("note") == "kept"


def test_one_object_is_built_for_all_threads():
    class Built:
        pass

    barrier, built = Barrier(4), []
    shared = OnDemand(lambda: built.append(Built()) or built[-1])

    def use(_):
        barrier.wait()
        return become(shared)

    with ThreadPoolExecutor(4) as pool:
        assert {id(found) for found in pool.map(use, range(4))} == {id(shared)}
    assert len(built) == 1
    assert type(shared) is Built


def test_an_error_while_building_is_raised_each_time():
    broken = OnDemand(lambda: 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            broken.method()
