"""Products of matrices on the CPU, with sums that stay in vector registers.

In a loop over lanes each addition loads a sum and stores it again: the compiler can't know that the
arrays do not overlap. So one row of a product is written in LLVM's instructions here, on vectors of
up to 64 lanes, which are four registers of AVX-512 or eight of AVX2. Lanes do not touch each other,
and each sum has one order, so how wide a vector is changes no bit.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from ltcbook.kernels.cpu.compiling import Array, inlined

_FUSED = ("contract",)  # a product and a sum may become one instruction


def _adder(width: int) -> Callable[..., None]:
    """``add(weights, given, total, i, lane)``: row i of the product, for ``width`` lanes."""

    def add(_: Any, weights: Any, given: Any, total: Any, i: Any, lane: Any) -> tuple[Any, Any]:
        return types.void(weights, given, total, types.intp, types.intp), generate

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> None:
        element = context.get_value_type(signature.args[0].dtype)
        vector = ir.VectorType(element, width)
        aligned = {"align": context.get_abi_sizeof(element)}
        arrays = [
            context.make_array(kind)(context, builder, array)
            for kind, array in zip(signature.args[:3], arguments[:3], strict=True)
        ]
        weights, given, total = arrays
        i, lane = arguments[3:]

        def entry(array: Any, row: Any, column: Any) -> Any:
            shape, strides = (
                cgutils.unpack_tuple(builder, part, 2) for part in (array.shape, array.strides)
            )
            at = row, column
            return cgutils.get_item_pointer2(context, builder, array.data, shape, strides, "A", at)

        def lanes(array: Any, row: Any) -> Any:
            return builder.bitcast(entry(array, row, lane), vector.as_pointer())

        sums = cgutils.alloca_once_value(builder, builder.load(lanes(total, i), **aligned))
        rows = cgutils.unpack_tuple(builder, given.shape, 2)[0]
        with cgutils.for_range(builder, rows) as loop:
            weight = _in_all_lanes(builder, vector, builder.load(entry(weights, i, loop.index)))
            part = builder.load(lanes(given, loop.index), **aligned)
            part = builder.fmul(weight, part, flags=_FUSED)
            builder.store(builder.fadd(builder.load(sums), part, flags=_FUSED), sums)
        builder.store(builder.load(sums), lanes(total, i), **aligned)

    adder: Callable[..., None] = intrinsic(add)
    return adder


def _in_all_lanes(builder: Any, vector: Any, number: Any) -> Any:
    index = ir.IntType(32)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), number, index(0))
    lanes = ir.VectorType(index, vector.count)
    return builder.shuffle_vector(first, first, ir.Constant(lanes, [0] * vector.count))


_add_64, _add_32, _add_16, _add_8 = map(_adder, (64, 32, 16, 8))


@inlined
def add_product(weights: Array, given: Array, total: Array) -> None:
    """Add weights (rows, count) times given (count, lanes) to total (rows, lanes).

    Lanes lie beside each other and are a multiple of 8.
    """
    lanes = total.shape[1]
    for i in range(total.shape[0]):
        lane = 0
        while lane + 64 <= lanes:
            _add_64(weights, given, total, i, lane)
            lane += 64
        if lane + 32 <= lanes:
            _add_32(weights, given, total, i, lane)
            lane += 32
        if lane + 16 <= lanes:
            _add_16(weights, given, total, i, lane)
            lane += 16
        if lane < lanes:
            _add_8(weights, given, total, i, lane)


@inlined
def add_row_products(receivers: Array, senders: Array, total: Array) -> None:
    """Add to total (post, pre) each row of receivers times each of senders, over all columns.

    Both are (row, step, lane). Two rows of each are taken together: four products for four loads.
    """
    zero, columns = senders.dtype.type(0), senders[0].size
    r, s = receivers.reshape(-1, columns), senders.reshape(-1, columns)
    for i in range(0, r.shape[0], 2):
        below = min(i + 1, r.shape[0] - 1)  # the last row of an odd number is taken twice
        for j in range(0, s.shape[0], 2):
            right = min(j + 1, s.shape[0] - 1)
            here = there = under = across = zero
            for column in range(columns):
                here += r[i, column] * s[j, column]
                there += r[i, column] * s[right, column]
                under += r[below, column] * s[j, column]
                across += r[below, column] * s[right, column]
            total[i, j] += here
            if right != j:
                total[i, right] += there
            if below != i:
                total[below, j] += under
            if right != j and below != i:
                total[below, right] += across
