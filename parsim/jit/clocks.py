"""The clock as compiled code reads it."""

from ctypes import CDLL, c_void_p, cast
from time import CLOCK_MONOTONIC, perf_counter
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from parsim.arrays import Ints
from parsim.jit.kernels import inlined, interpreted


def clock() -> Ints:
    """What `seconds` reads: the address of the C function, which is another in each process, what to ask it, and
    where it answers.
    """
    words = np.zeros(4, np.int64)
    words[0], words[1] = cast(CDLL(None).clock_gettime, c_void_p).value or 0, CLOCK_MONOTONIC
    return words


@intrinsic
def _ask(typing: Any, function: Any, which: Any, into: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word, number = ir.IntType(64), ir.IntType(32)
        kind = ir.FunctionType(number, [number, word.as_pointer()])
        callee = builder.inttoptr(arguments[0], kind.as_pointer())
        array = make_array(signature.args[2])(context, builder, arguments[2])
        builder.call(callee, [builder.trunc(arguments[1], number), array.data])
        return ir.Constant(word, 0)

    return types.int64(types.int64, types.int64, into), build


def _seconds(clock: Any) -> float:
    return perf_counter()


if interpreted:
    seconds: Any = _seconds
else:

    @inlined
    def seconds(clock):
        """Seconds since some time; differences count."""
        _ask(clock[0], clock[1], clock[2:])
        return clock[2] + 1e-9 * clock[3]
