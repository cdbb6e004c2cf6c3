"""Connections by names that are the same on any number of ranks, and what they remember by these.

Rows of connections are numbered by rank. But all rows of a target are on one rank, in an order that does not depend
on which: so in a file a connection is its target, and the how manyth of the target's rows it is.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Gids, Ints
from parsim.engine.keeping.gathered import SharedWriter, of_mine
from parsim.io.checkpoint import Checkpoint
from parsim.kernels import rows as kernels
from parsim.shard.drive import Drive
from parsim.shard.group import AbstractGroup
from parsim.shard.rows.table import Table


class RowNames:
    """The rows onto this rank's cells of a group, cell by cell, found when needed.

    Numbers below 0 are no rows, and stay as they are.
    """

    def __init__(self, tables: Sequence[Table | Drive], group: AbstractGroup) -> None:
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
        found = rows.astype(np.int64)
        if known.any():
            found[known] = self._place[rows[known]] - self.start[cells[known]]
        return found

    def rows(self, nth: Any, cells: Ints) -> Any:
        """The reverse of `of`."""
        known: Any = nth >= 0
        found = nth.astype(np.int64)
        if known.any():
            found[known] = self.order[self.start[cells[known]] + nth[known]]
        return found


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
