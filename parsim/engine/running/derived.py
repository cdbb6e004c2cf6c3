"""How what kernels are given follows from a parameter, where that is a little arithmetic: found once, by trying.

`prepare` of a model is called with something in the parameter's place that notes what is done to it. Where that is
arithmetic with columns that are handed on as they are, a loop that sets the parameter does this arithmetic alone.
"""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from parsim.arrays import Ints
from parsim.clock import Clock

Places = slice | Ints


class Noted:
    """In place of a parameter: what arithmetic makes of it is noted; whoever does anything else gets a TypeError."""

    __array_ufunc__ = None  # arrays leave arithmetic with it to it
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, how: Any = None, *of: Any) -> None:
        self.how, self.of = how, of

    def _refuse(self, *_: Any) -> Any:
        raise TypeError

    __bool__ = __eq__ = __ne__ = __array__ = __float__ = __int__ = __index__ = _refuse  # type: ignore[assignment]
    __lt__ = __le__ = __gt__ = __ge__ = __len__ = __iter__ = __getitem__ = _refuse

    def __add__(self, other: Any) -> "Noted":
        return Noted(np.add, self, other)

    def __radd__(self, other: Any) -> "Noted":
        return Noted(np.add, other, self)

    def __sub__(self, other: Any) -> "Noted":
        return Noted(np.subtract, self, other)

    def __rsub__(self, other: Any) -> "Noted":
        return Noted(np.subtract, other, self)

    def __mul__(self, other: Any) -> "Noted":
        return Noted(np.multiply, self, other)

    def __rmul__(self, other: Any) -> "Noted":
        return Noted(np.multiply, other, self)

    def __truediv__(self, other: Any) -> "Noted":
        return Noted(np.true_divide, self, other)

    def __rtruediv__(self, other: Any) -> "Noted":
        return Noted(np.true_divide, other, self)

    def __neg__(self) -> "Noted":
        return Noted(np.negative, self)


class Recipe(NamedTuple):
    """Fields that follow from a parameter, each by a function of (what kernels are given, places, numbers)."""

    writes: dict[str, Callable[[Any, Places, Any], Any]]
    reads: frozenset[str]  # fields


class _Tried(NamedTuple):
    """`params` is what kernels were given then: where that is another bundle, it is to be tried anew."""

    params: Any
    recipes: dict[str, Recipe | None]


_TRIED: WeakKeyDictionary[Any, _Tried] = WeakKeyDictionary()


def recipes(group: Any, names: Mapping[str, Any], clock: Clock) -> list[Recipe] | None:
    """How to derive what follows from several parameters; None where all is to be derived."""
    tried = _TRIED.get(group)
    if tried is None or tried.params is not group.params:
        tried = _TRIED[group] = _Tried(group.params, {})
    known = tried.recipes
    found = []
    for name in names:
        if name not in known:
            known[name] = _recipe(group, name, clock)
        if (one := known[name]) is None:
            return None
        found.append(one)
    if len(found) == 1:
        return None if found[0].reads & found[0].writes.keys() else found
    written = [field for one in found for field in one.writes]
    apart = len(set(written)) == len(written) and not any(one.reads & set(written) for one in found)
    return found if apart else None


def forget(group: Any) -> None:
    """Other parameters have changed, by which a model may decide how it derives: what was found is tried anew."""
    if (tried := _TRIED.get(group)) is not None:
        for name in [name for name, one in tried.recipes.items() if one is not None]:
            del tried.recipes[name]


def _recipe(group: Any, name: str, clock: Clock) -> Recipe | None:
    probe, values = Noted(), SimpleNamespace(**vars(group.values))
    setattr(values, name, probe)
    try:
        derived = group.derived(values, clock)
        fields = {field: getattr(derived, field) for field in derived._fields}
        is_plain = all(isinstance(one, Noted) or _is_of_numbers(one) for one in fields.values())
    except Exception:  # something else is done with it
        return None
    if not is_plain:
        return None
    writes: dict[str, Any] = {}
    reads: set[str] = set()
    plain = {field: one for field, one in fields.items() if isinstance(one, np.ndarray)}
    for field, made in fields.items():
        if isinstance(made, Noted):
            held = getattr(group.params, field)
            writes[field] = _function(made, plain, reads)
            if writes[field] is None or not _is_by_cell(held, group):
                return None
    if not all(_is_by_cell(getattr(group.params, field), group) for field in reads):
        return None
    return Recipe(writes, frozenset(reads))


def _is_by_cell(held: Any, group: Any) -> bool:
    return isinstance(held, np.ndarray) and held.dtype == np.float64 and held.shape == (group.gids.size,)


def _function(
    made: Any, fields: Mapping[str, Any], reads: set[str]
) -> Callable[[Any, Places, Any], Any] | None:
    """What was noted, to be done again; None where it is done with what the kernels are not given."""
    if isinstance(made, Noted):
        if made.how is None:
            return lambda held, where, numbers: numbers
        how, parts = made.how, [_function(one, fields, reads) for one in made.of]
        if None in parts:
            return None
        return lambda held, where, numbers: how(*(part(held, where, numbers) for part in parts))  # type: ignore[misc]
    if isinstance(made, (int, float)):
        return lambda held, where, numbers: made
    for field, column in fields.items():
        if column is made:
            reads.add(field)
            return lambda held, where, numbers: getattr(held, field)[where]
    return None


def _is_of_numbers(bundle: Any) -> bool:
    if isinstance(bundle, tuple):
        return all(map(_is_of_numbers, bundle))
    return np.asarray(bundle).dtype.kind in "fiub"
