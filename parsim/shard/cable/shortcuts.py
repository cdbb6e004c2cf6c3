"""Rows over which event-driven cells reach cells of sections within a step.

Event-driven cells go through an interval first, for what others send them comes later. What they have fired is then
pushed to the queues of those whom it reaches, so it is there before the step within half a step of which it comes.
Where rows come from other ranks, all exchange such spikes once in each span.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import Grid, time_of
from parsim.comm.base import AbstractComm
from parsim.jit import DONE, MEETING, ROOM, Block, Op, opened
from parsim.kernels.rows import of_row, shared_in
from parsim.kernels.sources import gids_of, number_of, rows_from, wanted_sources
from parsim.shard.events.queue import RESERVE, SOON
from parsim.shard.events.queue import push as push_event
from parsim.shard.events.waiting import Waiting
from parsim.shard.outbox import Outbox
from parsim.shard.rows.table import Table
from parsim.shard.stages import Move, Stages

TOLD, MET, DONE_HERE, WORDS = range(4)  # has any of the sources fired? have ranks met? has this rank pushed?


def look(at, first, stop, origin):
    """Has any of the cells of an outbox, those with short rows, fired after step `first`?"""
    gids_at, out_at, wanted_at, words = opened(at)
    (gids,), out, (wanted,) = opened(gids_at), opened(out_at), opened(wanted_at)
    last = np.uint64(wanted.start.size - 1)
    for j in range(out.count[0]):
        if out.step[j] > first:
            k = number_of(wanted, gids[out.cell[j]])
            if k < last and wanted.start[k + np.uint64(1)] > wanted.start[k]:
                words[TOLD] = 1
    return DONE


def go_over(at, first, stop, origin):
    """What cells of an outbox have fired after step `first` goes over the rows of a table, to its group's queue."""
    gids_at, out_at, rows_at, queue_at, grid, done = opened(at)
    (gids,), out, rows, q = opened(gids_at), opened(out_at), opened(rows_at), opened(queue_at)
    weight, delay = shared_in(rows.weight), shared_in(rows.delay)
    for j in range(done[0], out.count[0]):
        if out.step[j] <= first:
            continue
        begin, behind = rows_from(rows.sources, gids[out.cell[j]])
        if behind > begin and q.pool.free[1] < np.int64(behind - begin) + RESERVE:
            done[0], done[1] = j, np.int64(behind - begin)
            return ROOM
        time = time_of(grid, out.step[j]) - out.offset[j]
        for r in range(begin, behind):
            row, w = rows.base + np.int64(r), of_row(rows.weight, weight, r)
            push_event(q, rows.slot[r], time + of_row(rows.delay, delay, r), SOON, row, row, w, 0)
    done[0] = 0
    return DONE


def meet(at, first, stop, origin):
    """Ranks exchange what was fired."""
    words, span = opened(at)
    span[0] = first
    return DONE if words[MET] == 1 else MEETING


def push(at, first, stop, origin):
    """Ask Python to push what was fired, if anything."""
    words, span = opened(at)
    span[0] = first
    if words[TOLD] == 0 or words[DONE_HERE] == 1:
        return DONE
    return ROOM


def end(at, first, stop, origin):
    """Nothing of the next span is told yet."""
    (words,) = opened(at)
    words[:] = 0
    return DONE


