"""Statements of connection to tables: every rank draws the rows of its own targets, twice.

The first pass counts the rows of each source, the second puts them in place. Between the two nothing is kept but
the rows of rules that cannot be asked by target, so building needs little more memory than the table. Targets are
taken in blocks, in order of their gids, so rows come out by (source, target, draw), and by (source, statement,
target, draw) where several statements share a table.
"""

from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.assembly.connections import (
    BLOCK_ROWS,
    DELAY,
    WEIGHT,
    TargetsHere,
    are_shortcuts,
    at_rows,
    at_targets,
    check_rows,
    check_signs,
    delay_ms,
    delay_steps,
    entry_to,
    row_blocks,
    rows_per_target,
    target_blocks,
)
from parsim.assembly.short_rows import split
from parsim.clock import Clock
from parsim.errors import BuildError, DescriptionError
from parsim.given.values import AbstractValue, Constant
from parsim.kernels import rows as kernels
from parsim.kernels.sources import Sources, every_gid, numbers_of, some_gids
from parsim.models.params import Param
from parsim.models.ports import numbers_within, turns_of
from parsim.models.synapse_model import SynapseModel
from parsim.network.projection import Projection
from parsim.network.row_variables import place_of
from parsim.network.rules import AbstractRule, Listed, Places, Rows
from parsim.shard.group import AbstractGroup
from parsim.shard.rows.table import Table

SMALL = 1_000  # rows: statements with fewer share a table
SPARSE = 4  # gids a row, beyond which a table has no place for each of them
FEW = 1 << 12  # gids, for which it has in any case


def shares_table(said: Projection, group: AbstractGroup) -> bool:
    """Do the statement's rows stand in one table with those of others? Decided by what is said, alike on all ranks.

    Small ones do, and all onto cells that hear exact times, where events of the same time are in
    the order of their rows.
    """
    return group.inbox.names_rows or said.rule.expected(len(said.source), len(said.target)) < SMALL


def shared_tables(small: list[tuple[Projection, TargetsHere]], clock: Clock, now: int = 0) -> list[Table]:
    """One table for each group, synapse model and transmitter of these statements: a table has a cost at each exchange.

    Rows over which event-driven cells are heard within a step stand apart.
    """
    alike: dict[Any, list[tuple[Projection, TargetsHere]]] = {}
    for said, here in small:
        alike.setdefault((here.group, said.synapse, said.transmitter), []).append((said, here))
    tables = []
    for (group, *_), members in alike.items():
        table = table_of(members, clock, now)
        apart = not group.clocked or any(are_shortcuts(said, group.model, clock) for said, _ in members)
        tables += _split(table, clock, members) if apart else [table]
    return tables


class TablePart(NamedTuple):
    """What one statement brings to a table: itself, and its rule as asked for targets here.

    Where it alone brings all rows, and its rule has them by source already, they stand as they come.
    """

    said: Projection
    here: TargetsHere
    rule: AbstractRule | Listed
    by_source: bool

    def placed_rows(self, sources: Sources, free: Ints) -> Iterator[tuple[Rows, Ints, Ints | slice]]:
        """The rows in blocks, the local indices that `Rows.target` points into, and where in the table each stands."""
        if self.by_source:
            begin = 0
            for rows in self.rule.rows_by_source(2 * BLOCK_ROWS):  # type: ignore[union-attr]  # 3 % faster
                yield rows, self.here.local, slice(begin, begin + rows.source.size)
                begin += rows.source.size
            return
        for rows, local in row_blocks(self.said, self.here, self.rule):
            place = np.empty(rows.source.size, np.int64)
            kernels.places(self.numbers(sources, rows.source), free, place)
            yield rows, local, place

    def places(self, cells: Ints) -> Ints:
        """Where targets, local indices, stand among those of the statement."""
        return self.here.wiring.places[np.searchsorted(self.here.local, cells)]

    def begin(self, sources: Sources) -> int:
        """Where the numbers that `numbers` gives begin among the sources of the table."""
        return self.here.wiring.sources.least - sources.first if self._in_a_row(sources) else 0

    def numbers(self, sources: Sources, source: Places) -> Any:
        """The numbers of sources, which are given by place, from `begin` on."""
        if self._in_a_row(sources):
            return source
        gids = self.here.wiring.sources.at(source)
        if sources.bucket.size == 0:
            return gids - sources.first
        numbers = np.empty(gids.size, np.int64)
        numbers_of(sources, gids, numbers)
        return numbers

    def _in_a_row(self, sources: Sources) -> bool:
        return sources.bucket.size == 0 and self.here.wiring.sources.in_a_row


