"""Expressions as values: built with what can be folded folded, differentiated, evaluated anew.

An expression is a float, a str (a variable of the generated code) or a tuple (operator, operands...).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Expr = Any  # float | str | tuple

ZERO, ONE = 0.0, 1.0
TESTS = frozenset({"<", ">", "<=", ">=", "==", "!=", "and", "or", "not"})
_FLAT = TESTS | {"floor", "ceil", "draw"}  # their derivative is 0, where there is one
_LONGEST_POWER = 8  # that is written as a product


class NoDerivative(ValueError):
    """Of what has none here."""


# ---- building -----------------------------------------------------------------------------------


def add(a: Expr, b: Expr) -> Expr:
    """a + b."""
    if isinstance(a, float) and isinstance(b, float):
        return a + b
    if a == ZERO:
        return b
    if b == ZERO:
        return a
    if isinstance(b, float) and b < 0.0:
        return ("-", a, -b)
    return ("-", a, b[1]) if _is(b, "neg") else ("+", a, b)


def neg(a: Expr) -> Expr:
    """-a."""
    if isinstance(a, float):
        return -a
    return a[1] if _is(a, "neg") else ("neg", a)


def sub(a: Expr, b: Expr) -> Expr:
    """a - b."""
    if isinstance(a, float) and isinstance(b, float):
        return a - b
    if b == ZERO:
        return a
    if a == ZERO:
        return neg(b)
    if isinstance(b, float) and b < 0.0:
        return ("+", a, -b)
    return ("+", a, b[1]) if _is(b, "neg") else ("-", a, b)


def mul(a: Expr, b: Expr) -> Expr:
    """a * b."""
    if isinstance(a, float) and isinstance(b, float):
        return a * b
    if a == ZERO or b == ZERO:
        return ZERO
    if a == ONE:
        return b
    if b == ONE:
        return a
    if a == -1.0:
        return neg(b)
    if b == -1.0:
        return neg(a)
    if _is(a, "neg"):
        return neg(mul(a[1], b))
    return neg(mul(a, b[1])) if _is(b, "neg") else ("*", a, b)


def div(a: Expr, b: Expr) -> Expr:
    """a / b; by a number it is a product, which is four times as fast and differs in the last bit."""
    if isinstance(b, float) and b != ZERO:
        return a / b if isinstance(a, float) else mul(a, ONE / b)
    if a == ZERO:
        return ZERO
    if _is(b, "/") and b[1] == ONE:
        return mul(a, b[2])
    if isinstance(a, float) and a < 0.0:
        return neg(("/", -a, b))
    return ("/", a, b)


def ratio(a: Expr, b: Expr) -> Expr:
    """a / b, with a divisor or factor that both share left out: (x/t) / (-1/t) is -x."""
    if _is(b, "neg"):
        return neg(ratio(a, b[1]))
    if _is(a, "neg"):
        return neg(ratio(a[1], b))
    if a == b:
        return ONE
    if _is(a, "/") and _is(b, "/") and a[2] == b[2]:
        return div(a[1], b[1])
    if _is(b, "/") and b[1] == ONE:  # x / (1/t) is x t
        return mul(a, b[2])
    if _is(a, "*") and b in a[1:]:
        return a[2] if a[1] == b else a[1]
    return div(a, b)


def power(a: Expr, b: Expr) -> Expr:
    """a to the b; small whole powers are products."""
    if isinstance(b, float) and b == ZERO:
        return ONE
    if isinstance(b, float) and b.is_integer() and abs(b) <= _LONGEST_POWER:
        product = a
        for _ in range(int(abs(b)) - 1):
            product = mul(product, a)
        return product if b > 0.0 else div(ONE, product)
    return ("sqrt", a) if b == 0.5 else ("power", a, b)


def select(test: Expr, a: Expr, b: Expr) -> Expr:
    """a where the test holds, else b."""
    if isinstance(test, float):
        return a if test else b
    return a if a == b else ("select", test, a, b)


def truth(e: Expr) -> Expr:
    """An expression as a test."""
    if isinstance(e, float) or _is(e, *TESTS):
        return e
    return ("!=", e, ZERO)


def number(e: Expr) -> Expr:
    """A test as a number, 1 or 0."""
    return select(e, ONE, ZERO) if _is(e, *TESTS) else e


def compare(op: str, a: Expr, b: Expr) -> Expr:
    """A comparison."""
    if isinstance(a, float) and isinstance(b, float):
        return float(_COMPARE[op](a, b))
    return (op, a, b)


def both(a: Expr, b: Expr) -> Expr:
    """Do both tests hold?"""
    if isinstance(a, float) or isinstance(b, float):
        fixed, other = (a, b) if isinstance(a, float) else (b, a)
        return other if fixed else ZERO
    return ("and", a, b)


def either(a: Expr, b: Expr) -> Expr:
    """Does one of the tests hold?"""
    if isinstance(a, float) or isinstance(b, float):
        fixed, other = (a, b) if isinstance(a, float) else (b, a)
        return ONE if fixed else other
    return ("or", a, b)


def opposite(test: Expr) -> Expr:
    """Does the test not hold?"""
    if isinstance(test, float):
        return ZERO if test else ONE
    if _is(test, "==", "!="):
        return ("!=" if test[0] == "==" else "==", *test[1:])
    return test[1] if _is(test, "not") else ("not", test)


def call(name: str, *args: Expr) -> Expr:
    """A function."""
    return (name, *args)


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": float.__lt__, ">": float.__gt__, "<=": float.__le__, ">=": float.__ge__, "==": float.__eq__,
    "!=": float.__ne__,
}  # fmt: skip
_BUILD: dict[str, Callable[..., Expr]] = {
    "+": add, "-": sub, "*": mul, "/": div, "neg": neg, "select": select, "power": power, "and": both, "or": either,
    "not": opposite, **{op: lambda a, b, op=op: compare(op, a, b) for op in _COMPARE},
}  # fmt: skip


def built(op: str, *args: Expr) -> Expr:
    """What an operator or function makes of operands, folded."""
    return _BUILD[op](*args) if op in _BUILD else (op, *args)


def _is(e: Expr, *ops: str) -> bool:
    return isinstance(e, tuple) and e[0] in ops


# ---- looking into -------------------------------------------------------------------------------


def names(e: Expr) -> set[str]:
    """The variables in an expression."""
    if isinstance(e, str):
        return {e}
    return set().union(*map(names, e[1:])) if isinstance(e, tuple) else set()


def names_of(es: Iterable[Expr]) -> set[str]:
    """The variables in any of them."""
    return set().union(*map(names, es))


def tests(e: Expr) -> list[Expr]:
    """The tests of selects in an expression."""
    if not isinstance(e, tuple):
        return []
    inner = [test for x in e[1:] for test in tests(x)]
    return [e[1], *inner] if e[0] == "select" else inner


def replaced(e: Expr, by: Mapping[str, Expr]) -> Expr:
    """An expression with variables replaced, folded anew."""
    if isinstance(e, str):
        return by.get(e, e)
    return built(e[0], *(replaced(x, by) for x in e[1:])) if isinstance(e, tuple) else e


# ---- differentiating ----------------------------------------------------------------------------


def diff(e: Expr, d: Mapping[str, Expr]) -> Expr:
    """The derivative of an expression, given those of its variables; others are constant."""
    if isinstance(e, float):
        return ZERO
    if isinstance(e, str):
        return d.get(e, ZERO)
    op, *x = e
    if op == "select":
        return select(x[0], diff(x[1], d), diff(x[2], d))
    if op in _FLAT:
        return ZERO
    dx = [diff(y, d) for y in x]
    if all(y == ZERO for y in dx):
        return ZERO
    if op not in _DERIVATIVE:
        raise NoDerivative(op)
    return _DERIVATIVE[op](e, x, dx)


def _of_power(e: Expr, x: list[Expr], dx: list[Expr]) -> Expr:
    if dx[1] == ZERO:
        return mul(mul(x[1], power(x[0], sub(x[1], ONE))), dx[0])
    return mul(e, add(mul(dx[1], call("log", x[0])), div(mul(x[1], dx[0]), x[0])))


def _of_quotient(e: Expr, x: list[Expr], dx: list[Expr]) -> Expr:
    return div(dx[0] if dx[1] == ZERO else sub(dx[0], mul(e, dx[1])), x[1])


_DERIVATIVE: dict[str, Callable[[Expr, list[Expr], list[Expr]], Expr]] = {
    "+": lambda e, x, dx: add(*dx),
    "-": lambda e, x, dx: sub(*dx),
    "neg": lambda e, x, dx: neg(dx[0]),
    "*": lambda e, x, dx: add(mul(dx[0], x[1]), mul(x[0], dx[1])),
    "/": _of_quotient,
    "power": _of_power,
    "exp": lambda e, x, dx: mul(dx[0], e),
    "log": lambda e, x, dx: div(dx[0], x[0]),
    "log10": lambda e, x, dx: div(mul(0.4342944819032518, dx[0]), x[0]),
    "sqrt": lambda e, x, dx: div(dx[0], mul(2.0, e)),
    "sin": lambda e, x, dx: mul(dx[0], call("cos", x[0])),
    "cos": lambda e, x, dx: neg(mul(dx[0], call("sin", x[0]))),
    "tan": lambda e, x, dx: mul(dx[0], add(ONE, mul(e, e))),
    "sinh": lambda e, x, dx: mul(dx[0], call("cosh", x[0])),
    "cosh": lambda e, x, dx: mul(dx[0], call("sinh", x[0])),
    "tanh": lambda e, x, dx: mul(dx[0], sub(ONE, mul(e, e))),
    "atan": lambda e, x, dx: div(dx[0], add(ONE, mul(x[0], x[0]))),
    "fabs": lambda e, x, dx: select(compare(">=", x[0], ZERO), dx[0], neg(dx[0])),
}
