"""Distributions of values: drawn from `rng` alone, so that what a cell or a connection gets depends on no rank."""

import datetime
import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from parsim.arrays import Floats, Gids, Ints, shown
from parsim.errors import DescriptionError
from parsim.given.numbers import as_one
from parsim.given.operations import Limits
from parsim.given.units import is_quantity
from parsim.given.values import AbstractValue
from parsim.given.where import Where
from parsim.kernels.elementary import exp
from parsim.rng import exponential_array, normal_array, uniform_array

_DURATIONS = (datetime.timedelta, np.timedelta64)


class AbstractDistribution(AbstractValue):
    """A distribution with a few parameters, its fields: numbers, or text and the like until their unit is known."""

    def __post_init__(self) -> None:
        said = dict(vars(self))
        for name, raw in said.items():
            if not (isinstance(raw, str) or is_quantity(raw) or isinstance(raw, _DURATIONS)):
                object.__setattr__(self, name, _finite(name, raw, type(self).__name__, said))
        if all(isinstance(value, float) for value in vars(self).values()) and (wrong := self.complaint()):
            raise DescriptionError(f"{self.describe()}: {wrong}")

    @abstractmethod
    def complaint(self) -> str:
        """What is wrong with its parameters, all numbers by now; or nothing."""

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return type(self)(*(as_one(raw, unit, f"{name} of {what}") for name, raw in vars(self).items()))

    @property
    def streams(self) -> int:
        return 1

    @property
    def says_unit(self) -> bool:
        return not all(isinstance(raw, float) for raw in vars(self).values())

    def chance(self, low: float, high: float) -> float | None:
        return None if self.says_unit else self.between(low, high)

    @abstractmethod
    def between(self, low: float, high: float) -> float:
        """How likely it is in [low, high]."""

    def describe(self) -> str:
        return f"{type(self).__name__}({', '.join(map(str, vars(self).values()))})"


@final
@dataclass(frozen=True)
class Uniform(AbstractDistribution):
    """Uniform in [low, high)."""

    low: Any
    high: Any

    def complaint(self) -> str:
        fine = 0.0 <= self.high - self.low < np.inf
        return "" if fine else "low must not exceed high. Write Uniform(low, high)."

    def at(self, where: Where) -> Floats:
        return self.low + (self.high - self.low) * uniform_array(*_stream(where))

    def write(self, writing: Any) -> None:
        _write(writing, "uniform", self.high - self.low, self.low)

    def between(self, low: float, high: float) -> float:
        width = min(high, self.high) - max(low, self.low)
        if self.high > self.low:
            return max(0.0, width / (self.high - self.low))
        return float(width >= 0.0)

    @property
    def limits(self) -> Limits:
        return (-np.inf, np.inf) if self.says_unit else (self.low, self.high)


@final
@dataclass(frozen=True)
class UniformInt(AbstractDistribution):
    """A whole number from `low` to high - 1, each as likely as the others."""

    low: Any
    high: Any

    def complaint(self) -> str:
        fine = (
            self.low == np.rint(self.low)
            and self.high == np.rint(self.high)
            and 1.0 <= self.high - self.low < 2.0**53
        )
        return "" if fine else "whole numbers are needed, low below high. Write UniformInt(0, 10) for 0 to 9."

    def at(self, where: Where) -> Floats:
        return self.low + np.floor((self.high - self.low) * uniform_array(*_stream(where)))

    def between(self, low: float, high: float) -> float:
        first, last = max(np.ceil(low), self.low), min(np.floor(high), self.high - 1.0)
        return max(0.0, float((last - first + 1.0) / (self.high - self.low)))

    @property
    def limits(self) -> Limits:
        return (-np.inf, np.inf) if self.says_unit else (self.low, self.high - 1.0)


@final
@dataclass(frozen=True)
class Normal(AbstractDistribution):
    """Normal, untruncated."""

    mean: Any
    std: Any

    def complaint(self) -> str:
        return _of_std(self.std)

    def at(self, where: Where) -> Floats:
        return self.mean + self.std * normal_array(*_stream(where))

    def write(self, writing: Any) -> None:
        _write(writing, "normal", self.std, self.mean)

    def between(self, low: float, high: float) -> float:
        return _of_normal(self.mean, self.std, low, high)


@final
@dataclass(frozen=True)
class LogNormal(AbstractDistribution):
    """exp of a normal number: `mean` and `std` are those of the logarithm of the number in its unit."""

    mean: Any
    std: Any

    def complaint(self) -> str:
        return _of_std(self.std)

    def at(self, where: Where) -> Floats:
        return exp(self.mean + self.std * normal_array(*_stream(where)))

    def write(self, writing: Any) -> None:
        _write(writing, "normal", self.std, self.mean)
        writing.does("exp", 1)

    def between(self, low: float, high: float) -> float:
        if high <= 0.0:
            return 0.0
        return _of_normal(self.mean, self.std, math.log(low) if low > 0.0 else -np.inf, math.log(high))

    @property
    def limits(self) -> Limits:
        return 0.0, np.inf

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return super().in_unit("", what)


@final
@dataclass(frozen=True)
class Exponential(AbstractDistribution):
    """Exponential with mean `scale`."""

    scale: Any

    def complaint(self) -> str:
        return "" if self.scale > 0.0 else "scale must be greater than 0."

    def at(self, where: Where) -> Floats:
        return self.scale * exponential_array(*_stream(where))

    def write(self, writing: Any) -> None:
        writing.number(self.scale)
        writing.draw("exponential")
        writing.does("multiply", 2)

    def between(self, low: float, high: float) -> float:
        low = max(low, 0.0)
        return 0.0 if high < low else math.exp(-low / self.scale) - math.exp(-high / self.scale)

    @property
    def limits(self) -> Limits:
        return 0.0, np.inf


def _of_normal(mean: float, std: float, low: float, high: float) -> float:
    """How likely a normal number is in [low, high]."""
    if std == 0.0:
        return float(low <= mean <= high)
    a, b = ((bound - mean) / (std * math.sqrt(2.0)) for bound in (low, high))
    if b < 0.0:
        a, b = -b, -a  # where the tail is small, and its difference exact
    return max(0.0, 0.5 * (math.erfc(a) - math.erfc(b)))


def _of_std(std: float) -> str:
    return "" if std >= 0.0 else "std must be at least 0."


def _finite(name: str, raw: Any, distribution: str, said: dict[str, Any]) -> float:
    try:
        number = as_one(raw, "", name)
    except DescriptionError:
        number = np.nan
    if not np.isfinite(number):
        given = f"{distribution}({', '.join(map(shown, said.values()))})"
        raise DescriptionError(f"{given}: {name} is {shown(raw)}; a finite number is needed.")
    return number


def _stream(where: Where) -> tuple[int, int, Gids, Ints, int]:
    return where.seed, where.serial, *where.keys(), where.lane


def _write(writing: Any, kind: str, scale: float, shift: float) -> None:
    """shift + scale * (a standard draw), rounded as in `at`."""
    writing.number(shift)
    writing.number(scale)
    writing.draw(kind)
    writing.does("multiply", 2)
    writing.does("add", 2)
