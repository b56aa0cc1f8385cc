"""What the package calls: two functions of plain addresses and numbers."""

import numpy as np
from numba import carray, types

from kernel.intrinsics import cube, matrix, vector
from kernel.steps import run_steps
from kernel.warp import warp_rows
from skmnist._training.dense_arrays import Configuration, Variables, Workspace

_f32, _i32, _i64, _u8, _u32 = np.float32, np.int32, np.int64, np.uint8, np.uint32
_f64 = np.float64
_LONGEST = 64  # more arrays than any table has

_INT64, _FLOAT32 = types.CPointer(types.int64), types.CPointer(types.float32)
SIGNATURE = types.float64(_INT64, _INT64, _FLOAT32)


def run_batches(table, integers, numbers):
    """Train on batches, or evaluate the network on them.

    Parameters
    ----------
    table : pointer to int64
        Four numbers for each array: its address and its shape. The arrays are those of
        a Configuration, of Variables and of Workspace, and then `data`, `steps` and
        `results` as in `run_steps`.
    integers, numbers : pointer to int64, pointer to float32
        The other arguments, in the order of their use below.

    Returns
    -------
    float
        0.
    """
    a = carray(table, (_LONGEST, 4))
    config = Configuration(
        vector(a, 0, _i64),
        vector(a, 1, _i64),
        vector(a, 2, _i64),
        vector(a, 3, _i64),
        vector(a, 4, _i64),
        integers[0],
        integers[1],
        numbers[0],
        numbers[1],
        integers[2],
        numbers[2],
    )
    variables = Variables(
        vector(a, 5, _f32),
        vector(a, 6, _f32),
        matrix(a, 7, _f32),
        matrix(a, 8, _f32),
        matrix(a, 9, _f32),
        cube(a, 10, _f32),
    )
    space = Workspace(
        matrix(a, 11, _i32),
        matrix(a, 12, _f32),
        vector(a, 13, _i64),
        cube(a, 14, _f32),
        cube(a, 15, _f32),
        vector(a, 16, _u8),
        cube(a, 17, _f32),
        vector(a, 18, _f32),
        matrix(a, 19, _f32),
        cube(a, 20, _f32),
        vector(a, 21, _f64),
        vector(a, 22, _i32),
        vector(a, 23, _f32),
        matrix(a, 24, _i64),
        matrix(a, 25, _i32),
        matrix(a, 26, _f32),
        cube(a, 27, _f32),
    )
    pixels = matrix(a, 28, _u8), matrix(a, 29, _f32)
    data = *pixels, numbers[3], vector(a, 30, _i32), vector(a, 31, _f32)
    order, rates, seeds = vector(a, 32, _i64), vector(a, 33, _f32), matrix(a, 34, _u32)
    steps = (order, integers[3], integers[4], rates, seeds, integers[5], integers[6])
    results = vector(a, 35, _f32), vector(a, 36, _u8)
    phases = integers[7], integers[8], integers[9], integers[10]
    share = integers[11], integers[12]
    run_steps(config, variables, space, data, steps, results, phases, share)
    return 0.0


def warp_images(table, integers, numbers):
    """Deform images.

    Parameters
    ----------
    table : pointer to int64
        As in `run_batches`, for the arrays that `warp_rows` describes: the images and
        the results, each as uint8 and as float32, one of the two with no rows.
    integers : pointer to int64
        The position of the first image in the epoch.
    numbers : pointer to float32
        The highest level of a pixel.

    Returns
    -------
    float
        0.
    """
    a = carray(table, (_LONGEST, 4))
    rows, seed, limits = vector(a, 4, _i64), vector(a, 5, _u32), vector(a, 6, _f32)
    basis = matrix(a, 7, _f32), matrix(a, 8, _f32)
    space = cube(a, 9, _f32), matrix(a, 10, _f32), matrix(a, 11, _f32)
    space = *space, matrix(a, 12, _f32), vector(a, 13, _i32)
    first, as_bytes, as_floats = integers[0], matrix(a, 0, _u8), matrix(a, 2, _f32)
    if as_bytes.shape[0]:
        out, levels = matrix(a, 1, _u8), (numbers[0], _f32(0.5))
        warp_rows(as_bytes, rows, first, seed, limits, basis, space, out, levels)
    else:
        floats, levels = matrix(a, 3, _f32), (numbers[0], _f32(0))
        warp_rows(as_floats, rows, first, seed, limits, basis, space, floats, levels)
    return 0.0


ENTRIES = (run_batches, warp_images)
