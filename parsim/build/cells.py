"""Populations of cells to groups."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids
from parsim.build.partition import Partition
from parsim.errors import BuildError, DescriptionError
from parsim.models.base import CellModel, Inputs, Param
from parsim.network.population import Population
from parsim.network.values import AbstractValue, Where
from parsim.shard.group import ClockedGroup


def add_cells(
    groups: dict[CellModel, ClockedGroup], population: Population, partition: Partition, seed: int
) -> None:
    """Put this rank's cells of a population into the group of their model."""
    model = population.model
    assert isinstance(model, CellModel)
    group = groups.setdefault(model, ClockedGroup(model, Inputs, seed))
    gids = partition.own_range(population.first, population.size)
    params = {p.name for p in model.params}
    columns = {
        name: values_at(model, name, value, seed, population.serial, gids, gids - population.first)
        for name, value in population.values.items()
    }
    check_columns(model, columns)
    values = {name: column for name, column in columns.items() if name in params}
    group.grow(gids, values, {name: column for name, column in columns.items() if name not in params})


def values_at(
    model: Any, name: str, value: AbstractValue, seed: int, serial: int, gids: Gids, places: Any
) -> Floats:
    """What a parameter or state is at these cells. Each has a stream of its own: its place in the model."""
    names = [p.name for p in model.params] + [v.name for v in getattr(model, "recordables", ())]
    where = Where(seed, serial, gids, np.zeros(gids.size, np.int64), names.index(name), places)
    return value.at(where)


def check_columns(model: Any, columns: dict[str, Floats]) -> None:
    """Bounds and contradictions of values that had to be drawn first."""
    for param in model.params:
        if isinstance(param, Param) and param.kind != "train" and param.name in columns:
            try:
                param.check(columns[param.name], model.name)
            except DescriptionError as error:
                raise BuildError(str(error)) from None
    if all(p.name in columns for p in model.params):
        if complaint := model.check(SimpleNamespace(**columns)):
            raise BuildError(f"{model.name}: {complaint}")
