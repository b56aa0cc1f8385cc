"""The kernel is compiled once; later processes and fits find the machine code."""

import os
import shutil
import subprocess
import sys

import pytest

from skmnist._training import code_cache, kernel
from skmnist._training.machine_code import describe_target

TARGET = "0123456789abcdef"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder for the machine code."""
    monkeypatch.setenv("SKMNIST_KERNEL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def compilations(folder, monkeypatch):
    """The list that grows with each compilation, which takes no time here."""
    kernel.prepare()
    shutil.rmtree(folder, ignore_errors=True)
    counted = []
    # Loading the code is LLVM's; here it is the functions that are loaded already.
    loaded = kernel._kernel
    monkeypatch.setattr(
        kernel, "compile_kernel", lambda: counted.append("compiled") or b"code"
    )
    monkeypatch.setattr(kernel, "Kernel", lambda code: loaded)
    return counted


def start_process(monkeypatch):
    """Prepare the kernel as a new process would."""
    monkeypatch.setattr(kernel, "_kernel", None)
    kernel.prepare()


def test_saved_code_is_found_for_its_target_only(folder):
    code_cache.save_code(TARGET, b"code")
    assert code_cache.find_code(TARGET) == b"code"
    assert code_cache.find_code(TARGET[::-1]) is None
    assert [path.name for path in folder.iterdir()] == [f"kernel-{TARGET}.bin"]


def flip_in_the_middle(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :]


DAMAGE = {
    "empty": lambda data: b"",
    "one byte": lambda data: data[:1],
    "half": lambda data: data[: len(data) // 2],
    "all but the last byte": lambda data: data[:-1],
    "zeros at the end": lambda data: data[:-3] + bytes(3),
    "flipped": flip_in_the_middle,
    "text": lambda data: b"not machine code",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_files_are_replaced(damage, folder, compilations, monkeypatch):
    start_process(monkeypatch)
    (path,) = folder.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    start_process(monkeypatch)
    start_process(monkeypatch)
    assert len(compilations) == 2


def test_a_folder_that_cannot_be_written_to_does_not_matter(
    folder, compilations, monkeypatch
):
    folder.write_text("a file, not a folder")
    start_process(monkeypatch)
    start_process(monkeypatch)
    assert len(compilations) == 2


def test_the_home_is_used_where_the_package_cannot_be_written_to(tmp_path, monkeypatch):
    monkeypatch.delenv("SKMNIST_KERNEL_CACHE")
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "file"))
    (tmp_path / "file").write_text("not a folder")
    code_cache.save_code(TARGET, b"code")
    assert code_cache.find_code(TARGET) == b"code"
    assert (tmp_path / "home" / "skmnist" / f"kernel-{TARGET}.bin").exists()


def test_a_full_disk_does_not_matter(compilations, monkeypatch):
    def fail(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(code_cache, "replace_file", fail)
    start_process(monkeypatch)
    assert len(compilations) == 1


def test_another_kernel_processor_or_llvm_has_a_target_of_its_own(
    tmp_path, monkeypatch
):
    target = describe_target()
    assert describe_target() == target
    other = tmp_path / "kernel.bc"
    other.write_bytes(b"another kernel")
    monkeypatch.setattr("skmnist._training.machine_code.BITCODE", other)
    assert describe_target() != target


# One fit after another, each of a kind that used to compile something of its own.
PROGRAM = """
import itertools
import numpy as np
import sklearn.base
from skmnist import MNISTClassifier
from skmnist._training import kernel
from skmnist._training.dense_arrays import ACTIVATIONS, OPTIMIZERS

compiled, count = kernel.compile_kernel, itertools.count(1)
kernel.compile_kernel = lambda: (next(count), compiled())[1]
X = np.random.default_rng(0).integers(0, 256, (40, 16)).astype(np.uint8)
y = np.arange(40) % 3

def fit(X=X, **params):
    verbose = params.pop("verbose", 0)
    return MNISTClassifier(4, epochs=1, verbose=verbose, **params).fit(X, y)

fit(verbose=1)
fit(verbose=1)
fit(early_stopping=True)
MNISTClassifier(4, epochs=1).fit(X, y, np.ones(40), X_val=X, y_val=y)
for dtype in (np.float32, np.float64, np.uint16, bool):
    fit(X.astype(dtype))
    fit(X.astype(dtype), augmentation="elastic")
for params in ({"dropout": 0.2}, {"batch_norm": True}, {"augmentation": "affine"},
               {"alpha": 0.1}, {"label_smoothing": 0.1}, {"batch_size": 7},
               {"learning_rate_schedule": "onecycle"}, {"class_weight": "balanced"}):
    fit(**params)
for name in ACTIVATIONS:
    fit(activation=name)
for name in OPTIMIZERS:
    fit(optimizer=name)
print("compilations:", next(count) - 1)
"""


def test_all_kinds_of_fits_share_one_compilation(folder):
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    runs = [
        subprocess.run(command, capture_output=True, text=True, env=os.environ)
        for _ in range(2)
    ]
    assert [run.stderr for run in runs] == ["", ""]
    announcement = "Compiling the training kernel (once for this installation)\n"
    first, second = (run.stdout for run in runs)
    assert first.startswith(announcement + "Epoch 1/1")
    assert first.count("Compiling") == 1
    assert first.endswith("compilations: 1\n")
    assert "Compiling" not in second
    assert second.endswith("compilations: 0\n")
    assert len([*folder.iterdir()]) == 1
