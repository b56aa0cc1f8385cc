"""Numba's cached files may be damaged, or impossible to write."""

import importlib.util

import pytest

from skmnist._training.intrinsics import compiled

MODULE = """
def double(x):
    return 2 * x
"""


@pytest.fixture
def function(tmp_path):
    """A function in a module of its own, whose cache is in `__pycache__` beside it."""
    path = tmp_path / "functions.py"
    path.write_text(MODULE)
    spec = importlib.util.spec_from_file_location("functions", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.double


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "__pycache__"


def call(function):
    """Call the function as a new process would; return whether it came from files."""
    dispatcher = compiled(function)
    assert dispatcher(3) == 6
    return bool(dispatcher.stats.cache_hits)


def test_a_compiled_function_is_loaded_by_the_next_process(function):
    assert [call(function), call(function)] == [False, True]


def flip_in_the_middle(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :]


DAMAGE = {
    "empty": lambda data: b"",
    "one byte": lambda data: data[:1],
    "half": lambda data: data[: len(data) // 2],
    "all but the last byte": lambda data: data[:-1],
    "zeros at the end": lambda data: data[:-100] + bytes(100),
    "flipped": flip_in_the_middle,
    "text": lambda data: b"not a pickle",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("suffixes", [(".nbi",), (".nbc",), (".nbi", ".nbc")])
def test_damaged_files_are_replaced(suffixes, damage, function, folder):
    call(function)
    for path in [path for path in folder.iterdir() if path.suffix in suffixes]:
        path.write_bytes(damage(path.read_bytes()))
    call(function)
    assert call(function)


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_files_that_cannot_be_read_or_replaced_do_not_matter(suffix, function, folder):
    call(function)
    (path,) = (path for path in folder.iterdir() if path.suffix == suffix)
    path.unlink()
    path.mkdir()
    assert [call(function), call(function)] == [False, False]


def test_a_full_disk_does_not_matter(function, monkeypatch):
    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numba.core.caching.os.replace", fail)
    assert [call(function), call(function)] == [False, False]


def test_an_index_damaged_during_the_compilation_does_not_matter(function, folder):
    dispatcher = compiled(function)
    save = dispatcher._cache.save_overload

    def save_later(*args):
        folder.mkdir(exist_ok=True)
        (folder / f"{dispatcher._cache._impl.filename_base}.nbi").write_bytes(b"?")
        save(*args)

    dispatcher._cache.save_overload = save_later
    assert dispatcher(3) == 6
    assert [call(function), call(function)] == [False, True]
