"""One validator of values, whether they are said, drawn or set: bounds, contradictions, what is kept of them."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from parsim.clock import Clock
from parsim.errors import BuildError, DescriptionError, ParsimError
from parsim.given.trains import Trains, held_trains
from parsim.given.values import as_value, known_numbers
from parsim.models.params import Param, find_settable, read_value, unit_of

Check = Callable[[SimpleNamespace], str | None]


def reads(*names: str) -> Callable[[Check], Check]:
    """Declares which parameters a model's `check` reads: it is asked as soon as these are known, and given no others.

    One that declares none is asked when all parameters are known; where one is drawn, that is when cells are built.
    """

    def declared(check: Check) -> Check:
        check.reads = names  # type: ignore[attr-defined]
        return check

    return declared


def read_by_check(model: Any) -> tuple[str, ...]:
    """The parameters that a model's `check` is given."""
    names: tuple[str, ...] | None = getattr(model.check, "reads", None)
    return tuple(param.name for param in model.params) if names is None else names


def known_values(said: Mapping[str, Any]) -> dict[str, Any]:
    """Of values that were said, those that are known before anything is drawn: arrays [1] or [n], lists of trains."""
    known: dict[str, Any] = {}
    for name, value in said.items():
        if isinstance(value, Trains):
            known[name] = value.trains
        elif (numbers := known_numbers(value)) is not None:
            known[name] = numbers
    return known


def check_bounds(
    model: Any,
    columns: Mapping[str, Any],
    named: Callable[[str, int], str] | None = None,
    origin: Callable[[str], str] | None = None,
) -> None:
    """Values keep the bounds of what they are values of, or a DescriptionError.

    `named(name, at)` is what to call a member's value, `origin(name)` what to add of where it comes from.
    """
    for name, column in columns.items():
        declared = find_settable(model, name)
        if getattr(declared, "kind", "number") == "train":
            continue
        call = None if named is None else (lambda at, name=name: named(name, at))
        try:
            declared.check(column, model.name, call)  # type: ignore[arg-type]
        except DescriptionError as error:
            raise DescriptionError(f"{error}{'' if origin is None else origin(name)}") from None


def check_together(model: Any, columns: Mapping[str, Any]) -> None:
    """No contradiction among values; nothing is said as long as one is not known that `check` reads."""
    names = read_by_check(model)
    if not all(name in columns for name in names):
        return
    read = {name: columns[name] for name in names}
    n = max((np.size(column) for column in read.values() if not isinstance(column, list)), default=1)
    if n > 1:  # numbers that all members share beside those of each
        read = {k: c if isinstance(c, list) else np.broadcast_to(c, n) for k, c in read.items()}
    if complaint := called(f"check of {model.name}", lambda: model.check(SimpleNamespace(**read))):
        raise DescriptionError(f"{model.name}: {complaint}")


def settled(
    model: Any, columns: Mapping[str, Any], before: Any, clock: Clock | None, now: int, places: Any = None
) -> dict[str, Any]:
    """The parameters that are kept otherwise than said; see `CellModel.settle`."""
    if model.settle is None:
        return {}
    params = SimpleNamespace(**{param.name: columns[param.name] for param in model.params})
    try:
        found: dict[str, Any] = called(
            f"settle of {model.name}", lambda: model.settle(params, before, clock, now, places)
        )
    except DescriptionError as error:
        raise DescriptionError(f"{model.name}: {error}") from None
    return found


def check_defaults(model: Any) -> None:
    """The default values of a model do not contradict each other, as far as they are known.

    Lists of which each member takes its own are not known before it is known how many members there are.
    """
    for_all = [param for param in model.params if not is_for_each(param)]
    check_together(model, known_values({p.name: read_value(model, p.name, p.default, 1) for p in for_all}))


def is_for_each(param: Param) -> bool:
    """Is its default a list with an element for each of several members?"""
    what = f"default of {param.name}"
    if param.kind == "train":
        return isinstance(held_trains(param.default, param.unit, what), list)
    numbers = known_numbers(as_value(param.default, unit_of(param), what, None))
    return numbers is not None and numbers.size > 1


def called(what: str, act: Callable[[], Any], kind: type[ParsimError] = DescriptionError) -> Any:
    """What a function of a model gives; whatever it raises becomes one error that names it."""
    try:
        return act()
    except ParsimError:
        raise
    except Exception as error:
        raise kind(f"{what} raised {type(error).__name__}: {error}") from error


def as_built(act: Callable[[], Any]) -> Any:
    """What was said wrong, but could not be known before it was drawn, is an error of what is built."""
    try:
        return act()
    except DescriptionError as error:
        raise BuildError(str(error)) from error.__cause__
