"""Populations of cells to groups."""

from collections.abc import Container, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Gids
from parsim.assembly.partition import Partition
from parsim.clock import Clock
from parsim.errors import BuildError, DescriptionError
from parsim.given.trains import Trains
from parsim.given.values import AbstractValue, Array, Constant, numbers_at
from parsim.given.where import Where
from parsim.models.base import StimulusModel
from parsim.models.checks import as_built, check_bounds, check_together, settled
from parsim.network.population import Population
from parsim.shard.group import AbstractGroup


class Parameters(NamedTuple):
    """Those of a rank's cells of a model."""

    gids: Gids
    values: SimpleNamespace


def add_cells(
    groups: dict[Any, AbstractGroup],
    population: Population,
    partition: Partition,
    seed: int,
    clock: Clock,
    now: int,
    kept: Parameters | None = None,
) -> None:
    """Put this rank's cells of a population into the group of their model, with parameters as said, or as `kept`."""
    model = population.model
    assert not isinstance(model, StimulusModel)
    if model not in groups:
        groups[model] = model.host(model, seed, clock.for_kernels)
    group = groups[model]
    gids = partition.own_range(population.first, population.size)
    params = {p.name for p in model.params}
    columns = {
        name: values_at(model, name, value, seed, population.serial, gids, gids - population.first)
        for name, value in population.values.items()
    }
    if kept is not None:
        places = np.searchsorted(kept.gids, gids)
        columns |= {name: _members(getattr(kept.values, name), places) for name in params}
    else:
        check_columns(model, columns, gids, population.values)
        places = gids - population.first
        columns |= as_built(lambda: settled(model, columns, None, clock, now, places))
    values = {name: column for name, column in columns.items() if name in params}
    group.grow(gids, values, {name: column for name, column in columns.items() if name not in params})


def _members(column: Any, places: Any) -> Any:
    return [column[i] for i in places] if isinstance(column, list) else column[places]


def values_at(
    model: Any, name: str, value: AbstractValue | Trains, seed: int, serial: int, gids: Gids, places: Any
) -> Any:
    """What a parameter or state is at these cells. Each has a stream of its own: its place in the model."""
    if isinstance(value, Trains):
        return [value.trains[place] for place in places]
    where = Where(seed, serial, gids, np.zeros(gids.size, np.int64), model.lane(name), places)
    try:
        return numbers_at(value, where)
    except DescriptionError as error:
        raise BuildError(str(error)) from error.__cause__


def check_columns(
    model: Any,
    columns: Mapping[str, Any],
    gids: Gids | None = None,
    said: Mapping[str, Any] | None = None,
    new: Container[str] | None = None,
) -> None:
    """Bounds and contradictions of values that had to be drawn first, as they were `said`; bounds of what is `new`."""
    named, origin = partial(_named, model, gids), lambda name: _origin((said or {}).get(name))
    bounded = columns if new is None else {name: column for name, column in columns.items() if name in new}
    as_built(lambda: check_bounds(model, bounded, named, origin))
    as_built(lambda: check_together(model, columns))


def _named(model: Any, gids: Gids | None, name: str, at: int) -> str:
    if gids is None:
        return f"{name} of {model.name}"
    return f"{name} of {'gid' if model.kind == 'cell' else 'stimulus'} {gids[at]} ({model.name})"


def _origin(value: Any) -> str:
    if value is None or isinstance(value, (Constant, Array)):
        return ""
    return f" It comes from {value.describe()}."
