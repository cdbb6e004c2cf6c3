"""Values of where the two ends of a connection are: how far from each other, and where each."""

from collections.abc import Callable
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
        return self.points(None if where.ends is None else where.ends.apart)

    def points(self, found: Callable[[], Floats] | None) -> Floats:
        """These, [dimension, n]; an error where there are none, or they have too few dimensions."""
        if found is None:
            raise DescriptionError(
                f"{self.describe()} is of connections between cells that have positions; say where these are: "
                "create(..., positions=ps.grid([20, 20]))."
            )
        points = found()
        if len(points) < self.least_dimensions:
            raise DescriptionError(
                f"{self.describe()} is asked of cells whose positions have two dimensions."
            )
        return points

    @property
    def program(self) -> Compiled | None:
        return compiled(self)

    def at(self, where: Where) -> Floats:
        return compiled(self).at(where)


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

    def write(self, writing: Any) -> None:
        writing.apart(self, "coordinate", self.axis)

    def describe(self) -> str:
        return f"displacement.{AXES[self.axis]}"


class Displacement:
    """`ps.displacement.x`, `.y` and `.z`: how far the target is from the source along each axis, with its sign."""

    x, y, z = Coordinate(0), Coordinate(1), Coordinate(2)

    def __repr__(self) -> str:
        return "displacement"


@final
@dataclass(frozen=True, repr=False)
class EndPosition(AbstractApart):
    """One coordinate of where the source or the target of a connection is: known before a program runs."""

    is_source: bool
    axis: int

    @property
    def least_dimensions(self) -> int:
        return self.axis + 1

    @property
    def program(self) -> None:
        return None

    def write(self, writing: Any) -> None:
        writing.column(self)

    def at(self, where: Where) -> Floats:
        ends = where.ends
        found = None if ends is None else ends.at_source if self.is_source else ends.at_target
        return self.points(found)[self.axis]

    def describe(self) -> str:
        return f"{'source' if self.is_source else 'target'}_position.{AXES[self.axis]}"


class EndPositions:
    """`ps.source_position.x`, `.y` and `.z`, and those of `ps.target_position`: where an end of a connection is."""

    def __init__(self, is_source: bool) -> None:
        self.x, self.y, self.z = (EndPosition(is_source, axis) for axis in range(len(AXES)))

    def __repr__(self) -> str:
        return self.x.describe()[:-2]


distance = Distance()
displacement = Displacement()
source_position, target_position = EndPositions(True), EndPositions(False)
