import gzip
import io
import multiprocessing
import os
import socket
import stat
import subprocess
import sys
import tracemalloc
import zipfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest

import skmnist._data.mnist
from skmnist import fetch_mnist
from tests.data.mirrors import HTML, NAMES, as_idx


def assert_is_the_data(bunch, arrays):
    np.testing.assert_array_equal(bunch.images[:5], arrays["x_train"])
    np.testing.assert_array_equal(bunch.images[5:], arrays["x_test"])
    np.testing.assert_array_equal(bunch.target, [3, 1, 4, 1, 5, 9, 2, 6])


# Downloads


def test_default_mirrors_are_at_least_three():
    assert len(set(skmnist._data.mnist._MIRRORS)) >= 3


@pytest.mark.parametrize("behaviour", ["good", "repacked", "unpacked"])
def test_any_compression_of_the_right_content_is_accepted(
    behaviour, arrays, use_mirrors, tmp_path
):
    use_mirrors(behaviour)
    assert_is_the_data(fetch_mnist(data_home=tmp_path), arrays)
    assert_is_the_data(fetch_mnist(data_home=tmp_path), arrays)


@pytest.mark.parametrize(
    "behaviour",
    ["forbidden", "missing", "busy", "short", "cut", "wrong", "html", "bomb"],
)
def test_next_mirror_is_asked_at_once_and_silently(
    behaviour, arrays, use_mirrors, tmp_path, capfd
):
    use_mirrors(behaviour, "good")
    assert_is_the_data(fetch_mnist(data_home=tmp_path, delay=60), arrays)
    cached = {path.name for path in (tmp_path / "skmnist").iterdir()}
    assert cached == {f"{name}.gz" for name in NAMES.values()}
    assert capfd.readouterr() == ("", "")


def test_next_mirror_is_asked_when_one_hangs(
    arrays, server, use_mirrors, tmp_path, monkeypatch
):
    monkeypatch.setattr("skmnist._data.mnist._TIMEOUT", 0.5)
    use_mirrors("hang", "good")
    assert_is_the_data(fetch_mnist(data_home=tmp_path), arrays)
    hung = [name for behaviour, name in server.asked if behaviour == "hang"]
    assert hung == ["train-images-idx3-ubyte.gz"]  # the others were asked elsewhere


def test_error_lists_the_causes_of_all_mirrors(
    server, use_mirrors, tmp_path, monkeypatch
):
    monkeypatch.setattr("skmnist._data.mnist._TIMEOUT", 0.5)
    causes = {
        "forbidden": "HTTP Error 403: Forbidden",
        "missing": "HTTP Error 404: Not Found",
        "busy": "HTTP Error 503: Service Unavailable",
        "hang": "timed out",
        "short": "IncompleteRead",
        "cut": "Compressed file ended",
        "html": f"got {sha256(HTML).hexdigest()}",
    }
    use_mirrors(*causes)
    with pytest.raises(OSError, match="No mirror of MNIST serves train-im") as info:
        fetch_mnist(data_home=tmp_path, n_retries=0)
    _, *lines, remedy = str(info.value).splitlines()
    assert len(lines) == len(causes)
    assert [
        line.startswith(f"- {server.url(behaviour)}train-images-idx3-ubyte.gz: ")
        and cause in line
        for line, (behaviour, cause) in zip(lines, causes.items(), strict=True)
    ] == [True] * len(causes)
    assert [name in remedy for name in (*NAMES.values(), "SKMNIST_DATA")] == [True] * 5
    assert list((tmp_path / "skmnist").iterdir()) == []


@pytest.mark.parametrize(
    ("behaviour", "limit", "value", "cause"),
    [
        ("endless", "_MAX_BYTES", 1_000_000, "it has more than 1,000,000 bytes"),
        ("slow", "_MOST_SECONDS", 0.5, "it took longer than 0.5 s"),
        ("slow_headers", "_MOST_SECONDS", 0.5, "it took longer than 0.5 s"),
    ],
)
def test_size_and_time_of_a_download_are_limited(
    behaviour, limit, value, cause, arrays, server, use_mirrors, tmp_path, monkeypatch
):
    monkeypatch.setattr(f"skmnist._data.mnist.{limit}", value)
    use_mirrors(behaviour)
    with pytest.raises(OSError, match=cause):
        fetch_mnist(data_home=tmp_path)
    assert len(server.asked) == 1  # the same mirror would fail again
    assert list((tmp_path / "skmnist").iterdir()) == []
    use_mirrors(behaviour, "good")
    assert_is_the_data(fetch_mnist(data_home=tmp_path), arrays)


