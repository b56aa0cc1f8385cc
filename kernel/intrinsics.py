"""What Numba lacks for the kernel: arrays at given addresses, sums of rows."""

import numpy as np
from llvmlite import ir
from numba import carray, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from skmnist._training.dense_arrays import LANES

# Vectors summed at once. More would not fit the 16 registers of common processors.
_UNITS = 4

_INT32, _INT64 = ir.IntType(32), ir.IntType(64)
_VECTOR = ir.VectorType(ir.FloatType(), LANES)

OPTIONS = {
    "error_model": "numpy",
    # NaN and infinity keep their meaning.
    "fastmath": {"contract", "nsz", "arcp", "reassoc"},
}


def part(function):
    """Compile a function as a part of the functions that call it."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return njit(function, **options, **OPTIONS)


def inlined(function):
    """Do the same, and copy the function to where it is called."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return njit(function, forceinline=True, **options, **OPTIONS)


@inlined
def mix(bits):
    """Hash a 32-bit integer so that every input bit changes every output bit.

    The "lowbias32" constants of C. Wellons, "Prospecting for Hash Functions", 2018.
    """
    bits = np.uint32((bits ^ (bits >> np.uint32(16))) * np.uint32(0x7FEB352D))
    bits = np.uint32((bits ^ (bits >> np.uint32(15))) * np.uint32(0x846CA68B))
    return np.uint32(bits ^ (bits >> np.uint32(16)))


@intrinsic
def _as_pointer(typingctx, address, dtype):
    """Return an address as a pointer to numbers of a dtype."""
    pointer = types.CPointer(dtype.dtype)

    def codegen(context, builder, signature, arguments):
        kind = context.get_value_type(signature.return_type)
        return builder.inttoptr(arguments[0], kind)

    return pointer(types.int64, dtype), codegen


@inlined
def vector(table, i, dtype):
    """Return entry i of a table of arrays, which has one dimension.

    Arrays made here own no memory.
    """
    return carray(_as_pointer(table[i, 0], dtype), (table[i, 1],))


@inlined
def matrix(table, i, dtype):
    """Return entry i of a table of arrays, which has two dimensions."""
    return carray(_as_pointer(table[i, 0], dtype), (table[i, 1], table[i, 2]))


@inlined
def cube(table, i, dtype):
    """Return entry i of a table of arrays, which has three dimensions."""
    shape = table[i, 1], table[i, 2], table[i, 3]
    return carray(_as_pointer(table[i, 0], dtype), shape)


@inlined
def rows_of(array, at, n_rows, width):
    """Return part of an array of float32, from `at` on, as rows."""
    address = np.int64(array.ctypes.data) + 4 * at
    return carray(_as_pointer(address, np.float32), (n_rows, width))


@intrinsic
def add_rows(typingctx, total, rows, index, factor, start, stop, keep):
    """Set `total` to the sum of `factor[k] * rows[index[k]]` for k from start to stop.

    All are float32 but `index`, which is int32. `total` and the rows are contiguous and
    hold a multiple of LANES numbers; 64 at a time stay in registers. A compiler cannot
    do that by itself, because it must assume that the arrays overlap. With `keep` the
    sum is added to what `total` holds.
    """
    signature = types.void(
        total, rows, index, factor, types.intp, types.intp, types.boolean
    )

    def codegen(context, builder, signature, arguments):
        arrays = [
            context.make_array(kind)(context, builder, argument)
            for kind, argument in zip(signature.args[:4], arguments[:4], strict=True)
        ]
        emitter = _SumOfRows(builder, *arrays, *arguments[4:])
        (width,) = cgutils.unpack_tuple(builder, arrays[0].shape)
        step = LANES * _UNITS
        whole = builder.and_(width, _INT64(-step))
        for first, last, units in ((_INT64(0), whole, _UNITS), (whole, width, 1)):
            step = _INT64(LANES * units)
            with cgutils.for_range_slice(builder, first, last, step) as (column, _):
                emitter.emit_strip(column, units)
        return context.get_dummy_value()

    return signature, codegen


class _SumOfRows:
    """Emits the instructions of `add_rows`."""

    def __init__(self, builder, total, rows, index, factor, start, stop, keep):
        self.builder, self.keep = builder, keep
        self.total, self.index, self.factor = total.data, index.data, factor.data
        self.rows, self.bounds = rows.data, (start, stop)
        self.stride = cgutils.unpack_tuple(builder, rows.strides)[0]

    def emit_strip(self, column, units):
        """Sum `units` vectors of each row, starting at a column."""
        builder = self.builder
        targets = [self._vector_at(self.total, column, u) for u in range(units)]
        zero = ir.Constant(_VECTOR, [0.0] * LANES)
        sums = []
        for target in targets:
            kept = builder.select(self.keep, builder.load(target, align=4), zero)
            sums.append(cgutils.alloca_once_value(builder, kept))
        start, stop = self.bounds
        with cgutils.for_range_slice(builder, start, stop, _INT64(1)) as (k, _):
            factor, row = self._factor(k), self._row(k)
            for u, partial_sum in enumerate(sums):
                numbers = builder.load(self._vector_at(row, column, u), align=4)
                term = builder.fmul(factor, numbers, flags=["contract"])
                so_far = builder.load(partial_sum)
                so_far = builder.fadd(so_far, term, flags=["contract"])
                builder.store(so_far, partial_sum)
        for target, partial_sum in zip(targets, sums, strict=True):
            builder.store(builder.load(partial_sum), target, align=4)

    def _vector_at(self, row, column, unit):
        start = self.builder.add(column, _INT64(unit * LANES))
        address = self.builder.gep(row, [start])
        return self.builder.bitcast(address, _VECTOR.as_pointer())

    def _factor(self, k):
        number = self.builder.load(self.builder.gep(self.factor, [k]))
        vector = ir.Constant(_VECTOR, ir.Undefined)
        vector = self.builder.insert_element(vector, number, _INT32(0))
        first_lane = ir.Constant(ir.VectorType(_INT32, LANES), [0] * LANES)
        return self.builder.shuffle_vector(vector, vector, first_lane)

    def _row(self, k):
        builder = self.builder
        number = builder.load(builder.gep(self.index, [k]))
        offset = builder.mul(builder.sext(number, _INT64), self.stride)
        start = builder.bitcast(self.rows, ir.IntType(8).as_pointer())
        row = builder.gep(start, [offset])
        return builder.bitcast(row, ir.FloatType().as_pointer())
