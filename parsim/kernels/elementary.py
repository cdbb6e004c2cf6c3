"""Elementary functions of whole arrays, with the same bits on every processor: for `prepare` and drawn values.

numpy and the C library choose their versions of these by the processor, and the versions differ in the last bits. Two
machines of one cluster that prepare parameters with them would not give the same spikes.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.arrays import Floats
from parsim.jit import kernel
from parsim.kernels import maths

_TURNS = 1.0 / 6.283185307179586  # in a radian
_MOST_PRODUCTS = 64


def exp(x: Any) -> Any:
    """e^x of every element of an array of any shape, or of one number; 0 below -708."""
    return _each(_exp, x)


def expm1(x: Any) -> Any:
    """e^x - 1 likewise, accurate also near 0."""
    return _each(_expm1, x)


def log(x: Any) -> Any:
    """The natural logarithm likewise; -inf at 0, NaN below."""
    return _each(_log, x)


def log1p(x: Any) -> Any:
    """log(1 + x) likewise, accurate also near 0."""
    return _each(_log1p, x)


def sin(x: Any) -> Any:
    """The sine likewise, of angles in radians, within 4e-16 of 1 for each turn in them."""
    return _each(_sin, x)


def cos(x: Any) -> Any:
    """The cosine likewise."""
    return _each(_cos, x)


def power(x: Any, y: Any) -> Any:
    """x^y of every two elements: exact products for whole y up to 64 in size, roots for 1/2, else exp(y log x)."""
    base, exponent = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    out, exponent = np.array(base, order="C"), np.ascontiguousarray(exponent)
    _power(out.reshape(-1), exponent.reshape(-1))
    return out[()]


def _each(replace: Callable[[Floats], None], x: Any) -> Any:
    out = np.array(x, dtype=np.float64, order="C")
    replace(out.reshape(-1))
    return out[()]  # of no dimensions: a number


@kernel
def _exp(x: Floats) -> None:
    for i in range(x.size):
        x[i] = maths.exp(x[i])


@kernel
def _expm1(x: Floats) -> None:
    for i in range(x.size):
        x[i] = maths.expm1(x[i])


@kernel
def _log(x: Floats) -> None:
    for i in range(x.size):
        x[i] = maths.log(x[i])


@kernel
def _log1p(x: Floats) -> None:
    for i in range(x.size):
        x[i] = maths.log1p(x[i])


@kernel
def _sin(x: Floats) -> None:
    for i in range(x.size):
        x[i] = maths.sine(x[i] * _TURNS)


@kernel
def _cos(x: Floats) -> None:
    for i in range(x.size):
        turns = x[i] * _TURNS
        x[i] = maths.sine((turns - np.rint(turns)) + 0.25)


@kernel
def _power(x: Floats, y: Floats) -> None:
    for i in range(x.size):
        x[i] = raised(x[i], y[i])


@kernel
def raised(x: float, y: float) -> float:
    """x^y of two numbers, as `power` has it."""
    if y == 0.5:
        return np.sqrt(x)
    if y != np.rint(y) or abs(y) > _MOST_PRODUCTS:
        return maths.exp(y * maths.log(x))
    times, square, product = int(abs(y)), x, 1.0
    while times:
        if times % 2:
            product *= square
        square *= square
        times //= 2
    return 1.0 / product if y < 0.0 else product
