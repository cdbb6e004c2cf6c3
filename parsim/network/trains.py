"""Lists of numbers, one for each stimulus: spike times and what belongs to them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from parsim.arrays import Floats, as_floats
from parsim.errors import DescriptionError
from parsim.network.units import to_unit


@dataclass(frozen=True, eq=False)
class Trains:
    """One array for each of the population's members."""

    trains: list[Floats]

    def describe(self) -> str:
        """A short text for files."""
        return f"{len(self.trains)} trains, {sum(t.size for t in self.trains)} values"


def as_trains(raw: Any, unit: str, what: str, n: int) -> Trains:
    """A flat list is shared by all `n` members; a list of n lists has one for each."""
    if isinstance(raw, str) or (
        np.ndim(raw if not isinstance(raw, (list, tuple)) else 0) == 0 and not isinstance(raw, (list, tuple))
    ):
        raise DescriptionError(f"{what} is {raw!r:.60}; a list of numbers is needed, or a list of {n} lists.")
    nested = len(raw) > 0 and np.ndim(raw[0]) > 0
    if not nested:
        shared = np.atleast_1d(as_floats(to_unit(raw, unit, what), what))
        return Trains([shared] * n)
    if len(raw) != n:
        raise DescriptionError(
            f"{what} has {len(raw)} lists for {n} stimuli; give one list for all, or {n} lists."
        )
    return Trains([np.atleast_1d(as_floats(to_unit(train, unit, what), what)) for train in raw])
