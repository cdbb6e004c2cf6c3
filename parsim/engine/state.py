"""Reading and changing what the ranks hold, by gid."""

import itertools
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.assembly.cells import check_columns, values_at
from parsim.assembly.probes import probes_of_change
from parsim.assembly.stimuli import prepared
from parsim.clock import Clock
from parsim.engine.agree import check_functions, together
from parsim.engine.rank import Rank
from parsim.errors import BuildError
from parsim.given.trains import Trains
from parsim.given.values import AbstractValue
from parsim.models.archived import trace_number
from parsim.models.checks import called, check_together, settled
from parsim.network.population import Population, PopulationPart, Selection
from parsim.network.timeline import Timeline, check_settled
from parsim.network.values import known_columns
from parsim.shard.coupled.site import gids_of
from parsim.shard.drive import Prepared
from parsim.shard.group import AbstractGroup
from parsim.streams import SET_SERIALS


class JunctionList(NamedTuple):
    """Gap junctions as arrays, ordered by (statement, a, b): gids of the two cells, conductances in nS."""

    a: Gids
    b: Gids
    weights: Floats


def get(rank: Rank, cells: Selection, name: str) -> Floats | list[Floats]:
    """Collective: a parameter or state of cells, in the order of the selection, on every rank.

    A list of arrays where it is a list of numbers for each.
    """
    own: list[Any] = []
    places: list[Any] = [np.empty(0, np.int64)]
    offset = 0
    for part in cells.parts:
        model: Any = part.population.model
        if cells.kind == "stimulus":
            source = rank.built.sources[part.population]
            own.append(members(_reported(model, source.values, name, rank.clock), part.places))
            continue
        where, gids = rank.built.partition.own_places(Selection(cells.network, (part,)))
        group = rank.built.groups[model]
        local = np.searchsorted(group.gids, gids)
        if name in (p.name for p in model.params):
            own.append(members(_reported(model, group.values, name, rank.clock), local))
        else:
            own.append(np.empty(local.size))
            if (which := trace_number(model, name)) is not None:
                group.sample_trace(which, local, rank.now, own[-1])
            else:
                group.sample(name, local, rank.now, own[-1])
        places.append(where + offset)
        offset += len(part.where)

    if any(p.name == name and p.kind == "train" for model in cells.models[:1] for p in model.params):
        trains = list(itertools.chain(*own))
        return trains if cells.kind == "stimulus" else _everyones_trains(rank, trains, np.concatenate(places))
    mine = np.concatenate([np.empty(0), *own]).astype(np.float64)
    if cells.kind == "stimulus":
        return mine
    result = np.empty(len(cells))
    result[rank.comm.allgather(np.concatenate(places))[0]] = rank.comm.allgather(mine)[0]
    return result


def _reported(model: Any, values: SimpleNamespace, name: str, clock: Clock) -> Any:
    """A parameter as it is used."""
    return model.reports[name](values, clock) if name in model.reports else getattr(values, name)


def _everyones_trains(rank: Rank, trains: list[Floats], places: Ints) -> list[Floats]:
    """Collective: the trains of all ranks, each at its place."""
    numbers = rank.comm.allgather(np.concatenate([np.empty(0), *trains]))[0]
    sizes = rank.comm.allgather(np.array([train.size for train in trains], np.int64))[0]
    found = np.split(numbers, np.cumsum(sizes)[:-1]) if sizes.size else []
    return [found[i] for i in np.argsort(rank.comm.allgather(places)[0])]


def change(rank: Rank, cells: Selection, values: dict[str, AbstractValue | Trains]) -> None:
    """Collective: new values of parameters or states, checked before any is changed."""
    rank.sets += 1
    serial = SET_SERIALS + rank.sets
    changes: list[Callable[[], None]] = []

    def plan() -> None:
        offset, parts = 0, []
        groups: dict[AbstractGroup, dict[str, Any]] = {}
        after: dict[Population, dict[str, Any]] = {}  # of stimuli, which may stand in several parts
        for part in cells.parts:
            if cells.kind == "cell":
                parts.append(_plan_cells(rank, part, offset, values, serial, groups))
            else:
                _plan_stimuli(rank, part, offset, values, serial, after.setdefault(part.population, {}))
            offset += len(part.where)
        # First all cells come to the present as they were; what follows from what is new is derived once a group.
        caught_up, put_states, told = zip(*parts, strict=True) if parts else ((), (), ())
        taken = [_plan_parameters(rank, group, columns) for group, columns in groups.items() if columns]
        changes.extend([*caught_up, *put_states, *taken, *told])
        for population, columns in after.items():
            make = partial(_stimuli_after, rank, population, columns)
            made = rank.once(("set", rank.sets, population), make)
            changes.append(
                partial(rank.built.sources[population].change, made, rank.now, rank.built.longest_drive)
            )

    check_functions(
        rank.comm, together(rank.comm, partial(probes_of_change, cells, values, rank.network.seed))
    )
    together(rank.comm, plan)
    for act in changes:
        act()
    rank.built.relaxer.forget()
    rank.built.linker.bring()


