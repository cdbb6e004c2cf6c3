"""Exponentials of one variable, exp(a v + b) with numbers a and b, that one exponential and its powers can stand for.

    exp(k a v + b') = exp(a v + b)^k exp(b' - k b)

A product takes a tenth of the time of an exponential: rates of hh have six of them, two of which remain. A power of 8
has an error of 8 units in the last place. The factor is between e^-40 and e^40, so that nothing overflows or comes to 0
but where the exponential is within 40 of doing so itself.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from parsim.nmodl import algebra as al
from parsim.nmodl.algebra import Expr
from parsim.nmodl.lines import AnyLine, Line

_HIGHEST = 8  # power
_FARTHEST = 40.0  # exponent of a factor
_ALIKE = 1e-15  # relative difference of a and its part
_OF_TIME = ("t", "dt")  # exponentials of these stand before the loop


class _Exponent(NamedTuple):
    """a x + b."""

    x: str
    a: float
    b: float


class _Power(NamedTuple):
    """What stands for an exponential: a power of another, times a factor."""

    of: _Exponent
    k: int
    factor: float


def with_shared(lines: list[AnyLine], taken: set[str]) -> list[AnyLine]:
    """Lines that give the same with fewer exponentials. New ones are called by what is not `taken`."""
    known: dict[str, _Exponent] = {}
    exponents: list[_Exponent] = []
    for line in lines:
        if isinstance(line, Line):
            exponents += [found for e in _exponentials(line.value) if (found := _exponent(e[1], known))]
            if (found := _exponent(line.value, known)) is not None:
                known[line.name] = found
    powers = _powers(list(dict.fromkeys(exponents)))
    return _Writer(known, powers, taken).written(lines) if powers else lines


def _exponentials(e: Expr) -> Iterator[Expr]:
    if isinstance(e, tuple):
        if e[0] == "exp":
            yield e
        for x in e[1:]:
            yield from _exponentials(x)


def _exponent(e: Expr, known: dict[str, _Exponent]) -> _Exponent | None:
    """An expression as a x + b, if it is that."""
    if isinstance(e, str):
        return None if e in _OF_TIME else known.get(e, _Exponent(e, 1.0, 0.0))
    if not isinstance(e, tuple) or e[0] not in ("neg", "+", "-", "*"):
        return None
    if e[0] == "neg":
        return _scaled(_exponent(e[1], known), -1.0)
    op, p, q = e
    number, other = (p, q) if isinstance(p, float) else (q, p)
    found = _exponent(other, known)
    if not isinstance(number, float) or found is None:
        return None
    if op == "*":
        return _scaled(found, number)
    if op == "-":
        if number is p:
            return _Exponent(found.x, -found.a, number - found.b)
        number = -number
    return found._replace(b=found.b + number)


def _scaled(found: _Exponent | None, by: float) -> _Exponent | None:
    return found and _Exponent(found.x, found.a * by, found.b * by)


def _powers(exponents: list[_Exponent]) -> dict[_Exponent, _Power]:
    """What each is a power of, where that is one for several; the slowest of a variable first."""
    found: dict[_Exponent, _Power] = {}
    left = sorted((e for e in exponents if e.a != 0.0), key=lambda e: abs(e.a))
    while left:
        base = left[0]
        among = {e: p for e in left if (p := _power(e, base)) is not None}
        found |= among if len(among) > 1 else {}
        left = [e for e in left if e not in among]
    return found


def _power(e: _Exponent, base: _Exponent) -> _Power | None:
    k = round(e.a / base.a)
    apart = e.b - k * base.b
    fits = 1 <= k <= _HIGHEST and abs(e.a - k * base.a) <= _ALIKE * abs(e.a) and abs(apart) <= _FARTHEST
    # From decimal digits, so that it is the same number on every machine.
    return _Power(base, k, float(Decimal(apart).exp())) if fits and e.x == base.x else None


class _Writer:
    """Writes lines anew; those that several need come before the first of them."""

    def __init__(self, known: dict[str, _Exponent], powers: dict[_Exponent, _Power], taken: set[str]) -> None:
        self._known, self._powers, self._taken = known, powers, set(taken)
        self._named: dict[tuple[_Exponent, int], str] = {}
        self._lines: list[AnyLine] = []

    def written(self, lines: list[AnyLine]) -> list[AnyLine]:
        """The lines, with powers in place of exponentials."""
        for line in lines:
            self._lines.append(Line(line.name, self._value(line.value)) if isinstance(line, Line) else line)
        return self._lines

    def _value(self, e: Expr) -> Expr:
        if not isinstance(e, tuple):
            return e
        if e[0] == "exp" and (found := _exponent(e[1], self._known)) in self._powers:
            of, k, factor = self._powers[found]
            return al.mul(factor, self._raised(of, k))
        return (e[0], *map(self._value, e[1:]))

    def _raised(self, of: _Exponent, k: int) -> str:
        if (of, k) not in self._named:
            if k == 1:
                e = al.call("exp", al.mul(al.add(of.x, of.b / of.a), of.a))
            else:
                e = al.mul(self._raised(of, k // 2), self._raised(of, k - k // 2))
            name = self._fresh(f"exp_{of.x}")
            self._lines.append(Line(name, e))
            self._named[of, k] = name
        return self._named[of, k]

    def _fresh(self, name: str) -> str:
        k, new = 2, name
        while new in self._taken:
            new, k = f"{name}_{k}", k + 1
        self._taken.add(new)
        return new
