"""Values of where the two ends of a connection are: how far from each other, and where each."""

from dataclasses import dataclass
from typing import final

import numpy as np

from parsim.arrays import Floats
from parsim.errors import DescriptionError
from parsim.given.layouts import AXES
from parsim.given.operations import Limits
from parsim.given.value import AbstractValue
from parsim.given.where import Ends, Where


class AbstractApart(AbstractValue):
    """A value of the positions of a connection's ends."""

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return self

    def __repr__(self) -> str:
        return self.describe()


def _ends(where: Where, value: AbstractValue) -> Ends:
    if where.ends is None or where.ends.apart is None:
        raise DescriptionError(
            f"{value.describe()} is of connections between cells that have positions; say where these are: "
            "create(..., positions=ps.grid([20, 20]))."
        )
    return where.ends


@final
@dataclass(frozen=True, repr=False)
class Distance(AbstractApart):
    """How far target and source are from each other; the shortest way where space wraps."""

    def at(self, where: Where) -> Floats:
        ends = _ends(where, self)
        assert ends.apart is not None
        first, *others = ends.apart()
        square: Floats = first * first
        for x in others:
            square += x * x
        return np.sqrt(square, out=square)

    def describe(self) -> str:
        return "distance"

    @property
    def limits(self) -> Limits:
        return 0.0, np.inf


@final
@dataclass(frozen=True, repr=False)
class Coordinate(AbstractApart):
    """One coordinate of the way from source to target."""

    axis: int

    def at(self, where: Where) -> Floats:
        ends = _ends(where, self)
        assert ends.apart is not None
        apart = ends.apart()
        if self.axis >= len(apart):
            raise DescriptionError(
                f"{self.describe()} is asked of cells whose positions have two dimensions."
            )
        return apart[self.axis]

    def describe(self) -> str:
        return f"displacement.{AXES[self.axis]}"


class Displacement:
    """`ps.displacement.x`, `.y` and `.z`: how far the target is from the source along each axis, with its sign."""

    x, y, z = Coordinate(0), Coordinate(1), Coordinate(2)

    def __repr__(self) -> str:
        return "displacement"


distance = Distance()
displacement = Displacement()
