"""What a group saves and takes back, in the file of all ranks: local cells and rows become gids and names there."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from parsim.arrays import Ints
from parsim.engine.keeping.gathered import SharedWriter, of_mine, unpacked_cells
from parsim.engine.rows.row_names import RowNames, restore_rows, save_rows
from parsim.io.checkpoint import Checkpoint
from parsim.shard.group import AbstractGroup
from parsim.shard.saved import AbstractSaved, AbstractSaving


class SavingGroup(AbstractSaving):
    """A folder of a checkpoint that is written; `extent` is the range of gids in which the cells of all ranks are."""

    def __init__(
        self, file: SharedWriter, folder: str, group: AbstractGroup, extent: tuple[int, int], names: RowNames, now: int
    ) -> None:  # fmt: skip
        self.file, self.folder, self.group = file, folder, group
        self.extent, self.names, self.now = extent, names, now

    def put_cells(self, part: str, columns: dict[str, Any]) -> None:
        """Columns of all cells."""
        self.file.put_cells(f"{self.folder}/{part}", self.group.gids, *self.extent, columns)

    def put_loose(self, part: str, cells: Ints, columns: dict[str, Any]) -> None:
        """Columns of things that are at `cells`."""
        self.file.put_loose(f"{self.folder}/{part}", {"gid": self.group.gids[cells]} | columns)

    def put_rows(self, part: str, columns: dict[str, Any]) -> None:
        """Columns of all connections."""
        save_rows(self.file, f"{self.folder}/{part}", self.group, self.extent, self.names, columns)

    def names_of(self, rows: Any, cells: Ints) -> Ints:
        """The how manyth of its cell's rows each row is."""
        return self.names.of(rows, cells)  # type: ignore[no-any-return]


class SavedGroup(AbstractSaved):
    """The same folder of a checkpoint that is read."""

    def __init__(
        self, file: Checkpoint, folder: str, group: AbstractGroup, names: RowNames, now: int
    ) -> None:
        self.file, self.folder, self.group = file, folder, group
        self.names, self.now = names, now

    def cells(self, part: str) -> Iterator[tuple[Ints, dict[str, Any]]]:
        """This rank's cells of each block, with their columns."""
        for block in self.file.blocks(f"{self.folder}/{part}"):
            local, here = of_mine(self.group.gids, block["gid"])
            yield local, unpacked_cells(block, here)

    def loose(self, part: str) -> Iterator[tuple[Ints, dict[str, Any]]]:
        """The cells, of this rank, at which things of each block are, with columns of these."""
        for block in self.file.blocks(f"{self.folder}/{part}"):
            gids = block.pop("gid")
            here = np.isin(gids, self.group.gids)
            cells = np.searchsorted(self.group.gids, gids[here])
            yield cells, {name: column[here] for name, column in block.items()}

    def take_rows(self, part: str, columns: dict[str, Any]) -> None:
        """Fill columns of all connections."""
        restore_rows(self.file, f"{self.folder}/{part}", self.group.gids, self.names, columns)

    def rows_of(self, names: Any, cells: Ints) -> Ints:
        """The reverse of `names_of`."""
        return self.names.rows(names, cells)  # type: ignore[no-any-return]
