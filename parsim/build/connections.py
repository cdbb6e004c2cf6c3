"""Statements of connection to tables: every rank draws the rows of its own targets, twice.

The first pass counts the rows of each source, the second puts them in place; between the two
nothing is kept, so building needs no more memory than the table. Targets are taken in blocks, in
order of their gids, so rows come out sorted by (source, target, draw).
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints, as_floats
from parsim.build.partition import Partition
from parsim.clock import Clock
from parsim.errors import BuildError, DescriptionError
from parsim.kernels import rows as kernels
from parsim.network.coupling import Coupling
from parsim.network.population import Selection
from parsim.network.projection import Projection
from parsim.network.rules import Rows, Wiring
from parsim.network.units import to_unit
from parsim.network.values import AbstractValue, Array, Constant, Function, Where
from parsim.shard.group import ClockedGroup
from parsim.shard.table import Table

BLOCK_ROWS = 1 << 16  # rows drawn at a time: 256 kB of scratch, which stay in the second-level cache
SMALL = 1_000  # rows: statements with fewer share a table
WEIGHT, DELAY = 1, 2  # lanes of a row's draws


class Onto(NamedTuple):
    """The targets of a statement that one group holds: their places, gids and local indices."""

    group: ClockedGroup
    wiring: Wiring
    local: Ints


def onto_groups(
    said: Projection, groups: dict[Any, ClockedGroup], partition: Partition, seed: int
) -> Iterator[Onto]:
    """The statement's own targets, group by group."""
    sources = said.source.gids
    if said.source.kind == "stimulus":
        sources = -1 - sources
    everyone = said.target.gids
    places, gids = partition.own_places(said.target)
    owners = model_of(said.target, places)
    for which, model in enumerate(said.target.models):
        mine = np.flatnonzero(owners == which)
        mine = mine[np.argsort(gids[mine], kind="stable")]
        group = groups[model]
        wiring = Wiring(seed, said.serial, sources, everyone, places[mine], gids[mine])
        yield Onto(group, wiring, np.searchsorted(group.gids, gids[mine]))


def model_of(cells: Selection, places: Ints) -> Ints:
    """Which of `cells.models` each of these members has."""
    models = cells.models
    ends = np.cumsum([len(part.where) for part in cells.parts])
    kinds = np.array([models.index(part.population.model) for part in cells.parts], dtype=np.int64)
    return kinds[np.searchsorted(ends, places, side="right")] if kinds.size else np.empty(0, np.int64)


def target_blocks(said: Projection, onto: Onto) -> Iterator[tuple[Wiring, Ints]]:
    """The statement's targets in a group, in blocks of about `BLOCK_ROWS` rows, with their local indices."""
    wiring = onto.wiring
    n = max(1, int(BLOCK_ROWS / max(rows_per_target(said, wiring), 1.0)))
    for begin in range(0, wiring.targets.size, n):
        part = slice(begin, begin + n)
        yield wiring._replace(places=wiring.places[part], targets=wiring.targets[part]), onto.local[part]


def row_blocks(said: Projection, onto: Onto) -> Iterator[tuple[Rows, Ints]]:
    """The statement's rows onto a group, in blocks, with the local indices that `Rows.target` points into."""
    if said.rule.by_target:
        for wiring, local in target_blocks(said, onto):
            yield said.rule.rows(wiring), local
    else:
        rows = said.rule.rows(onto.wiring)
        order = np.lexsort((rows.draw, rows.target, rows.source))
        yield Rows(*(column[order] for column in rows)), onto.local


def rows_per_target(said: Projection, wiring: Wiring) -> float:
    """About how many rows a target has; only the size of blocks hangs on it."""
    return said.rule.expected(wiring.sources.size, wiring.all_targets.size) / max(wiring.all_targets.size, 1)


def shares_table(said: Projection, group: ClockedGroup) -> bool:
    """Do the statement's rows stand in one table with those of others? Decided by what is said, alike on all ranks.

    Small ones do, and all onto cells that hear exact times, where events of the same time are in
    the order of their rows.
    """
    return group.arrivals is not None or said.rule.expected(len(said.source), len(said.target)) < SMALL


def add_merged_tables(small: list[tuple[Projection, Onto]], clock: Clock) -> list[Table]:
    """One table for each group that these statements lead to: a table has a cost of its own at every exchange."""
    by_group: dict[ClockedGroup, list[tuple[Projection, Onto]]] = {}
    for said, onto in small:
        by_group.setdefault(onto.group, []).append((said, onto))
    return [table for group, members in by_group.items() for table in merged_tables(group, members, clock)]


