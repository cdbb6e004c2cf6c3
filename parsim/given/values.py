"""What a parameter is at a gid: one number, an array, a distribution, a function of the gid, or calculated of these."""

import copy
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from parsim.arrays import Floats, Gids, shown
from parsim.errors import DescriptionError, ParsimError
from parsim.given.numbers import as_numbers, as_one, cast, mapped
from parsim.given.operations import ANYTHING, NEGATED, WHOLE, Limits
from parsim.given.value import AbstractValue
from parsim.given.where import Where


@final
@dataclass(frozen=True)
class Constant(AbstractValue):
    """One number, or text and the like until its unit is known."""

    value: Any

    def at(self, where: Where) -> Floats:
        return np.full(where.gids.size, float(self.value))

    def write(self, writing: Any) -> None:
        writing.number(float(self.value))

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return Constant(as_one(self.value, unit, what))

    def describe(self) -> str:
        return str(self.value)

    @property
    def constant_or_none(self) -> float | None:
        return float(self.value)

    @property
    def limits(self) -> Limits:
        return ANYTHING if self.says_unit else (float(self.value), float(self.value))

    @property
    def says_unit(self) -> bool:
        return not isinstance(self.value, (int, float, np.number))

    @property
    def binds(self) -> int:
        return NEGATED if self.describe().startswith("-") else WHOLE


@final
@dataclass(frozen=True, eq=False)
class Array(AbstractValue):
    """A number for each place, plain numbers of the unit that is needed."""

    values: Floats

    def at(self, where: Where) -> Floats:
        return self.values.take(where.places)

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return Array(as_numbers(self.values, unit, what))

    def describe(self) -> str:
        return f"array of {len(self.values)}"

    @property
    def limits(self) -> Limits:
        return float(np.min(self.values, initial=np.inf)), float(np.max(self.values, initial=-np.inf))


AGAIN = 64  # values that a function is asked for a second time


