"""The loop that moves islands: cells that reach each other within a step, together, in order of time.

It calls the receiving kernels of their models by address, so one loop serves islands of any models.
"""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.jit import DONE, call, inlined, lean_kernel
from parsim.shard.events.event_loop import AT_ONCE, ENDLESS
from parsim.shard.events.queue import (
    FIRE,
    MOVABLE,
    MOVED,
    NEVER,
    RESERVE,
    STIMULUS,
    TOO_MANY,
    Event,
    fire,
    is_due,
    mistake,
    pop,
    push,
)


class Island(NamedTuple):
    """The cells of some islands, [slot], each island's in a row and by gid: island k has `first[k]` to `first[k + 1]`.

    `which` is the place of a cell's model among those of the loop, `cell` its index in the group of
    that model. `heap` holds slots, the next to be moved first, `place` where each slot is in it, `time`
    and `source` what it is ordered by. `instant` and `repeats` count what happens at once.
    """

    first: Ints
    which: Ints
    cell: Ints
    heap: Ints
    place: Ints
    time: Floats
    source: Ints
    instant: Floats
    repeats: Ints
    told: Ints  # how many spikes of the outbox have gone to all; the next has to the links, and how many listeners
    now: Floats  # the time of the event that is received, or was last: it sent the last spikes
    weight: Floats  # and its weight


class IslandRows(NamedTuple):
    """Connections within islands that take less than a step: those of a slot from `start[slot]` on, by row."""

    start: Ints
    target: Ints  # slot
    delay: Floats
    weight: Floats
    row: Ints


class OutsideArrivals(NamedTuple):
    """Arrivals from outside: those of a slot stand together, by (time, source, row)."""

    start: Ints
    time: Floats
    weight: Floats
    row: Ints
    source: Gids  # STIMULUS for those from stimuli


def make_island(first: Ints, which: Ints, cell: Ints) -> Island:
    """Islands whose queues begin anew."""
    n = which.size
    ints = [np.zeros(n, np.int64) for _ in range(4)]
    return Island(
        first, which, cell, ints[0], ints[1], np.full(n, NEVER), ints[2], np.full(n, -NEVER), ints[3],
        np.zeros(2, np.int64), np.zeros(1), np.zeros(1),
    )  # fmt: skip


@lean_kernel
def move_islands(members, isle, links, listeners, arrivals, q, until, begin, end):
    """Take the islands [begin, end) through all that happens up to and including the time `until`.

    `members` are the ops `island_ops.receiving_one` of each model, `listeners` those of `listening`. Returns as the
    loop of `event_loop.cell_loop`.
    """
    for k in range(begin, end):
        first, stop = isle.first[k], isle.first[k + 1]
        for slot in range(first, stop):
            look_up(isle, arrivals, q, slot)
            isle.heap[slot] = slot
            isle.place[slot] = slot
        for slot in range(stop - 1, first - 1, -1):
            sink(isle, first, stop, slot)
        while True:
            if not tell(isle, links, listeners, arrivals, q, first):
                return k
            slot = isle.heap[first]
            t = isle.time[slot]
            if t > until:
                break
            if q.pool.free[1] < RESERVE or q.out.cell.size - q.out.count[0] < RESERVE:
                return k

            source = isle.source[slot]
            row, weight, flag = -1, 0.0, 0
            due = True
            if source == MOVED:
                row, weight, flag = q.row[slot], q.weight[slot], MOVABLE
                q.at[slot] = NEVER
            elif from_pool(arrivals, q, slot):
                node = pop(q, slot)
                due = is_due(q, slot, node)
                row, weight, flag = q.pool.row[node], q.pool.weight[node], q.pool.flag[node]
            else:
                at = q.next[slot]
                row, weight = arrivals.row[at], arrivals.weight[at]
                q.next[slot] = at + 1
            isle.now[0] = t
            before = q.out.count[0]
            if flag == FIRE:
                fire(q, slot, t)
            elif due:
                isle.weight[0] = weight
                free = q.pool.free[1]
                call(members.function[isle.which[slot]], members.at[isle.which[slot]], slot, row, flag)
                if free - q.pool.free[1] > RESERVE:  # whether or not the pool had room for them
                    mistake(q, Event(0, row, weight, t, flag, slot), TOO_MANY)
            if source < STIMULUS or q.out.count[0] > before:
                if is_endless(isle, q, slot, t):
                    return end
            look_up(isle, arrivals, q, slot)
            sink(isle, first, stop, isle.place[slot])
    return end


