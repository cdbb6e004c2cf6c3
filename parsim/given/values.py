"""What a parameter is at a gid: one number, an array, a distribution, or a function of the gid.

Distributions draw from `rng` alone, so what a cell or a connection gets depends on no rank.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np

from parsim.arrays import Floats, Gids, Ints, as_floats
from parsim.errors import DescriptionError
from parsim.given.units import to_unit
from parsim.kernels.elementary import exp
from parsim.rng import exponential_array, normal_array, uniform_array


class Where(NamedTuple):
    """Where a value is asked: n gids and draws (or one draw for all), one stream, places in an array."""

    seed: int
    serial: int
    gids: Gids
    draws: Ints | int
    lane: int
    positions: Ints


class AbstractValue(ABC):
    """A value that may differ between cells or connections."""

    @abstractmethod
    def at(self, where: Where) -> Floats:
        """The numbers at `where`, float64[n]; each depends on its own gid, draw and position alone."""

    @abstractmethod
    def in_unit(self, unit: str, what: str) -> "AbstractValue":
        """The same in plain numbers of `unit`; `what` names it in errors."""

    @abstractmethod
    def describe(self) -> str:
        """A short text for files."""

    @property
    def constant_or_none(self) -> float | None:
        """The number, when there is one for all."""
        return None

    @property
    def least(self) -> float:
        """None is less than this."""
        return -np.inf


@final
@dataclass(frozen=True)
class Constant(AbstractValue):
    """One number."""

    value: Any

    def at(self, where: Where) -> Floats:
        return np.full(where.gids.size, float(self.value))

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return Constant(_number(to_unit(self.value, unit, what), what))

    def describe(self) -> str:
        return str(self.value)

    @property
    def constant_or_none(self) -> float | None:
        return float(self.value)

    @property
    def least(self) -> float:
        return float(self.value)


@final
@dataclass(frozen=True, eq=False)
class Array(AbstractValue):
    """A number for each position."""

    values: Any

    def at(self, where: Where) -> Floats:
        return np.asarray(self.values, dtype=np.float64).take(where.positions)

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        numbers = as_floats(to_unit(self.values, unit, what), what)
        if np.ndim(self.values) != 1:
            raise DescriptionError(
                f"{what} is an array of shape {np.shape(self.values)}; one number or a list of them is needed."
            )
        own = not np.may_share_memory(numbers, self.values) if isinstance(self.values, np.ndarray) else True
        return Array(numbers if own else numbers.copy())  # the user may fill the array again

    def describe(self) -> str:
        return f"array of {len(self.values)}"

    @property
    def least(self) -> float:
        return float(np.min(self.values, initial=np.inf))


@final
@dataclass(frozen=True)
class Uniform(AbstractValue):
    """Uniform in [low, high)."""

    low: Any
    high: Any

    def __post_init__(self) -> None:
        _check_finite(self, low=self.low, high=self.high)
        if _are_numbers(self.low, self.high) and not 0.0 <= self.high - self.low < np.inf:
            raise DescriptionError(f"{self.describe()}: low must not exceed high. Write Uniform(low, high).")

    def at(self, where: Where) -> Floats:
        return self.low + (self.high - self.low) * uniform_array(*_stream(where))

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return Uniform(*_numbers(unit, what, low=self.low, high=self.high))

    def describe(self) -> str:
        return f"Uniform({self.low}, {self.high})"

    @property
    def least(self) -> float:
        return float(self.low)


@final
@dataclass(frozen=True)
class Normal(AbstractValue):
    """Normal, untruncated."""

    mean: Any
    std: Any

    def __post_init__(self) -> None:
        _check_finite(self, mean=self.mean, std=self.std)
        _check_std(self, self.std)

    def at(self, where: Where) -> Floats:
        return self.mean + self.std * normal_array(*_stream(where))

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return Normal(*_numbers(unit, what, mean=self.mean, std=self.std))

    def describe(self) -> str:
        return f"Normal({self.mean}, {self.std})"


@final
@dataclass(frozen=True)
class LogNormal(AbstractValue):
    """exp of a normal number: `mean` and `std` are those of the logarithm of the number in its unit."""

    mean: Any
    std: Any

    def __post_init__(self) -> None:
        _check_finite(self, mean=self.mean, std=self.std)
        _check_std(self, self.std)

    def at(self, where: Where) -> Floats:
        return exp(self.mean + self.std * normal_array(*_stream(where)))

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return LogNormal(*_numbers("", what, mean=self.mean, std=self.std))

    def describe(self) -> str:
        return f"LogNormal({self.mean}, {self.std})"


@final
@dataclass(frozen=True)
class Exponential(AbstractValue):
    """Exponential with mean `scale`."""

    scale: Any

    def __post_init__(self) -> None:
        _check_finite(self, scale=self.scale)
        if _are_numbers(self.scale) and not self.scale > 0.0:
            raise DescriptionError(f"{self.describe()}: scale must be greater than 0.")

    def at(self, where: Where) -> Floats:
        return self.scale * exponential_array(*_stream(where))

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return Exponential(*_numbers(unit, what, scale=self.scale))

    def describe(self) -> str:
        return f"Exponential({self.scale})"


@final
@dataclass(frozen=True)
class Function(AbstractValue):
    """`f(gids)` gives an array of numbers (in `unit`, or with units of its own), or one for all.

    It is asked on each rank for the gids of that rank, so what it gives for a gid may depend on
    nothing else.
    """

    f: Callable[..., Any]
    unit: str = ""
    what: str = "value"

    def at(self, where: Where) -> Floats:
        n = where.gids.size
        if n == 0:
            return np.empty(0)
        found = as_floats(to_unit(self.f(where.gids), self.unit, self._named), self._named)
        if found.size != 1 and found.shape != (n,):
            raise DescriptionError(
                f"{self._named} has shape {found.shape} for {n} gids; return one number or {n} numbers."
            )
        return np.array(np.broadcast_to(found.reshape(-1), n))

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return Function(self.f, unit, what)

    def describe(self) -> str:
        return f"function {getattr(self.f, '__name__', type(self.f).__name__)}"

    @property
    def _named(self) -> str:
        return f"what the function for {self.what} returns"


def as_value(
    raw: Any, unit: str, what: str, size: int | None, takes: tuple[str, ...] = ("gids",)
) -> AbstractValue:
    """What a user gave as a value in `unit`; lists must have `size` elements unless it is None.

    `takes` names what functions are called with.
    """
    if isinstance(raw, type):
        raise DescriptionError(f"{what} is the class {raw.__name__}; call it with its arguments.")
    if raw is None or isinstance(raw, dict):
        raise DescriptionError(
            f"{what} is {raw!r:.60}; a number, a list, a distribution or a function of the gids is needed."
        )
    if isinstance(raw, AbstractValue):
        value = raw.in_unit(unit, what)
    elif callable(raw):
        _check_takes(raw, what, takes)
        value = Function(raw, unit, what)
    else:
        numbers = to_unit(raw, unit, what)
        value = (Constant if dimensions(numbers, what) == 0 else Array)(numbers).in_unit(unit, what)

    if isinstance(value, Array) and size is not None and len(value.values) != size:
        raise DescriptionError(
            f"{what} has {len(value.values)} values; {size} are needed, or one number for all."
        )
    return value


def as_number(raw: Any, unit: str, what: str) -> float:
    """One number in `unit`."""
    number = None
    if not (raw is None or isinstance(raw, (bool, type, AbstractValue)) or callable(raw)):
        number = as_value(raw, unit, what, None).constant_or_none
    if number is None:
        raise DescriptionError(f"{what} is {raw!r:.60}; one number in {unit} is needed.")
    return number


def known_numbers(value: Any) -> Floats | None:
    """The numbers of a value that is known before anything is drawn: [1] for a constant, [n] for an array."""
    if isinstance(value, Constant):
        return np.full(1, float(value.value))
    return np.asarray(value.values, dtype=np.float64) if isinstance(value, Array) else None


def dimensions(raw: Any, what: str) -> int:
    """How deep lists are nested in `raw`, which must be regular."""
    try:
        return np.ndim(raw)
    except ValueError:
        raise DescriptionError(f"{what} is {raw!r:.60}, whose lists differ in length.") from None


def _check_takes(f: Callable[..., Any], what: str, takes: tuple[str, ...]) -> None:
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        return  # some compiled functions tell nothing about themselves
    try:
        signature.bind(*takes)
    except TypeError as error:
        raise DescriptionError(
            f"the function for {what} cannot be called as f({', '.join(takes)}): {error}."
        ) from None


def _stream(where: Where) -> tuple[int, int, Gids, Ints, int]:
    gids = np.ascontiguousarray(where.gids, dtype=np.int64)
    draws = np.ascontiguousarray(np.broadcast_to(where.draws, gids.shape), dtype=np.int64)
    return where.seed, where.serial, gids, draws, where.lane


def _number(raw: Any, what: str) -> float:
    """One number; NaN is refused."""
    try:
        number = float(raw)
    except (TypeError, ValueError):
        raise DescriptionError(f"{what} is {raw!r:.60}; one number is needed.") from None
    if np.isnan(number):
        raise DescriptionError(f"{what} is NaN. Give a number.")
    return number


def _numbers(unit: str, what: str, **raw: Any) -> list[float]:
    return [_number(to_unit(v, unit, f"{k} of {what}"), f"{k} of {what}") for k, v in raw.items()]


def _are_numbers(*raw: Any) -> bool:
    return all(isinstance(v, (int, float, np.number)) for v in raw)


def _check_finite(value: AbstractValue, **raw: Any) -> None:
    """Text and quantities are looked at when their unit is known."""
    for name, v in raw.items():
        if v is None or np.ndim(v) != 0 or (_are_numbers(v) and not np.isfinite(v)):
            raise DescriptionError(f"{value.describe()}: {name} is {v!r:.60}; a finite number is needed.")


def _check_std(value: AbstractValue, std: Any) -> None:
    if _are_numbers(std) and not std >= 0.0:
        raise DescriptionError(f"{value.describe()}: std must be at least 0.")