@final
@dataclass(frozen=True)
class Function(AbstractValue):
    """`f(gids)` gives an array of numbers (in `unit`, or with units of its own), or one for all.

    Of connections, `f(source_gids, target_gids)`. It is asked on each rank for the gids of that rank, so what it gives
    for a gid may depend on nothing else. It is asked for some of them again, to see that.
    """

    f: Callable[..., Any]
    unit: str = ""
    what: str = "value"

    def at(self, where: Where) -> Floats:
        n = where.gids.size
        if n == 0:
            return np.empty(0)
        if where.ends is None:
            return self.called(n, "gids", where.gids)
        return self.called(n, "connections", where.ends.sources(), where.ends.targets())

    def called(self, n: int, of: str, *arguments: Gids, check: bool = True) -> Floats:
        """What it gives for `n` of something; whatever it raises becomes one error that names it."""
        what = f"what the function for {self.what} returns"
        try:
            given = self.f(*(a.copy() for a in arguments))  # it may write into what it is given
        except ParsimError:
            raise
        except Exception as error:
            raise DescriptionError(
                f"the {self.describe()} for {self.what} raised {type(error).__name__}: {error}"
            ) from error
        found = as_numbers(given, self.unit, what)
        if found.size != 1 and found.shape != (n,):
            raise DescriptionError(
                f"{what} has shape {found.shape} for {n} {of}; return one number or {n} numbers."
            )
        values = np.array(np.broadcast_to(found.reshape(-1), n))
        if check:
            self._check_again(values, of, arguments)
        return values

    def _check_again(self, values: Floats, of: str, arguments: tuple[Gids, ...]) -> None:
        """An error when it gives other numbers for some of the gids, asked again, the other way round."""
        some = np.linspace(values.size - 1, 0, min((values.size + 1) // 2, AGAIN)).astype(np.int64)
        again = self.called(some.size, of, *(gids[some] for gids in arguments), check=False)
        scale = np.max(np.abs(values), initial=0.0, where=np.isfinite(values))
        apart = ~np.isclose(values[some], again, rtol=1e-9, atol=1e-12 * scale)
        if apart.any():
            at = int(np.argmax(apart))
            gids = " to ".join(str(int(one[some[at]])) for one in arguments)
            raise DescriptionError(
                f"the {self.describe()} for {self.what} gives {values[some[at]]:g} for gid {gids}, and {again[at]:g} "
                "when asked again: what it gives may depend on gids alone, for each rank asks it for its own. Draw "
                "random numbers by ps.Normal and the like; look for what depends on how many gids it is asked for."
            )

    def in_unit(self, unit: str, what: str) -> AbstractValue:
        return Function(self.f, unit, what)

    def describe(self) -> str:
        return f"function {getattr(self.f, '__name__', type(self.f).__name__)}"


def as_value(
    raw: Any, unit: str, what: str, size: int | None, takes: tuple[str, ...] = ("gids",)
) -> AbstractValue:
    """What a user gave as a value in `unit`; lists must have `size` elements unless it is None.

    `takes` names what functions are called with.
    """
    value = converted(raw, unit, what, takes)
    for array in (leaf for leaf in leaves(value) if isinstance(leaf, Array)):
        if array.values.ndim != 1:
            raise DescriptionError(
                f"{what} is an array of shape {array.values.shape}; one number or a list of them is needed."
            )
        if size is not None and array.values.size != size:
            raise DescriptionError(
                f"{what} has {array.values.size} values; {size} are needed, or one number for all."
            )
    return value


def converted(raw: Any, unit: str, what: str, takes: tuple[str, ...]) -> AbstractValue:
    """The same, with arrays of any shape."""
    if isinstance(raw, type):
        raise DescriptionError(f"{what} is the class {raw.__name__}; call it with its arguments.")
    if raw is None or isinstance(raw, dict):
        raise DescriptionError(
            f"{what} is {shown(raw)}; a number, a list, a distribution or a function of the gids is needed."
        )
    if not isinstance(raw, AbstractValue):
        if not callable(raw):
            return of_numbers(as_numbers(raw, unit, what))
        raw = Function(raw)
    for function in (leaf for leaf in leaves(raw) if isinstance(leaf, Function)):
        _check_takes(function.f, what, takes)
    return raw.in_unit(unit, what)


def leaves(value: AbstractValue) -> Iterator[AbstractValue]:
    """What it is made of, and is made of nothing itself."""
    if not value.parts:
        yield value
    for part in value.parts:
        yield from leaves(part)


def functions_of(value: Any) -> list[Function]:
    """The users' functions in it."""
    return (
        [leaf for leaf in leaves(value) if isinstance(leaf, Function)]
        if isinstance(value, AbstractValue)
        else []
    )


def arrays_in(value: AbstractValue) -> bool:
    """Is there any in it?"""
    return any(isinstance(leaf, Array) for leaf in leaves(value))


def with_leaves(value: AbstractValue, replace: Callable[[AbstractValue], AbstractValue]) -> AbstractValue:
    """The same, of other leaves."""
    if not value.parts:
        return replace(value)
    return value.with_parts(tuple(with_leaves(part, replace) for part in value.parts))


def numbers_at(value: AbstractValue, where: Where) -> Floats:
    """What it gives at `where`; an error where that is no number, such as a logarithm of less than 0."""
    found = value.at(where)
    if value.parts and (none := np.isnan(found)).any():
        raise DescriptionError(
            f"{value.describe()} is no number for {where.name(int(np.argmax(none)))}. Calculate it of what has a root, "
            "a logarithm or a quotient."
        )
    return found


def held(raw: Any, what: str) -> Any:
    """What a user gave and goes on to own, for later, when its unit is known: a copy where it could be changed."""
    if type(raw) is np.ndarray and raw.dtype.kind in "iuf" and raw.ndim:
        return Array(cast(raw, what))
    if (as_it_is := mapped(raw, np.float64)) is not None and as_it_is.ndim:
        return Array(as_it_is)
    if isinstance(raw, (AbstractValue, str, int, float)) or callable(raw):
        return raw
    try:
        return copy.deepcopy(raw)
    except Exception as error:
        raise DescriptionError(f"{what} is {shown(raw)}, which cannot be kept: {error}.") from None


def of_numbers(numbers: Floats) -> Constant | Array:
    """One number, or a number for each position."""
    return Array(numbers) if numbers.ndim else Constant(float(numbers))


def as_number(raw: Any, unit: str, what: str) -> float:
    """One number in `unit`."""
    if raw is None or isinstance(raw, (bool, type, AbstractValue)) or callable(raw):
        raise DescriptionError(f"{what} is {shown(raw)}; one number in {unit} is needed.")
    return as_one(raw, unit, what)


def known_numbers(value: Any) -> Floats | None:
    """The numbers of a value that is known before anything is drawn: [1] for a constant, [n] for an array."""
    if isinstance(value, Constant):
        return np.full(1, float(value.value))
    return value.values if isinstance(value, Array) else None


def _check_takes(f: Callable[..., Any], what: str, takes: tuple[str, ...]) -> None:
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        return  # some compiled functions tell nothing about themselves
    try:
        signature.bind(*takes)
    except TypeError as error:
        raise DescriptionError(
            f"the function for {what} cannot be called as f({', '.join(takes)}): {error}."
        ) from None
