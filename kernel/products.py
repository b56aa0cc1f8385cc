"""Products of two matrices, in tiles that stay in registers."""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from skmnist._training.dense_arrays import LANES

# Rows of a tile: 6 vectors of 16 floats take 12 of the 16 registers of processors whose
# registers hold 8 floats. Rows that are left are done in smaller tiles.
_TILES = 6, 4, 2, 1
# Terms summed before the next columns: 256 vectors fit the first-level cache.
_TERMS = 256

_INT64, _FLOAT, _BYTE = ir.IntType(64), ir.FloatType(), ir.IntType(8)
_VECTOR = ir.VectorType(_FLOAT, LANES)


@intrinsic
def add_products(typingctx, total, factors, rows, keep):
    """Set `total` to the matrix product of `factors` and `rows`.

    All are float32 of two dimensions. Each row of `total` and of `rows` is contiguous
    and holds the same multiple of LANES numbers. With `keep` the product is added to
    what `total` holds.

    Each number is the sum of its terms in their order, so it does not depend on the
    tiles, nor on the other rows and columns that are computed in the same call.
    """
    signature = types.void(total, factors, rows, types.boolean)

    def codegen(context, builder, signature, arguments):
        arrays = [
            context.make_array(kind)(context, builder, argument)
            for kind, argument in zip(signature.args[:3], arguments[:3], strict=True)
        ]
        _Product(builder, *arrays, arguments[3]).emit()
        return context.get_dummy_value()

    return signature, codegen


class _Product:
    """Emits the instructions of `add_products`."""

    def __init__(self, builder, total, factors, rows, keep):
        self.builder, self.keep = builder, keep
        self.arrays = total, factors, rows
        self.total, self.factors, self.rows = (
            (a.data, *cgutils.unpack_tuple(builder, a.strides)) for a in self.arrays
        )
        self.shape = cgutils.unpack_tuple(builder, total.shape)
        self.n_terms = cgutils.unpack_tuple(builder, rows.shape)[0]

    def emit(self):
        """Compute the product, block of terms after block of terms."""
        builder, (n_rows, width) = self.builder, self.shape
        zero = _INT64(0)
        # Without any terms one block still sets the total to zero.
        n_terms = builder.select(
            builder.icmp_signed(">", self.n_terms, zero), self.n_terms, _INT64(1)
        )
        terms = cgutils.for_range_slice(builder, zero, n_terms, _INT64(_TERMS))
        with terms as (first, _):
            last = builder.add(first, _INT64(_TERMS))
            is_last = builder.icmp_signed(">", last, self.n_terms)
            last = builder.select(is_last, self.n_terms, last)
            keep = builder.or_(self.keep, builder.icmp_signed(">", first, zero))
            columns = cgutils.for_range_slice(builder, zero, width, _INT64(LANES))
            with columns as (column, _):
                begin = zero
                for size in _TILES:
                    left = builder.sub(n_rows, begin)
                    whole = builder.sub(left, builder.srem(left, _INT64(size)))
                    end = builder.add(begin, whole)
                    tiles = cgutils.for_range_slice(builder, begin, end, _INT64(size))
                    with tiles as (row, _):
                        self.emit_tile(row, size, column, (first, last), keep)
                    begin = end

    def emit_tile(self, row, size, column, terms, keep):
        """Compute one vector of each of `size` rows."""
        builder = self.builder
        rows = [builder.add(row, _INT64(r)) for r in range(size)]
        targets = [self._vector_at(self.total, r, column) for r in rows]
        zero = ir.Constant(_VECTOR, [0.0] * LANES)
        sums = []
        for target in targets:
            kept = builder.select(keep, builder.load(target, align=4), zero)
            sums.append(cgutils.alloca_once_value(builder, kept))
        with cgutils.for_range_slice(builder, *terms, _INT64(1)) as (k, _):
            numbers = builder.load(self._vector_at(self.rows, k, column), align=4)
            for r, partial_sum in zip(rows, sums, strict=True):
                factor = builder.load(self._address(self.factors, r, k))
                term = builder.fmul(self._spread(factor), numbers, flags=["contract"])
                so_far = builder.load(partial_sum)
                so_far = builder.fadd(so_far, term, flags=["contract"])
                builder.store(so_far, partial_sum)
        for target, partial_sum in zip(targets, sums, strict=True):
            builder.store(builder.load(partial_sum), target, align=4)

    def _address(self, matrix, row, column):
        builder, (data, row_stride, stride) = self.builder, matrix
        offset = builder.mul(row, row_stride)
        offset = builder.add(offset, builder.mul(column, stride))
        start = builder.bitcast(data, _BYTE.as_pointer())
        return builder.bitcast(builder.gep(start, [offset]), _FLOAT.as_pointer())

    def _vector_at(self, matrix, row, column):
        address = self._address(matrix, row, column)
        return self.builder.bitcast(address, _VECTOR.as_pointer())

    def _spread(self, number):
        """Return a vector that holds a number in each lane."""
        vector, int32 = ir.Constant(_VECTOR, ir.Undefined), ir.IntType(32)
        vector = self.builder.insert_element(vector, number, int32(0))
        first_lane = ir.Constant(ir.VectorType(int32, LANES), [0] * LANES)
        return self.builder.shuffle_vector(vector, vector, first_lane)
