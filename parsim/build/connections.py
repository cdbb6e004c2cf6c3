"""A statement of connection to a table: every rank draws the rows of its own targets, twice.

The first pass counts the rows of each source, the second puts them in place; between the two
nothing is kept, so building needs no more memory than the table. Targets are taken in blocks, in
order of their gids, so rows come out sorted by (source, target, draw). Rules that do not go by target
are asked once, and their rows are sorted.
"""

from collections.abc import Callable, Collection, Iterator
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
WEIGHT, DELAY = 1, 2  # lanes of a row's draws
EVERY = slice(None)


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
    if len(models) == 1:
        return np.zeros(places.size, np.int64)
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
        yield sorted_rows(said, onto, None, onto.wiring.sources.size)[0], onto.local


def sorted_rows(
    said: Projection, onto: Onto, offsets: Ints | None, span: int, wanted: Collection[str] = Rows._fields
) -> tuple[Rows, Ints]:
    """All rows onto a group by (source, target, draw), and the first row of each source, [span + 1].

    Columns that are not `wanted` are left empty.
    """
    rows = said.rule.rows(onto.wiring)
    start, n = np.empty(span + 1, np.int64), rows.source.size
    order, scratch = np.empty(n, np.int64), np.empty(n, np.int64)
    source = from_first(rows.source, offsets)
    kernels.sort_by_pair(source, rows.target, onto.wiring.targets.size, start, scratch, order)
    nothing = np.empty(0, np.int64)
    return Rows(*(c.take(order) if name in wanted else nothing for name, c in rows._asdict().items())), start


def columns_for(said: Projection) -> set[str]:
    """What must be known of a statement's rows to give them targets, weights and delays."""
    wanted = {"target"}
    for value in (said.weight, said.delay):
        if isinstance(value, Array):
            wanted |= {"at"}
        elif isinstance(value, Function):
            wanted |= {"source"}
        elif value.constant_or_none is None:
            wanted |= {"gid", "draw"}
    return wanted


def rows_per_target(said: Projection, wiring: Wiring) -> float:
    """About how many rows a target has; only the size of blocks hangs on it."""
    return said.rule.expected(wiring.sources.size, wiring.all_targets.size) / max(wiring.all_targets.size, 1)


def spread(values: Any, n: int) -> Any:
    """One value a row, also where all rows share it."""
    return np.broadcast_to(values, n) if values.size != n else values


def source_gids(table: Table) -> Gids:
    """The source of each row."""
    return np.repeat(np.arange(table.first, table.first + table.start.size - 1), np.diff(table.start))


def add_table(said: Projection, onto: Onto, clock: Clock) -> Table:
    """Build the table of one statement onto one group."""
    sources = onto.wiring.sources
    first = int(sources.min()) if sources.size else 0
    span = int(sources.max()) - first + 1 if sources.size else 0
    offsets = offsets_of(sources, first)
    if said.rule.by_target:
        start = count_rows(said, onto, offsets, span)
    else:
        rows, start = sorted_rows(said, onto, offsets, span, columns_for(said))

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

    def put(place: Any, rows: Rows, local: Ints) -> None:
        gids = group.gids[local]
        weights = weight.put(place, said, rows, gids, WEIGHT, onto.wiring.seed)
        slots = local.astype(np.int32).take(rows.target)
        slot[place] = slots + n_cells * port_of(weights, ports) if ports == 2 else slots
        delay.put(place, said, rows, gids, DELAY, onto.wiring.seed)

    if not said.rule.by_target:
        put(EVERY, rows, onto.local)
    elif weight.constant is not None and delay.constant is not None:
        port = int(ports == 2 and weight.constant <= 0.0)
        for wiring, local in target_blocks(said, onto):
            source, counts = said.rule.draw_sources(wiring)
            kernels.place_slots(from_first(source, offsets), counts, local + n_cells * port, cursor, slot)
    else:
        for rows, local in row_blocks(said, onto):
            place = np.empty(rows.source.size, np.int64)
            kernels.places(from_first(rows.source, offsets), cursor, place)
            put(place, rows, local)
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

    def put(self, place: Any, said: Projection, rows: Rows, gids: Gids, lane: int, seed: int) -> Any:
        """Put the values of some rows where the rows are; returns them. `rows.target` points into `gids`."""
        if self.constant is not None:
            return self.values
        targets = gids[rows.target] if isinstance(self.value, Function) else gids
        values = self.turn(at_rows(said, self.value, rows, targets, lane, seed))
        if place is EVERY:
            self.values = values.astype(self.values.dtype, copy=False)
        else:
            self.values[place] = values
        return values


def count_rows(said: Projection, onto: Onto, offsets: Ints | None, span: int) -> Ints:
    """The first row of each source, [span + 1], by a rule that goes by target."""
    counts = np.zeros(span, np.int64)
    for wiring, _ in target_blocks(said, onto):
        kernels.count_sources(from_first(said.rule.draw_sources(wiring)[0], offsets), counts)
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
    if delay.min(initial=np.inf) < least:
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
