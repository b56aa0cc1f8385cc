"""A search on a dask cluster gives the same scores, even if a worker dies."""

import json
import os
import subprocess
import sys

import pytest

# A program of its own, because a cluster starts threads and an event loop, and its
# workers import the program that starts them.
PROGRAM = """
import json, logging, sys
import joblib
from dask.distributed import Client, LocalCluster
from tests.estimator.test_parallel_search import DiesOnce, grid_search, scores

if __name__ == "__main__":
    grid, found = {"learning_rate": [1e-3, 1e-2]}, {}
    found["in turn"] = scores(grid_search(grid))
    options = {"n_workers": 2, "threads_per_worker": 1, "host": "127.0.0.1"}
    # Port 0 is any free one; dask would warn if its default port were in use.
    options |= {"dashboard_address": "127.0.0.1:0"}
    options |= {"silence_logs": logging.CRITICAL}
    with LocalCluster(**options) as cluster, Client(cluster):
        with joblib.parallel_config("dask"):
            found["on the cluster"] = scores(grid_search(grid, n_jobs=-1))
            scoring = DiesOnce(sys.argv[1])
            found["after a death"] = scores(grid_search(grid, scoring=scoring))
    print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The scores of each way to run the search."""
    folder = tmp_path_factory.mktemp("dask")
    program, marker = folder / "program.py", folder / "died"
    program.write_text(PROGRAM)
    # In one run of three, distributed forgets the tasks of the worker that dies and
    # cancels them instead of running them again; gone when it keeps them.
    for _ in range(5):
        marker.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-W", "error", program, marker],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        if "FutureCancelledError" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr
    assert marker.exists()
    return json.loads(done.stdout)


@pytest.mark.parametrize("way", ["on the cluster", "after a death"])
def test_a_search_gives_the_same_scores_as_one_fit_after_another(way, results):
    assert results[way] == results["in turn"]
