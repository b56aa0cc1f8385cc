import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from skmnist import MNISTClassifier

AUGMENTED = {"augmentation": "elastic", "learning_rate_schedule": "onecycle"}
CONV = AUGMENTED | {
    "network": "conv",
    "filters": (4, 6),
    "batch_norm": True,
    "dropout": 0.2,
    "batch_size": 64,
    "epochs": 2,
}
HARDEST = {"epochs": 3, "dropout": 0.2, "batch_norm": True, "early_stopping": True}
HARDEST_AUGMENTED = HARDEST | AUGMENTED
# TensorFlow trains it in the user's process.
OTHER = {"hidden_layer_sizes": (512, 256), "epochs": 1, "optimizer": "nadam"}
# With steps that two threads share.
LARGE = {"hidden_layer_sizes": (512, 256), "epochs": 1, "batch_size": 128}


def digest(classifier):
    """Return a hash of the weights and the optimizer state of a fit."""
    arrays = [*classifier._state.weights, *classifier._state.optimizer_state]
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def fit_digest(random_state=0, **params):
    X, y = load_digits(return_X_y=True)
    return digest(MNISTClassifier(random_state=random_state, **params).fit(X, y))


@pytest.mark.parametrize("params", [{"epochs": 3}, HARDEST, HARDEST_AUGMENTED, CONV])
def test_a_seed_gives_the_same_bits_again(params):
    assert fit_digest(**params) == fit_digest(**params)


def fit_digest_elsewhere(params, *, n_processors=None, **environment):
    """Return the digest of a fit in a new process, on all or some processors."""
    program = (
        "import os\n"
        f"if {n_processors} and hasattr(os, 'sched_setaffinity'):\n"
        "    processors = sorted(os.sched_getaffinity(0))\n"
        f"    os.sched_setaffinity(0, processors[:{n_processors}])\n"
        f"from tests.estimator.test_reproducibility import {params}, fit_digest\n"
        f"print(fit_digest(**{params}))"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


@pytest.mark.parametrize("params", ["HARDEST", "CONV"])
def test_a_seed_gives_the_same_bits_in_another_process(params):
    assert fit_digest_elsewhere(params) == fit_digest(**globals()[params])


@pytest.mark.parametrize("params", ["HARDEST_AUGMENTED", "LARGE", "CONV"])
def test_dense_and_convolutional_networks_do_not_depend_on_threads(params):
    names = "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"
    found = fit_digest_elsewhere(params, n_processors=1, **dict.fromkeys(names, "1"))
    assert found == fit_digest(**globals()[params])


@pytest.mark.slow
def test_other_networks_depend_on_the_number_of_threads_of_tensorflow_only():
    digests = {
        fit_digest_elsewhere(
            "OTHER", n_processors=n_processors, TF_NUM_INTRAOP_THREADS="2"
        )
        for n_processors in (1, 2, None)
    }
    assert len(digests) == 1


@pytest.mark.slow
@pytest.mark.parametrize("params", ["HARDEST", "HARDEST_AUGMENTED"])
def test_compiled_code_from_the_cache_gives_the_same_bits(params, tmp_path):
    compiled, loaded = (
        fit_digest_elsewhere(params, SKMNIST_KERNEL_CACHE=str(tmp_path))
        for _ in range(2)
    )
    assert [*tmp_path.glob("kernel-*.bin")]
    assert compiled == loaded == fit_digest(**globals()[params])


def test_a_seed_gives_the_same_bits_in_threads():
    with ThreadPoolExecutor(2) as pool:
        digests = list(pool.map(lambda _: fit_digest(**HARDEST), range(4)))
    assert set(digests) == {fit_digest(**HARDEST)}


def test_a_seed_gives_the_same_search_under_any_n_jobs():
    X, y = load_digits(return_X_y=True)
    grid = {"learning_rate": [1e-3, 1e-2], "dropout": [0.0, 0.2]}
    searches = [
        GridSearchCV(
            MNISTClassifier(epochs=2, random_state=0), grid, cv=2, n_jobs=n_jobs
        ).fit(X, y)
        for n_jobs in (1, 2)
    ]
    one, two = (search.cv_results_["mean_test_score"] for search in searches)
    np.testing.assert_array_equal(one, two)
    assert len({digest(search.best_estimator_) for search in searches}) == 1


@pytest.mark.parametrize("random_state", [1, None])
def test_another_seed_or_none_gives_another_network(random_state):
    assert fit_digest(random_state, epochs=1) != fit_digest(0, epochs=1)


def test_no_seed_gives_a_new_network_each_time_even_if_numpy_is_seeded():
    np.random.seed(0)
    one = fit_digest(None, epochs=1)
    np.random.seed(0)
    assert fit_digest(None, epochs=1) != one


def test_a_random_state_instance_advances():
    state = np.random.RandomState(0)
    assert fit_digest(state, epochs=1) != fit_digest(state, epochs=1)
    state = np.random.RandomState(0)
    assert fit_digest(state, epochs=1) == fit_digest(np.random.RandomState(0), epochs=1)
