"""Numbers that threads change and read side by side, and ways to wait for one another without the GIL."""

import threading
import time
from ctypes import CDLL, c_void_p, cast
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from parsim.arrays import Ints
from parsim.jit.kernels import inlined, interpreted

_ONE = threading.Lock()


def ways_to_wait() -> Ints:
    """What `give_way` and `sleep` call: addresses of C functions, which are others in each process."""
    library = CDLL(None)
    return np.array([cast(f, c_void_p).value or 0 for f in (library.sched_yield, library.usleep)], np.int64)


@intrinsic
def _add_one(typing: Any, counter: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = make_array(signature.args[0])(context, builder, arguments[0])
        return builder.atomic_rmw("add", array.data, ir.Constant(ir.IntType(64), 1), "seq_cst")

    return types.int64(counter), build


@intrinsic
def _seen(typing: Any, counter: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = make_array(signature.args[0])(context, builder, arguments[0])
        return builder.load_atomic(array.data, "seq_cst", 8)

    return types.int64(counter), build


@intrinsic
def _call_with(typing: Any, function: Any, number: Any) -> Any:
    """A C function of one number, or of none, which then does not look at it."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word, small = ir.IntType(64), ir.IntType(32)
        callee = builder.inttoptr(arguments[0], ir.FunctionType(small, [small]).as_pointer())
        return builder.sext(builder.call(callee, [builder.trunc(arguments[1], small)]), word)

    return types.int64(types.int64, types.int64), build


def _add_in_python(counter: Ints) -> int:
    with _ONE:
        counter[0] += 1
        return int(counter[0]) - 1


def _seen_in_python(counter: Ints) -> int:
    return int(counter[0])


def _call_in_python(function: int, number: int) -> int:
    time.sleep(1e-6 * number)
    return 0


# Add 1 to the first of some int64, for all threads at once; what was there. Who sees it sees what was written before.
add_one: Any = _add_in_python if interpreted else _add_one
# The first of some int64, as other threads have left it.
seen: Any = _seen_in_python if interpreted else _seen
_call: Any = _call_in_python if interpreted else _call_with


@inlined
def give_way(ways):
    """Let another thread have the processor, if one waits for it."""
    _call(ways[0], 0)


@inlined
def sleep(ways, us):
    """Do nothing for so many microseconds."""
    _call(ways[1], us)
