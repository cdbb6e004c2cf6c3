"""Numbers that are drawn anew for every node and connection: `nest.random` and arithmetic with it."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.arrays import Floats
from parsim.errors import DescriptionError
from parsim.given.expressions import applied
from parsim.given.value import AbstractValue
from parsim.given.values import Constant, leaves
from parsim.given.where import Ends, Where
from parsim.nest import errors
from parsim.nest.kernel import kernel
from parsim.nest.layers import NodePosition, layer_of, points_of, way
from parsim.network.space import are_spatial
from parsim.streams import FACE_SERIALS


class Parameter:
    """A number that is not drawn yet; with numbers and others of its kind it can be calculated.

    `value` is the same as a value of the network.
    """

    __slots__ = ("value",)

    def __init__(self, value: AbstractValue) -> None:
        self.value = value

    def draw(self, n: int, ids: Any = None) -> Floats:
        """n numbers, other ones each time; `ids` are those of nodes that they are for."""
        return drawn(self.value, n, ids)

    def GetValue(self) -> float:
        """One number."""
        return float(self.draw(1)[0])

    def apply(self, nodes: Any, positions: Any = None) -> tuple[float, ...]:
        """A number for each node."""
        if positions is not None:
            return tuple(_from_node(self.value, nodes, positions).tolist())
        return tuple(self.draw(len(nodes), nodes.ids).tolist())

    def is_spatial(self) -> bool:
        """Does it hang on positions?"""
        return are_spatial(self.value) or hangs_on_nodes(self.value)

    def __add__(self, other: Any) -> "Parameter":
        return _of("add", self, other)

    def __radd__(self, other: Any) -> "Parameter":
        return _of("add", other, self)

    def __sub__(self, other: Any) -> "Parameter":
        return _of("subtract", self, other)

    def __rsub__(self, other: Any) -> "Parameter":
        return _of("subtract", other, self)

    def __mul__(self, other: Any) -> "Parameter":
        return _of("multiply", self, other)

    def __rmul__(self, other: Any) -> "Parameter":
        return _of("multiply", other, self)

    def __truediv__(self, other: Any) -> "Parameter":
        return _of("divide", self, other)

    def __rtruediv__(self, other: Any) -> "Parameter":
        return _of("divide", other, self)

    def __pow__(self, other: Any) -> "Parameter":
        if isinstance(other, Parameter):
            raise TypeError("the exponent of a Parameter is a number.")
        return _of("power", self, other)

    def __neg__(self) -> "Parameter":
        return _of("negative", self)

    def __pos__(self) -> "Parameter":
        return self

    def __lt__(self, other: Any) -> "Parameter":
        return _of("less", self, other)

    def __le__(self, other: Any) -> "Parameter":
        return _of("less_equal", self, other)

    def __gt__(self, other: Any) -> "Parameter":
        return _of("greater", self, other)

    def __ge__(self, other: Any) -> "Parameter":
        return _of("greater_equal", self, other)

    def __eq__(self, other: Any) -> "Parameter":  # type: ignore[override]
        return _of("equal", self, other)

    def __ne__(self, other: Any) -> "Parameter":  # type: ignore[override]
        return 1.0 - (self == other)

    __hash__ = None  # type: ignore[assignment]
    __array_ufunc__ = None

    def __bool__(self) -> bool:
        raise TypeError("a Parameter is neither true nor false; its numbers are still to be drawn.")

    def __repr__(self) -> str:
        return f"<Parameter {self.value.describe()}>"


def hangs_on_nodes(value: Any) -> bool:
    """Does a value hang on where nodes are?"""
    return isinstance(value, AbstractValue) and any(isinstance(leaf, NodePosition) for leaf in leaves(value))


def drawn(value: AbstractValue, n: int, ids: Any = None, ends: Ends | None = None) -> Floats:
    """n numbers of a value, other ones each time; `ids` are those of nodes, `ends` those of connections."""
    if ids is None and hangs_on_nodes(value):
        raise errors.KernelException(f"{value.describe()} is of nodes; give it as a parameter of nodes.")
    serial = FACE_SERIALS + kernel.draws
    kernel.draws += 1
    each = np.arange(n)
    try:
        places = each if ids is None else np.asarray(ids)
        found = value.at(
            Where(kernel.settings["rng_seed"], serial, each, np.zeros(n, np.int64), 0, places, ends)
        )
    except DescriptionError as error:
        raise errors.as_kind(errors.KernelException, error) from None
    return np.array(np.broadcast_to(found, n))


def _from_node(value: AbstractValue, node: Any, positions: Any) -> Floats:
    """For connections from a node to others at these positions."""
    if len(node) != 1:
        raise ValueError(f"there are {len(node)} nodes; positions are seen from one.")
    if any(np.ndim(one) == 0 for one in positions):
        raise TypeError(
            f"positions are {positions!r:.60}; a list of points is needed, each a list of numbers."
        )
    layer, start, end = layer_of(node.ids), points_of(node.ids), np.asarray(positions, np.float64)
    if layer is None or end.ndim != 2 or end.shape[1] != start.shape[1]:
        raise errors.BadProperty(f"positions have the shape {end.shape}; [n, {start.shape[1]}] is needed.")
    apart = np.ascontiguousarray(way(start, end, layer).T)
    nobody = np.zeros(len(end), np.int64)
    here = np.broadcast_to(start.T, apart.shape)
    ends = Ends(lambda: nobody, lambda: nobody, lambda: apart, lambda: here, lambda: end.T)
    return drawn(value, len(end), None, ends)


def as_value(given: Any) -> AbstractValue:
    """A Parameter or a number as a value."""
    if isinstance(given, Parameter):
        return given.value
    if isinstance(given, (int, float)):  # numpy's floats are floats, and NEST takes no other numbers of numpy
        return Constant(float(given))
    raise NotImplementedError(f"{given!r:.60} cannot stand beside a Parameter; give a number or a Parameter.")


def _of(operation: str, *operands: Any) -> Parameter:
    return made(lambda: applied(operation, *(as_value(operand) for operand in operands)))


def made(make: Any, error: type[errors.KernelException] = errors.BadProperty) -> Parameter:
    """A Parameter of what is made, or NEST's error."""
    try:
        value: AbstractValue = make().in_unit("", "a Parameter")
    except DescriptionError as wrong:
        raise errors.as_kind(error, wrong) from None
    return Parameter(value)


