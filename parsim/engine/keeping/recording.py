"""What was asked for is kept: samples copied between spans, a rank's own spikes once they are in order."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.assembly.partition import Partition
from parsim.clock import NEVER, Clock, Grid
from parsim.comm.base import AbstractComm
from parsim.engine.agree import Attempt
from parsim.jit import DONE, ROOM, Block, Op, opened
from parsim.kernels import order
from parsim.kernels.merging import merged_spikes
from parsim.kernels.sources import Sources, wanted_sources
from parsim.models.archived import trace_number
from parsim.network.recording import Recording, SpikeRecording
from parsim.shard.group import AbstractGroup
from parsim.shard.rows.row_samples import RowSamples, hear_before_samples, sample_rows
from parsim.shard.samples import Samples
from parsim.shard.stages import Stages

if TYPE_CHECKING:  # h5py, a tenth of what a start takes, is loaded when a file is opened
    from parsim.io.results import SpikeFile, TraceFile

BUFFER = 1 << 22  # bytes of samples of the whole network kept before they are gathered


KEPT = 1 << 14  # spikes a keeper holds at first
MOST_KEPT = 8  # times as many on all ranks, and they hand over what they keep


class KeptSpikes(NamedTuple):
    """`count[0]` recorded spikes; all up to step `count[1]` have been looked at. `ends` is the step up to which all had
    been when a spike was kept: between two of these, spikes are in order of (time, gid).
    """

    times: Floats
    gids: Gids
    ends: Ints
    count: Ints  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    wanted: Sources


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
    for j in range(m, kept.count[0]):
        kept.ends[j] = stop
    kept.count[1] = stop
    return DONE


class SpikeKeeper:
    """Keeps the spikes of this rank's share of some cells, and gathers them where they were asked for now and then."""

    def __init__(
        self, said: SpikeRecording, partition: Partition, comm: AbstractComm, first_process: bool, now: int
    ) -> None:
        self.said, self.comm = said, comm
        first = comm.rank == 0
        self.keeps = said.to is None and (first or (said.everywhere and first_process))
        self.file: SpikeFile | None = None
        self.writes = said.to is not None and first
        wanted = wanted_sources(np.sort(partition.own_places(said.cells)[1]))
        ints = np.empty(KEPT, np.int64), np.empty(KEPT, np.int64)
        self.kept = Block(KeptSpikes(np.empty(KEPT), *ints, np.zeros(2, np.int64), wanted))
        self.until = now

    def ops(self, found: Block, grid: Grid, attempt: Callable[[], Attempt]) -> list[Op]:
        """What keeps the spikes of an interval. A failure to hand them over is kept in the `attempt` that goes on."""

        def make_room() -> None:
            if self.comm.size == 1:
                self.flush(attempt())
            kept: KeptSpikes = self.kept.value
            n, need = int(kept.count[0]), int(kept.count[0]) + int(found.value.count[0])
            if kept.times.size < need:
                wider = [
                    np.concatenate([column[:n], np.empty(2 * need - n, column.dtype)]) for column in kept[:3]
                ]
                self.kept.put(kept._replace(times=wider[0], gids=wider[1], ends=wider[2]))

        return [Op(keep, self.kept, found, grid, make_room=make_room)]

    @property
    def until(self) -> int:
        """The step up to which all spikes have been looked at."""
        return int(self.kept.value.count[1])

    @until.setter
    def until(self, step: int) -> None:
        self.kept.value.count[1] = step

    def flush(self, attempt: Attempt) -> None:
        """Collective: what all have kept to where it was asked for, which may fail on a rank that keeps it."""
        kept: KeptSpikes = self.kept.value
        n, kept.count[0] = int(kept.count[0]), 0
        times, gids = kept.times[:n].copy(), kept.gids[:n].copy()
        if self.comm.size > 1:
            times, gids = self._of_all(np.stack([times.view(np.int64), gids, kept.ends[:n]], axis=1))
        if (self.keeps or self.writes) and times.size:
            attempt.in_any_case(self._store, times, gids)

    def _of_all(self, mine: Ints) -> tuple[Floats, Gids]:
        """Collective: the spikes of all ranks, [spike, column], in the order that they had on one."""
        if self.said.everywhere:
            everyone = self.comm.allgather(mine.reshape(-1))[0].reshape(-1, 3)
        else:
            everyone = self.comm.gather(mine)
        # An interval's end before the time: at an edge, exact times may have been rounded the other way.
        times, gids, _ = (np.ascontiguousarray(column) for column in merged_spikes(everyone).T)
        return times.view(np.float64), gids

    def _store(self, times: Floats, gids: Gids) -> None:
        if self.keeps:
            self.said.keep(times, gids)
        elif self.file is not None:
            self.file.append(times, gids)

    def finish(self, now: float) -> None:
        """All spikes up to `now` (ms) are where they were asked for."""
        self.said.duration = now
        if self.file is not None:
            self.file.close(now)


def full_of_spikes(keepers: list[SpikeKeeper], ranks: int, told: int) -> int:
    """How many spikes there will be on all ranks, after `told`, when keepers are to gather what they have."""
    return told + MOST_KEPT * KEPT if keepers and ranks > 1 else NEVER


class RecordedCells(NamedTuple):
    """Recorded cells of one group: where they are, and their columns in the buffer."""

    group: AbstractGroup
    cells: Ints
    columns: slice


