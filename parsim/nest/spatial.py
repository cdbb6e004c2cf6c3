"""Positions of nodes, and Parameters that hang on them: `nest.spatial.grid([20, 20])`, `nest.spatial.distance`."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, final

import numpy as np

from parsim.arrays import Floats
from parsim.given.apart import Coordinate, Distance, EndPosition
from parsim.given.expressions import applied
from parsim.given.layouts import AXES, DIMENSIONS
from parsim.given.value import AbstractValue
from parsim.nest import errors
from parsim.nest.layers import Layer, NodePosition, free_layer, grid_layer
from parsim.nest.parameters import Parameter


class AbstractPositions(ABC):
    """What `Create` takes as positions."""

    @abstractmethod
    def layer(self, n: int) -> tuple[Layer, int]:
        """The layer that it comes to, and how many nodes are in it."""


@final
class grid(AbstractPositions):
    """Nodes in the middle of boxes of equal size, from the upper left, column by column.

    Parameters
    ----------
    shape : two or three whole numbers
    center, extent : numbers, one a dimension
        0 and 1 by default.
    edge_wrap : bool
        Does space go on at the other side?
    """

    def __init__(self, shape: Any, center: Any = None, extent: Any = None, edge_wrap: bool = False) -> None:
        # As in NEST it is Create that finds what is wrong with them.
        self._shape, self._center, self._extent, self._wrap = shape, center, extent, edge_wrap

    def layer(self, n: int) -> tuple[Layer, int]:
        if n > 1:
            raise ValueError(f"n is {n}, and a grid says itself how many nodes it has; leave n out.")
        for name, given in (("center", self._center), ("extent", self._extent)):
            if given is not None and np.shape(given) != np.shape(self._shape):
                raise errors.BadProperty(f"{name} is {given!r:.60}; one number a dimension is needed.")
        center = 0.0 if self._center is None else self._center
        made = grid_layer(self._shape, center, self._extent, _flag(self._wrap))
        assert made.shape is not None
        return made, int(np.prod(made.shape))


@final
class free(AbstractPositions):
    """Nodes at points that are given, or that Parameters draw.

    Parameters
    ----------
    pos : list of points, a Parameter, or one for each dimension
    extent : numbers, one a dimension
        The next whole numbers by default.
    edge_wrap : bool
        Does space go on at the other side?
    num_dimensions : int
        2 or 3, for one Parameter.
    """

    def __init__(
        self, pos: Any, extent: Any = None, edge_wrap: bool = False, num_dimensions: int | None = None
    ) -> None:
        if extent is not None and num_dimensions is not None:
            raise TypeError("extent says how many dimensions there are; leave num_dimensions out.")
        self._drawn: list[Any] | None = None
        if isinstance(pos, Parameter):
            n = len(extent) if extent is not None else num_dimensions
            if n is None:
                raise TypeError(
                    "one Parameter does not say how many dimensions there are; give num_dimensions."
                )
            if n not in DIMENSIONS:
                raise ValueError(f"num_dimensions is {n!r:.60}; 2 or 3 is needed.")
            self._drawn = [pos] * n
        elif not isinstance(pos, (list, tuple, np.ndarray)):
            raise TypeError(f"pos is {pos!r:.60}; a list of points or Parameters is needed.")
        elif num_dimensions is not None:
            raise TypeError("the points say how many dimensions there are; leave num_dimensions out.")
        elif any(isinstance(one, Parameter) for one in pos):
            if len(pos) not in DIMENSIONS or not all(isinstance(one, Parameter) for one in pos):
                raise errors.BadProperty(
                    "pos has other than a Parameter for each of two or three dimensions."
                )
            self._drawn = list(pos)
        else:
            self._points = pos
        self._extent, self._wrap = extent, edge_wrap

    def layer(self, n: int) -> tuple[Layer, int]:
        if self._drawn is None:
            points = _as_points(self._points)
        else:
            points = np.stack([p.draw(n) for p in self._drawn], axis=1)
        return free_layer(points, self._extent, _flag(self._wrap)), len(points)


def _flag(given: Any) -> bool:
    if not isinstance(given, (bool, np.bool)):
        raise errors.TypeMismatch(f"edge_wrap is {given!r:.60}; True or False is needed.")
    return bool(given)


def _as_points(pos: Any) -> Floats:
    try:
        found = np.array(pos, np.float64)
    except (TypeError, ValueError):
        raise errors.BadProperty("pos has points of other than two or three numbers each.") from None
    if found.size == 0 or found.ndim != 2:
        raise errors.BadProperty(f"pos has the shape {found.shape}; two or three numbers a node are needed.")
    return found


class Axes:
    """`.x`, `.y`, `.z`, or `.n(d)` with d from `first`."""

    def __init__(self, made: Callable[[int], AbstractValue], first: int) -> None:
        self._made, self._first = made, first

    x = property(lambda self: Parameter(self._made(0)))
    y = property(lambda self: Parameter(self._made(1)))
    z = property(lambda self: Parameter(self._made(2)))

    def n(self, dimension: int) -> Parameter:
        """By number."""
        axis = dimension - self._first
        if axis not in range(len(AXES)):
            raise errors.BadParameterValue(
                f"dimension is {dimension!r:.60}; {self._first} to {self._first + 2} are there."
            )
        return Parameter(self._made(axis))


class DistanceParameter(Parameter):
    """How far target and source are from each other; `.x` and the like along one dimension, without its sign."""

    __slots__ = ()
    _axes = Axes(lambda axis: applied("absolute", Coordinate(axis)), 1)
    x = property(lambda self: self._axes.x)
    y = property(lambda self: self._axes.y)
    z = property(lambda self: self._axes.z)

    def n(self, dimension: int) -> Parameter:
        """Along one dimension, counted from 1."""
        return self._axes.n(dimension)


distance = DistanceParameter(Distance())
pos = Axes(NodePosition, 0)
source_pos, target_pos = (Axes(partial(EndPosition, is_source), 0) for is_source in (True, False))
