"""Products and transposes of matrices, in tiles that stay in registers."""

from functools import partial

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

_INT64, _INT32, _BYTE = ir.IntType(64), ir.IntType(32), ir.IntType(8)
_FLOAT, _LANES = ir.FloatType(), range(LANES)
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


class _Matrix:
    """Emits the addresses of the numbers of a matrix."""

    def __init__(self, builder, data, row_stride, stride):
        self._builder, self._strides = builder, (row_stride, stride)
        self._start = builder.bitcast(data, _BYTE.as_pointer())

    def at(self, row, column):
        """Return the address of a number."""
        builder, (row_stride, stride) = self._builder, self._strides
        offset = builder.mul(row, row_stride)
        offset = builder.add(offset, builder.mul(column, stride))
        address = builder.gep(self._start, [offset])
        return builder.bitcast(address, _FLOAT.as_pointer())

    def vector_at(self, row, column):
        """Return the address of a vector."""
        return self._builder.bitcast(self.at(row, column), _VECTOR.as_pointer())


class _Product:
    """Emits the instructions of `add_products`."""

    def __init__(self, builder, total, factors, rows, keep):
        self.builder, self.keep = builder, keep
        self.total, self.factors, self.rows = (
            _Matrix(builder, a.data, *cgutils.unpack_tuple(builder, a.strides))
            for a in (total, factors, rows)
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
        targets = [self.total.vector_at(r, column) for r in rows]
        zero = ir.Constant(_VECTOR, [0.0] * LANES)
        sums = []
        for target in targets:
            kept = builder.select(keep, builder.load(target, align=4), zero)
            sums.append(cgutils.alloca_once_value(builder, kept))
        with cgutils.for_range_slice(builder, *terms, _INT64(1)) as (k, _):
            numbers = builder.load(self.rows.vector_at(k, column), align=4)
            for r, partial_sum in zip(rows, sums, strict=True):
                factor = builder.load(self.factors.at(r, k))
                term = builder.fmul(self._spread(factor), numbers, flags=["contract"])
                so_far = builder.load(partial_sum)
                so_far = builder.fadd(so_far, term, flags=["contract"])
                builder.store(so_far, partial_sum)
        for target, partial_sum in zip(targets, sums, strict=True):
            builder.store(builder.load(partial_sum), target, align=4)

    def _spread(self, number):
        """Return a vector that holds a number in each lane."""
        vector = ir.Constant(_VECTOR, ir.Undefined)
        vector = self.builder.insert_element(vector, number, _INT32(0))
        first_lane = ir.Constant(ir.VectorType(_INT32, LANES), [0] * LANES)
        return self.builder.shuffle_vector(vector, vector, first_lane)


@intrinsic
def transpose(typingctx, target, source):
    """Set `target` to the transpose of `source`.

    Both are float32 of two dimensions, which are multiples of LANES. Each row is
    contiguous.
    """

    def codegen(context, builder, signature, arguments):
        arrays = [
            context.make_array(kind)(context, builder, argument)
            for kind, argument in zip(signature.args, arguments, strict=True)
        ]
        target, source = (
            _Matrix(builder, a.data, *cgutils.unpack_tuple(builder, a.strides))
            for a in arrays
        )
        height, width = cgutils.unpack_tuple(builder, arrays[1].shape)
        zero, step = _INT64(0), _INT64(LANES)
        lines = cgutils.for_range_slice(builder, zero, height, step)
        columns = partial(cgutils.for_range_slice, builder, zero, width, step)
        with lines as (i, _), columns() as (j, _):
            places = [source.vector_at(builder.add(i, _INT64(r)), j) for r in _LANES]
            rows = [builder.load(place, align=4) for place in places]
            for r, row in enumerate(_transpose_tile(builder, rows)):
                place = target.vector_at(builder.add(j, _INT64(r)), i)
                builder.store(row, place, align=4)
        return context.get_dummy_value()

    return types.void(target, source), codegen


def _transpose_tile(builder, rows):
    """Exchange the off-diagonal quarters of the tile, of its quarters, and so on."""
    size = LANES // 2
    while size:
        kept, moved = [], []
        for lane in range(LANES):
            right = lane & size
            kept.append(LANES + lane - size if right else lane)
            moved.append(LANES + lane if right else lane + size)
        masks = [ir.Constant(ir.VectorType(_INT32, LANES), m) for m in (kept, moved)]
        for r in range(LANES):
            if not r & size:
                pair = rows[r], rows[r + size]
                rows[r], rows[r + size] = (
                    builder.shuffle_vector(*pair, mask) for mask in masks
                )
        size //= 2
    return rows
