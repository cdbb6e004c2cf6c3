"""What was asked for is kept: samples copied between spans, spikes as they are exchanged."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints
from parsim.assembly.partition import Partition
from parsim.clock import Clock, Grid
from parsim.comm.base import AbstractComm
from parsim.engine.agree import Attempt
from parsim.io.results import SpikeFile, TraceFile
from parsim.jit import DONE, ROOM, Block, Op, opened
from parsim.kernels import order
from parsim.network.population import Selection
from parsim.network.recording import Recording, SpikeRecording
from parsim.shard.found import Found
from parsim.shard.group import AbstractGroup
from parsim.shard.samples import Samples
from parsim.shard.stages import Stages

BUFFER = 1 << 22  # bytes of samples of the whole network kept before they are gathered


KEPT = 1 << 14  # spikes a keeper holds at first, before they are handed over


class Kept(NamedTuple):
    """`count[0]` recorded spikes; all up to step `count[1]` have been looked at."""

    times: Floats
    gids: Gids
    count: Ints  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    wanted: Any


def keep(at, first, stop, origin):
    """Keep those spikes of the interval that are wanted and not yet kept."""
    kept_at, found_at, grid = opened(at)
    kept, found = opened(kept_at), opened(found_at)
    n, m = found.count[0], kept.count[0]
    if m + n > kept.times.size:
        return ROOM
    kept.count[0] = m + order.take_wanted(
        found.gids[:n], found.steps[:n], found.offsets[:n], kept.count[1], kept.wanted, grid,
        kept.times[m:], kept.gids[m:],
    )  # fmt: skip
    kept.count[1] = stop
    return DONE


class SpikeKeeper:
    """Keeps the spikes of some cells where they were asked for. Every rank sees all spikes, so nothing is sent."""

    def __init__(self, said: SpikeRecording, comm: AbstractComm, first_process: bool, now: int) -> None:
        self.said = said
        writes = comm.rank == 0
        self.keeps = said.to is None and (writes or (said.everywhere and first_process))
        self.file: SpikeFile | None = None
        self.writes = said.to is not None and writes
        self.wanted = wanted(said.cells) if self.keeps or self.writes else np.zeros(0, bool)
        self.kept = Block(Kept(np.empty(KEPT), np.empty(KEPT, np.int64), np.zeros(2, np.int64), self.wanted))
        self.until = now

    def ops(self, found: Block, grid: Grid, attempt: Callable[[], Attempt]) -> list[Op]:
        """What keeps the spikes of an interval. A failure to hand them over is kept in the `attempt` that goes on."""
        if not (self.keeps or self.writes):
            return []

        def make_room() -> None:
            attempt().in_any_case(self.hand_over)
            spikes: Found = found.value
            n, kept = int(spikes.count[0]), self.kept.value
            if kept.times.size < n:
                self.kept.put(kept._replace(times=np.empty(2 * n), gids=np.empty(2 * n, np.int64)))

        return [Op(keep, self.kept, found, grid, make_room=make_room)]

    def hand_over(self) -> None:
        """What ops have kept to where it was asked for."""
        kept = self.kept.value
        if n := int(kept.count[0]):
            kept.count[0] = 0
            self._hand_over(kept.times[:n].copy(), kept.gids[:n].copy())

    @property
    def until(self) -> int:
        """The step up to which all spikes have been looked at."""
        return int(self.kept.value.count[1])

    @until.setter
    def until(self, step: int) -> None:
        self.kept.value.count[1] = step

    def _hand_over(self, times: Floats, gids: Gids) -> None:
        if self.keeps:
            self.said.keep(times, gids)
        elif self.file is not None:
            self.file.append(times, gids)

    def finish(self, now: float) -> None:
        """All spikes up to `now` (ms) are where they were asked for."""
        self.said.duration = now
        if self.file is not None:
            self.file.close(now)


def wanted(cells: Selection) -> NDArray[np.bool_]:
    """Which gids are among these, up to the greatest; asked on a rank that keeps their spikes alone."""
    found = np.zeros(cells.members.most + 1, bool)
    for part in cells.parts:
        where, first = part.where, part.population.first
        if isinstance(where, range):
            found[first + where.start : first + where.stop : where.step] = True
        else:
            found[first + where] = True
    return found


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

        mine = np.sort(partition.own_places(said.cells)[1])
        self.pieces: list[Piece] = []
        order, at = [np.empty(0, np.int64)], 0
        for group in groups:
            cells = np.flatnonzero(np.isin(group.gids, mine, assume_unique=True))
            if cells.size:
                self.pieces.append(Piece(group, cells, slice(at, at + cells.size)))
                order.append(group.gids[cells])
                at += cells.size
        self.own: Gids = np.concatenate(order)
        self.size = len(said.cells)
        # Of all cells, on a rank that keeps their samples alone.
        self.gids: Gids = np.sort(said.cells.gids) if self.keeps or self.writes else np.empty(0, np.int64)
        if self.keeps:
            said.gids = self.gids
        self.capacity = max(2, BUFFER // (8 * max(1, self.size)))
        self.buffer = np.empty((self.capacity, at))
        self._columns: Any = None
        self.place: Ints = np.zeros(1, np.int64)  # the step of the buffer's first row
        self.begin(now)

    def begin(self, now: int) -> None:
        """Samples are taken after step `now`; none is held."""
        self.place[0] = (now // self.every + 1) * self.every
        self.rows = 0

    @property
    def first(self) -> int:
        """The step of the buffer's first row."""
        return int(self.place[0])

    def make_room(self, steps: int) -> None:
        """See that the buffer holds all samples of so many steps."""
        need = steps // self.every + 2
        if need > self.capacity:
            self.capacity = need
            grown = np.empty((need, self.buffer.shape[1]))
            grown[: self.rows] = self.buffer[: self.rows]
            self.buffer = grown

    def note(self, now: int) -> None:
        """All samples up to `now` have been taken."""
        self.rows = max(0, (now - self.first) // self.every + 1)

    def full_at(self, steps: int) -> int:
        """The first step at which `full(steps)` will be true."""
        return self.first + (self.capacity - 2 - steps // self.every) * self.every

    def full(self, steps: int) -> bool:
        """Could the next `steps` steps not be held?"""
        return self.rows + steps // self.every + 2 > self.capacity

    def flush(self, attempt: Attempt) -> None:
        """Collective: bring the samples to where they were asked for, which may fail on a rank that keeps them."""
        if self.size == 0 or self.rows == 0:
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
        self.place[0] += self.rows * self.every
        self.rows = 0

    def _order(self) -> Ints:
        """Collective the first time: where each recorded cell's column is in what is gathered."""
        if self._columns is None:
            comm, own = self.comm, self.own
            self._columns = np.argsort(
                comm.allgather(own)[0] if self.said.everywhere else comm.gather(own), kind="stable"
            )
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


def sample_op(stages: Stages, sampler: Sampler, piece: Piece) -> Op:
    """What takes a sampler's samples of one group."""
    column = int(piece.columns.start)
    into = stages.follow(lambda: Samples(sampler.buffer, sampler.place, piece.cells, column, sampler.every))
    return piece.group.sample_op(stages, sampler.said.variable, into)
