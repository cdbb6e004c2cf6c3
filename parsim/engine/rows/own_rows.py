"""This rank's rows among some connections, and where each stands among those of all ranks.

Connections stand in one order that no number of ranks changes: (statement, source, target, draw). All rows of a target
are on one rank, so only the order of targets has to be found out between ranks.
"""

import itertools
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Gids, Ints
from parsim.comm.base import AbstractComm
from parsim.engine.rank import Rank
from parsim.engine.rows.held_rows import AbstractHeldRows, HeldTable, Rows, held_rows, taken
from parsim.engine.rows.wanted import Wanted
from parsim.kernels.merging import add_those_before
from parsim.kernels.order import GID_BITS
from parsim.network.projection import Projection

BLOCK = 1 << 22  # rows of all ranks of which places are found at a time: 32 MB


class Share(NamedTuple):
    """Some rows of one table or drive, in the order of all."""

    held: AbstractHeldRows
    rows: Rows

    @property
    def size(self) -> int:
        """How many."""
        return self.held.size if self.rows is None else self.rows.size

    def column(self, name: str) -> Any:
        """What they have, [row]; sources and targets among it."""
        if name == "source":
            return self.held.sources(self.rows)
        if name == "target":
            return self.held.targets(self.rows)
        column = self.held.serial if name == "serial" else self.held.column(name)
        return taken(column, self.rows, self.held.size)


def share(held: AbstractHeldRows, keep: NDArray[np.bool_] | None) -> Share:
    """Those for which `keep` is true, in order."""
    rows = None if keep is None or keep.all() else np.flatnonzero(keep)
    if held.serial.ndim:
        rows = np.arange(held.size) if rows is None else rows
        rows = rows[np.argsort(held.serial[rows], kind="stable")]
    of = Share(held, rows)
    if not _ascend(of):
        at = np.lexsort([of.column(name) for name in ("target", "source", "serial")])
        of = Share(held, at if rows is None else rows[at])
    return of


def _ascend(of: Share) -> bool:
    """Do they come by source, as those of tables do, with one statement after another?"""
    if of.held.serial.ndim or not of.held.in_any_order:
        return True
    source, target = of.column("source"), of.column("target")
    behind = (source[1:] > source[:-1]) | ((source[1:] == source[:-1]) & (target[1:] >= target[:-1]))
    return bool(behind.all())


