"""How many numbers the compiler takes at a time: loops over a few cells are filled up to that."""

from typing import Any

import numpy as np
from numba import types
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from parsim.jit.kernels import interpreted

_FEATURES = cpu_target.target_context.codegen().magic_tuple()[2].split(",")


def has(feature: str) -> bool:
    """Has the processor instructions of this name, as LLVM has it?"""
    return f"+{feature}" in _FEATURES


VECTOR = np.uint64(8 if has("avx512f") else 4)  # doubles in a register; no result depends on it


@intrinsic
def _widest(typing: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')  # llvmlite names few attributes
        return context.get_dummy_value()

    return types.void(), build


def _as_it_is() -> None:
    return None


# Called anywhere in an op, or in a kernel that is optimized by itself, it has loops there take as many numbers at a
# time as registers hold. The compiler takes half as many by itself, for the sake of code around that is slowed by it.
# Long loops of exponentials gain a quarter, Hodgkin-Huxley cells a tenth.
widest: Any = _as_it_is if interpreted else _widest