@inlined
def from_pool(arrivals, q, slot):
    """Is the cell's next event, the movable one apart, in its heap, or else an arrival from outside?"""
    at, node, pool = q.next[slot], q.root[slot], q.pool
    if at >= arrivals.start[slot + 1] or node < 0:
        return node >= 0
    if arrivals.time[at] != pool.time[node]:
        return pool.time[node] < arrivals.time[at]
    if arrivals.source[at] != pool.source[node]:
        return pool.source[node] < arrivals.source[at]
    return pool.order[node] < arrivals.row[at]


@lean_kernel
def look_up(isle, arrivals, q, slot):
    """When a cell's next event is, and whose."""
    time, source = NEVER, 0
    if from_pool(arrivals, q, slot):
        time, source = q.pool.time[q.root[slot]], q.pool.source[q.root[slot]]
    elif q.next[slot] < arrivals.start[slot + 1]:
        time, source = arrivals.time[q.next[slot]], arrivals.source[q.next[slot]]
    if q.at[slot] <= time:
        time, source = q.at[slot], MOVED
    isle.time[slot] = time
    isle.source[slot] = source


@lean_kernel
def tell(isle, links, listeners, arrivals, q, first):
    """Send new spikes through the links, and to those who listen; False when there is no room for what they bring."""
    while isle.told[0] < q.out.count[0]:
        slot = q.out.cell[isle.told[0]]
        if isle.told[1] == 0:
            if q.pool.free[1] < links.start[slot + 1] - links.start[slot]:
                return False
            for j in range(links.start[slot], links.start[slot + 1]):
                at = isle.now[0] + links.delay[j]
                bring(
                    isle, arrivals, q, first, links.target[j], at, q.gids[slot], links.row[j], links.weight[j]
                )
            isle.told[1] = 1
        while isle.told[1] <= listeners.function.size:
            k = isle.told[1] - 1
            if call(listeners.function[k], listeners.at[k], slot, isle.told[0], first) != DONE:
                return False
            isle.told[1] += 1
        isle.told[0] += 1
        isle.told[1] = 0
    return True


@lean_kernel
def bring(isle, arrivals, q, first, target, at, source, row, weight):
    """An event for a cell of an island that begins with slot `first`."""
    push(q, target, at, source, row, row, weight, 0)
    look_up(isle, arrivals, q, target)
    rise(isle, first, isle.place[target])


@lean_kernel
def is_endless(isle, q, slot, t):
    """Has the cell had too many self-events and spikes at this instant?"""
    if isle.instant[slot] != t:
        isle.instant[slot] = t
        isle.repeats[slot] = 0
    isle.repeats[slot] += 1
    if isle.repeats[slot] > AT_ONCE:
        mistake(q, Event(0, -1, 0.0, t, 0, slot), ENDLESS)
        return True
    return False


@inlined
def goes_first(isle, a, b):
    """Is slot a moved before slot b? By (time, source, gid)."""
    if isle.time[a] != isle.time[b]:
        return isle.time[a] < isle.time[b]
    if isle.source[a] != isle.source[b]:
        return isle.source[a] < isle.source[b]
    return a < b


@lean_kernel
def rise(isle, first, place):
    """A slot whose event has become earlier goes up in the heap."""
    slot = isle.heap[place]
    while place > first:
        parent = first + (place - first - 1) // 2
        if not goes_first(isle, slot, isle.heap[parent]):
            break
        isle.heap[place] = isle.heap[parent]
        isle.place[isle.heap[place]] = place
        place = parent
    isle.heap[place] = slot
    isle.place[slot] = place


@lean_kernel
def sink(isle, first, stop, place):
    """A slot whose event has become later goes down in the heap."""
    slot = isle.heap[place]
    while True:
        child = first + 2 * (place - first) + 1
        if child >= stop:
            break
        if child + 1 < stop and goes_first(isle, isle.heap[child + 1], isle.heap[child]):
            child += 1
        if not goes_first(isle, isle.heap[child], slot):
            break
        isle.heap[place] = isle.heap[child]
        isle.place[isle.heap[place]] = place
        place = child
    isle.heap[place] = slot
    isle.place[slot] = place
