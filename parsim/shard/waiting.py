"""What waits in a queue as plain columns, so that it can be moved to another queue, or kept."""

from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.shard.queue import CONNECTION, NEVER, Pool, Queue, make_pool, push


class Movable(NamedTuple):
    """The movable self-event of each slot, and how many self-events it has sent."""

    at: Floats
    row: Ints
    weight: Floats
    sent: Ints


class Waiting(NamedTuple):
    """All other events, in no order: the slot where each waits, and what is in its node."""

    slot: Ints
    time: Floats
    source: Ints
    order: Ints
    row: Ints
    weight: Floats
    flag: Ints


def picked(bundle: Any, at: Any) -> Any:
    """The same bundle with some of its elements."""
    return type(bundle)(*(column[at] for column in bundle))


def movable(q: Queue) -> Movable:
    """A copy of what waits in the slots themselves."""
    return Movable(q.at.copy(), q.row.copy(), q.weight.copy(), q.sent.copy())


def waiting(q: Queue) -> Waiting:
    """A copy of what waits in the pool. A connection's event is given once, at the time to which it was moved."""
    slot, node = _nodes(q)
    p = q.pool
    found = Waiting(
        slot, p.time[node], p.source[node], p.order[node], p.row[node], p.weight[node], p.flag[node]
    )
    of_connection = found.source == CONNECTION
    at = q.base[slot] + found.row
    at[~of_connection] = 0
    if not of_connection.any():
        return found
    keep = ~of_connection | ((q.node[at] == found.time) & (q.own[at] < NEVER))
    time = np.where(of_connection, q.own[at], found.time)
    kept: Waiting = picked(found._replace(time=time), keep)
    return kept


def _nodes(q: Queue) -> tuple[Ints, Ints]:
    """The slot and the number of each node that is in use."""
    slots, nodes = [], []
    for slot in np.flatnonzero(q.root >= 0):
        below = [int(q.root[slot])]
        while below:
            node = below.pop()
            slots.append(slot)
            nodes.append(node)
            below += [int(child) for child in (q.pool.left[node], q.pool.right[node]) if child >= 0]
    return np.array(slots, dtype=np.int64), np.array(nodes, dtype=np.int64)


def put(q: Queue, slots: Ints, held: Movable, events: Waiting) -> Queue:
    """Put what `movable` and `waiting` gave into the `slots` of a queue, which may get a greater pool."""
    q.at[slots], q.row[slots], q.weight[slots], q.sent[slots] = held
    q = with_room(q, events.time.size)
    for slot, time, source, order, row, weight, flag in zip(*events, strict=True):
        at = slots[slot]
        push(q, at, time, source, order, row, weight, flag)
        if source == CONNECTION:
            q.own[q.base[at] + row] = q.node[q.base[at] + row] = time
    return q


def with_room(q: Queue, n: int) -> Queue:
    """The same queue with at least `n` free nodes."""
    while q.pool.free[1] < n:
        q = q._replace(pool=_doubled(q.pool))
    return q


def _doubled(pool: Pool) -> Pool:
    n = pool.time.size
    new = make_pool(2 * n)
    for name in pool._fields[:-1]:
        getattr(new, name)[:n] = getattr(pool, name)
    new.left[-1] = pool.free[0]
    new.free[:] = n, pool.free[1] + n
    return new
