"""The ops that move islands: arrivals of all groups put together, and the loop over islands."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from parsim.clock import heard_by, time_of
from parsim.jit import DONE, FAILED, ROOM, Op, opened
from parsim.shard.event_loop import skip
from parsim.shard.island_loop import island_loop
from parsim.shard.islands import Islands, no_arrivals
from parsim.shard.queue import STIMULUS
from parsim.shard.stages import Stages


def gather_islands(at, first, stop, origin):
    """What arrives in the interval at the cells of all groups, slot by slot."""
    boxes, sources_at, isle_at, arrivals_at, queue_at, need = opened(at)
    isle, arrivals, q, sources = opened(isle_at), opened(arrivals_at), opened(queue_at), opened(sources_at)
    q.now[0], isle.told[0] = first, q.out.count[0]
    arrivals.start[:] = 0
    for g in range(len(boxes)):
        start = opened(boxes[g]).events.start
        for slot in range(isle.which.size):
            if isle.which[slot] == g:
                arrivals.start[slot + 1] = start[isle.cell[slot] + 1] - start[isle.cell[slot]]
    for slot in range(isle.which.size):
        arrivals.start[slot + 1] += arrivals.start[slot]
    need[0] = arrivals.start[isle.which.size]
    if need[0] > arrivals.time.size:
        return ROOM
    for g in range(len(boxes)):
        events, source = opened(boxes[g]).events, sources[g]
        for slot in range(isle.which.size):
            if isle.which[slot] == g:
                begin = events.start[isle.cell[slot]]
                for k in range(arrivals.start[slot + 1] - arrivals.start[slot]):
                    to, row = arrivals.start[slot] + k, np.int64(events.row[begin + k])
                    arrivals.time[to], arrivals.weight[to] = events.time[begin + k], events.weight[begin + k]
                    arrivals.row[to] = row
                    arrivals.source[to] = source[row] if row >= 0 else STIMULUS
    skip(arrivals, heard_by(q.grid, first, origin), q.next)
    return DONE


@cache
def moving_islands(*receives: Callable[..., None]) -> Callable[..., int]:
    """An op that moves all islands of cells of these models, through what happens up to `near` ms after a step."""
    loop = island_loop(*receives)

    def op(at, first, stop, origin):
        groups_at, isle_at, links_at, arrivals_at, queue_at, done, near = opened(at)
        isle, q = opened(isle_at), opened(queue_at)
        until, end = time_of(q.grid, stop) + near, isle.first.size - 1
        groups, links, arrivals = opened(groups_at), opened(links_at), opened(arrivals_at)
        done[0] = loop(groups, isle, links, arrivals, q, until, done[0], end)
        if done[0] < end:
            return ROOM
        done[0] = 0
        return DONE if q.wrong[0] == 0 else FAILED

    return op


def empty_outbox(at, first, stop, origin):
    """Forget what the cells have sent, all of which has gone through the links."""
    out_at, isle_at = opened(at)
    opened(out_at).count[0] = 0
    opened(isle_at).told[0] = 0
    return DONE


class IslandOps:
    """Lays out the ops of a rank's islands, which may be formed anew while the ops stay."""

    def __init__(self, stages: Stages, islands: Callable[[], Islands]) -> None:
        self.stages, self.islands = stages, islands
        self.groups = islands().groups
        self.island = stages.follow(lambda: islands().island)
        self.arrivals = stages.follow(lambda: islands().arrivals)
        self.queue = stages.follow(lambda: islands().queue)
        self.out = stages.follow(lambda: islands().out)
        self.gids = stages.follow(lambda: (islands().gids,))

    def gather_ops(self) -> None:
        """Lay out the putting together of what arrives, once it is in order in each group."""
        stages, need = self.stages, np.zeros(1, np.int64)

        def make_room() -> None:
            isle = self.islands()
            isle.arrivals = no_arrivals(isle.gids.size, 2 * int(need[0]))
            stages.refresh()

        boxes = tuple(group.blocks["box"] for group in self.groups)
        sources = stages.follow(lambda: tuple(group.row_sources for group in self.groups))
        op = Op(
            gather_islands, boxes, sources, self.island, self.arrivals, self.queue, need, make_room=make_room
        )
        stages.begin.append(op)
        stages.start.append(op)

    def move_op(self, near: float) -> Op:
        """What moves all islands up to `near` ms after a step."""
        stages, done = self.stages, np.zeros(1, np.int64)

        def make_room() -> None:
            self.islands().make_room(int(done[0]))
            stages.refresh()

        held = stages.follow(self._held)
        links = stages.follow(lambda: self.islands().links)
        act = moving_islands(*(group.model.receive for group in self.groups))
        return Op(act, held, self.island, links, self.arrivals, self.queue, done, near, make_room=make_room)

    def _held(self) -> Any:
        return tuple((group.state, group.params, group.connections) for group in self.groups)
