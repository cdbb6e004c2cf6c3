"""Straight lines: each gives an expression to a name of its own, once. What is equal is computed once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from parsim.nmodl import algebra as al
from parsim.nmodl.algebra import Expr


class Line(NamedTuple):
    """`name = value`."""

    name: str
    value: Expr

    @property
    def names(self) -> tuple[str, ...]:
        """What it gives."""
        return (self.name,)

    @property
    def needs(self) -> set[str]:
        """What it reads."""
        return al.names(self.value)


@dataclass(frozen=True)
class Newton:
    """Newton's iteration: unknowns begin at `start`, `body` is repeated, and each gains its `change`.

    It ends when changes add up to at most `tolerance`, of what unknowns add up to where that is `relative`, or after
    `most` times. With `positive` what falls below 0 is set to 0.

    `begin`, where there is any, are what unknowns come from: as long as a turn makes one less than -1e-6, which it then
    takes for 0, they are what it gave, and after the first that does not, the iteration begins there.
    """

    start: dict[str, Expr]
    body: list["AnyLine"]
    change: dict[str, Expr]
    positive: bool
    tolerance: float
    relative: bool
    most: int
    begin: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The unknowns, which are solved after it."""
        return tuple(self.start)

    @property
    def needs(self) -> set[str]:
        """What it reads of what was given before it."""
        read = _read_by(self.body, [*self.start.values(), *self.change.values()])
        return read - set(self.start) - set(self.begin)


@dataclass(frozen=True)
class Differences:
    """Newton's iteration with derivatives by differences: unknowns begin at `start`, and `body` says what equations
    come to, `right`, which shall be 0. `work` is the name of an array for it."""

    start: dict[str, Expr]
    body: list["AnyLine"]
    right: list[Expr]
    work: str

    @property
    def names(self) -> tuple[str, ...]:
        """The unknowns, which are solved after it."""
        return tuple(self.start)

    @property
    def needs(self) -> set[str]:
        """What it reads of what was given before it."""
        return _read_by(self.body, [*self.start.values(), *self.right]) - set(self.start)


@dataclass(frozen=True)
class Dense:
    """A system of linear equations solved by a loop: `rows` of coefficients by unknown, `right` sides; gives
    `names`."""

    names: tuple[str, ...]
    rows: list[dict[int, Expr]]
    right: list[Expr]

    @property
    def needs(self) -> set[str]:
        """What it reads."""
        return al.names_of([*self.right, *(e for row in self.rows for e in row.values())])


AnyLine = Line | Newton | Differences | Dense


def _read_by(body: list[AnyLine], ends: list[Expr]) -> set[str]:
    """What lines and expressions after them read of what was given before."""
    inner = {name for line in body for name in line.names}
    return al.names_of(ends).union(*(line.needs for line in body)) - inner


class Lines:
    """A straight-line program as it grows. `reserved` names are not given to anything."""

    def __init__(self, reserved: set[str]) -> None:
        self.lines: list[AnyLine] = []
        self.taken = set(reserved)
        self._by_value: dict[Expr, str] = {}
        self._by_name: dict[str, Expr] = {}
        self._derivatives: dict[str, dict[str, Expr]] = {}

    def fresh(self, name: str) -> str:
        """A name like this one that is not taken yet."""
        k, new = 2, name
        while new in self.taken:
            new, k = f"{name}_{k}", k + 1
        self.taken.add(new)
        return new

    def keep(self, name: str, e: Expr) -> Expr:
        """Give an expression a name, unless it is short enough to stand for itself, or has one."""
        if isinstance(e, (float, str)):
            return e
        if e in self._by_value:
            return self._by_value[e]
        new = self.fresh(name)
        self.lines.append(Line(new, e))
        self._by_value[e], self._by_name[new] = new, e
        return new

    def alias(self, name: str, e: Expr) -> str:
        """A line of its own for an expression, whatever it is."""
        new = self.fresh(name)
        self.lines.append(Line(new, e))
        self._by_name[new] = e
        return new

    def append(self, line: Newton | Differences | Dense) -> None:
        """Add what is no plain line."""
        self.lines.append(line)

    def behind(self, e: Expr) -> Expr:
        """What a variable stands for where it is 1/x, so that dividing by it is a product."""
        found = self._by_name.get(e) if isinstance(e, str) else None
        return found if isinstance(found, tuple) and found[0] == "/" and found[1] == al.ONE else e

    # ---- what depends on what -------------------------------------------------------------------

    def depends(self, e: Expr, on: set[str]) -> bool:
        """Does an expression depend on some variables?"""
        return bool(al.names(e) & self.dependent(on))

    def dependent(self, on: set[str]) -> set[str]:
        """These variables, and all names whose lines depend on them."""
        found = set(on)
        for line in self.lines:
            if line.needs & found:
                found.update(line.names)
        return found

    def derivative(self, e: Expr, x: str) -> Expr:
        """The derivative of an expression by a variable; lines on the way get derivatives as lines."""
        known = self._derivatives.setdefault(x, {x: al.ONE})
        wanted = self._needed([e]) & self.dependent({x}) - known.keys()
        for line in list(self.lines) if wanted else ():
            if isinstance(line, Line) and line.name in wanted:
                known[line.name] = self.keep(f"d_{line.name}", al.diff(line.value, known))
            elif not isinstance(line, Line) and wanted & set(line.names):
                raise al.NoDerivative("of an iteration")
        return al.diff(e, known)

    def is_chosen_by(self, es: list[Expr], on: set[str]) -> bool:
        """Does a test that depends on some variables select anything in expressions?"""
        moves = self.dependent(on)
        wanted = self._needed(es)
        values = [line.value for line in self.lines if isinstance(line, Line) and line.name in wanted & moves]
        return any(al.names(test) & moves for e in [*es, *values] for test in al.tests(e))

    def substituted(self, es: list[Expr], by: Mapping[str, Expr], suffix: str = "") -> list[Expr]:
        """Expressions with other values of some variables; lines that depend on them are written again, so called."""
        moved: dict[str, Expr] = dict(by)
        moves = self.dependent(set(by))
        wanted = self._needed(es) & moves
        for line in list(self.lines):
            if isinstance(line, Line) and line.name in wanted and line.name not in moved:
                moved[line.name] = self.keep(line.name + suffix, al.replaced(line.value, moved))
            elif not isinstance(line, Line) and wanted & set(line.names) and line.needs & moves:
                raise al.NoDerivative("of an iteration")
        return [al.replaced(e, moved) for e in es]

    def _needed(self, es: list[Expr]) -> set[str]:
        wanted = al.names_of(es)
        for line in reversed(self.lines):
            if wanted & set(line.names):
                wanted |= line.needs
        return wanted

    def split(self, moving: set[str]) -> list[AnyLine]:
        """Take out the lines that depend on some variables; what is left does not."""
        moves = self.dependent(moving)
        taken = [line for line in self.lines if moves & set(line.names) and not set(line.names) <= moving]
        out = {id(line) for line in taken}
        self.lines = [line for line in self.lines if id(line) not in out]
        for line in taken:
            if isinstance(line, Line):
                self._by_value.pop(line.value, None)
                self._by_name.pop(line.name, None)
        self._derivatives.clear()
        return taken


def needed(lines: list[AnyLine], ends: list[Any]) -> list[AnyLine]:
    """The lines that these expressions need."""
    wanted = al.names_of(ends)
    found: list[AnyLine] = []
    for line in reversed(lines):
        if wanted & set(line.names):
            found.append(line)
            wanted |= line.needs
    return found[::-1]