def merged_tables(group: ClockedGroup, members: list[tuple[Projection, Onto]], clock: Clock) -> list[Table]:
    """Rows by (source, statement, target, draw); onto event-driven cells, those within a step stand apart."""
    time = np.int64 if group.model.clocked else float
    columns: list[list[Any]] = [[np.empty(0, dtype)] for dtype in (np.int64, np.int64, np.int32, float, time)]
    for said, onto in members:
        table = add_table(said, onto, clock)
        source, n = source_gids(table), table.slot.size
        parts = (np.full(n, said.serial), source, table.slot, spread(table.weight, n), spread(table.delay, n))
        for column, part in zip(columns, parts, strict=True):
            column.append(part)
    joined = [np.concatenate(column) for column in columns]
    if group.model.clocked:
        return [table_of(group, *joined)]
    short = joined[-1] < clock.dt
    apart = table_of(group, *(column[short] for column in joined))
    apart.within_islands = True
    return [table_of(group, *(column[~short] for column in joined)), apart]


def table_of(group: ClockedGroup, serial: Ints, source: Gids, slot: Any, weight: Floats, delay: Any) -> Table:
    """A table of these rows, sorted by source."""
    order = np.argsort(source, kind="stable")
    first = int(source.min()) if source.size else 0
    counts = np.bincount(source - first) if source.size else np.zeros(0, np.int64)
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]).astype(np.int64)
    return Table(
        serial[order], first, start, slot[order], weight[order], compact(delay[order]), group, group.gids.size
    )


def spread(values: Any, n: int) -> Any:
    """One value a row, also where all rows share it."""
    return np.broadcast_to(values, n) if values.size != n else values


def source_gids(table: Table) -> Gids:
    """The source of each row."""
    return table.first + np.repeat(np.arange(table.start.size - 1), np.diff(table.start))


def add_table(said: Projection, onto: Onto, clock: Clock) -> Table:
    """Build the table of one statement onto one group."""
    sources = onto.wiring.sources
    first = int(sources.min()) if sources.size else 0
    span = int(sources.max()) - first + 1 if sources.size else 0
    offsets = offsets_of(sources, first)
    start = count_rows(said, onto, offsets, span)

    n, group = int(start[-1]), onto.group
    # Events keep the sign of their weight, so they need no port.
    n_cells, ports = group.gids.size, 1 if group.arrivals is not None else group.mailbox.ports
    weight = Column(said.weight if group.model.weighs else Constant(1.0), n)
    if group.model.clocked:
        delay = Column(said.delay, n, lambda ms: delay_steps(said, ms, clock), np.int32)
    else:
        delay = Column(said.delay, n, lambda ms: delay_ms(said, ms, clock))
    slot = np.empty(n, np.int32)
    cursor = start[:-1].copy()

    if weight.constant is not None and delay.constant is not None and said.rule.by_target:
        port = int(ports == 2 and weight.constant <= 0.0)
        for wiring, local in target_blocks(said, onto):
            source, counts = said.rule.draw_sources(wiring)
            kernels.place_slots(from_first(source, offsets), counts, local + n_cells * port, cursor, slot)
    else:
        for rows, local in row_blocks(said, onto):
            place = np.empty(rows.source.size, np.int64)
            kernels.places(from_first(rows.source, offsets), cursor, place)
            local = local[rows.target]
            weights = weight.put(place, said, rows, group.gids[local], WEIGHT, onto.wiring.seed)
            slot[place] = local + n_cells * port_of(weights, ports)
            delay.put(place, said, rows, group.gids[local], DELAY, onto.wiring.seed)
    return Table(
        np.array([said.serial]),
        first,
        start,
        slot,
        weight.values,
        compact(delay.values),
        group,
        n_cells,
    )


class Column:
    """Weights or delays of a table: one number when all rows share it, else one a row.

    `turn` makes of them what is kept, such as steps, in four bytes until all are known.
    """

    def __init__(
        self,
        value: AbstractValue,
        n: int,
        turn: Callable[[Floats], Any] | None = None,
        dtype: Any = np.float64,
    ) -> None:
        self.value, self.constant = value, value.constant_or_none
        self.turn: Callable[[Floats], Any] = turn or (lambda numbers: numbers)
        if self.constant is None:
            self.values: Any = np.empty(n, dtype)
        else:
            self.values = self.turn(np.full(1, self.constant))

    def put(self, place: Ints, said: Projection, rows: Rows, targets: Gids, lane: int, seed: int) -> Any:
        """Put the values of some rows where the rows are; returns them."""
        if self.constant is not None:
            return self.values
        self.values[place] = values = self.turn(at_rows(said, self.value, rows, targets, lane, seed))
        return values


def count_rows(said: Projection, onto: Onto, offsets: Ints | None, span: int) -> Ints:
    """The first row of each source, [span + 1]."""
    counts = np.zeros(span, np.int64)
    if said.rule.by_target:
        for wiring, _ in target_blocks(said, onto):
            kernels.count_sources(from_first(said.rule.draw_sources(wiring)[0], offsets), counts)
    else:
        kernels.count_sources(from_first(said.rule.rows(onto.wiring).source, offsets), counts)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


def offsets_of(sources: Gids, first: int) -> Ints | None:
    """How far each source's gid is from the first, or None when they stand in a row, as they mostly do."""
    in_a_row = np.array_equal(sources, np.arange(first, first + sources.size))
    return None if in_a_row else sources - first


