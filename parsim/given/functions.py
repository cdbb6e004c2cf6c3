"""Functions of values, for scripts: of expressions, arrays and numbers alike."""

from typing import Any

import numpy as np

from parsim.given.expressions import applied
from parsim.given.operations import OPERATIONS
from parsim.given.values import AbstractValue


def exp(x: Any) -> Any:
    """e^x of a value, an array of any shape, or a number; 0 below -708."""
    return _of("exp", x)


def expm1(x: Any) -> Any:
    """e^x - 1 likewise, accurate also near 0."""
    return _of("expm1", x)


def log(x: Any) -> Any:
    """The natural logarithm likewise; -inf at 0, NaN below."""
    return _of("log", x)


def log1p(x: Any) -> Any:
    """log(1 + x) likewise, accurate also near 0."""
    return _of("log1p", x)


def sqrt(x: Any) -> Any:
    """The square root likewise; NaN below 0."""
    return _of("sqrt", x)


def sin(x: Any) -> Any:
    """The sine likewise, of angles in radians."""
    return _of("sin", x)


def cos(x: Any) -> Any:
    """The cosine likewise."""
    return _of("cos", x)


def floor(x: Any) -> Any:
    """The greatest whole number that is not above it, likewise."""
    return _of("floor", x)


def ceil(x: Any) -> Any:
    """The least whole number that is not below it, likewise."""
    return _of("ceil", x)


def minimum(a: Any, b: Any) -> Any:
    """The lesser of two values, arrays or numbers."""
    return _of("minimum", a, b)


def maximum(a: Any, b: Any) -> Any:
    """The greater of two, likewise."""
    return _of("maximum", a, b)


def equal(a: Any, b: Any) -> Any:
    """1 where two are the same number, else 0, likewise; a == b says whether two values are written alike."""
    return _of("equal", a, b)


def where(condition: Any, a: Any, b: Any) -> Any:
    """`a` where the condition, such as ps.distance < 0.5, is not 0, else `b`, likewise."""
    return _of("where", condition, a, b)


def _of(operation: str, *operands: Any) -> Any:
    if any(isinstance(operand, AbstractValue) or callable(operand) for operand in operands):
        return applied(operation, *operands)
    with np.errstate(all="ignore"):
        return OPERATIONS[operation].evaluate(*(np.asarray(operand, np.float64) for operand in operands))
