"""Training and prediction do not copy memory-mapped images into memory."""

import json
import subprocess
import sys

import pytest

# RssAnon counts the memory of the process without the pages of the file.
PROGRAM = """
import gc, json, re, sys, threading
import numpy as np
from skmnist import MNISTClassifier

N_ROWS, N_BLOCKS = 200_000, 20
y, weight = np.arange(N_ROWS) % 10, np.ones(N_ROWS)
weight[::7] = 0
mapped = np.memmap(sys.argv[1], np.uint8, "w+", shape=(N_ROWS, 784))
mapped[::1000] = np.random.default_rng(0).integers(256, size=784)

def private_bytes():
    with open("/proc/self/status") as file:
        return 1024 * int(re.search(r"RssAnon:\\s*(\\d+)", file.read())[1])

def watch(stopped, sizes):
    while not stopped.wait(0.002):
        sizes.append(private_bytes())

def growth(function, *args):
    gc.collect()
    stopped, sizes = threading.Event(), [private_bytes()]
    watcher = threading.Thread(target=watch, args=(stopped, sizes))
    watcher.start()
    try:
        function(*args)
    finally:
        stopped.set()
        watcher.join()
    return max(sizes) - sizes[0]

def fit(rows, weight=None, **params):
    params = {"epochs": 1, "hidden_layer_sizes": 8, "batch_size": 256} | params
    if weight is not None:
        weight = weight[rows]
    return MNISTClassifier(**params).fit(mapped[rows], y[rows], weight)

def fit_blocks(classifier, n_blocks):
    for i in range(n_blocks):
        rows = slice(i * N_ROWS // N_BLOCKS, (i + 1) * N_ROWS // N_BLOCKS)
        classifier.partial_fit(mapped[rows], y[rows], classes=range(10))
    return classifier

everything, some = slice(None), slice(0, 500)
kinds = {
    "fit": {},
    "fit, early stopping": {"early_stopping": True},
    "fit, rows of weight 0": {"weight": weight},
    "fit, a network for XLA": {"activation": "gelu", "early_stopping": True},
}
growths = {}
for kind, params in kinds.items():
    classifier = fit(some, **params)  # allocates what stays
    growths[kind] = growth(lambda: fit(everything, **params))
classifier = fit_blocks(MNISTClassifier(hidden_layer_sizes=8), 2)
growths["partial_fit"] = growth(fit_blocks, classifier, N_BLOCKS)
growths["predict"] = growth(classifier.predict, mapped)
print(json.dumps(growths))
"""

# Bytes: XLA needs memory to compile a program and to call it.
LIMITS = {"fit, a network for XLA": 120e6}


@pytest.fixture(scope="module")
def private_growth(tmp_path_factory):
    """Bytes that each kind of training on a file of 157 MB adds to private memory."""
    path = tmp_path_factory.mktemp("scale") / "images"
    output = subprocess.run(
        [sys.executable, "-c", PROGRAM, path],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        # malloc returns large blocks to the system at once: the next growth is visible.
        env={"MALLOC_MMAP_THRESHOLD_": "1000000"},
    ).stdout
    path.unlink()
    return json.loads(output)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize(
    "kind",
    [
        "fit",
        "fit, early stopping",
        "fit, rows of weight 0",
        "fit, a network for XLA",
        "partial_fit",
        "predict",
    ],
)
def test_a_memory_mapped_file_is_not_copied_into_memory(kind, private_growth):
    assert private_growth[kind] < LIMITS.get(kind, 40e6)
