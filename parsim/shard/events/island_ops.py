"""The ops that move islands: arrivals of all groups put together, and the loop over islands.

What hangs on a model, or on the arrivals of a group, is an op of that group alone: none is compiled for a composition.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from parsim.clock import heard_by, time_of
from parsim.jit import DONE, FAILED, ROOM, Block, Op, addresses, opened, within
from parsim.shard.events.event_group import EventGroup
from parsim.shard.events.island_loop import move_islands
from parsim.shard.events.islands import Islands
from parsim.shard.events.queue import STIMULUS, Event
from parsim.shard.stages import Stages


def count_arrivals(at, first, stop, origin):
    """How many arrive in the interval at each of the cells of a group: to `start`, behind the slot."""
    which, box_at, isle_at, arrivals_at = opened(at)
    isle, arrivals, start = opened(isle_at), opened(arrivals_at), opened(box_at).events.start
    for slot in range(isle.which.size):
        if isle.which[slot] == which:
            arrivals.start[slot + 1] = start[isle.cell[slot] + 1] - start[isle.cell[slot]]
    return DONE


def find_places(at, first, stop, origin):
    """Where the arrivals of each slot begin, from how many there are; ROOM where there is none for all."""
    isle_at, arrivals_at, queue_at, need = opened(at)
    isle, arrivals, q = opened(isle_at), opened(arrivals_at), opened(queue_at)
    need[0] = 0
    for slot in range(isle.which.size):
        need[0] += arrivals.start[slot + 1]
    if need[0] > arrivals.time.size:
        return ROOM
    for slot in range(isle.which.size):
        arrivals.start[slot + 1] += arrivals.start[slot]
    q.now[0], isle.told[0], isle.told[1] = first, q.out.count[0], 0
    return DONE


def bring_arrivals(at, first, stop, origin):
    """What arrives at the cells of a group, to their slots; these go on with the first after the beginning."""
    which, box_at, sources_at, isle_at, arrivals_at, queue_at = opened(at)
    isle, arrivals, q, events = opened(isle_at), opened(arrivals_at), opened(queue_at), opened(box_at).events
    (source,) = opened(sources_at)
    after = heard_by(q.grid, first, origin)
    for slot in range(isle.which.size):
        if isle.which[slot] == which:
            begin, to = events.start[isle.cell[slot]], arrivals.start[slot]
            q.next[slot] = to
            for k in range(begin, events.start[isle.cell[slot] + 1]):
                row = np.int64(events.row[k])
                arrivals.time[to], arrivals.weight[to] = events.time[k], events.weight[k]
                arrivals.row[to] = row
                arrivals.source[to] = source[row] if row >= 0 else STIMULUS
                to += 1
                if events.time[k] <= after:
                    q.next[slot] = to
    return DONE


@cache
def receiving_one(receive: Callable[..., None]) -> Callable[..., int]:
    """An op that calls a model's kernel for the cell of a slot; the time and the weight are the island's."""
    receive = within(receive)

    def op(at, slot, row, flag):
        state, params, connections, isle_at, queue_at = opened(at)
        isle = opened(isle_at)
        e = Event(np.uint32(isle.cell[slot]), row, isle.weight[0], isle.now[0], flag, np.uint32(slot))
        receive(opened(state), opened(params), opened(connections), e, opened(queue_at))
        return DONE

    return op


def move(at, first, stop, origin):
    """All islands go through what happens up to `near` ms after a step."""
    members_at, isle_at, links_at, listeners_at, arrivals_at, queue_at, done, near = opened(at)
    isle, q, links = opened(isle_at), opened(queue_at), opened(links_at)
    until, end = time_of(q.grid, stop) + near, isle.first.size - 1
    members, listeners, arrivals = opened(members_at), opened(listeners_at), opened(arrivals_at)
    done[1] = origin
    done[0] = move_islands(members, isle, links, listeners, arrivals, q, until, done[0], end)
    if done[0] < end:
        return ROOM
    done[0] = 0
    return DONE if q.wrong[0] == 0 else FAILED


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
        self.listeners = Block(addresses([]))

    def gather_ops(self) -> None:
        """Lay out the putting together of what arrives, once it is in order in each group."""
        need = np.zeros(1, np.int64)

        def make_room() -> None:
            self.islands().hold_arrivals(2 * int(need[0]))
            self.stages.refresh()

        counts, brings = [], []
        for which, group in enumerate(self.groups):
            box, sources = group.blocks["box"], self._sources(group)
            counts.append(Op(count_arrivals, which, box, self.island, self.arrivals))
            brings.append(Op(bring_arrivals, which, box, sources, self.island, self.arrivals, self.queue))
        places = Op(find_places, self.island, self.arrivals, self.queue, need, make_room=make_room)
        ops = [*counts, places, *brings]
        self.stages.begin += ops
        self.stages.start += ops

    def _sources(self, group: EventGroup) -> Block:
        return self.stages.follow(lambda: (group.row_sources,))

    def move_op(self, near: float) -> Op:
        """What moves all islands up to `near` ms after a step."""
        stages, done = self.stages, np.zeros(2, np.int64)

        def make_room() -> None:
            self.islands().make_room(int(done[0]), int(done[1]))
            stages.refresh()

        members = [self._member(group) for group in self.groups]
        held = Block(addresses(members), members)
        links = stages.follow(lambda: self.islands().links)
        given = (held, self.island, links, self.listeners, self.arrivals, self.queue, done, near)
        return Op(move, *given, make_room=make_room)

    def listen_ops(self) -> None:
        """Lay out what hears spikes as they leave, once it is known who notes them."""
        listeners = self.islands().listening.ops(self.stages.follow)
        self.listeners.owned = listeners
        self.listeners.put(addresses(listeners))

    def _member(self, group: EventGroup) -> Op:
        held = (group.blocks[name] for name in ("state", "params", "connections"))
        return Op(receiving_one(group.model.receive), *held, self.island, self.queue)
