"""Values of where the two ends of a connection are: how far from each other, and where each."""

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from parsim.arrays import Floats
from parsim.errors import DescriptionError
from parsim.given.layouts import AXES
from parsim.given.operations import Limits
from parsim.given.programs import Compiled, compiled
from parsim.given.value import AbstractValue
from parsim.given.where import Where


class AbstractApart(AbstractValue):
    """A value of the positions of a connection's ends."""

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return self

    def __repr__(self) -> str:
        return self.describe()

    @property
    def least_dimensions(self) -> int:
        """Of the space in which there is such a value."""
        return 2

    def way(self, where: Where) -> Floats:
        """From source to target of each connection, [dimension, n]."""
        if where.ends is None or where.ends.apart is None:
            raise DescriptionError(
                f"{self.describe()} is of connections between cells that have positions; say where these are: "
                "create(..., positions=ps.grid([20, 20]))."
            )
        return where.ends.apart()

    @property
    def program(self) -> Compiled:
        return compiled(self)

    def at(self, where: Where) -> Floats:
        return self.program.at(where)


@final
@dataclass(frozen=True, repr=False)
class Distance(AbstractApart):
    """How far target and source are from each other; the shortest way where space wraps."""

    def write(self, writing: Any) -> None:
        writing.apart(self, "distance")

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

    @property
    def least_dimensions(self) -> int:
        return self.axis + 1

    def way(self, where: Where) -> Floats:
        way = super().way(where)
        if len(way) < self.least_dimensions:
            raise DescriptionError(
                f"{self.describe()} is asked of cells whose positions have two dimensions."
            )
        return way

    def write(self, writing: Any) -> None:
        writing.apart(self, "coordinate", self.axis)

    def describe(self) -> str:
        return f"displacement.{AXES[self.axis]}"


class Displacement:
    """`ps.displacement.x`, `.y` and `.z`: how far the target is from the source along each axis, with its sign."""

    x, y, z = Coordinate(0), Coordinate(1), Coordinate(2)

    def __repr__(self) -> str:
        return "displacement"


distance = Distance()
displacement = Displacement()
