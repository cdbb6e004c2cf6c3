"""Where events enter the cells of a block: point processes that receive, and when the next event is due."""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import time_of
from parsim.jit import inlined, kernel
from parsim.shard.cable.detector import LATE
from parsim.shard.events.queue import MOVABLE, NEVER, SENT, STIMULUS, Event, net_send, pop, push, put_off
from parsim.shard.outbox import emit_at

AT_ONCE = 4  # events that an instance may send by itself in a step


class Entries(NamedTuple):
    """By port: the mechanism `seat` of a block, the `row` of its instance, the `node` at which it is.

    Lane j of a block has at port p the slot p * cells + first + j of its group. `next` is when the next event is due at
    any port, and behind it when at each, or earlier; -inf where that is not known. Before a step all is received that
    comes up to `ahead` ms after its beginning: half of it, as in NEURON, or what is on the step.
    """

    seat: Ints
    row: Ints
    node: Ints
    cells: int
    first: int
    lanes: int
    next: Floats
    ahead: float


class ConnectionState(NamedTuple):
    """What connections keep, [row, column]: the columns of mechanisms, and what was brought last.

    Of slot i the rows are `row[start[i]:start[i + 1]]`, in the order of their numbers, where mechanisms look at all of
    theirs; else both are empty.
    """

    values: Floats
    start: Ints
    row: Ints


@kernel
def pass_on(p, q, out, first):
    """What instances have fired by themselves before step `first` are spikes of their cells within that step."""
    fired = q.out
    for k in range(fired.count[0]):
        # What came in the half step before counts at its beginning.
        offset = min(fired.offset[k], time_of(q.grid, fired.step[k]) - time_of(q.grid, first) - LATE)
        emit_at(out, fired.cell[k] % p.cells, fired.step[k], offset)
    fired.count[0] = 0


@kernel
def has_room(p, q):
    """Has the queue room for what all instances of a block may send by themselves in a step?"""
    return q.pool.free[1] >= AT_ONCE * p.seat.size * p.lanes


@inlined
def of_lane(p, lane):
    """The entries of one cell of a block."""
    return Entries(p.seat, p.row, p.node, p.cells, p.first + lane, 1, p.next, p.ahead)


@inlined
def instance_of(p, e):
    """The port and the lane at which an event is received."""
    slot = np.int64(e.cell)
    port = slot // p.cells
    return port, slot - port * p.cells - p.first


@kernel
def hand_over(p, q, seat, sent):
    """What instances of a mechanism have sent by themselves, to the queue of the group."""
    for port in range(p.seat.size):
        if p.seat[port] != seat:
            continue
        for lane in range(p.lanes):
            here, slot = p.row[port] * p.lanes + lane, port * p.cells + p.first + lane
            while sent.root[here] >= 0:
                node = pop(sent, here)
                pool = sent.pool
                push(q, slot, pool.time[node], SENT, q.sent[slot], -1, 0.0, pool.flag[node])
                q.sent[slot] += 1
                p.next[0] = p.next[1 + port] = -NEVER
            if sent.at[here] < NEVER:
                net_send(q, Event(slot, -1, 0.0, sent.at[here], 0, slot), 0.0, MOVABLE)
                sent.at[here] = NEVER
                p.next[0] = p.next[1 + port] = -NEVER


@inlined
def is_new(c, e):
    """Is this the first event of its connection? Its weight is not known before."""
    return e.row >= 0 and c[e.row, 0] != c[e.row, 0]


@inlined
def take_weight(c, e):
    """A connection that has another weight than when it last brought something begins with that.

    A mechanism may change what the connection keeps of it, which is why the last column has what was brought.
    """
    if e.row >= 0 and e.flag == 0:
        brought = c.shape[1] - 1
        if c[e.row, brought] != e.weight:
            c[e.row, 0] = e.weight
            c[e.row, brought] = e.weight


@inlined
def due_at(p, port, events, q):
    """When the next event is due at any slot of a port."""
    first, begin = NEVER, port * p.cells + p.first
    for i in range(begin, begin + p.lanes):
        at = q.next[i]
        if at < events.start[i + 1]:
            first = min(first, events.time[at])
        first = min(first, q.at[i])
        if q.root[i] >= 0:
            put_off(q, i)  # else a step would be parted where nothing comes, until the queue is restored
            if q.root[i] >= 0:
                first = min(first, q.pool.time[q.root[i]])
    return first


@kernel
def look_ahead(p, events, q, heard):
    """When the next event is due, once all up to `heard` have been received: few ports were concerned."""
    first = NEVER
    for port in range(p.seat.size):
        if p.next[1 + port] <= heard:
            p.next[1 + port] = due_at(p, port, events, q)
        first = min(first, p.next[1 + port])
    p.next[0] = first


@kernel
def next_before(p, events, q, until):
    """When the next event is due at a lane, if that is before a time."""
    first = NEVER
    for port in range(p.seat.size):
        if p.next[1 + port] < until:
            first = min(first, due_at(p, port, events, q))
    return first


@kernel
def keep_rest(p, events, q, until):
    """What has come by a time and is not received yet waits. False where the queue has no room."""
    for port in range(p.seat.size):
        begin = port * p.cells + p.first
        for i in range(begin, begin + p.lanes):
            while q.next[i] < events.start[i + 1] and events.time[q.next[i]] <= until:
                if q.pool.free[1] == 0:
                    return False
                k = q.next[i]
                row = np.int64(events.row[k])
                push(q, i, events.time[k], STIMULUS, row, row, events.weight[k], 0)
                q.next[i] = k + 1
    return True


@kernel
def due_by(p, grid, step):
    """What is received before step `step` begins: all up to then."""
    return np.int64(step) * grid.numerator / grid.denominator + p.ahead
