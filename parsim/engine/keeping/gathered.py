"""Columns of all ranks to a file on rank 0 and back, block by block, so that no rank holds those of all.

Cells of a model are taken in ranges of gids. A block holds the gids of its cells in the order in which ranks gave
them, so that nothing has to be sorted, and each rank that reads it takes its own.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from parsim.arrays import Gids, Ints
from parsim.comm.base import AbstractComm
from parsim.engine.agree import Attempt, raise_together, together
from parsim.io.checkpoint import CheckpointWriter
from parsim.models.spike_times import firsts

BYTES = 1 << 25  # of the widest column of all ranks that are brought together at a time
MOST_CELLS = 1 << 16
PARTS = ("values", "sizes", "which")  # of a list of trains


class SharedWriter:
    """Collective: a checkpoint that rank 0 writes. A write that fails there is heard by all when it is finished."""

    def __init__(self, comm: AbstractComm, path: Path) -> None:
        self.comm = comm
        self._file = together(comm, lambda: CheckpointWriter(path) if comm.rank == 0 else None)
        self._attempt = Attempt()

    def put(self, name: str, values: Any) -> None:
        """Collective: everyone's rows as one array, in the order of ranks."""
        self.put_shared(name, self.comm.gather(values))

    def put_shared(self, name: str, values: Any) -> None:
        """An array that rank 0 has."""
        if self._file is not None:
            self._attempt(self._file.put, name, values)

    def put_cells(self, folder: str, gids: Gids, first: int, end: int, columns: dict[str, Any]) -> None:
        """Collective: columns [cell, ...] or lists of trains, of cells among [first, end); `gids` ascend."""
        widest = max((row_bytes(column) for column in columns.values()), default=8)
        cells = min(MOST_CELLS, max(1, BYTES // max(widest, 1)))
        for block, (begin, stop) in enumerate(ranges(gids, first, end, cells)):
            self.put(f"{folder}/{block}/gid", gids[begin:stop])
            for name, column in columns.items():
                if isinstance(column, list):
                    for part, values in self._trains(column[begin:stop]).items():
                        self.put_shared(f"{folder}/{block}/{name}/{part}", values)
                else:
                    self.put(f"{folder}/{block}/{name}", column[begin:stop])

    def put_rows(
        self, folder: str, gids: Gids, first: int, end: int, counts: Ints, rows: Callable[[int, int], dict[str, Any]]
    ) -> None:  # fmt: skip
        """Collective: `counts` rows of each cell; `rows(b, e)` are the columns of those with the numbers [b, e),
        which count from cell to cell.
        """
        most = int(self.comm.maximum(np.array([counts.max(initial=1)]))[0])
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        cells = min(MOST_CELLS, max(1, BYTES // (8 * most)))
        for block, (begin, stop) in enumerate(ranges(gids, first, end, cells)):
            self.put(f"{folder}/{block}/gid", gids[begin:stop])
            self.put(f"{folder}/{block}/count", counts[begin:stop])
            for name, column in rows(int(starts[begin]), int(starts[stop])).items():
                self.put(f"{folder}/{block}/{name}", column)

    def put_loose(self, folder: str, columns: dict[str, Any]) -> None:
        """Collective: columns [n] of any length on each rank, in no order."""
        n = next(iter(columns.values())).size
        each = max(1, BYTES // (8 * self.comm.size))
        blocks = int(self.comm.maximum(np.array([-(-n // each)]))[0])
        for block in range(blocks):
            for name, column in columns.items():
                self.put(f"{folder}/{block}/{name}", column[block * each : (block + 1) * each])

    def finish(self, about: dict[str, Any]) -> None:
        """Collective: the file gets its name, or an error says on all ranks why not."""
        if self._file is not None:
            self._attempt(self._file.finish, about)
        raise_together(self.comm, self._attempt.failure)

    def discard(self) -> None:
        """Leave nothing behind, unless it was finished."""
        if self._file is not None:
            self._file.discard()

    def _trains(self, column: list[Any]) -> dict[str, Any]:
        """Collective: trains of all ranks, as `packed` gives them."""
        parts = packed(column)
        distinct = self.comm.gather(np.array([[parts["sizes"].size, len(column)]], np.int64))
        found = {name: self.comm.gather(part) for name, part in parts.items()}
        if len(distinct):
            before = np.cumsum(distinct[:, 0]) - distinct[:, 0]
            found["which"] = found["which"] + np.repeat(before, distinct[:, 1])
        return found


def row_bytes(column: Any) -> int:
    """What a cell takes in a column, alike on all ranks; trains are not counted."""
    return 8 if isinstance(column, list) else column.itemsize * int(np.prod(column.shape[1:], dtype=np.int64))


def ranges(gids: Gids, first: int, end: int, cells: int) -> Iterator[tuple[int, int]]:
    """The cells here among each `cells` gids of [first, end), which all ranks know alike."""
    for begin in range(first, end, cells):
        here = np.searchsorted(gids, (begin, min(begin + cells, end)))
        yield int(here[0]), int(here[1])


def of_mine(gids: Gids, block: Gids) -> tuple[Ints, Ints]:
    """Which of these cells a block holds, as local indices, and where in the block each is."""
    here = np.flatnonzero(np.isin(block, gids, assume_unique=True))
    return np.searchsorted(gids, block[here]), here


# ---- trains -------------------------------------------------------------------------------------------


def packed(value: Any) -> dict[str, Any]:
    """An array as it is; a list of trains as one array of those that differ, their sizes, and which each is."""
    if not isinstance(value, list):
        return {"values": value}
    first, which = firsts(value)
    return {
        "values": np.concatenate([np.empty(0), *(value[i] for i in first)]),
        "sizes": np.array([value[i].size for i in first], np.int64),
        "which": which,
    }


def unpacked_cells(block: dict[str, Any], here: Ints) -> dict[str, Any]:
    """The columns of a block by name, lists of trains among them, of the cells that are `here` in it."""
    trains = [name.removesuffix("/which") for name in block if name.endswith("/which")]
    trains = [name for name in trains if {f"{name}/{part}" for part in PARTS} <= block.keys()]
    packed_ones = {f"{name}/{part}" for name in trains for part in PARTS}
    columns: dict[str, Any] = {
        name: values[here] for name, values in block.items() if name not in packed_ones
    }
    for name in trains:
        found = unpacked(block, name, True)
        columns[name] = [found[i] for i in here]
    return columns


def unpacked(columns: dict[str, Any], name: str, trains: bool) -> Any:
    """The reverse of `packed`, of columns called `name/values` and so on."""
    values = columns[f"{name}/values"]
    if not trains:
        return values
    found = np.split(values, np.cumsum(columns[f"{name}/sizes"])[:-1])
    return [found[i] for i in columns[f"{name}/which"]]