def from_first(source: Any, offsets: Ints | None) -> Any:
    """Places of sources to offsets of their gids."""
    return source if offsets is None else offsets[source]


def port_of(weight: Floats, ports: int) -> Any:
    """Positive weights enter by the first port, the others by the second, where there are two."""
    return (weight <= 0.0).astype(np.int64) if ports == 2 else np.zeros(1, np.int64)


def at_rows(
    said: Projection | Coupling, value: AbstractValue, rows: Rows, targets: Gids, lane: int, seed: int
) -> Floats:
    """A weight or delay at each row; `targets` are the gids the rows lead to."""
    if isinstance(value, Function):
        return of_function(said, value, said.source.gids[rows.source], targets)
    return value.at(Where(seed, said.serial, rows.gid, rows.draw, lane, rows.at))


def of_function(said: Projection | Coupling, value: Function, sources: Gids, targets: Gids) -> Floats:
    """What a function of (source gids, target gids) gives for these connections."""
    if targets.size == 0:
        return np.empty(0)
    what = f"what the function for {value.what} of {said!r} returns"
    given = value.f(sources, targets)
    try:
        found = as_floats(to_unit(given, value.unit, what), what)
    except DescriptionError as error:
        raise BuildError(str(error)) from None
    if found.size != 1 and found.shape != targets.shape:
        raise BuildError(
            f"{what} has shape {found.shape} for {targets.size} connections; return one number, or one for each."
        )
    if not np.isfinite(found).all():
        raise BuildError(f"{what} is infinite somewhere. Return finite numbers.")
    return np.array(np.broadcast_to(found.reshape(-1), targets.size))


def delay_steps(said: Projection, delay: Floats, clock: Clock) -> Ints:
    """Delays in steps: distributions and functions to the nearest, numbers and arrays exactly."""
    exact = isinstance(said.delay, (Constant, Array))
    steps = clock.grid(delay, f"delay of {said!r}:") if exact else clock.nearest(delay)
    if (steps < 1).any():
        wrong = float(delay[np.argmax(steps < 1)])
        raise BuildError(
            f"delay {wrong:g} ms of {said!r} is less than one step (dt = {clock.dt} ms). "
            f"Use delays of at least {clock.dt} ms or a smaller dt."
        )
    return steps


def delay_ms(said: Projection, delay: Floats, clock: Clock) -> Floats:
    """Delays onto event-driven cells, as they are: any from 0, but from other cells at least a step."""
    least = 0.0 if among_event_driven(said) else clock.dt
    if (delay < least).any():
        wrong = float(delay[np.argmax(delay < least)])
        raise BuildError(f"{short_delay(said, wrong, clock)}")
    return delay


def short_delay(said: Projection, delay: float, clock: Clock) -> str:
    """What is wrong with a delay onto event-driven cells."""
    if among_event_driven(said):
        return f"delay {delay:g} ms of {said!r} is negative. Use delays of at least 0."
    return (
        f"delay {delay:g} ms of {said!r} is less than one step (dt = {clock.dt} ms); only event-driven cells reach "
        f"each other within a step. Use a delay of at least {clock.dt} ms or a smaller dt."
    )


def among_event_driven(said: Projection) -> bool:
    """Are all sources event-driven?"""
    return said.source.kind == "cell" and not any(model.clocked for model in said.source.models)


def reaches_within_a_step(said: Projection, clock: Clock) -> bool:
    """May it join event-driven cells by delays of less than a step?"""
    if not among_event_driven(said) or all(model.clocked for model in said.target.models):
        return False
    return bool(said.delay.least < clock.dt)


def row_blocks_of_all(said: Projection, seed: int) -> Iterator[tuple[Rows, Gids]]:
    """All rows of a statement, in blocks, with the gids of their targets."""
    targets = said.target.gids
    places = np.argsort(targets, kind="stable")
    wiring = Wiring(seed, said.serial, said.source.gids, targets, places, targets[places])
    for rows, local in row_blocks(said, Onto(None, wiring, np.arange(places.size))):  # type: ignore[arg-type]
        yield rows, wiring.targets[local[rows.target]]


def compact(delay: Any) -> Any:
    """One byte a delay in steps where that is enough; delays in ms stay as they are."""
    if delay.dtype.kind == "f":
        return delay
    return delay.astype(np.uint8 if delay.max(initial=0) < 256 else np.int32)


def rows_of_table(table: Table, clock: Clock) -> tuple[Ints, Gids, Gids, Floats, Floats]:
    """Statements, sources, targets, weights and delays (ms) of a table's rows."""
    n, group = table.slot.size, table.group
    target = group.gids[table.slot % max(group.gids.size, 1)]
    delay = np.array(spread(table.delay, n))
    if delay.dtype.kind != "f":
        delay = clock.times(delay.astype(np.int64))
    return spread(table.serial, n), source_gids(table), target, np.array(spread(table.weight, n)), delay
