"""The training kernel: loaded when first used, compiled once for each installation."""

import threading

import numpy as np

from skmnist._training.code_cache import find_code, save_code
from skmnist._training.machine_code import Kernel, compile_kernel, describe_target

_loading = threading.Lock()
_kernel = None


def prepare(on_compile=None):
    """Load the kernel; compile it if no process has done that before.

    Parameters
    ----------
    on_compile : callable, default=None
        Called without arguments before the kernel is compiled, which takes a second or
        two.
    """
    global _kernel
    with _loading:
        if _kernel is not None:
            return
        target = describe_target()
        code = find_code(target)
        if code is None:
            if on_compile is not None:
                on_compile()
            code = compile_kernel()
            save_code(target, code)
        _kernel = Kernel(code)


def run(name, arrays, integers=(), numbers=()):
    """Call a function of the kernel once.

    Parameters
    ----------
    name : {"run_batches", "warp_images"}
        `kernel/entries.py` describes the functions and the order of their arguments.
    arrays : sequence of ndarray
        Contiguous, in the dtypes that the function expects.
    integers, numbers : sequence of int, sequence of float
        Its other arguments.
    """
    bind(name, arrays, numbers)(integers)


def bind(name, arrays, numbers=()):
    """Return a function of the kernel with all its arguments but the integers.

    Parameters
    ----------
    name, arrays, numbers
        As in `run`.

    Returns
    -------
    callable
        Its argument is a sequence of int. Threads may call it at the same time.
    """
    prepare()
    table = np.zeros((len(arrays), 4), dtype=np.int64)
    for row, array in zip(table, arrays, strict=True):
        row[0], row[1 : 1 + array.ndim] = array.ctypes.data, array.shape
    numbers = np.array(numbers, dtype=np.float32)

    def call(integers):
        arguments = table, np.array(integers, dtype=np.int64), numbers
        _kernel.call(name, *arguments)

    # The table holds addresses only.
    call.arrays = arrays
    return call
