"""Numbers into and out of cells of one population, where one rank holds all: a loop does this between short runs.

It does what `state.change` and `state.get` do, to the last bit, for the commonest calls. Where it says that it has done
nothing, they are to be asked.
"""

from collections.abc import Iterable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.engine.running.derived import forget, recipes
from parsim.errors import DescriptionError
from parsim.models.checks import read_by_check
from parsim.models.params import Param, Variable, allows, find_settable
from parsim.network.population import Selection

Places = slice | Ints


def put(rank: Any, cells: Selection, values: dict[str, Any]) -> bool:
    """Set plain numbers of cells, or arrays of them [cell]; False where nothing was done."""
    if (group := _group(rank, cells)) is None:
        return False
    model, n = group.model, len(cells)
    settings = [_declared(model, name) for name in values]
    params = {}
    for (name, raw), one in zip(values.items(), settings, strict=True):
        if one is None or not _allows(one, raw, n):
            return False
        if isinstance(one, Param):
            params[name] = raw
    where = _places(group, cells)
    if params and not _put_parameters(group, where, params, rank.clock):
        return False
    for name, raw in values.items():
        if name not in params:
            group.put(name, where, raw)
    rank.sets += 1
    rank.built.relaxer.forget()
    return True


def taken(rank: Any, cells: Selection, name: str) -> Floats | None:
    """A parameter or state of cells; None where others are to be asked."""
    if (group := _group(rank, cells)) is None or type(name) is not str or name in group.model.reports:
        return None
    held = vars(group.values).get(name)
    if held is None:
        held = group.arrays().get(name)
    if not isinstance(held, np.ndarray) or held.dtype != np.float64:
        return None
    found: Floats = held[_places(group, cells)].copy()
    return found


_NUMBERS = {float, int, np.float64}


def _group(rank: Any, cells: Selection) -> Any:
    """The cells' group, if they are of one population and their states are those of the present step."""
    if len(cells.parts) != 1 or cells.place is not None or cells.kind != "cell":
        return None
    group = rank.built.groups.get(cells.parts[0].population.model)
    return group if group is not None and group.is_plain else None


def _places(group: Any, cells: Selection) -> Places:
    """Where they are in their group, which holds all cells of its model by ascending gids."""
    part = cells.parts[0]
    first = int(group.gids.searchsorted(part.population.first))
    if isinstance(one := part.where, range) and one.step > 0:
        return slice(first + one.start, first + one.stop, one.step)
    return first + part.places


@lru_cache(maxsize=1000)
def _declared(model: Any, name: str) -> Param | Variable | None:
    """None where more is to be looked at than bounds and the model's check."""
    try:
        found = find_settable(model, name)
        model.check_settable(name)
    except DescriptionError:
        return None
    return None if isinstance(found, Param) and model.settle is not None else found


def _allows(declared: Param | Variable, raw: Any, n: int) -> bool:
    """Is it a number, or one for each of `n` cells, within the bounds? What is wrong otherwise, others say."""
    if type(raw) in _NUMBERS:
        return allows(declared, raw)
    return (
        type(raw) is np.ndarray
        and raw.dtype == np.float64
        and raw.shape == (n,)
        and n > 0
        and allows(declared, raw.min())
        and allows(declared, raw.max())
    )


def _put_parameters(group: Any, where: Places, params: dict[str, Any], clock: Clock) -> bool:
    """Into what was said and what is derived of it, in the arrays that kernels know; False where nothing was done."""
    values = group.values
    if _contradict(group, where, params):
        return False
    if (known := recipes(group, params, clock)) is not None:
        made = [
            (getattr(group.params, field), derive(group.params, where, number))
            for one, number in zip(known, params.values(), strict=True)
            for field, derive in one.writes.items()
        ]
        for held, part in made:
            held[where] = part
    elif not _derive(group, where, params, clock):
        return False
    for name, number in params.items():
        getattr(values, name)[where] = number
    if group.history is not None:
        group.history.decay_by(values)
    return True


def _derive(group: Any, where: Places, params: dict[str, Any], clock: Clock) -> bool:
    """Write what is derived of new values, all of it anew for these cells; False where nothing was done."""
    try:
        derived = group.derived(_after(group, where, params, vars(group.values)), clock)
    except Exception:  # which is then raised by those who say what it was about
        return False
    writes: list[tuple[Any, Any]] = []
    if not _fitted(group.params, derived, group.gids.size, where, writes):
        return False
    for held, part in writes:
        held[..., where] = part
    forget(group)
    return True


def _after(group: Any, where: Places, params: dict[str, Any], names: Iterable[str]) -> SimpleNamespace:
    """Parameters of the cells as they would be, of those with these names."""
    held = vars(group.values)
    return SimpleNamespace(
        **{
            name: _filled(held[name][where], params[name]) if name in params else held[name][where]
            for name in names
        }
    )


def _filled(column: Any, raw: Any) -> Any:
    found = np.empty_like(column)
    found[:] = raw
    return found


def _contradict(group: Any, where: Places, params: dict[str, Any]) -> bool:
    """May the model's check have something against the new values?"""
    names = read_by_check(group.model)
    if params.keys().isdisjoint(names):
        return False
    try:
        return bool(group.model.check(_after(group, where, params, names)))
    except Exception:  # which is then raised by those who say what it was about
        return True


def _fitted(held: Any, new: Any, n: int, where: Places, writes: list[tuple[Any, Any]]) -> bool:
    """What is to be written where, of what was derived for some of `n` cells; False where it is not by cell."""
    if isinstance(held, tuple):
        return len(held) == len(new) and all(
            _fitted(a, b, n, where, writes) for a, b in zip(held, new, strict=True)
        )
    if not isinstance(held, np.ndarray):
        return type(held) is type(new) and bool(held == new)
    if held.ndim and held.shape[-1] == n and new.shape == held[..., where].shape:
        writes.append((held, new))
        return True
    return held.shape == new.shape and bool((held == new).all())