class Sampler:
    """Copies something of this rank's share of some cells or connections at given steps, and gathers it now and then.

    `pieces` say where it is here, `own` which of the `size` columns of all ranks each of the buffer's is one of, in any
    numbers that ascend as columns do.
    """

    def __init__(
        self, said: Any, pieces: list[Any], own: Ints, size: int, comm: AbstractComm, first_process: bool, clock: Clock
    ) -> None:  # fmt: skip
        self.said, self.pieces, self.own, self.size = said, pieces, own, size
        self.comm, self.clock = comm, clock
        self.every = clock.steps(said.interval, "interval")
        self.writes = comm.rank == 0
        self.keeps = said.to is None and (self.writes or (said.everywhere and first_process))
        self.file: TraceFile | None = None

        self.gids: Gids = np.empty(0, np.int64)
        self.capacity = max(2, BUFFER // (8 * max(1, size)))
        self.buffer = np.full((self.capacity, own.size), np.nan)
        self._columns: Any = None
        self._where: Any = None  # the columns there are, if not all
        self.row_pieces: list[Any] = []
        self.place: Ints = np.zeros(1, np.int64)  # the step of the buffer's first row
        self.begin(0)

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
            grown = np.full((need, self.buffer.shape[1]), np.nan)
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
            columns = comm.allgather(own)[0] if self.said.everywhere else comm.gather(own)
            self._columns = np.argsort(columns, kind="stable")
            self._where = columns[self._columns] if columns.size < self.size else None
        return self._columns  # type: ignore[no-any-return]

    def row_ops(self, stages: Stages, hear: Callable[[Any, int], None]) -> None:
        """Lay out what takes samples of connections; `row_pieces` are these, table by table.

        `hear(group, step)` lets those onto a group hear what has come back from their targets, which they would
        otherwise when their source fires next.
        """
        for held in (piece.held for piece in self.row_pieces):
            if held.hears:
                heard = np.array([-1, -1])
                answer = partial(self._hear, hear, held.group, heard)
                stages.begin.append(Op(hear_before_samples, self.every, heard, make_room=answer))
        stages.begin += self.row_samples(stages, within_islands=False)

    def row_samples(self, stages: Stages, *, within_islands: bool) -> list[Op]:
        """What copies samples: of rows that change when cells move, or of those that do not before spikes go out."""
        ops, begin = [], 0
        for held, rows, columns, at in self.row_pieces:
            places = np.arange(begin, begin + columns.size) if at is None else at
            begin += columns.size
            if held.changes_within_interval == within_islands:
                find = partial(held.sampled, self.said.variable, rows)
                column = stages.follow(lambda find=find: find()[:1])  # type: ignore[misc]
                into = stages.follow(lambda find=find, places=places: self._row_samples(find()[1], places))  # type: ignore[misc]
                ops.append(Op(sample_rows, column, into))
        return ops

    def _hear(self, hear: Callable[[Any, int], None], group: AbstractGroup, heard: Ints) -> None:
        hear(group, int(heard[1]))
        heard[0] = heard[1]

    def _row_samples(self, rows: Ints, places: Ints) -> RowSamples:
        return RowSamples(self.buffer, self.place, rows, places, self.every)

    def _store(self, everyone: Floats, order: Ints) -> None:
        times = self.clock.times(self.first + np.arange(self.rows) * self.every)
        values = everyone[order].T.copy()
        if self._where is not None:
            values = with_gaps(values, self._where, self.size)
        if self.keeps:
            self.said.keep(times, values)
        elif self.file is not None:
            self.file.append(times, values)

    def finish(self, now: float) -> None:
        """What was flushed is in the file, which says that it goes up to `now` (ms)."""
        if self.file is not None:
            self.file.close(now)


def with_gaps(values: Floats, columns: Ints, n: int) -> Floats:
    """Samples of some of n columns, where the others are NaN."""
    whole = np.full((len(values), n), np.nan)
    whole[:, columns] = values
    return whole


def cell_sampler(said: Recording, groups: list[AbstractGroup], partition: Partition, *others: Any) -> Sampler:
    """What samples a state of cells; `others` are those of `Sampler`."""
    mine = np.sort(partition.own_places(said.cells)[1])
    pieces: list[RecordedCells] = []
    order, at = [np.empty(0, np.int64)], 0
    for group in groups:
        cells = np.flatnonzero(np.isin(group.gids, mine, assume_unique=True))
        if cells.size:
            pieces.append(RecordedCells(group, cells, slice(at, at + cells.size)))
            order.append(group.gids[cells])
            at += cells.size
    sampler = Sampler(said, pieces, np.concatenate(order), len(said.cells), *others)
    if sampler.keeps or sampler.writes:  # of all cells, on a rank that keeps their samples alone
        sampler.gids = np.sort(said.cells.gids)
    if sampler.keeps:
        said.gids = sampler.gids
    return sampler


def sample_op(stages: Stages, sampler: Sampler, piece: RecordedCells) -> Op:
    """What takes a sampler's samples of one group."""
    column = int(piece.columns.start)
    into = stages.follow(lambda: Samples(sampler.buffer, sampler.place, piece.cells, column, sampler.every))
    group, variable = piece.group, sampler.said.variable
    if (which := trace_number(group.model, variable)) is not None:
        return group.sample_trace_op(stages, which, into)
    return group.sample_op(stages, variable, into)
