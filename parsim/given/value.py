"""A value that may differ between cells or connections, and with which may be calculated."""

from abc import ABC, abstractmethod
from typing import Any

from parsim.arrays import Floats
from parsim.errors import OperandError
from parsim.given.operations import ANYTHING, WHOLE, Limits
from parsim.given.where import Where


class AbstractValue(ABC):
    """A value that may differ between cells or connections, and with which may be calculated."""

    @abstractmethod
    def at(self, where: Where) -> Floats:
        """The numbers at `where`, float64[n]; each depends on its own gid, draw and place alone."""

    @abstractmethod
    def in_unit(self, unit: str, what: str) -> "AbstractValue":
        """The same in plain numbers of `unit`; `what` names it in errors."""

    @abstractmethod
    def describe(self) -> str:
        """A short text for files."""

    def write(self, writing: Any) -> None:
        """Its part of a program (`given/programs.py`): most are calculated before it runs."""
        writing.column(self)

    @property
    def parts(self) -> "tuple[AbstractValue, ...]":
        """What it is made of."""
        return ()

    def with_parts(self, parts: "tuple[AbstractValue, ...]") -> "AbstractValue":
        """The same, made of others."""
        return self

    @property
    def program(self) -> Any:
        """As a program that gives the same (`given/programs.py`), or None."""
        return None

    @property
    def constant_or_none(self) -> float | None:
        """The number, when there is one for all."""
        return None

    @property
    def limits(self) -> Limits:
        """None is less than the first or greater than the second."""
        return ANYTHING

    @property
    def says_unit(self) -> bool:
        """Is a number in it given with its unit?"""
        return any(part.says_unit for part in self.parts)

    @property
    def streams(self) -> int:
        """How many of its leaves draw."""
        return sum(part.streams for part in self.parts)

    @property
    def size(self) -> int:
        """How many operations and leaves it has."""
        return 1 + sum(part.size for part in self.parts)

    @property
    def depth(self) -> int:
        """How many operations stand within each other."""
        return 1 + max((part.depth for part in self.parts), default=-1)

    @property
    def attempts(self) -> int:
        """How many redraws stand within each other."""
        return max((part.attempts for part in self.parts), default=0)

    @property
    def binds(self) -> int:
        """How tightly its text binds."""
        return WHOLE

    def chance(self, low: float, high: float) -> float | None:
        """How likely it is in [low, high], where that is known."""
        return None

    def redrawn(self, low: Any = None, high: Any = None) -> "AbstractValue":
        """Drawn again until it lies in [low, high]: for a distribution, the same truncated.

        What lies inside is what it would be otherwise. Bounds between which a draw lies less than once in 64 times are
        refused.
        """
        from parsim.given.expressions import redrawn

        return redrawn(self, low, high)

    def clipped(self, low: Any = None, high: Any = None) -> "AbstractValue":
        """`low` where it is less, `high` where it is greater."""
        from parsim.given.expressions import clipped

        return clipped(self, low, high)

    def rounded(self) -> "AbstractValue":
        """The nearest whole number, of two the even one."""
        return _applied("rint", self)

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> "AbstractValue":
        if method != "__call__" or options:
            raise OperandError(f"np.{ufunc.__name__}.{method} cannot be taken of {self.describe()}.")
        return _applied(ufunc.__name__, *operands)

    def __add__(self, other: Any) -> "AbstractValue":
        return _applied("add", self, other)

    def __radd__(self, other: Any) -> "AbstractValue":
        return _applied("add", other, self)

    def __sub__(self, other: Any) -> "AbstractValue":
        return _applied("subtract", self, other)

    def __rsub__(self, other: Any) -> "AbstractValue":
        return _applied("subtract", other, self)

    def __mul__(self, other: Any) -> "AbstractValue":
        return _applied("multiply", self, other)

    def __rmul__(self, other: Any) -> "AbstractValue":
        return _applied("multiply", other, self)

    def __truediv__(self, other: Any) -> "AbstractValue":
        return _applied("divide", self, other)

    def __rtruediv__(self, other: Any) -> "AbstractValue":
        return _applied("divide", other, self)

    def __pow__(self, other: Any) -> "AbstractValue":
        return _applied("power", self, other)

    def __rpow__(self, other: Any) -> "AbstractValue":
        return _applied("power", other, self)

    def __neg__(self) -> "AbstractValue":
        return _applied("negative", self)

    def __pos__(self) -> "AbstractValue":
        return self

    def __abs__(self) -> "AbstractValue":
        return _applied("absolute", self)

    def __lt__(self, other: Any) -> "AbstractValue":
        return _applied("less", self, other)

    def __le__(self, other: Any) -> "AbstractValue":
        return _applied("less_equal", self, other)

    def __gt__(self, other: Any) -> "AbstractValue":
        return _applied("greater", self, other)

    def __ge__(self, other: Any) -> "AbstractValue":
        return _applied("greater_equal", self, other)

    def __bool__(self) -> bool:
        raise OperandError(
            f"{self.describe()} differs between cells, so that it is neither true nor false. Write "
            "ps.where(condition, a, b) in place of `if`, and ps.minimum and ps.maximum in place of min and max."
        )


def _applied(operation: str, *operands: Any) -> AbstractValue:
    from parsim.given.expressions import applied  # made of these values

    return applied(operation, *operands)
