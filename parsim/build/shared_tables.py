"""Tables that several statements share: rows by (source, statement, target, draw)."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.build.connections import Onto, add_table, compact, spread
from parsim.clock import Clock
from parsim.kernels import rows as kernels
from parsim.network.projection import Projection
from parsim.shard.group import ClockedGroup
from parsim.shard.table import Table

SMALL = 1_000  # rows: statements with fewer share a table


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
    if len(members) == 1:
        whole = add_table(*members[0], clock)
    else:
        whole = joined(group, [runs_of(add_table(said, onto, clock)) for said, onto in members])
    if group.model.clocked:
        return [whole]
    if whole.delay.min(initial=np.inf) >= clock.dt:
        return [whole, replace(no_rows(whole), within_islands=True)]
    short = spread(whole.delay < clock.dt, whole.slot.size)
    return [picked(whole, ~short), replace(picked(whole, short), within_islands=True)]


class Runs(NamedTuple):
    """A table without its list of all sources: those that have rows, and how many; its columns as they are."""

    sources: Gids
    counts: Ints
    columns: tuple[Ints, Any, Floats, Any]


def runs_of(table: Table) -> Runs:
    """Thousands of small statements have as many tables, each with a list as long as the selection of sources."""
    counts = np.diff(table.start)
    at = np.flatnonzero(counts)
    return Runs(table.first + at, counts[at], (table.serial, table.slot, table.weight, table.delay))


def joined(group: ClockedGroup, parts: list[Runs]) -> Table:
    """One table of the rows of several, by source; those of one source in the order of the tables."""
    source = np.concatenate([part.sources for part in parts])
    count = np.concatenate([part.counts for part in parts])
    first = int(source.min()) if source.size else 0
    start = np.zeros(int(source.max()) - first + 2 if source.size else 1, np.int64)
    place = np.empty(source.size, np.int64)
    kernels.place_runs(source - first, count, start, place)

    ends = np.cumsum([0, *(part.sources.size for part in parts)])
    columns = []
    for which in range(4):
        given = [part.columns[which] for part in parts]
        column = np.empty(start[-1], np.result_type(*given))
        for values, begin, end in zip(given, ends[:-1], ends[1:], strict=True):
            kernels.copy_runs(place[begin:end], count[begin:end], values, column)
        columns.append(column)
    serial, slot, weight, delay = columns
    return Table(serial, first, start, slot, weight, compact(delay), group, group.gids.size)


def picked(table: Table, keep: Any) -> Table:
    """The rows for which `keep` is true."""
    n = table.slot.size
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(keep)])[table.start]
    serial, weight, delay = (spread(c, n)[keep] for c in (table.serial, table.weight, table.delay))
    return replace(table, serial=serial, start=start, slot=table.slot[keep], weight=weight, delay=delay)


def no_rows(table: Table) -> Table:
    """A table without rows onto the same group."""
    columns = {name: getattr(table, name)[:0] for name in ("serial", "slot", "weight", "delay")}
    return replace(table, start=np.zeros(1, np.int64), **columns)