class Shortcuts:
    """Those of a rank. `sent()` gives the outboxes of event-driven cells, with the gids that stand for these."""

    def __init__(self, comm: AbstractComm, grid: Grid, sent: Callable[[], list[tuple[Gids, Outbox]]]) -> None:
        self.comm, self.grid, self.sent = comm, grid, sent
        self.tables: list[Table] = []  # over the first of which ops go
        self._by_ops = 0
        self.active = self.crosses = False
        self.words, self._span = np.zeros(WORDS, np.int64), np.zeros(1, np.int64)
        self._wanted = wanted_sources(np.empty(0, np.int64))
        self._fired: tuple[Gids, Floats] = (np.empty(0, np.int64), np.empty(0))

    def lay_out(
        self,
        tables: list[Table],
        owner: Callable[[Gids], Ints],
        active: bool,
        is_coupled: Callable[[Any], bool],
    ) -> None:
        """Collective: those that are among these tables. `active`: may any rank have some? Alike on all ranks.

        Where rows come from other ranks, or onto cells that junctions join, whose queues must keep room, Python goes
        over them: 0.2 ms for a span in which something was fired.
        """
        self.active, self.crosses = active, False
        self.words[:] = 0
        if not active:
            return
        self.tables = [table for table in tables if table.short and table.group.clocked and table.slot.size]
        mine = [gids_of(table.sources)[np.diff(table.sources.start) > 0] for table in self.tables]
        gids = np.unique(np.concatenate([np.empty(0, np.int64), *mine]))
        self.crosses = bool(self.comm.any(bool((owner(gids) != self.comm.rank).any())))
        if self.crosses:
            gids = np.unique(self.comm.allgather(gids)[0])
        self._wanted = wanted_sources(gids)
        self.tables.sort(key=lambda table: is_coupled(table.group))
        self._by_ops = 0 if self.crosses else sum(not is_coupled(table.group) for table in self.tables)

    # ---- telling -------------------------------------------------------------------------------------

    def tell(self, first: int) -> None:
        """Collective: push what was fired after step `first`, at once."""
        if self.active:
            self._look_up(first)
            self._push(self.tables)

    def _look_up(self, first: int) -> None:
        """Collective where rows cross ranks: find what was fired after step `first`, there and here."""
        gids, times = [np.empty(0, np.int64)], [np.empty(0)]
        for held, out in self.sent():
            n = int(out.count[0])
            new = np.flatnonzero(out.step[:n] > first)
            gid = held[out.cell[new]]
            new, gid = new[keep := np.isin(gid, self._sources)], gid[keep]
            gids.append(gid)
            times.append(out.step[new] * self.grid.numerator / self.grid.denominator - out.offset[new])
        gid, time = np.concatenate(gids), np.concatenate(times)
        if self.crosses:
            mine = np.stack([gid, time.view(np.int64)], axis=1)
            words = self.comm.allgather(mine.ravel())[0].reshape(-1, 2)
            gid, time = words[:, 0], np.ascontiguousarray(words[:, 1]).view(np.float64)
        self._fired = gid, time

    @property
    def _sources(self) -> Gids:
        return gids_of(self._wanted)[np.diff(self._wanted.start) > 0]

    def _push(self, tables: list[Table]) -> None:
        """Push what was found."""
        gid, time = self._fired
        for table in tables if gid.size else []:
            gids, start = gids_of(table.sources), table.sources.start
            number = np.minimum(np.searchsorted(gids, gid), gids.size - 1)
            counts = np.where(gids[number] == gid, start[number + 1] - start[number], 0)
            row = np.repeat(start[number] - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
            delay, weight = (column[row] if column.ndim else column for column in (table.delay, table.weight))
            every, named = np.ones(row.size), table.base + row
            heard: Any = table.group
            events = Waiting(
                table.slot[row].astype(np.int64), np.repeat(time, counts) + delay, np.full(row.size, SOON),
                named, named, every * weight, np.zeros(row.size, np.int64),
            )  # fmt: skip
            heard.reception.push(events)

    # ---- as ops --------------------------------------------------------------------------------------

    def move_ops(self, stages: Stages, sent: list[tuple[Block, Block]]) -> None:
        """Lay out what follows the moving of event-driven cells; `sent` are blocks of gids and outboxes."""
        if not self.active:
            return
        ops = [self._op(stages, table, *box) for table in self.tables[: self._by_ops] for box in sent]
        if self.crosses or self._by_ops < len(self.tables):
            ops += self._in_python(stages, sent)
        stages.move += [Move(op, []) for op in ops]
        stages.start += ops

    def _op(self, stages: Stages, table: Table, gids: Block, out: Block) -> Op:
        heard: Any = table.group
        rows, queue, done = (
            stages.follow(table.for_events),
            heard.reception.blocks["queue"],
            np.zeros(2, np.int64),
        )

        def make_room() -> None:
            heard.reception.make_room_for(int(done[1]))
            stages.refresh()

        return Op(go_over, gids, out, rows, queue, self.grid, done, make_room=make_room)

    def _in_python(self, stages: Stages, sent: list[tuple[Block, Block]]) -> list[Op]:
        wanted = stages.follow(lambda: (self._wanted,))
        ops = [Op(look, gids, out, wanted, self.words) for gids, out in sent]

        def met() -> None:
            self._look_up(int(self._span[0]))
            self.words[MET], self.words[TOLD] = 1, self._fired[0].size > 0

        def pushed() -> None:
            if not self.crosses:
                self._look_up(int(self._span[0]))
            self._push(self.tables[self._by_ops :])
            self.words[DONE_HERE] = 1
            stages.refresh()

        if self.crosses:
            ops.append(Op(meet, self.words, self._span, make_room=met))
        return [*ops, Op(push, self.words, self._span, make_room=pushed)]

    def end_ops(self, stages: Stages) -> None:
        """The last of the looks at an interval's end."""
        if self.active:
            stages.collect.append(Op(end, self.words))

    def leave(self, now: int, until: int) -> None:
        """Collective: this rank has failed on its way to `until`; those who wait for its spikes go on without."""
        if self.active and self.crosses and now < until and not self.words[MET]:
            self.comm.allgather(np.empty(0, np.int64))
            self.words[MET] = 1
