"""Formulas of one number worked out for two at a time, in one register."""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from parsim.jit.kernels import interpreted, python_function

_WORD, _PAIR = ir.IntType(32), ir.VectorType(ir.DoubleType(), 2)


class _Pair:
    """Two numbers in compiled code, for a formula to be followed with."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def _with(self, other: Any) -> Any:
        return other.value if isinstance(other, _Pair) else ir.Constant(_PAIR, [float(other)] * 2)

    def __add__(self, other: Any) -> "_Pair":
        return _Pair(self.builder, self.builder.fadd(self.value, self._with(other)))

    def __mul__(self, other: Any) -> "_Pair":
        return _Pair(self.builder, self.builder.fmul(self.value, self._with(other)))

    __radd__, __rmul__ = __add__, __mul__


def for_two(formula: Callable[[float], float]) -> Any:
    """A function of two numbers that gives the formula's value of each, with the bits that it has for one.

    The formula is a kernel, so that what is compiled with it can be kept, and is made of sums and products alone.
    """
    if interpreted:
        return lambda x, y: (formula(x), formula(y))

    @intrinsic
    def both(typing: Any, x: Any, y: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pair = ir.Constant(_PAIR, ir.Undefined)
            for k, number in enumerate(arguments):
                pair = builder.insert_element(pair, number, ir.Constant(_WORD, k))
            follow: Any = python_function(formula)
            found = follow(_Pair(builder, pair)).value
            parts = [builder.extract_element(found, ir.Constant(_WORD, k)) for k in range(2)]
            return context.make_tuple(builder, signature.return_type, parts)

        return types.UniTuple(types.float64, 2)(types.float64, types.float64), build

    return both
