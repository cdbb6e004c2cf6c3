"""What waits in a queue as plain columns, so that it can be moved to another queue, or kept."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints, picked
from parsim.jit import kernel
from parsim.shard.events.queue import CONNECTION, NEVER, SENT, Pool, Queue, make_pool, push
from parsim.shard.saved import AbstractSaved, AbstractSaving


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
    return picked(found._replace(time=time), keep)


def _nodes(q: Queue) -> tuple[Ints, Ints]:
    """The slot and the number of each node that is in use."""
    n = q.pool.time.size - int(q.pool.free[1])
    slots, nodes = np.empty(n, np.int64), np.empty(n, np.int64)
    if n:
        list_nodes(q.root, q.pool.left, q.pool.right, slots, nodes, np.empty(n + 1, np.int64))
    return slots, nodes


@kernel
def list_nodes(root, left, right, slots, nodes, below):
    """The slot and the number of each node of all heaps; `below` is room for those that are to be looked at."""
    found = 0
    for slot in range(root.size):
        below[0] = root[slot]
        waiting = 1 if root[slot] >= 0 else 0
        while waiting > 0:
            waiting -= 1
            node = below[waiting]
            slots[found] = slot
            nodes[found] = node
            found += 1
            if left[node] >= 0:
                below[waiting] = left[node]
                waiting += 1
            if right[node] >= 0:
                below[waiting] = right[node]
                waiting += 1


def refill(q: Queue, slots: Ints, held: Movable, events: Waiting | None = None) -> Queue:
    """Put what `movable` and `waiting` gave into the `slots` of a queue, which may get a greater pool."""
    q.at[slots], q.row[slots], q.weight[slots], q.sent[slots] = held
    return q if events is None else put_events(q, slots, events)


def put_events(q: Queue, slots: Ints, events: Waiting) -> Queue:
    """Put what `waiting` gave into the `slots` of a queue, which may get a greater pool."""
    if events.time.size:
        q = with_room(q, events.time.size)
        push_all(q, slots, *events)
    return q


@kernel
def push_all(q, slots, slot, time, source, order, row, weight, flag):
    """Put events into the heaps of their slots; there must be room. A connection knows of its own."""
    for j in range(time.size):
        at = slots[slot[j]]
        push(q, at, time[j], source[j], order[j], row[j], weight[j], flag[j])
        if source[j] == CONNECTION:
            q.own[q.base[at] + row[j]] = time[j]
            q.node[q.base[at] + row[j]] = time[j]


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


# ---- other connections --------------------------------------------------------------------------------


def renumbered(new: Ints, rows: Any) -> Any:
    """The new numbers of rows; what is below 0 is none and stays so."""
    return np.where(rows >= 0, new[np.maximum(rows, 0)], rows) if new.size else rows


def are_gone(keep: NDArray[np.bool_], rows: Any) -> NDArray[np.bool_]:
    """Which of these rows are not kept? Not those below 0."""
    return np.asarray((rows >= 0) & ~keep[np.maximum(rows, 0)]) if keep.size else np.zeros(rows.size, bool)


def over_others(
    q: Queue, into: Queue, new: Ints, keep: NDArray[np.bool_], forget: NDArray[np.bool_]
) -> Queue:
    """What waits in a queue, into an empty one of the same slots: it comes over connections with new numbers.

    In slots that `forget`, what has come over those that are not kept goes with them, and events of their own.
    Self-events stay.
    """
    held, events = movable(q), waiting(q)
    goes = forget[events.slot] & are_gone(keep, events.row) & (events.source != SENT)
    events = picked(events, ~goes)
    sent = events.source == SENT  # then `order` is no connection
    order = np.where(sent, events.order, renumbered(new, np.where(sent, -1, events.order)))
    events = events._replace(row=renumbered(new, events.row), order=order)
    return refill(into, np.arange(q.gids.size), held._replace(row=renumbered(new, held.row)), events)


# ---- a checkpoint -------------------------------------------------------------------------------------


def save_queue(q: Queue, saving: AbstractSaving) -> None:
    """Collective: what waits in the queue of a group, whose slots are its cells."""
    held, events = movable(q), waiting(q)
    everyone = np.arange(q.gids.size)
    saving.put_cells("queue", held._replace(row=saving.names_of(held.row, everyone))._asdict())

    over_connection = events.source != SENT  # then `order` is the connection, else how many were sent before
    columns = {name: getattr(events, name) for name in ("time", "source", "weight", "flag")}
    columns["row"] = saving.names_of(events.row, events.slot)
    columns["order"] = np.where(over_connection, -1, events.order)
    saving.put_loose("waiting", events.slot, columns)


def restore_queue(q: Queue, saved: AbstractSaved) -> Queue:
    """Put what was saved into an empty queue, which may get a greater pool."""
    n = q.gids.size
    everyone = np.arange(n)
    held = Movable(np.empty(n), np.full(n, -1), np.empty(n), np.empty(n, np.int64))
    for cells, columns in saved.cells("queue"):
        for name, column in held._asdict().items():
            column[cells] = columns[name]
    q = refill(q, everyone, held._replace(row=saved.rows_of(held.row, everyone)))

    for slot, e in saved.loose("waiting"):
        row = saved.rows_of(e["row"], slot)
        order = np.where(e["source"] == SENT, e["order"], row)
        q = put_events(q, everyone, Waiting(slot, e["time"], e["source"], order, row, e["weight"], e["flag"]))
    return q
