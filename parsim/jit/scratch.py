"""Memory of a kernel's own for as long as it runs, on the stack: nothing is asked of the allocator."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from parsim.jit.kernels import interpreted


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def _scratch(typing: Any, n: Any) -> Any:
    """`n` float64, which must be a constant, of any values; they must not outlive the kernel that asked for them.

    Four arrays of `np.empty` are a third of what it takes to drive ten cells.
    """
    if not isinstance(n, types.IntegerLiteral):
        raise TypeError("scratch needs a constant number")
    size, kind = n.literal_value, types.Array(types.float64, 1, "C")

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        with builder.goto_entry_block():  # `cgutils.alloca_once` would fill it with zeros
            memory = builder.alloca(ir.ArrayType(ir.DoubleType(), size))
        array = make_array(kind)(context, builder)
        width = context.get_constant(types.intp, 8)
        populate_array(
            array, data=builder.bitcast(memory, ir.DoubleType().as_pointer()),
            shape=(context.get_constant(types.intp, size),), strides=(width,), itemsize=width, meminfo=None,
        )  # fmt: skip
        return array._getvalue()

    return kind(n), build


scratch: Any = np.empty if interpreted else _scratch
