"""Lists of numbers, one for each stimulus: spike times and what belongs to them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from parsim.arrays import Floats, shown
from parsim.errors import DescriptionError
from parsim.given.numbers import as_numbers, is_list
from parsim.given.values import AbstractValue


@dataclass(frozen=True, eq=False)
class Trains:
    """One array for each of the population's members; those of a list that all share are one and the same."""

    trains: list[Floats]

    def describe(self) -> str:
        """A short text for files."""
        return f"{len(self.trains)} trains, {sum(t.size for t in self.trains)} values"


def as_trains(raw: Any, unit: str, what: str, n: int) -> Trains:
    """A flat list is shared by all `n` members; a list of n lists has one for each."""
    held = held_trains(raw, unit, what, f"a list of numbers is needed, or a list of {n} lists")
    if not isinstance(held, list):
        return Trains([held] * n)
    if len(held) != n:
        raise DescriptionError(f"{what} has {len(held)} lists; {n} are needed, or one flat list for all.")
    return Trains(held)


def held_trains(
    raw: Any, unit: str, what: str, needed: str = "a list of numbers is needed, or a list of lists"
) -> Floats | list[Floats]:
    """A flat list as one array, a list of lists as a list of arrays."""
    if (
        isinstance(raw, (AbstractValue, type))
        or callable(raw)
        or not (is_list(raw) or hasattr(raw, "to_numpy"))
    ):
        raise DescriptionError(f"{what} is {shown(raw)}; {needed}.")
    rows = _rows(raw)
    if rows is None:
        return _train(raw, unit, what)
    return [_train(row, unit, f"{what}, list {i}") for i, row in enumerate(rows)]


def _rows(raw: Any) -> list[Any] | None:
    """The lists in a list, in an array of more than one dimension or in a column of a table; None when it is flat."""
    if getattr(raw, "ndim", 1) > 1:
        return list(raw.to_numpy() if hasattr(raw, "to_numpy") else raw)
    held = raw
    if hasattr(raw, "to_numpy"):
        held = raw.to_numpy()
    if isinstance(held, np.ndarray) and (type(held) is not np.ndarray or held.dtype.kind != "O"):
        return None
    try:
        return list(held) if len(held) and is_list(held[0]) else None
    except Exception:  # it is no list after all; `as_numbers` says what is wrong with it
        return None


def _train(raw: Any, unit: str, what: str) -> Floats:
    numbers = as_numbers(raw, unit, what)
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise DescriptionError(f"{what} is {shown(raw)}; a flat list of finite numbers is needed.")
    return numbers
