"""Values that are calculated of others: a tree with numbers, draws and functions at its leaves.

What it gives for a cell or connection depends on the seed, the statement, the gid, the draw and the lane alone: leaf k
of those that draw takes lane + k `LANES`, and a draw that is made again takes `AGAIN` more. So each leaf is
drawn for itself, also where one distribution stands twice in an expression.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np

from parsim.arrays import Floats, shown
from parsim.errors import DescriptionError, OperandError
from parsim.given.numbers import as_numbers, is_list
from parsim.given.operations import OPERATIONS, WHOLE, Limits, Operation, within
from parsim.given.programs import LANES, Compiled, Writing, compiled
from parsim.given.units import is_quantity
from parsim.given.values import AbstractValue, Constant, Function, of_numbers
from parsim.given.where import Where

MOST = 1 << 12  # operations and leaves
DEEPEST = 100  # operations within operations
AGAIN = 1 << 40  # draws between one and the next attempt of it
ATTEMPTS = 1 << 11
COMMUTE = frozenset({"add", "multiply"})  # to the last bit
UNLIKELY = 1.0 / 64.0  # of a draw to be within bounds: 2^11 attempts then fail once in 10^14 numbers


class AbstractExpression(AbstractValue):
    """What is calculated of its parts."""

    def __post_init__(self) -> None:
        if self.depth > DEEPEST or self.size > MOST:
            raise DescriptionError(
                f"an expression of {self.size} operations and leaves, {self.depth} within each other; {MOST} and "
                f"{DEEPEST} are allowed. Give a function of the gids."
            )

    def __repr__(self) -> str:
        return self.describe()

    @cached_property
    def program(self) -> Compiled:  # type: ignore[override]
        return compiled(self)


@final
@dataclass(frozen=True, repr=False)
class Applied(AbstractExpression):
    """An operation on values."""

    operation: str
    of: tuple[AbstractValue, ...]

    @property
    def parts(self) -> tuple[AbstractValue, ...]:
        return self.of

    def with_parts(self, parts: tuple[AbstractValue, ...]) -> AbstractValue:
        return Applied(self.operation, parts)

    @property
    def _does(self) -> Operation:
        return OPERATIONS[self.operation]

    def at(self, where: Where) -> Floats:
        return self.program.at(where)

    def write(self, writing: Writing) -> None:
        of = self.of
        if self.operation in COMMUTE and isinstance(of[0], Constant):
            of = of[::-1]  # a number that comes second is read where it stands
        for part in of:
            part.write(writing)
        writing.does(self.operation, len(self.of))

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        takes = self._units(unit, what)
        made = Applied(self.operation, tuple(p.in_unit(u, what) for p, u in zip(self.of, takes, strict=True)))
        if all(isinstance(part, Constant) for part in made.of):
            return Constant(
                float(made.at(Where(0, 0, np.zeros(1, np.int64), 0, 0, np.zeros(1, np.int64)))[0])
            )
        return made

    def _units(self, unit: str, what: str) -> list[str]:
        """The unit of each part."""
        n, which = len(self.of), self._does.unit
        if which == "one":
            said = [place for place, part in enumerate(self.of) if part.says_unit]
            if len(said) > 1:
                raise DescriptionError(
                    f"{what} is {self.describe()}, of which each factor has a unit. Give plain numbers for one of them."
                )
            varies = [place for place, part in enumerate(self.of) if not isinstance(part, Constant)]
            return [unit if place == (said + varies + [0])[0] else "" for place in range(n)]
        takes = {"all": range(n), "first": [0], "branches": range(1, n), "none": []}[which]
        return [unit if place in takes else "" for place in range(n)]

    def describe(self) -> str:
        return self._does.written([(part.describe(), part.binds) for part in self.of])

    @property
    def limits(self) -> Limits:
        return self._does.limits(*(part.limits for part in self.of))

    @property
    def binds(self) -> int:
        return self._does.binds


class AbstractBounded(AbstractExpression):
    """A value between two others, which are infinite where nothing is said."""

    of: AbstractValue
    low: AbstractValue
    high: AbstractValue

    @property
    def parts(self) -> tuple[AbstractValue, ...]:
        return self.of, self.low, self.high

    def with_parts(self, parts: tuple[AbstractValue, ...]) -> AbstractValue:
        return type(self)(*parts)

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return type(self)(*(part.in_unit(unit, what) for part in self.parts))

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.low.says_unit or self.high.says_unit) and self.low.limits[0] > self.high.limits[1]:
            raise DescriptionError(f"{self.describe()}: low must not exceed high.")

    @property
    def limits(self) -> Limits:
        return within(*(part.limits for part in self.parts))

    def describe(self) -> str:
        said = ((name, bound) for name, bound in (("low", self.low), ("high", self.high)))
        bounds = ", ".join(
            f"{name}={bound.describe()}" for name, bound in said if not np.isinf(bound.limits[0])
        )
        of = self.of.describe()
        return f"{of if self.of.binds == WHOLE else f'({of})'}.{type(self).__name__.lower()}({bounds})"


@final
@dataclass(frozen=True, repr=False)
class Clipped(AbstractBounded):
    """The bound where the value is beyond it."""

    of: AbstractValue
    low: AbstractValue
    high: AbstractValue

    def at(self, where: Where) -> Floats:
        return self.program.at(where)

    def write(self, writing: Writing) -> None:
        for part, operation in ((self.of, ""), (self.low, "maximum"), (self.high, "minimum")):
            part.write(writing)
            if operation:
                writing.does(operation, 2)


@final
@dataclass(frozen=True, repr=False)
class Redrawn(AbstractBounded):
    """Drawn again until it lies within the bounds, which keeps its distribution there exactly.

    By rejection, and not by inverting its distribution: so it works for any expression, what lies within is what it is
    without bounds, and no tail loses digits.
    """

    of: AbstractValue
    low: AbstractValue
    high: AbstractValue

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.of.streams == 0:
            raise DescriptionError(
                f"{self.describe()} draws nothing that could be drawn again. Use clipped(low, high)."
            )
        if self.attempts > 2:
            raise DescriptionError(
                f"{self.describe()} redraws what is redrawn twice already. Redraw its parts."
            )
        if self.says_unit or not (isinstance(self.low, Constant) and isinstance(self.high, Constant)):
            return
        likely = self.of.chance(float(self.low.value), float(self.high.value))
        if likely is not None and likely < UNLIKELY:
            raise DescriptionError(
                f"{self.describe()}: a draw lies within these bounds with a probability of {likely:.2g}, so that one "
                f"would be drawn over and over; at least {UNLIKELY:.2g} is needed. Use wider bounds, a distribution "
                "that lies within them, or clipped(low, high)."
            )

    @property
    def attempts(self) -> int:
        return 1 + super().attempts

    def at(self, where: Where) -> Floats:
        found, low, high = self._at_parts(where)
        outside = np.flatnonzero(~((found >= low) & (found <= high)))
        for attempt in range(1, ATTEMPTS):
            if outside.size == 0:
                return found
            again = where.picked(outside)
            step = AGAIN * ATTEMPTS ** (self.attempts - 1)
            found[outside] = self.of.at(again._replace(draws=again.draws + attempt * step))
            new = found[outside]
            outside = outside[~((new >= low[outside]) & (new <= high[outside]))]
        raise DescriptionError(
            f"{self.describe()}: none of {ATTEMPTS} draws for {where.name(int(outside[0]))} lies within these bounds. "
            "Use wider bounds, a distribution that lies within them, or clipped(low, high)."
        )

    def _at_parts(self, where: Where) -> Iterator[Floats]:
        """What each part gives; those that draw do so in lanes of their own."""
        lane = where.lane
        for part in self.parts:
            yield part.at(where._replace(lane=lane))
            lane += LANES * part.streams


def applied(operation: str, *operands: Any) -> AbstractValue:
    """An operation on values, numbers, arrays, text with units and functions of the gids."""
    if operation not in OPERATIONS:
        raise OperandError(
            f"there is no {operation} of values that differ between cells; of these there are {_NAMES}."
        )
    return Applied(operation, tuple(as_part(operand) for operand in operands))


def redrawn(value: AbstractValue, low: Any, high: Any) -> AbstractValue:
    """See `AbstractValue.redrawn`."""
    return Redrawn(value, *_bounds(value, low, high))


def clipped(value: AbstractValue, low: Any, high: Any) -> AbstractValue:
    """See `AbstractValue.clipped`."""
    return Clipped(value, *_bounds(value, low, high))


def _bounds(value: AbstractValue, low: Any, high: Any) -> tuple[AbstractValue, AbstractValue]:
    if low is None and high is None:
        raise DescriptionError(f"{value.describe()} is bounded by nothing. Give low, high, or both.")
    return as_part(-np.inf if low is None else low), as_part(np.inf if high is None else high)


def as_part(raw: Any) -> AbstractValue:
    """Something that stands in an expression."""
    if isinstance(raw, AbstractValue):
        return raw
    if isinstance(raw, str) or (is_quantity(raw) and not is_list(raw)):
        return Constant(raw)
    if callable(raw) and not isinstance(raw, type):
        return Function(raw)
    try:
        return of_numbers(as_numbers(raw, "", "an operand"))
    except DescriptionError:
        raise OperandError(
            f"{shown(raw)} cannot stand in an expression. Give numbers, text with a unit, distributions, or functions "
            "of the gids."
        ) from None


_NAMES = ", ".join(OPERATIONS)
