"""Numbers that are drawn anew for every node and connection: `nest.random` and arithmetic with it."""

from typing import Any

import numpy as np

from parsim.arrays import Floats
from parsim.errors import DescriptionError
from parsim.given.expressions import applied
from parsim.given.value import AbstractValue
from parsim.given.values import Constant
from parsim.given.where import Where
from parsim.nest import errors
from parsim.nest.kernel import kernel
from parsim.streams import FACE_SERIALS


class Parameter:
    """A number that is not drawn yet; with numbers and others of its kind it can be calculated.

    `value` is the same as a value of the network.
    """

    __slots__ = ("value",)

    def __init__(self, value: AbstractValue) -> None:
        self.value = value

    def draw(self, n: int) -> Floats:
        """n numbers, other ones each time."""
        return drawn(self.value, n)

    def GetValue(self) -> float:
        """One number."""
        return float(self.draw(1)[0])

    def apply(self, nodes: Any, positions: Any = None) -> tuple[float, ...]:
        """A number for each node."""
        if positions is not None:
            raise errors.unsupported("positions of a Parameter", "Nodes have no positions here.")
        return tuple(self.draw(len(nodes)).tolist())

    def is_spatial(self) -> bool:
        """Does it hang on positions?"""
        return False

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
            raise NotImplementedError("the exponent of a Parameter is a number.")
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


def drawn(value: AbstractValue, n: int) -> Floats:
    """n numbers of a value, other ones each time."""
    serial = FACE_SERIALS + kernel.draws
    kernel.draws += 1
    each = np.arange(n)
    try:
        found = value.at(Where(kernel.settings["rng_seed"], serial, each, np.zeros(n, np.int64), 0, each))
    except DescriptionError as error:
        raise errors.as_kind(errors.KernelException, error) from None
    return np.array(np.broadcast_to(found, n))


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
    from parsim.nest import random

    if kind == "constant":
        return made(lambda: Constant(float(specs["value"])))
    known = ("uniform", "uniform_int", "normal", "lognormal", "exponential")
    if kind in known:
        found: Parameter = getattr(random, kind)(**specs)
        return found
    if kind in ("distance", "position", "exp_distribution", "gaussian", "gaussian2d", "gamma", "gabor"):
        raise errors.unsupported(f"CreateParameter('{kind}')", "Nodes have no positions here.")
    raise errors.UndefinedName(
        f"there is no Parameter {kind!r:.60}. There are: constant, {', '.join(known)}."
    )
