"""What waits at cells that hear exact times, by gid, and back on any number of ranks.

Rows of connections are numbered by rank. But all rows of a target are on one rank, in an order that does not depend
on which: so in a file a connection is its target, and the how manyth of the target's rows it is.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Gids, Ints
from parsim.engine.gathered import SharedWriter, of_mine
from parsim.engine.rank import Rank
from parsim.io.checkpoint import Checkpoint
from parsim.kernels import rows as kernels
from parsim.shard.event_group import EventGroup
from parsim.shard.group import AbstractGroup
from parsim.shard.outbox import outbox
from parsim.shard.queue import RESERVE, SENT, make_queue
from parsim.shard.table import Table
from parsim.shard.waiting import Movable, Waiting, movable, put, put_events, waiting


class RowNames:
    """The rows onto this rank's cells of a group, cell by cell, found when needed. Row -1 is none, as is name -1."""

    def __init__(self, tables: list[Table], group: AbstractGroup) -> None:
        self.tables = [table for table in tables if table.group is group]
        self.cells = group.gids.size

    @cached_property
    def counts(self) -> Ints:
        """How many rows each cell has."""
        counts = np.zeros(self.cells, np.int64)
        for table in self.tables:
            kernels.count_targets(table.local(), counts)
        return counts

    @cached_property
    def start(self) -> Ints:
        """Where each cell's rows begin in `order`."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.counts)])

    @cached_property
    def order(self) -> NDArray[np.int32]:
        """The rows, cell after cell."""
        order, cursor = np.empty(int(self.start[-1]), np.int32), self.start[:-1].copy()
        for table in self.tables:
            kernels.place_by_target(table.local(), table.base, cursor, order)
        return order

    @cached_property
    def _place(self) -> NDArray[np.int32]:
        place = np.empty(self.order.size, np.int32)
        place[self.order] = np.arange(self.order.size, dtype=np.int32)
        return place

    def of(self, rows: Any, cells: Ints) -> Any:
        """The how manyth of its cell's rows each row is; `rows` lead to `cells`."""
        known: Any = rows >= 0
        found = np.full(rows.size, -1)
        if known.any():
            found[known] = self._place[rows[known]] - self.start[cells[known]]
        return found

    def rows(self, nth: Any, cells: Ints) -> Any:
        """The reverse of `of`."""
        known: Any = nth >= 0
        found = np.full(nth.size, -1)
        if known.any():
            found[known] = self.order[self.start[cells[known]] + nth[known]]
        return found


def save_arrivals(rank: Rank, group: AbstractGroup, names: RowNames, file: SharedWriter, folder: str) -> None:
    """Collective: events on their way to this rank's cells of a group."""
    assert group.arrivals is not None
    time, cell, weight, row = group.arrivals.pending(rank.now)
    found = {"gid": group.gids[cell], "time": time, "weight": weight, "row": names.of(row, cell)}
    file.put_loose(f"{folder}/events", found)


def restore_arrivals(group: AbstractGroup, names: RowNames, file: Checkpoint, folder: str) -> None:
    """Put this rank's events on their way again."""
    assert group.arrivals is not None
    for block in file.blocks(f"{folder}/events"):
        here = np.isin(block["gid"], group.gids)
        cell = np.searchsorted(group.gids, block["gid"][here])
        row = names.rows(block["row"][here], cell)
        group.arrivals.put(block["time"][here], cell, block["weight"][here], row.astype(np.int32))


def save_queue(
    group: EventGroup, names: RowNames, file: SharedWriter, folder: str, extent: tuple[int, int]
) -> None:
    """Collective: what waits at this rank's cells of a group, and what their connections remember."""
    held, events = movable(group.queue), waiting(group.queue)
    everyone = np.arange(group.gids.size)
    cells = {"at": held.at, "weight": held.weight, "sent": held.sent}
    cells["row"] = names.of(held.row, everyone)
    file.put_cells(f"{folder}/queue", group.gids, *extent, cells)

    over_connection = events.source != SENT  # then `order` is the connection, else how many were sent before
    found = {name: getattr(events, name) for name in ("time", "source", "weight", "flag")}
    found["gid"] = group.gids[events.slot]
    found["row"] = names.of(events.row, events.slot)
    found["order"] = np.where(over_connection, -1, events.order)
    file.put_loose(f"{folder}/waiting", found)

    if group.model.has_connection_events:
        save_rows(file, f"{folder}/rows", group, extent, names, group.connections._asdict())


def restore_queue(group: EventGroup, names: RowNames, file: Checkpoint, folder: str) -> None:
    """Let wait again what waited at this rank's cells; no cell is in an island now."""
    n = group.gids.size
    held = Movable(np.empty(n), np.full(n, -1), np.empty(n), np.empty(n, np.int64))
    for block in file.blocks(f"{folder}/queue"):
        local, here = of_mine(group.gids, block["gid"])
        for name, column in held._asdict().items():
            column[local] = block[name][here]
    held = held._replace(row=names.rows(held.row, np.arange(n)))

    group.out = outbox(RESERVE)
    group.new = group.new[:0]
    queue = make_queue(group.gids, group.queue.own.size, group.seed, group.grid, group.out)
    group.queue = put(queue, np.arange(n), held)
    for block in file.blocks(f"{folder}/waiting"):
        mine = np.isin(block["gid"], group.gids)
        slot = np.searchsorted(group.gids, block["gid"][mine])
        row = names.rows(block["row"][mine], slot)
        source = block["source"][mine]
        order = np.where(source == SENT, block["order"][mine], row)
        events = Waiting(
            slot, block["time"][mine], source, order, row, block["weight"][mine], block["flag"][mine]
        )
        group.queue = put_events(group.queue, np.arange(n), events)

    if group.model.has_connection_events:
        restore_rows(file, f"{folder}/rows", group.gids, names, group.connections._asdict())


def save_rows(
    file: SharedWriter, folder: str, group: AbstractGroup, extent: tuple[int, int], names: RowNames,
    columns: dict[str, Any], base: int = 0,
) -> None:  # fmt: skip
    """Collective: what connections onto this rank's cells remember; `columns` begin with row number `base`."""

    def remembered(begin: int, end: int) -> dict[str, Any]:
        rows = names.order[begin:end] - base
        return {f"connection {name}": column[rows] for name, column in columns.items()}

    file.put_rows(folder, group.gids, *extent, names.counts, remembered)


def restore_rows(
    file: Checkpoint, folder: str, gids: Gids, names: RowNames, columns: dict[str, Any], base: int = 0
) -> None:
    """The reverse of `save_rows`."""
    for block in file.blocks(folder):
        _restore_block(block, gids, names, columns, base)


def _restore_block(
    block: dict[str, Any], gids: Gids, names: RowNames, columns: dict[str, Any], base: int
) -> None:
    local, here = of_mine(gids, block["gid"])
    counts = block["count"]
    begins = np.cumsum(counts) - counts
    sizes = counts[here]
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    saved = np.repeat(begins[here], sizes) + within
    rows = names.order[np.repeat(names.start[local], sizes) + within] - base
    for name, column in columns.items():
        column[rows] = block[f"connection {name}"][saved]