def table_of(members: list[tuple[Projection, TargetsHere]], clock: Clock, now: int = 0) -> Table:
    """Build the table of one statement or of several onto one group, at step `now`."""
    group = members[0][1].group
    sources, parts = counted(members)
    n, n_cells = int(sources.start[-1]), group.gids.size
    columns = columns_for(group, members, n, clock)
    slot, cursor = np.empty(n, np.int32), sources.start[:-1].copy()
    serials = np.array([said.serial for said, _ in members])
    serial = serials[0:1].reshape(()) if serials.size == 1 else np.empty(n, np.min_scalar_type(serials.max()))

    for part in parts:
        entry = entry_to(part.said, group)
        free = cursor[part.begin(sources) :]  # where each of its sources goes on
        if serial.ndim == 0 and all(column.shared for column in columns.values()):
            port = entry.positive if signed(part.said.synapse, values_of(columns)) > 0.0 else entry.other
            place_slots(part, sources, part.here.local + n_cells * port, free, slot)
            continue
        for rows, local, place in part.placed_rows(sources, free):
            drawn = {name: column.scatter(place, part, rows, local) for name, column in columns.items()}
            weights = signed(part.said.synapse, drawn)
            check_signs(part.said, group, weights)
            if isinstance(place, slice):
                kernels.slots_of(rows.target, local, weights, *entry, n_cells, slot[place])
            else:
                kernels.scatter_slots(place, rows.target, local, weights, *entry, n_cells, slot)
            if serial.ndim:
                serial[place] = part.said.serial
    for part in parts:
        take_turns(part, slot, serial, n_cells)
    weight, delay, *others = (column.values for column in columns.values())
    table = Table(serial, sources, slot, weight, compact(delay), group, n_cells)
    if group.inbox.names_rows and group.model.told_apart > 1:
        table.port = (slot // max(n_cells, 1)).astype(np.int16)
        slot %= max(n_cells, 1)
    if (synapse := members[0][0].synapse).transmit is not None:
        given = dict(zip((param.name for param in synapse.others), others, strict=True))
        values = SimpleNamespace(weight=weight, **given)
        check_rows(members[0][0], values, delay, clock)
        table.remembering(synapse, values, clock, now)
        table.transmitter = members[0][0].transmitter
        table.anew = partial(table_of, members, clock)
    return table


def take_turns(part: TablePart, slot: Any, serial: Ints, n_cells: int) -> None:
    """Where a receptor is several places, rows onto a cell end at one after the other, in order of their sources."""
    first, n = turns_of(part.here.group.model, part.said.receptor)
    if n > 1:
        mine = np.flatnonzero(np.broadcast_to(serial == part.said.serial, slot.shape))
        cells = slot[mine] - n_cells * first
        slot[mine] += n_cells * (numbers_within(cells) % n)


def place_slots(part: TablePart, sources: Sources, slot_of: Ints, free: Ints, slot: Any) -> None:
    """The slots of a statement's rows, where nothing else must be known of each."""
    if part.by_source:
        begin, of_target = 0, slot_of.astype(np.int32)
        for target in part.rule.targets_by_source(BLOCK_ROWS):  # type: ignore[union-attr]
            of_target.take(
                target, out=slot[begin : begin + target.size], mode="clip"
            )  # to raise takes a copy
            begin += target.size
        return
    for wiring, _ in target_blocks(part.said, part.here):
        source, counts = part.rule.draw_sources(wiring)
        here = slot_of[wiring.begin : wiring.begin + wiring.targets.size]
        kernels.place_slots(part.numbers(sources, source), counts, here, free, slot)


def values_of(columns: dict[str, Any]) -> dict[str, Any]:
    """What columns keep, by name."""
    return {name: column.values for name, column in columns.items()}


def signed(synapse: SynapseModel, values: dict[str, Any]) -> Any:
    """Weights whose signs say where they enter: where one is 0, that of another parameter may."""
    weights = values["weight"]
    return weights if synapse.sign == "weight" else np.where(weights == 0.0, values[synapse.sign], weights)


def counted(members: list[tuple[Projection, TargetsHere]]) -> tuple[Sources, list[TablePart]]:
    """How many rows each source has here, and what each statement brings."""
    members = [(said, here) for said, here in members if here.wiring.sources.size]
    rules = [said.rule.for_targets(here.wiring) for said, here in members]
    alone = len(rules) == 1 and rules[0].goes_by_source
    parts = [TablePart(said, here, rule, alone) for (said, here), rule in zip(members, rules, strict=True)]
    first = min((part.here.wiring.sources.least for part in parts), default=0)
    behind = max((part.here.wiring.sources.most for part in parts), default=-1) + 1
    rows = sum(rows_per_target(said, here.wiring) * here.wiring.targets.size for said, here in members)
    if behind - first <= max(SPARSE * rows, FEW):
        return _every_source(parts, first, behind), parts
    return _some_sources(parts), parts


def _every_source(parts: list[TablePart], first: int, behind: int) -> Sources:
    """A place for each gid from the first source to the last: they are not many more than there are rows."""
    start = np.zeros(behind - first + 1, np.int64)
    sources = every_gid(first, start)
    for part in parts:
        begin = part.begin(sources)
        if part.by_source:
            start[begin + 1 + part.numbers(sources, part.rule.sources)] = part.rule.counts  # type: ignore[union-attr]
            continue
        for wiring, _ in target_blocks(part.said, part.here):
            numbers = part.numbers(sources, part.rule.draw_sources(wiring)[0])
            kernels.count_sources(numbers, start[begin + 1 :])
    np.cumsum(start, out=start)
    return sources


def _some_sources(parts: list[TablePart]) -> Sources:
    """Those that have rows here, of many more; what is kept until they are known takes four bytes a row."""
    found, counts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for part in parts:
        if part.by_source:
            found.append(part.here.wiring.sources.at(part.rule.sources))  # type: ignore[union-attr]
            counts.append(part.rule.counts)  # type: ignore[union-attr]
            continue
        blocks = (part.rule.draw_sources(wiring)[0] for wiring, _ in target_blocks(part.said, part.here))
        drawn = np.sort(np.concatenate([np.empty(0, np.int32), *blocks]))
        begins = np.flatnonzero(np.diff(drawn, prepend=-1))
        found.append(part.here.wiring.sources.at(drawn[begins]))
        counts.append(np.diff(begins, append=drawn.size))
    gids, which = np.unique(np.concatenate(found), return_inverse=True)
    start = np.zeros(gids.size + 1, np.int64)
    np.add.at(start, which + 1, np.concatenate(counts))
    return some_gids(gids, np.cumsum(start))


class TableColumn:
    """What a table keeps of one parameter of its rows: [row], or without a dimension where all share it.

    Built for the statements of the table, which are of one synapse model, and `n` rows. `turned(said, values)` is what
    is kept of values, after a look whether they are allowed.
    """

    def __init__(
        self, group: AbstractGroup, members: list[tuple[Projection, TargetsHere]], n: int, name: str,
        turned: Callable[[Projection, Any], Any], dtype: Any = np.float64,
    ) -> None:  # fmt: skip
        self.group, self.name, self.turned = group, name, turned
        said = [said for said, _ in members]
        self.lane = lane_of(said[0], drawn_as(said[0], name))
        self.per_target = any(p.name == name and p.per == "target" for p in said[0].synapse.params)
        constants = {self.value(one).constant_or_none for one in said}
        self.shared = len(constants) == 1 and None not in constants
        self.values = self.constant(said[0]).reshape(()) if self.shared else np.empty(n, dtype)

    def value(self, said: Projection) -> AbstractValue:
        """What the statement says."""
        weighs = self.group.model.weighs or self.name != "weight" or said.synapse.transmit is not None
        return said.values[self.name] if weighs else Constant(1.0)

    def constant(self, said: Projection) -> Any:
        """The one number of a statement that has one."""
        return self.turned(said, np.full(1, self.value(said).constant_or_none))

    def scatter(self, place: Ints | slice, part: TablePart, rows: Rows, local: Ints) -> Any:
        """Put the values of some rows where the rows are; returns them, or one for all."""
        said, value = part.said, self.value(part.said)
        if value.constant_or_none is not None:
            values = self.constant(said)
        else:
            seed, gids = part.here.wiring.seed, self.group.gids
            if self.per_target:
                cells = local[rows.target]
                drawn = at_targets(said, value, gids[cells], part.places(cells), self.lane, seed)
            else:
                drawn = at_rows(said, value, rows, lambda: gids[local[rows.target]], self.lane, seed)
            values = self.turned(said, drawn)
        if (
            not self.shared
            and self.values.dtype == np.uint8
            and values.max(initial=0) > np.iinfo(np.uint8).max
        ):
            self.values = self.values.astype(np.int32)
        if isinstance(place, slice) and not self.shared:
            self.values[place] = values
        elif not self.shared:
            kernels.scatter(place, values, self.values)
        return values


def lane_of(said: Projection, name: str) -> int:
    """The lane of the draws of a parameter or state of its connections."""
    lanes = {"weight": WEIGHT, "delay": DELAY}
    return lanes.get(name) or DELAY + 1 + place_of(said, name)


def drawn_as(said: Projection, name: str) -> str:
    """The parameter whose draws are those of another: the one that it is by default, where nothing was said."""
    usual = next((param.default for param in said.synapse.others if param.name == name), None)
    is_usual = isinstance(usual, str) and said.values[name] is said.values.get(usual)
    return str(usual) if is_usual else name


def columns_for(
    group: AbstractGroup, members: list[tuple[Projection, TargetsHere]], n: int, clock: Clock
) -> dict[str, TableColumn]:
    """A column for each parameter of the synapse; delays in steps take one byte until there is one that needs more."""
    synapse = members[0][0].synapse
    held = partial(TableColumn, group, members, n)
    in_steps = partial(delay_steps, clock=clock), np.uint8
    as_said = not group.delays_in_steps or (synapse.any_delay and group.model.precise)
    delay = (
        held("delay", partial(delay_ms, model=group.model, clock=clock))
        if as_said
        else held("delay", *in_steps)
    )
    columns = {"weight": held("weight", lambda said, values: values), "delay": delay}
    return columns | {param.name: held(param.name, partial(_checked, param)) for param in synapse.others}


def _checked(param: Param, said: Projection, values: Floats) -> Floats:
    try:
        param.check(values, f"{said.synapse.name} of {said!r}")
    except DescriptionError as error:
        raise BuildError(str(error)) from None
    return values


def _split(table: Table, clock: Clock, members: list[tuple[Projection, TargetsHere]]) -> list[Table]:
    again = partial(_part, members=members, clock=clock)
    return split(table, clock, [said for said, _ in members], again)


def _part(which: int, members: list[tuple[Projection, TargetsHere]], clock: Clock) -> Table:
    """One of the two parts of a table, as it was said."""
    return _split(table_of(members, clock), clock, members)[which]


def compact(delay: Any) -> Any:
    """One byte a delay in steps where that is enough; delays in ms stay as they are."""
    if delay.dtype.kind == "f" or delay.dtype == np.uint8:
        return delay
    return delay.astype(np.uint8 if delay.max(initial=0) < 256 else np.int32)