class OwnRows:
    """Rows of this rank, of one or several tables, in the order of all connections.

    `place` is known where they were picked from others whose places were known; it ascends.
    """

    def __init__(self, comm: AbstractComm, shares: list[Share], place: Ints | None = None) -> None:
        self.comm = comm
        self.shares = [one for one in shares if one.size]
        self.size = sum(one.size for one in self.shares)
        self._place, self._knows = place, place is not None

    def column(self, name: str, dtype: Any = np.float64) -> Any:
        """What each row has, [row]."""
        return self.joined([one.column(name) for one in self.shares], dtype)

    def joined(self, parts: list[Any], dtype: Any) -> Any:
        """A column of all rows, of those of each share; the reverse of `split`."""
        column = np.array(parts[0]) if len(parts) == 1 else np.concatenate([np.empty(0, dtype), *parts])
        column = column.astype(dtype, copy=False)
        return column if self._order is None else column[self._order]

    def counts(self, serials: int) -> Ints:
        """How many there are of each statement, of all those with a serial below `serials`."""
        counts = np.zeros(serials, np.int64)
        for one in self.shares:
            serial = one.held.serial
            if serial.ndim:
                counts += np.bincount(one.column("serial"), minlength=serials)
            else:
                counts[int(serial)] += one.size
        return counts

    @cached_property
    def _order(self) -> Ints | None:
        """Where each row is among those of the shares one after another; None where they are in order as they are.

        Rows alike in all stand in the order of the tables, which is the same on all ranks.
        """
        ends = []
        for one in self.shares:
            serial = one.column("serial")
            ends.append((int(serial[0]), int(serial[-1])))
        if all(a[1] < b[0] for a, b in itertools.pairwise(ends)):
            return None
        names = ("target", "source", "serial")
        return np.lexsort([np.concatenate([one.column(name) for one in self.shares]) for name in names])

    def cells(self) -> tuple[Ints, int]:
        """Which cell of this rank each leads to, [row], by numbers below the second."""
        first, cells, parts = {}, 0, [np.empty(0, np.int64)]
        for one in self.shares:
            if one.held.group not in first:
                first[one.held.group] = cells
                cells += one.held.group.gids.size
            parts.append(one.held.local(one.rows) + first[one.held.group])
        found = np.concatenate(parts).astype(np.int64, copy=False)
        return found if self._order is None else found[self._order], cells

    def split(self, values: Any) -> list[tuple[Share, Any]]:
        """What belongs to each share of `values` [row]."""
        if self._order is not None:
            held = np.empty_like(values)
            held[self._order] = values
            values = held
        ends = np.cumsum([one.size for one in self.shares])
        return list(zip(self.shares, np.split(values, ends[:-1]), strict=True)) if self.shares else []

    def picked(self, keep: NDArray[np.bool_]) -> "OwnRows":
        """Collective the first time: those for which `keep`, of all connections, is true."""
        place = self.place()
        mine = keep if place is None else keep[place]
        return self.masked(mine, None if place is None else np.cumsum(keep)[place[mine]] - 1)

    def masked(self, mine: NDArray[np.bool_], place: Ints | None = None) -> "OwnRows":
        """Those for which `mine`, of the rows here, is true; `place` is theirs among all, where it is known."""
        shares = [
            Share(one.held, np.flatnonzero(kept) if one.rows is None else one.rows[kept])
            for one, kept in self.split(mine)
        ]
        return OwnRows(self.comm, shares, place)

    def place(self) -> Ints | None:
        """Collective the first time: where each row stands among those of all ranks; None where the rank is alone."""
        if not self._knows:
            self._place, self._knows = self._find_places() if self.comm.size > 1 else None, True
        return self._place

    def everyones(self, mine: Any, everywhere: bool) -> Any:
        """Collective: what each of all connections has, on every rank or on rank 0, of which each gives its own."""
        place = self.place()
        if place is None or self.comm.size == 1:
            return mine
        bring = (lambda a: self.comm.allgather(a)[0]) if everywhere else self.comm.gather
        places, values = bring(place), bring(mine)
        found = np.empty_like(values)
        found[places] = values
        return found

    # ---- places ----------------------------------------------------------------------------------

    def _find_places(self) -> Ints:
        """Collective: rows of one source and statement after another, those of all ranks in blocks."""
        comm = self.comm
        counts, serial, source = self._runs()
        ends = np.append(0, np.cumsum(counts))
        (serials, sizes), (sources, _) = comm.allgather(serial, serial.size), comm.allgather(source)
        everyones, _ = comm.allgather(counts)
        order = np.lexsort((sources, serials))
        new = np.append(True, (np.diff(sources[order]) != 0) | (np.diff(serials[order]) != 0))[: order.size]
        first = np.flatnonzero(new)
        start = (
            np.append(0, np.cumsum(np.add.reduceat(everyones[order], first)))
            if first.size
            else np.zeros(1, int)
        )
        which = np.empty(order.size, np.int64)
        which[order] = np.cumsum(new) - 1
        before = int(sizes[: comm.rank].sum())
        mine = which[before : before + serial.size]  # of each run of this rank, its number among those of all

        target, place = self.column("target", np.int64), np.empty(self.size, np.int64)
        edges = np.unique(np.append(np.searchsorted(start, np.arange(0, start[-1], BLOCK)), start.size - 1))
        for b, e in itertools.pairwise(edges):
            low, high = np.searchsorted(mine, (b, e))
            here = slice(int(ends[low]), int(ends[high]))
            keys = (np.repeat(mine[low:high] - b, counts[low:high]) << GID_BITS) | target[here]
            place[here] = start[b] + self._among(keys)
        return place

    def _runs(self) -> tuple[Ints, Ints, Gids]:
        """How many rows each source of each statement has, the statement's serial, and the source."""
        if self._order is None and all(one.rows is None and one.held.is_by_source for one in self.shares):
            parts = [(np.empty(0, np.int64),) * 3]
            for one in self.shares:
                counts, sources = one.held.runs()
                parts.append((counts, np.full(counts.size, int(one.held.serial)), sources))
            counts, serials, sources = (np.concatenate(columns) for columns in zip(*parts, strict=True))
            return counts, serials, sources
        serial, source = self.column("serial", np.int64), self.column("source", np.int64)
        new = np.append(True, (np.diff(source) != 0) | (np.diff(serial) != 0))[: self.size]
        begin = np.flatnonzero(new)
        return np.diff(np.append(begin, self.size)), serial[begin], source[begin]

    def _among(self, keys: Ints) -> Ints:
        """Collective: where each of these ascending keys stands among those of all ranks."""
        everyone, sizes = self.comm.allgather(keys, keys.size)
        place, ends = np.arange(keys.size), np.cumsum(sizes)
        for rank in range(self.comm.size):
            if rank != self.comm.rank:
                add_those_before(keys, everyone[ends[rank] - sizes[rank] : ends[rank]], place)
        return place


def own_rows(rank: Rank, wanted: Wanted) -> OwnRows:
    """This rank's among those that are wanted."""
    serials = wanted.serials(rank.network)
    shares = []
    for rows in held_rows(rank):
        if isinstance(rows, HeldTable) != (wanted.kind == "cell"):
            continue
        keep = np.ones(rows.size, bool)
        if serials is not None:
            keep &= np.isin(rows.serial, serials)
        if wanted.source is not None:
            keep &= rows.from_any(wanted.source.members)
        if wanted.target is not None:
            keep &= rows.onto_any(wanted.target.members)
        shares.append(share(rows, keep))
    return OwnRows(rank.comm, shares)


def of_statement(rank: Rank, said: Projection) -> OwnRows:
    """This rank's rows of a statement."""
    return own_rows(rank, Wanted(said.source.kind, statement=said))
