"""What was asked for is kept: samples copied between spans, spikes as they are exchanged."""

from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.assembly.partition import Partition
from parsim.clock import Clock, Grid
from parsim.comm.base import AbstractComm
from parsim.engine.agree import Attempt
from parsim.engine.exchange import Spikes
from parsim.io.results import SpikeFile, TraceFile
from parsim.kernels.order import take_wanted
from parsim.network.recording import Recording, SpikeRecording
from parsim.shard.group import AbstractGroup

BUFFER = 1 << 22  # bytes of samples of the whole network kept before they are gathered


class SpikeKeeper:
    """Keeps the spikes of some cells where they were asked for. Every rank sees all spikes, so nothing is sent."""

    def __init__(self, said: SpikeRecording, comm: AbstractComm, first_process: bool, now: int) -> None:
        self.said, self.until = said, now
        writes = comm.rank == 0
        self.keeps = said.to is None and (writes or (said.everywhere and first_process))
        self.file: SpikeFile | None = None
        self.writes = said.to is not None and writes
        gids = said.cells.gids
        self.wanted = np.zeros(int(gids.max(initial=-1)) + 1, bool)
        self.wanted[gids] = True

    def keep(self, spikes: Spikes, grid: Grid) -> None:
        """Keep what is wanted and not yet kept."""
        if not (self.keeps or self.writes):
            return
        times, gids = np.empty(spikes.gids.size), np.empty(spikes.gids.size, np.int64)
        n = take_wanted(*spikes, self.until, self.wanted, grid, times, gids)
        if n == 0:
            return
        if n < times.size:
            times, gids = times[:n].copy(), gids[:n].copy()
        if self.keeps:
            self.said.keep(times, gids)
        elif self.file is not None:
            self.file.append(times, gids)

    def finish(self, now: float) -> None:
        """All spikes up to `now` (ms) are where they were asked for."""
        self.said.duration = now
        if self.file is not None:
            self.file.close(now)


class Piece(NamedTuple):
    """Recorded cells of one group: where they are, and their columns in the buffer."""

    group: AbstractGroup
    cells: Ints
    columns: slice


class Sampler:
    """Copies a state of this rank's share of some cells at given steps, and gathers it now and then."""

    def __init__(
        self,
        said: Recording,
        groups: list[AbstractGroup],
        partition: Partition,
        comm: AbstractComm,
        first_process: bool,
        clock: Clock,
        now: int,
    ) -> None:
        self.said, self.comm, self.clock = said, comm, clock
        self.every = clock.steps(said.interval, "interval")
        self.writes = comm.rank == 0
        self.keeps = said.to is None and (self.writes or (said.everywhere and first_process))
        self.file: TraceFile | None = None

        gids = np.sort(said.cells.gids)
        mine = gids[partition.owns(gids)]
        self.pieces: list[Piece] = []
        order, at = [np.empty(0, np.int64)], 0
        for group in groups:
            cells = np.flatnonzero(np.isin(group.gids, mine, assume_unique=True))
            if cells.size:
                self.pieces.append(Piece(group, cells, slice(at, at + cells.size)))
                order.append(group.gids[cells])
                at += cells.size
        self.own: Gids = np.concatenate(order)
        self.gids = gids
        if self.keeps:
            said.gids = gids
        self.capacity = max(2, BUFFER // (8 * max(1, gids.size)))
        self.buffer = np.empty((self.capacity, at))
        self._columns: Any = None
        self.begin(now)

    def begin(self, now: int) -> None:
        """Samples are taken after step `now`; none is held."""
        self.first = (now // self.every + 1) * self.every  # the step of the buffer's first row
        self.rows = 0

    def next_after(self, step: int) -> int:
        """The next step to be sampled."""
        return (step // self.every + 1) * self.every

    def make_room(self, steps: int) -> None:
        """See that the buffer holds all samples of so many steps."""
        need = steps // self.every + 2
        if need > self.capacity:
            self.capacity = need
            grown = np.empty((need, self.buffer.shape[1]))
            grown[: self.rows] = self.buffer[: self.rows]
            self.buffer = grown

    def sample(self, step: int, piece: Piece) -> None:
        """Copy a group's recorded cells as they are at the end of a step."""
        row = (step - self.first) // self.every
        piece.group.sample(self.said.variable, piece.cells, step, self.buffer[row, piece.columns])

    def note(self, now: int) -> None:
        """All samples up to `now` have been taken."""
        self.rows = max(0, (now - self.first) // self.every + 1)

    def full(self, steps: int) -> bool:
        """Could the next `steps` steps not be held?"""
        return self.rows + steps // self.every + 2 > self.capacity

    def flush(self, attempt: Attempt) -> None:
        """Collective: bring the samples to where they were asked for, which may fail on a rank that keeps them."""
        if self.gids.size == 0 or self.rows == 0:
            return
        columns = np.ascontiguousarray(self.buffer[: self.rows].T)
        if self.said.everywhere:
            flat, _ = self.comm.allgather(columns.reshape(-1))
            everyone = flat.reshape(-1, self.rows)
        else:
            everyone = self.comm.gather(columns)
        order = self._order()
        if self.keeps or self.writes:
            attempt.in_any_case(self._store, everyone, order)
        self.first += self.rows * self.every
        self.rows = 0

    def _order(self) -> Ints:
        """Collective the first time: where each recorded cell's column is in what is gathered."""
        if self._columns is None:
            self._columns = np.argsort(self.comm.allgather(self.own)[0], kind="stable")
        return self._columns  # type: ignore[no-any-return]

    def _store(self, everyone: Floats, order: Ints) -> None:
        times = self.clock.times(self.first + np.arange(self.rows) * self.every)
        values = everyone[order].T.copy()
        if self.keeps:
            self.said.keep(times, values)
        elif self.file is not None:
            self.file.append(times, values)

    def finish(self, now: float) -> None:
        """What was flushed is in the file, which says that it goes up to `now` (ms)."""
        if self.file is not None:
            self.file.close(now)
