"""Lists of numbers, one for each stimulus: spike times and what belongs to them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from parsim.arrays import Floats, as_floats
from parsim.errors import DescriptionError
from parsim.given.units import to_unit
from parsim.given.values import dimensions


@dataclass(frozen=True, eq=False)
class Trains:
    """One array for each of the population's members; those of a list that all share are one and the same."""

    trains: list[Floats]

    def describe(self) -> str:
        """A short text for files."""
        return f"{len(self.trains)} trains, {sum(t.size for t in self.trains)} values"


def as_trains(raw: Any, unit: str, what: str, n: int) -> Trains:
    """A flat list is shared by all `n` members; a list of n lists has one for each."""
    if not isinstance(raw, (list, tuple)) and (not hasattr(raw, "__len__") or np.ndim(raw) == 0):
        raise DescriptionError(f"{what} is {raw!r:.60}; a list of numbers is needed, or a list of {n} lists.")
    nested = len(raw) > 0 and dimensions(raw[0], what) > 0
    if not nested:
        return Trains([_train(raw, unit, what)] * n)
    if len(raw) != n:
        raise DescriptionError(f"{what} has {len(raw)} lists; {n} are needed, or one flat list for all.")
    return Trains([_train(train, unit, f"{what}, list {i}") for i, train in enumerate(raw)])


def _train(raw: Any, unit: str, what: str) -> Floats:
    numbers = as_floats(to_unit(raw, unit, what), what)
    numbers = (
        numbers.copy() if numbers is raw else numbers
    )  # what the user goes on to change stays the user's
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise DescriptionError(f"{what} is {raw!r:.60}; a flat list of finite numbers is needed.")
    return numbers
