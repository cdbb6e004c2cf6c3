"""Those of some numbers that are marked, moved together: as many at a time as a register holds."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from parsim.jit.kernels import inlined, interpreted
from parsim.jit.vectors import has

PACKED = np.uint64(8)  # elements at a time
_HAS = has("avx512vl")  # one instruction for it
_LANES = int(PACKED)
_BIT, _BYTE, _WORD = ir.IntType(1), ir.IntType(8), ir.IntType(64)


def _eight(builder: Any, array: Any, at: Any) -> Any:
    """Where elements of an array from `at` on are, as one vector."""
    data = builder.gep(array.data, [at])
    return builder.bitcast(data, ir.VectorType(data.type.pointee, _LANES).as_pointer())


def _at_once(builder: Any, dtype: Any, given: Any, marked: Any, put: Any) -> Any:
    """How many there are, by the instruction that moves what is marked to the front of a register."""
    kind, size = given.type.pointee, dtype.bitwidth // 8
    marks = builder.load(marked, align=1)
    mask = builder.icmp_unsigned("!=", marks, ir.Constant(marks.type, None))
    name = f"llvm.x86.avx512.mask.compress.v{_LANES}{'f' if isinstance(dtype, types.Float) else 'i'}{dtype.bitwidth}"
    does = ir.FunctionType(kind, [kind, kind, mask.type])
    some = builder.load(given, align=size)
    together = builder.call(cgutils.get_or_insert_function(builder.module, does, name), [some, some, mask])
    builder.store(together, put, align=size)
    return builder.zext(builder.ctpop(builder.bitcast(mask, _BYTE)), _WORD)


@intrinsic
def _pack(typing: Any, values: Any, at: Any, marks: Any, out: Any, to: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        columns = (make_array(signature.args[k])(context, builder, arguments[k]) for k in (0, 2, 3))
        starts = (arguments[1], arguments[1], arguments[4])
        found = (_eight(builder, column, start) for column, start in zip(columns, starts, strict=True))
        return builder.add(arguments[4], _at_once(builder, values.dtype, *found))

    return types.uint64(values, types.uint64, marks, out, types.uint64), build


@inlined
def _pack_one_by_one(values: Any, at: np.uint64, marks: Any, out: Any, to: np.uint64) -> np.uint64:
    for lane in range(PACKED):
        out[to] = values[at + lane]
        to += np.uint64(marks[at + lane])
    return to


# Of `PACKED` elements of a column from `at` on, those that have a mark there (1, else 0) go to `out` from `to` on;
# returns where the next will go. What is behind them, up to `to + PACKED`, is written over. Columns are in one piece.
pack: Any = _pack_one_by_one if interpreted or not _HAS else _pack
