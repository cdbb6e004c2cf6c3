"""Where cells stand: on a grid, at points that are given, or at points that are drawn."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from parsim.arrays import Floats, shown
from parsim.errors import DescriptionError
from parsim.given.numbers import as_ints, as_numbers
from parsim.given.plain import as_flag
from parsim.given.value import AbstractValue
from parsim.given.values import as_value
from parsim.given.where import Where

AXES = ("x", "y", "z")
DIMENSIONS = (2, 3)


@dataclass(frozen=True, eq=False)
class AbstractLayout(ABC):
    """Points in two or three dimensions. With `wrap` space goes on at the other side, `extent` from this one."""

    extent: Floats | None  # [dimension]; None where nothing is said
    center: Floats
    wrap: bool

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return self.center.size

    @property
    def size(self) -> int | None:
        """How many points there are, where that is said."""
        return None

    @abstractmethod
    def at(self, where: Where) -> Floats:
        """The points of members, [dimension, n]; their places are `where.places`."""

    @abstractmethod
    def describe(self) -> str:
        """A short text for files."""

    @property
    def period(self) -> Floats:
        """After which space goes on at the other side, [dimension]; infinite where it does not."""
        if self.wrap and self.extent is not None:
            return self.extent
        return np.full(self.dimensions, np.inf)


@final
@dataclass(frozen=True, eq=False)
class Grid(AbstractLayout):
    """Points in the middle of boxes of equal size."""

    shape: Any

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    def at(self, where: Where) -> Floats:
        # The last index runs fastest; y falls, for the first point is at the upper left.
        indices = np.array(np.unravel_index(where.places, tuple(self.shape)), dtype=np.float64)
        n = np.asarray(self.shape, np.float64)[:, None]
        part = (
            2.0 * indices + 1.0 - n
        )  # in halves of a box from the middle: whole numbers, so that nothing is rounded
        part[1] = -part[1]
        assert self.extent is not None
        return self.center[:, None] + part * self.extent[:, None] / (2.0 * n)

    def describe(self) -> str:
        return f"grid of {' x '.join(map(str, self.shape))}"


@final
@dataclass(frozen=True, eq=False)
class Points(AbstractLayout):
    """Points that are given, [n, dimension]."""

    points: Floats

    @property
    def size(self) -> int:
        return int(self.points.shape[0])

    def at(self, where: Where) -> Floats:
        return np.ascontiguousarray(self.points[where.places].T)

    def describe(self) -> str:
        return f"{self.size} points"


@final
@dataclass(frozen=True, eq=False)
class Drawn(AbstractLayout):
    """Points of which each coordinate is a value, such as a distribution."""

    coordinates: tuple[AbstractValue, ...]

    def at(self, where: Where) -> Floats:
        lanes = range(where.lane, where.lane + self.dimensions)
        return np.array(
            [c.at(where._replace(lane=lane)) for c, lane in zip(self.coordinates, lanes, strict=True)]
        )

    def describe(self) -> str:
        return f"points at ({', '.join(c.describe() for c in self.coordinates)})"


def grid(shape: Any, *, extent: Any = None, center: Any = None, wrap: bool = False) -> AbstractLayout:
    """Points of a regular grid, for `create(..., positions=ps.grid([20, 20]))`.

    Parameters
    ----------
    shape : two or three whole numbers
        How many along x, y (and z). Cells are numbered from the upper left: down the first column, then the next to
        the right; in three dimensions z runs fastest.
    extent, center : numbers, one a dimension
        From side to side, 1 by default, about 0 by default. Points are in the middle of their boxes, none at a side.
    wrap : bool
        Does space go on at the other side?

    Raises
    ------
    DescriptionError
        A shape that is none; numbers that do not fit it.
    """
    counts = as_ints(shape, "shape of a grid")
    if counts.ndim != 1 or counts.size not in DIMENSIONS or (counts < 1).any():
        raise DescriptionError(
            f"shape of a grid is {shown(shape)}; two or three whole numbers from 1 are needed."
        )
    sides = _sides(1.0 if extent is None else extent, counts.size)
    return Grid(
        sides,
        _numbers(0.0 if center is None else center, counts.size, "center"),
        as_flag(wrap, "wrap"),
        tuple(counts.tolist()),
    )


def free(points: Any, *, extent: Any = None, center: Any = None, wrap: bool = False) -> AbstractLayout:
    """Points that are given or drawn, for `create(..., positions=ps.free([ps.Uniform(0, 1), ps.Uniform(0, 1)]))`.

    Parameters
    ----------
    points : array [n, 2] or [n, 3], or two or three values
        The points, or for each dimension a distribution or an expression of which every cell draws its coordinate.
    extent, center : numbers, one a dimension
        Of the space, from side to side, about 0 by default; needed where it wraps.
    wrap : bool
        Does space go on at the other side?

    Raises
    ------
    DescriptionError
        Points that are none, or lie outside of the space.
    """
    drawn = isinstance(points, (list, tuple)) and any(isinstance(one, AbstractValue) for one in points)
    given = None if drawn else as_numbers(points, "", "points")
    if given is not None and (given.ndim != 2 or given.shape[1] not in DIMENSIONS):
        raise DescriptionError(
            f"points have shape {given.shape}; [n, 2] or [n, 3] is needed, or a value for each dimension."
        )
    n = len(points) if given is None else given.shape[1]
    if n not in DIMENSIONS:
        raise DescriptionError(f"points have {n} coordinates; two or three are needed.")
    wrap, sides = as_flag(wrap, "wrap"), None if extent is None else _sides(extent, n)
    if wrap and sides is None:
        raise DescriptionError("wrap is True, but nothing says after how much space goes on. Give extent.")
    middle = _numbers(0.0 if center is None else center, n, "center")
    if given is None:
        values = tuple(
            as_value(one, "", f"{axis} of points", 0) for one, axis in zip(points, AXES, strict=False)
        )
        return Drawn(sides, middle, wrap, values)
    if sides is not None and (outside := (np.abs(given - middle) > sides / 2.0).any(axis=1)).any():
        at = int(np.argmax(outside))
        raise DescriptionError(
            f"point {at} is at {given[at].tolist()}, outside of the extent {sides.tolist()} about {middle.tolist()}."
        )
    return Points(sides, middle, wrap, given)


def as_layout(raw: Any) -> AbstractLayout | None:
    """What a user gave as positions, or none."""
    if raw is None or isinstance(raw, AbstractLayout):
        return raw
    raise DescriptionError(f"positions is {shown(raw)}; give ps.grid([20, 20]), ps.free(points) or the like.")


def _numbers(raw: Any, n: int, what: str) -> Floats:
    found = as_numbers(raw, "", what)
    if found.shape not in ((), (n,)) or not np.isfinite(found).all():
        raise DescriptionError(f"{what} is {shown(raw)}; {n} finite numbers are needed, one a dimension.")
    return np.array(np.broadcast_to(found, n))


def _sides(extent: Any, n: int) -> Floats:
    found = _numbers(extent, n, "extent")
    if (found <= 0.0).any():
        raise DescriptionError(f"extent is {shown(extent)}; numbers greater than 0 are needed.")
    return found
