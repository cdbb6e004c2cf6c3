"""Memory that will be wanted soon is asked for, while something else is done."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from parsim.jit.kernels import interpreted


@intrinsic
def _fetch(typing: Any, column: Any, k: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = make_array(signature.args[0])(context, builder, arguments[0])
        byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
        act = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        at = builder.bitcast(builder.gep(array.data, [arguments[1]]), byte)
        builder.call(
            act, [at, *(ir.Constant(flag, value) for value in (0, 3, 1))]
        )  # to be read, into all caches
        return context.get_dummy_value()

    return types.void(column, types.uint64), build


def _fetch_in_python(column: Any, k: int) -> None:
    """Python has no hurry."""


# Ask for the line of memory in which element k is of a column in one piece; nothing waits for it, and nothing is wrong
# when there is no such element.
fetch: Any = _fetch_in_python if interpreted else _fetch