DOWNLOAD = """
import sys
import skmnist._data.mnist

skmnist._data.mnist._MIRRORS = (sys.argv[1],)
skmnist._data.mnist.fetch_mnist(data_home=sys.argv[2])
"""


def test_a_download_that_is_killed_leaves_nothing(server, tmp_path):
    arguments = [server.url("slow"), tmp_path]
    with subprocess.Popen(
        [sys.executable, "-c", DOWNLOAD, *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as child:
        assert server.sending.wait(60)
        child.kill()
    assert list((tmp_path / "skmnist").iterdir()) == []


def test_a_disk_that_is_full_is_not_blamed_on_a_mirror(
    server, use_mirrors, tmp_path, monkeypatch
):
    def fail(*args):
        raise OSError(28, "No space left on device")

    use_mirrors("good", "good")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match=r"^MNIST cannot be kept in .*: No space left"):
        fetch_mnist(data_home=tmp_path)
    assert len(server.asked) == 1


def test_error_names_an_unreachable_mirror_and_its_cause(arrays, tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        mirror = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    monkeypatch.setattr("skmnist._data.mnist._MIRRORS", (mirror,))
    with pytest.raises(OSError, match=f"{mirror}train-images.*urlopen error"):
        fetch_mnist(data_home=tmp_path, n_retries=1, delay=0)


@pytest.mark.parametrize(
    ("behaviour", "n_times"),
    [("busy", 3), ("short", 3), ("forbidden", 1), ("missing", 1), ("wrong", 1)],
)
def test_only_temporary_failures_are_retried(
    behaviour, n_times, server, use_mirrors, tmp_path
):
    use_mirrors(behaviour)
    with pytest.raises(OSError, match="No mirror"):
        fetch_mnist(data_home=tmp_path, n_retries=2, delay=0)
    assert len(server.asked) == n_times


def test_mirror_that_recovers_is_used(arrays, use_mirrors, tmp_path):
    use_mirrors("missing", "flaky")
    bunch = fetch_mnist(data_home=tmp_path, n_retries=1, delay=0)
    assert_is_the_data(bunch, arrays)


def test_gzip_bomb_is_not_unpacked(arrays, use_mirrors, tmp_path, monkeypatch):
    monkeypatch.setattr("skmnist._data.mnist._MAX_BYTES", 1000)
    use_mirrors("bomb", "good")
    tracemalloc.start()
    try:
        fetch_mnist(data_home=tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.fixture(params=[None, 0.5])
def default_timeout(request):
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(request.param)
    yield request.param
    socket.setdefaulttimeout(before)


def test_default_timeout_of_sockets_is_restored(default_timeout, use_mirrors, tmp_path):
    use_mirrors("missing", "good")
    homes = [tmp_path / "1", tmp_path / "2"]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda home: fetch_mnist(data_home=home), homes))
    assert socket.getdefaulttimeout() == default_timeout


@pytest.mark.parametrize("default_timeout", [0.5], indirect=True)
def test_default_timeout_of_the_user_is_used(
    default_timeout, use_mirrors, tmp_path, monkeypatch
):
    monkeypatch.setattr("skmnist._data.mnist._TIMEOUT", 60)
    use_mirrors("hang")
    with pytest.raises(OSError, match="timed out"):
        fetch_mnist(data_home=tmp_path, n_retries=0)


def fetch_in_new_process(mirror, sums, data_home):
    skmnist._data.mnist._MIRRORS, skmnist._data.mnist._SHA256 = (mirror,), sums
    return fetch_mnist(data_home=data_home, n_retries=0)


def test_two_processes_can_download_at_once(arrays, server, tmp_path):
    # The server answers no file before both processes have asked for it.
    spawn = multiprocessing.get_context("spawn")
    task = (server.url("together"), skmnist._data.mnist._SHA256, tmp_path)
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        futures = [pool.submit(fetch_in_new_process, *task) for _ in range(2)]
        assert_is_the_data(futures[0].result(60), arrays)
        assert_is_the_data(futures[1].result(60), arrays)
    assert_is_the_data(fetch_mnist(data_home=tmp_path), arrays)
    assert len(server.asked) == 8


# Cache


def test_second_load_asks_no_mirror(filled_cache, arrays, server):
    server.asked.clear()
    assert_is_the_data(fetch_mnist(data_home=filled_cache.parent), arrays)
    assert server.asked == []


def test_subset_downloads_only_its_own_files(server, use_mirrors, tmp_path):
    use_mirrors("good")
    fetch_mnist(data_home=tmp_path, subset="test")
    assert [name for _, name in server.asked] == [
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_cached_files_have_the_permissions_of_the_umask(filled_cache):
    umask = os.umask(0)
    os.umask(umask)
    mode = (filled_cache / "train-images-idx3-ubyte.gz").stat().st_mode
    assert stat.S_IMODE(mode) == 0o666 & ~umask


CORRUPT = {
    "empty": lambda packed: b"",
    "html": lambda packed: HTML,
    "cut": lambda packed: packed[:-9],
    "flipped": lambda packed: packed[:30] + bytes([packed[30] ^ 255]) + packed[31:],
    "other_content": lambda packed: gzip.compress(bytes(136)),
}


@pytest.mark.parametrize("corrupt", CORRUPT.values(), ids=CORRUPT)
def test_corrupt_cache_is_replaced(corrupt, filled_cache, arrays):
    path = filled_cache / "train-images-idx3-ubyte.gz"
    path.write_bytes(corrupt(path.read_bytes()))
    assert_is_the_data(fetch_mnist(data_home=filled_cache.parent), arrays)
    again = fetch_mnist(data_home=filled_cache.parent, download_if_missing=False)
    assert_is_the_data(again, arrays)


@pytest.mark.parametrize("corrupt", CORRUPT.values(), ids=CORRUPT)
def test_corrupt_cache_is_an_error_without_download(corrupt, filled_cache, server):
    path = filled_cache / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(corrupt(path.read_bytes()))
    server.asked.clear()
    with pytest.raises(OSError, match=r"t10k-labels-idx1-ubyte\.gz' is corrupt"):
        fetch_mnist(data_home=filled_cache.parent, download_if_missing=False)
    assert server.asked == []


def test_empty_cache_is_an_error_without_download(arrays, tmp_path):
    with pytest.raises(OSError, match="missing, and `download_if_missing` is False"):
        fetch_mnist(data_home=tmp_path, download_if_missing=False)


# The folder that SKMNIST_DATA names


@pytest.mark.parametrize("separator", ["-", "."])
@pytest.mark.parametrize(
    ("suffix", "pack"), [("", bytes), (".gz", gzip.compress)], ids=["plain", "gz"]
)
def test_local_idx_files_are_read(separator, suffix, pack, local, arrays, tmp_path):
    for key, name in NAMES.items():
        path = local / f"{name.replace('-idx', f'{separator}idx')}{suffix}"
        path.write_bytes(pack(as_idx(arrays[key])))
    assert_is_the_data(fetch_mnist(), arrays)
    assert len(list(local.iterdir())) == 4
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_local_npz_is_read(save, dtype, local, arrays):
    labels = {key: arrays[key].astype(dtype) for key in ("y_train", "y_test")}
    save(local / "mnist.npz", **arrays | labels)
    assert_is_the_data(fetch_mnist(), arrays)


def test_data_home_takes_precedence_over_the_local_folder(
    filled_cache, arrays, monkeypatch
):
    monkeypatch.setenv("SKMNIST_DATA", "/nowhere")
    assert_is_the_data(fetch_mnist(data_home=filled_cache.parent), arrays)


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_error_names_the_missing_local_file(name, local, monkeypatch):
    monkeypatch.setenv("SKMNIST_DATA", str(local / name))
    with pytest.raises(FileNotFoundError) as info:
        fetch_mnist()
    wanted = ["SKMNIST_DATA", str(local / name), "train-images-idx3-ubyte", "mnist.npz"]
    assert [word in str(info.value) for word in wanted] == [True] * 4


# Without the time: a test's name must be the same in every process.
PACKED_HTML = gzip.compress(HTML, mtime=0)


def save_npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("train-images-idx3-ubyte", HTML, "the SHA-256 of its content must be"),
        ("train-images-idx3-ubyte", b"", "the SHA-256 of its content must be"),
        ("train-images-idx3-ubyte.gz", PACKED_HTML[:-9], "ended before"),
        ("train-images-idx3-ubyte.gz", PACKED_HTML, "the SHA-256"),
        ("mnist.npz", HTML, "not a zip file"),
        ("mnist.npz", save_npz(), "x_train is not"),
        ("mnist.npz", save_npz(x_train=np.zeros((5, 4, 6))), "the SHA-256"),
        ("mnist.npz", save_npz(x_train=np.array([{}])), "allow_pickle=False"),
    ],
)
def test_error_names_the_wrong_local_file_and_its_fault(name, content, fault, local):
    path = local / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match="`SKMNIST_DATA` must name") as info:
        fetch_mnist()
    assert repr(str(path)) in str(info.value)
    assert fault in str(info.value)


