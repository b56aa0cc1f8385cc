"""fetch_mnist: MNIST from the first mirror that answers, verified and cached."""

import gzip
import hashlib
import io
import os
import socket
import struct
import time
import zlib
from contextlib import contextmanager, suppress
from functools import partial
from http.client import HTTPException
from numbers import Integral, Real
from pathlib import Path
from urllib.error import HTTPError
from zipfile import BadZipFile

import numpy as np
from sklearn.utils import check_scalar

from skmnist._data.bunch import as_bunch
from skmnist._data.cache import describe_cache, find_cache
from skmnist._data.download import download
from skmnist._data.files import replace_file, try_folder

_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
    "http://yann.lecun.com/exdb/mnist/",
)
_FILES = {  # the keys are the names of the arrays in Keras's mnist.npz
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
_SHA256 = {  # of the uncompressed content: mirrors may compress it differently
    "x_train": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "y_train": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "x_test": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "y_test": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
_SUBSETS = {"all": ("train", "test"), "train": ("train",), "test": ("test",)}
# Bytes: the most that is read of a file, compressed or not, so that no mirror can fill
# the memory. The largest one has 47 MB.
_MAX_BYTES = 2**26
# Seconds without a byte before the next mirror is asked, and seconds for a whole file:
# the largest one needs 17 kB/s. Working mirrors are far quicker.
_TIMEOUT, _MOST_SECONDS = 10.0, 600.0

_MNIST_DESCR = """\
MNIST: 60,000 handwritten digits for training and 10,000 for testing, as grey images of
28 x 28 pixels, from 0 for blank to 255 for ink. The digits were scaled to fit a box of
20 x 20 pixels, and their centre of mass was moved to the centre of the image.

Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to
document recognition", Proceedings of the IEEE 86(11), 2278-2324, 1998.
"""


def fetch_mnist(
    *,
    subset="all",
    data_home=None,
    as_frame=False,
    return_X_y=False,
    download_if_missing=True,
    n_retries=3,
    delay=1.0,
):
    """Load MNIST, 70,000 handwritten digits, and download it the first time (11 MB).

    The SHA-256 of the content is verified every time, and a corrupt file is downloaded
    again. If the environment variable `SKMNIST_DATA` names a folder, the files are read
    from there and nothing is downloaded or written. It must hold the four IDX files,
    plain or compressed (`train-images-idx3-ubyte.gz`, ...), or Keras's `mnist.npz`.

    Parameters
    ----------
    subset : {"all", "train", "test"}, default="all"
        The 60,000 images for training, the 10,000 for testing, or both in this order.
    data_home : str or path-like, default=None
        Folder of the cache. None uses scikit-learn's, `~/scikit_learn_data`. If given,
        `SKMNIST_DATA` is ignored.
    as_frame : bool, default=False
        If True, `data` is a pandas DataFrame and `target` a Series.
    return_X_y : bool, default=False
        If True, return `(data, target)` instead of a Bunch.
    download_if_missing : bool, default=True
        If False, raise an OSError if a file is missing or corrupt.
    n_retries : int, default=3
        How often to ask all mirrors again if none of them served the file. Only
        temporary failures are retried: not a timeout, a 404 or wrong content.
    delay : float, default=1.0
        Seconds to wait before asking all mirrors again. If one of them fails, the next
        one is asked at once.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        data : {ndarray, DataFrame} of shape (n_samples, 784), dtype uint8
            Rows of pixels, from 0 for blank to 255 for ink.
        images : ndarray of shape (n_samples, 28, 28), dtype uint8
            The same pixels as images, in the same memory.
        target : {ndarray, Series} of shape (n_samples,), dtype int64
            The digits.
        feature_names : list of 784 str
            `pixel_0_0` to `pixel_27_27`, row by row.
        target_names : ndarray of shape (10,), dtype int64
            The classes, 0 to 9.
        frame : DataFrame of shape (n_samples, 785) or None
            `data` and `target` if `as_frame` is True.
        DESCR : str
            Description of the data.
    (data, target) : tuple if `return_X_y` is True
        As above.

    Raises
    ------
    TypeError
        If a parameter is of the wrong type.
    ValueError
        If a parameter has a wrong value, or a file in the folder of `SKMNIST_DATA` has
        wrong content.
    FileNotFoundError
        If a file is missing in that folder.
    OSError
        If no mirror serves a file. The message lists the mirrors with the reasons, and
        says how to use files from elsewhere. Also if `download_if_missing` is False and
        a file would have to be downloaded, or if the cache cannot be written to.

    See Also
    --------
    load_digits28 : Less data in the same form, without a download.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to
    document recognition", Proceedings of the IEEE 86(11), 2278-2324, 1998.

    Examples
    --------
    >>> from skmnist import fetch_mnist
    >>> X, y = fetch_mnist(return_X_y=True)  # doctest: +SKIP
    >>> X_train, X_test = X[:60000], X[60000:]  # doctest: +SKIP
    """
    if not isinstance(subset, str) or subset not in _SUBSETS:
        rule = "`subset` must be one of 'all', 'train', 'test'"
        raise ValueError(f"{rule}, got {subset!r}.")
    check_scalar(download_if_missing, "download_if_missing", (bool, np.bool_))
    check_scalar(n_retries, "n_retries", Integral, min_val=0)
    check_scalar(delay, "delay", Real, min_val=0)
    local = os.environ.get("SKMNIST_DATA")
    if local and data_home is None:
        read = partial(_read_local, folder=Path(local).expanduser())
    else:
        rounds = (n_retries + 1, delay) if download_if_missing else None
        cache = find_cache(data_home)
        read = partial(_read_cached, cache=cache, mirrors=[*_MIRRORS], rounds=rounds)
    images = np.concatenate([read(f"x_{part}") for part in _SUBSETS[subset]])
    target = np.concatenate([read(f"y_{part}") for part in _SUBSETS[subset]])
    return as_bunch(images, target, _MNIST_DESCR, as_frame, return_X_y)


def _read_local(key, folder):
    """Read one array from the folder that `SKMNIST_DATA` names."""
    plain = (_FILES[key], _FILES[key].replace("-idx", ".idx"))
    names = [*plain, *(f"{name}.gz" for name in plain), "mnist.npz"]
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    rule = "`SKMNIST_DATA` must name a folder with MNIST's files"
    if path is None:
        raise FileNotFoundError(f"{rule}, but {str(folder)!r} has none of {names}.")
    try:
        return _read(path, key)
    except ValueError as error:
        raise ValueError(
            f"{rule}, but {str(path)!r} is not one of them: {error}."
        ) from error


def _read_cached(key, cache, mirrors, rounds):
    """Read one array from the cache, or download it if it is missing or corrupt."""
    path = cache[0] / f"{_FILES[key]}.gz"
    try:
        return _read(path, key)
    except (FileNotFoundError, NotADirectoryError):
        fault = "is missing"
    except ValueError as error:
        fault = f"is corrupt ({error})"
    if rounds is None:
        raise OSError(f"{str(path)!r} {fault}, and `download_if_missing` is False.")
    with _errors_of(cache):
        path.parent.mkdir(parents=True, exist_ok=True)
        try_folder(path.parent)  # better before the download than after it
    content, array = _download(path.name, key, mirrors, *rounds)
    # Two processes may download at once, and Windows replaces no file that is being
    # read.
    with _errors_of(cache), suppress(PermissionError):
        replace_file(path, content)
    return array


@contextmanager
def _errors_of(cache):
    """Say in errors of the cache where it is and how to change that."""
    try:
        yield
    except OSError as error:
        raise type(error)(describe_cache(*cache, error.strerror)) from error


def _download(name, key, mirrors, n_rounds, delay):
    """Return one file from the first mirror that serves it, and its array."""
    causes, hopeful = {}, list(mirrors)
    for n_round in range(n_rounds):
        time.sleep(delay if n_round else 0)
        for mirror in list(hopeful):
            url = mirror + name
            try:
                content = _fetch(url)
                return content, _decode(io.BytesIO(content), key, _unpack)
            except (OSError, HTTPException, ValueError) as error:
                causes[url] = str(error)
                if _is_final(error):
                    hopeful.remove(mirror)
            # For the next files, this mirror is asked last.
            mirrors.append(mirrors.pop(mirrors.index(mirror)))
        if not hopeful:
            break
    raise OSError(
        f"No mirror of MNIST serves {name}:\n"
        + "".join(f"- {url}: {cause}\n" for url, cause in causes.items())
        + f"To use files from another source, put {', '.join(_FILES.values())} (plain "
        "or as .gz) into one folder, and set the environment variable SKMNIST_DATA to "
        "its path."
    )


def _is_final(error):
    """Return whether the same mirror would fail again."""
    if isinstance(error, HTTPError):
        error.close()  # otherwise the connection stays open
        return error.code < 500
    return isinstance(getattr(error, "reason", error), (TimeoutError, ValueError))


def _fetch(url):
    """Return the content of a URL, if it comes within the limits."""
    timeout = socket.getdefaulttimeout() or _TIMEOUT
    return download(url, most=_MAX_BYTES, seconds=_MOST_SECONDS, timeout=timeout)


def _read(path, key):
    """Read one array from an IDX file, plain or compressed, or from mnist.npz."""
    with open(path, "rb") as file:
        is_archive = path.suffix == ".npz"
        return _decode(file, key, partial(_unpack_npz, key) if is_archive else _unpack)


def _decode(file, key, unpack):
    """Return the array in an open file, if its content is correct."""
    try:
        content = unpack(file)
    except (
        gzip.BadGzipFile,
        BadZipFile,
        EOFError,
        KeyError,
        MemoryError,
        ValueError,
        zlib.error,
    ) as error:
        raise ValueError(f"it cannot be unpacked: {error}") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != _SHA256[key]:
        rule = f"the SHA-256 of its content must be {_SHA256[key]}"
        raise ValueError(f"{rule}, got {digest}")
    shape = struct.unpack_from(f">{content[3]}I", content, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def _unpack(file):
    """Return the content of a file, plain or compressed, up to the limit."""
    is_compressed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    if is_compressed:
        file = gzip.GzipFile(fileobj=file)
    return file.read(_MAX_BYTES + 1)


def _unpack_npz(key, file):
    """Return one array of mnist.npz as the content of an IDX file."""
    with np.lib.npyio.NpzFile(file, allow_pickle=False) as arrays:
        sizes = {info.filename: info.file_size for info in arrays.zip.infolist()}
        # An array of int64 takes eight times as much as one of bytes.
        if sizes.get(f"{key}.npy", 0) > 8 * _MAX_BYTES:
            raise ValueError(f"{key} has {sizes[f'{key}.npy']:,} bytes")
        array = arrays[key].astype(np.uint8, order="C")
    header = struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape)
    return b"".join([header, array])
