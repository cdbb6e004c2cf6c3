"""Statements of connection from stimuli to drives on the ranks of their targets."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.assembly.cells import check_columns, values_at
from parsim.assembly.connections import (
    DELAY,
    WEIGHT,
    TargetsHere,
    at_rows,
    check_longest,
    check_signs,
    delay_ms,
    delay_steps,
    row_blocks,
)
from parsim.clock import NEAR, Clock
from parsim.errors import BuildError
from parsim.given.trains import Trains
from parsim.given.values import AbstractValue, Array, Constant
from parsim.models.base import StimulusModel
from parsim.models.checks import as_built, called, settled
from parsim.models.ports import Entry, entry_of, numbers_within, place_of_current, turns_of
from parsim.network.population import Population
from parsim.network.projection import Projection, sends_at_any_time
from parsim.network.rules import Rows
from parsim.shard.drive import Drive, Prepared, Source, drive_rows


def stimuli(population: Population, clock: Clock, now: int, seed: int) -> Prepared:
    """Parameters of all stimuli of a population, said at step `now`."""
    gids = population.gids
    columns: dict[str, Any] = {
        name: value.trains if isinstance(value, Trains) else _numbers(population, name, value, seed)
        for name, value in population.values.items()
    }
    check_columns(population.model, columns, gids, population.values)
    columns |= as_built(lambda: settled(population.model, columns, None, clock, now))
    return prepared(population.model, columns, clock)


def _numbers(population: Population, name: str, value: AbstractValue, seed: int) -> Floats:
    gids = population.gids
    found: Floats = values_at(
        population.model, name, value, seed, population.serial, gids, gids - population.first
    )
    return found


def prepared(model: Any, columns: dict[str, Any], clock: Clock) -> Prepared:
    """Parameters of stimuli, arrays [stimulus] or lists of trains, with what the kernel needs."""
    values = SimpleNamespace(**columns)
    act = partial(model.prepare, values, clock)
    return Prepared(values, called(f"prepare of {model.name}", act, BuildError))


def add_drives(
    said: Projection, here: TargetsHere, sources: dict[Population, Source], clock: Clock, seed: int
) -> list[Drive]:
    """One drive for each population of stimuli in the statement."""
    nothing = np.empty(0, np.int64)
    blocks = list(row_blocks(said, here))
    rows = Rows.concatenated([block for block, _ in blocks])
    local = np.concatenate([nothing, *(where[block.target] for block, where in blocks)])
    order = np.lexsort((rows.draw, rows.source, local))
    rows, local = rows.picked(order), local[order]
    group = here.group
    gid = group.gids[local]
    weight = (
        row_values(said, said.weight, rows, gid, WEIGHT, seed) if group.model.weighs else np.ones(local.size)
    )
    check_signs(said, group, weight)
    delay, rest = delay_of(said, rows, gid, clock, seed)
    lane = np.arange(local.size) - np.searchsorted(local, local, side="left")
    by_stimulus = np.lexsort((lane, local, rows.source))
    rows, local = rows.picked(by_stimulus), local[by_stimulus]
    weight, delay, gid, lane = weight[by_stimulus], delay[by_stimulus], gid[by_stimulus], lane[by_stimulus]
    rest = rest[by_stimulus] if rest.ndim else rest

    spiking = any(getattr(model, "into", "spikes") == "spikes" for model in said.source.models)
    several = turns_of(group.model, said.receptor)[1] if spiking and group.model.ports else 1
    turns = numbers_within(local) % several
    drives, offset = [], 0
    for part in said.source.parts:
        population, n = part.population, len(part.where)
        mine = (rows.source >= offset) & (rows.source < offset + n)
        stimulus = part.places[rows.source[mine] - offset]
        assert isinstance(population.model, StimulusModel)
        if population.model.into == "spikes":
            entry = entry_of(group.model, said.receptor)
        else:
            place = place_of_current(group.model, said.receptor)
            entry = Entry(place, place)
        slot = local[mine] + group.gids.size * (np.where(weight[mine] > 0.0, *entry) + turns[mine])
        table = drive_rows(
            slot.astype(np.int64), stimulus, gid[mine], lane[mine].astype(np.int64), weight[mine], delay[mine],
            across=group.gids.size * (entry.other - entry.positive), rest=rest[mine] if rest.ndim else rest,
        )  # fmt: skip
        numbered = group.model.remembers(said.receptor)
        drives.append(Drive(sources[population], table, seed, said.serial, group, group.gids.size, numbered))
        offset += n
    return drives


def row_values(said: Projection, value: AbstractValue, rows: Rows, gid: Gids, lane: int, seed: int) -> Floats:
    """A value at each row, constants too."""
    constant = value.constant_or_none
    if constant is not None:
        return np.full(rows.source.size, constant)
    return at_rows(said, value, rows, lambda: gid, lane, seed)


def delay_of(said: Projection, rows: Rows, gid: Gids, clock: Clock, seed: int) -> tuple[Ints, Floats]:
    """Delays of all rows in steps, and what they are longer, in ms: nothing but for synapses with any delay, and onto
    cells to which delays are ms.
    """
    constant, nothing = said.delay.constant_or_none, np.zeros(())
    sources, targets = said.source.models, said.target.models
    exact = all(model.precise for model in targets) and all(
        getattr(model, "events", None) is not None for model in sources
    )
    in_ms = not any(model.host.delays_in_steps for model in targets)
    if in_ms and all(sends_at_any_time(model) for model in sources):
        delay = row_values(said, said.delay, rows, gid, DELAY, seed)
        check_longest(said, delay, clock)
        if not exact and not isinstance(said.delay, (Constant, Array)):
            return clock.nearest(delay), nothing
        steps = np.floor(delay / clock.dt + NEAR).astype(np.int64)
        rest = np.maximum(delay - clock.times(steps), 0.0)
        on_grid = not exact and rest.max(initial=0.0) <= NEAR * clock.dt
        return steps, nothing if on_grid else rest
    if said.synapse.any_delay and exact:
        delay = delay_ms(said, row_values(said, said.delay, rows, gid, DELAY, seed), targets[0], clock)
        steps = np.maximum(np.floor(delay / clock.dt + NEAR), 1).astype(np.int64)
        return steps, np.maximum(delay - clock.times(steps), 0.0)
    if constant is not None and not said.synapse.any_delay:
        return np.full(rows.source.size, clock.steps(constant, "delay"), np.int64), nothing
    return delay_steps(said, row_values(said, said.delay, rows, gid, DELAY, seed), clock), nothing