def _plan_cells(
    rank: Rank,
    part: PopulationPart,
    offset: int,
    values: dict[str, Any],
    serial: int,
    groups: dict[Any, dict[str, Any]],
) -> tuple[Callable[[], None], ...]:
    """What is to be done at these cells; new parameters of all cells of a group are gathered in `groups`."""
    model = part.population.model
    group = rank.built.groups[model]  # type: ignore[index]
    where, gids = rank.built.partition.own_places(Selection(rank.network, (part,)))
    local = np.searchsorted(group.gids, gids)
    params = {p.name for p in model.params}
    new = {
        name: values_at(model, name, v, rank.network.seed, serial, gids, where + offset)
        for name, v in values.items()
    }
    before = {name: members(getattr(group.values, name), local) for name in params}
    after = before | {name: column for name, column in new.items() if name in params}
    told = params & new.keys()
    check_columns(model, after, new=told)  # what stays was checked when it came
    if told:
        places = where + offset if len(part.population) > 1 else None
        new |= settled(model, after, SimpleNamespace(**before), rank.clock, rank.now, places)
    columns = groups.setdefault(group, {})
    for name in (name for name in new if name in params):
        assign(columns.setdefault(name, getattr(group.values, name).copy()), local, new[name])

    def put_states() -> None:
        for name, column in new.items():
            if name not in params:
                group.put(name, local, column)

    return (
        lambda: group.catch_up(local, rank.now),
        put_states,
        lambda: rank.built.event_driven.changed(group, local, rank.now),
    )


def _plan_parameters(rank: Rank, group: AbstractGroup, columns: dict[str, Any]) -> Callable[[], None]:
    """New parameters of a group, and what its kernels need of them: what fails does so before anything is changed."""
    values = SimpleNamespace(**vars(group.values) | columns)
    what = f"prepare of {group.model.name}, for the new {', '.join(columns)},"
    params = called(what, partial(group.derived, values, rank.clock), BuildError)

    def act() -> None:
        group.values = values
        group.hold(params)
        if group.history is not None:
            group.history.decay_by(values)

    return act


def members(column: Any, places: Ints) -> Any:
    """Some members' values, of an array or a list of trains."""
    return [column[i] for i in places] if isinstance(column, list) else column[places].copy()


def assign(column: Any, places: Ints, values: Any) -> None:
    """The reverse of `members`."""
    if isinstance(column, list):
        for i, value in zip(places, values, strict=True):
            column[i] = value
    else:
        column[places] = values


def _plan_stimuli(
    rank: Rank, part: PopulationPart, offset: int, values: dict[str, Any], serial: int, after: dict[str, Any]
) -> None:
    population, held = part.population, rank.built.sources[part.population].values
    where = part.places
    for name, value in values.items():
        column = after.setdefault(name, getattr(held, name).copy())
        places: Ints = np.arange(where.size) + offset
        gids = population.first + where
        assign(
            column, where, values_at(population.model, name, value, rank.network.seed, serial, gids, places)
        )


def _stimuli_after(rank: Rank, population: Population, columns: dict[str, Any]) -> Prepared:
    """All parameters of a population of stimuli once `columns` are set."""
    model, held = population.model, rank.built.sources[population].values
    after = vars(held) | columns
    check_columns(model, after)
    return prepared(model, after | settled(model, after, held, rank.clock, rank.now), rank.clock)


def check_stimuli(rank: Rank, chosen: Selection, said: dict[str, Any], timeline: Timeline) -> None:
    """New values fit those that stay, which every rank holds of all stimuli; or an error."""
    new, offset = known_columns(said, len(chosen)), 0
    for part in chosen.parts:
        model: Any = part.population.model
        where = part.places
        held = vars(rank.built.sources[part.population].values)
        before = {name: members(column, where) for name, column in held.items()}
        columns = before | {name: column[offset : offset + where.size] for name, column in new.items()}
        check_together(model, columns)
        check_settled(model, columns, SimpleNamespace(**before), timeline)
        offset += where.size


def junctions(rank: Rank, everywhere: bool) -> JunctionList:
    """Collective: this rank's share of the junctions, those of which it holds the second cell, then everyone's."""
    ends = rank.built.relaxer.ends
    mine = ends.side == 1
    bring = (lambda a: rank.comm.allgather(a)[0]) if everywhere else rank.comm.gather
    columns = (ends.serial, ends.partner, ends.own, ends.gid, ends.draw, ends.weight)  # by sites
    serial, a, b, gid, draw, weight = (bring(column[mine]) for column in columns)
    order = np.lexsort((draw, gid, b, a, serial))
    return JunctionList(gids_of(a[order]), gids_of(b[order]), weight[order])
