"""What may be done to values: how each operation is written, what it gives, and where its result lies.

Nothing here hangs on the processor: what numpy rounds as IEEE 754 says is numpy's, all else is of `kernels/elementary`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.kernels import elementary

Limits = tuple[float, float]  # the least and the greatest that a value can be
ANYTHING: Limits = (-np.inf, np.inf)
COMPARED, ADDED, MULTIPLIED, NEGATED, RAISED, WHOLE = range(6)  # how tightly operators bind


class Operation(NamedTuple):
    """How it is written of its parts, and how tightly it then binds; what it gives; between which limits.

    `needs` says how tightly each part must bind not to be put in brackets. `unit` says which parts are in the unit that
    is asked for: "all", "one" (of a product), "first" (of a quotient), "branches" (all but the first), "none".
    """

    form: str
    evaluate: Callable[..., Any]
    unit: str = "none"
    binds: int = WHOLE
    needs: tuple[int, ...] = (COMPARED, COMPARED, COMPARED)
    limits: Callable[..., Limits] = lambda *parts: ANYTHING

    def written(self, parts: list[tuple[str, int]]) -> str:
        """With the texts of its parts, and how tightly these bind."""
        return self.form.format(
            *(
                text if binds >= need else f"({text})"
                for (text, binds), need in zip(parts, self.needs, strict=False)
            )
        )


def _sum(a: Limits, b: Limits) -> Limits:
    return a[0] + b[0], a[1] + b[1]


def _negative(a: Limits) -> Limits:
    return -a[1], -a[0]


def _product(a: Limits, b: Limits) -> Limits:
    corners = [0.0 if 0.0 in (x, y) else x * y for x in a for y in b]
    return min(corners), max(corners)


def _size(a: Limits) -> Limits:
    least = 0.0 if a[0] <= 0.0 <= a[1] else min(abs(a[0]), abs(a[1]))
    return least, max(abs(a[0]), abs(a[1]))


def _least(a: Limits, b: Limits) -> Limits:
    return min(a[0], b[0]), min(a[1], b[1])


def _greatest(a: Limits, b: Limits) -> Limits:
    return max(a[0], b[0]), max(a[1], b[1])


def _either(a: Limits, b: Limits) -> Limits:
    return min(a[0], b[0]), max(a[1], b[1])


def within(a: Limits, low: Limits, high: Limits) -> Limits:
    """Of what is kept between bounds."""
    return _least(_greatest(a, low), high)


def _compared(compare: Any) -> Callable[..., Any]:
    return lambda a, b: compare(a, b).astype(np.float64)


def _choice(condition: Floats, a: Floats, b: Floats) -> Floats:
    chosen: Floats = np.where(condition != 0.0, a, b)
    return chosen


def _at_least_0(*parts: Limits) -> Limits:
    return 0.0, np.inf


def _truth(*parts: Limits) -> Limits:
    return 0.0, 1.0


def _within_1(*parts: Limits) -> Limits:
    return -1.0, 1.0


def _rounding(f: Any) -> Callable[[Limits], Limits]:
    return lambda a: (float(f(a[0])), float(f(a[1])))


def _infix(
    sign: str, evaluate: Any, unit: str, binds: int, limits: Any = lambda *parts: ANYTHING
) -> Operation:
    """Of operands from left to right: only the second needs brackets where it binds as the whole does."""
    return Operation(f"{{}} {sign} {{}}", evaluate, unit, binds, (binds, binds + 1), limits)


OPERATIONS = {
    "add": _infix("+", np.add, "all", ADDED, _sum),
    "subtract": _infix("-", np.subtract, "all", ADDED, lambda a, b: _sum(a, _negative(b))),
    "multiply": _infix("*", np.multiply, "one", MULTIPLIED, _product),
    "divide": _infix("/", np.divide, "first", MULTIPLIED),
    "power": Operation("{} ** {}", elementary.power, "none", RAISED, (WHOLE, NEGATED)),
    "negative": Operation("-{}", np.negative, "all", NEGATED, (RAISED,), _negative),
    "less": _infix("<", _compared(np.less), "none", COMPARED, _truth),
    "less_equal": _infix("<=", _compared(np.less_equal), "none", COMPARED, _truth),
    "greater": _infix(">", _compared(np.greater), "none", COMPARED, _truth),
    "greater_equal": _infix(">=", _compared(np.greater_equal), "none", COMPARED, _truth),
    "equal": Operation("equal({}, {})", _compared(np.equal), limits=_truth),
    "minimum": Operation("minimum({}, {})", np.minimum, "all", limits=_least),
    "maximum": Operation("maximum({}, {})", np.maximum, "all", limits=_greatest),
    "where": Operation("where({}, {}, {})", _choice, "branches", limits=lambda c, a, b: _either(a, b)),
    "absolute": Operation("abs({})", np.abs, "all", limits=_size),
    "rint": Operation("{}.rounded()", np.rint, "all", needs=(WHOLE,), limits=_rounding(np.rint)),
    "floor": Operation("floor({})", np.floor, "all", limits=_rounding(np.floor)),
    "ceil": Operation("ceil({})", np.ceil, "all", limits=_rounding(np.ceil)),
    "sqrt": Operation("sqrt({})", np.sqrt, limits=_at_least_0),
    "exp": Operation("exp({})", elementary.exp, limits=_at_least_0),
    "expm1": Operation("expm1({})", elementary.expm1),
    "log": Operation("log({})", elementary.log),
    "log1p": Operation("log1p({})", elementary.log1p),
    "sin": Operation("sin({})", elementary.sin, limits=_within_1),
    "cos": Operation("cos({})", elementary.cos, limits=_within_1),
}  # by the names of numpy's functions