def npy_header(shape):
    file = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()


def write_archive(folder, content):
    with zipfile.ZipFile(folder / "mnist.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x_train.npy", content)


def test_archive_that_claims_more_than_the_memory_is_refused(local):
    write_archive(local, npy_header((2**62,)))
    with pytest.raises(ValueError, match="`SKMNIST_DATA` must name"):
        fetch_mnist()


def test_archive_bomb_is_not_unpacked(local, monkeypatch):
    monkeypatch.setattr("skmnist._data.mnist._MAX_BYTES", 1000)
    write_archive(local, npy_header((20_000_000,)) + bytes(20_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="`SKMNIST_DATA` must name"):
            fetch_mnist()
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


# What is returned


@pytest.mark.parametrize(
    ("subset", "target"),
    [
        ("all", [3, 1, 4, 1, 5, 9, 2, 6]),
        ("train", [3, 1, 4, 1, 5]),
        ("test", [9, 2, 6]),
    ],
)
def test_subset_selects_rows_with_the_training_set_first(subset, target, saved):
    assert fetch_mnist(subset=subset).target.tolist() == target


def test_rows_and_images_share_their_memory(saved):
    bunch = fetch_mnist()
    assert (bunch.data.shape, bunch.images.shape) == ((8, 24), (8, 4, 6))
    assert (bunch.data.dtype, bunch.target.dtype) == (np.uint8, np.int64)
    bunch.data[0, 7] = 123  # second row, second column
    assert bunch.images[0, 1, 1] == 123
    assert bunch.feature_names[:7][-2:] == ["pixel_0_5", "pixel_1_0"]
    assert bunch.target_names.tolist() == [1, 2, 3, 4, 5, 6, 9]
    assert bunch.frame is None
    assert "LeCun" in bunch.DESCR


def test_as_frame_returns_pandas(saved, arrays):
    bunch = fetch_mnist(as_frame=True)
    assert bunch.frame.shape == (8, 25)
    assert list(bunch.frame) == [*bunch.feature_names, "target"]
    pd.testing.assert_frame_equal(bunch.frame[bunch.feature_names], bunch.data)
    pd.testing.assert_series_equal(bunch.frame["target"], bunch.target)
    assert set(bunch.data.dtypes) == {np.dtype(np.uint8)}
    np.testing.assert_array_equal(bunch.data[:5], arrays["x_train"].reshape(5, -1))
    assert isinstance(bunch.images, np.ndarray)


@pytest.mark.parametrize("as_frame", [False, True])
def test_return_x_y_returns_data_and_target(as_frame, saved):
    bunch = fetch_mnist(as_frame=as_frame)
    X, y = fetch_mnist(as_frame=as_frame, return_X_y=True)
    assert (type(X), type(y)) == (type(bunch.data), type(bunch.target))
    np.testing.assert_array_equal(X, bunch.data)
    np.testing.assert_array_equal(y, bunch.target)


@pytest.mark.parametrize(
    ("parameter", "value", "error", "message"),
    [
        ("subset", "x", ValueError, "`subset` must be one of .*'test', got 'x'"),
        ("subset", ["all"], ValueError, r"`subset` must be .*, got \['all'\]"),
        ("n_retries", -1, ValueError, "n_retries == -1, must be >= 0"),
        ("n_retries", 1.5, TypeError, "n_retries must be an instance of"),
        ("delay", -1, ValueError, "delay == -1, must be >= 0"),
        ("as_frame", "auto", TypeError, "as_frame must be an instance of"),
        ("return_X_y", "no", TypeError, "return_X_y must be an instance of"),
        ("download_if_missing", "no", TypeError, "download_if_missing must be an"),
    ],
)
def test_error_names_the_wrong_parameter(parameter, value, error, message, saved):
    with pytest.raises(error, match=message):
        fetch_mnist(**{parameter: value})


@pytest.mark.mnist
def test_mnist_has_its_well_known_content():
    tracemalloc.start()
    try:
        mnist = fetch_mnist()
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()
    assert mnist.data.shape == (70000, 784)
    assert mnist.target[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.target[60000:60005].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(mnist.target[:60000]).tolist() == [
        *(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
    ]
    assert mnist.target_names.tolist() == list(range(10))
    assert mnist.data.mean() == pytest.approx(33.385964741253645)