def CreateParameter(kind: str, specs: dict[str, Any]) -> Parameter:
    """A Parameter by the name of its kind: "constant", "uniform", "normal" and the like."""
    from parsim.nest import random, spatial_distributions

    if kind == "constant":
        return made(lambda: Constant(float(specs["value"])))
    known = ("uniform", "uniform_int", "normal", "lognormal", "exponential")
    if kind == "distance":
        return _made_by(kind, _distance, specs)
    if kind in known:
        return _made_by(kind, getattr(random, kind), specs)
    if kind in _SHAPES:
        return _made_by(kind, getattr(spatial_distributions, _SHAPES[kind]), specs)
    if kind == "position":
        raise errors.unsupported(f"CreateParameter('{kind}')", "Use nest.spatial.pos.")
    raise errors.UndefinedName(
        f"there is no Parameter {kind!r:.60}. There are: constant, distance, {', '.join((*known, *_SHAPES))}."
    )


def _distance(dimension: int = 0) -> Parameter:
    from parsim.nest import spatial

    return spatial.distance.n(dimension) if dimension else spatial.distance


def _made_by(kind: str, make: Callable[..., Parameter], specs: dict[str, Any]) -> Parameter:
    known = inspect.signature(make).parameters
    if unknown := [key for key in specs if key not in known]:
        raise errors.UnaccessedDictionaryEntry(
            f"{', '.join(map(str, unknown))} does not belong to {kind}. There are: {', '.join(known)}."
        )
    return make(**specs)


_SHAPES = {
    "exp_distribution": "exponential", "gaussian": "gaussian", "gaussian2d": "gaussian2D", "gamma": "gamma",
    "gabor": "gabor",
}  # fmt: skip
