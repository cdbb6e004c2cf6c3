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
