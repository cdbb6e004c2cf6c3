"""What waits at event-driven cells: self-events, events of connections, spikes to be fired later.

A receiving kernel gets an `Event` and a `Queue` and may call `net_event`, `net_send`, `net_move` and
`connection_move`. Of what waits at a cell for one and the same instant, this comes first: its
movable self-event; others in the order in which they were sent, spikes to be fired among them;
events of its connections, by row; what has come to cable cells over less than a step, by row; then arrivals, by
(source gid, row), those from stimuli first, or by row where connections from stimuli keep a state.
"""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import Grid, step_of, time_of
from parsim.jit import inlined, lean_kernel
from parsim.rng import uniform
from parsim.shard.outbox import Outbox, emit_at
from parsim.streams import CELL_NOISE

RESERVE = 64  # events that one call of a receiving kernel may send, and spikes it may fire
NODES = 4 * RESERVE  # events that a queue has room for at first
NEVER = np.inf

# In place of a source's gid: what comes before all cells.
MOVED, SENT, CONNECTION, SOON, STIMULUS = -5, -4, -3, -2, -1
FIRE = -1  # the flag of a spike that is to be fired later
MOVABLE = 1

# What a receiving kernel can do wrong.
SENDS_BACK, MOVES_BACK, FIRES_BACK, NO_CONNECTION, TOO_MANY, BAD_FLAG = 1, 2, 3, 4, 5, 6


class Event(NamedTuple):
    """What a receiving kernel is called for.

    `cell` is the local index, `row` the connection (-1: none), `weight` its weight, `t` the time in
    ms. `flag` is 0 for what arrives from elsewhere and what was said in `net_send` for a self-event
    (1 for the movable one and that of a connection). `slot` is the cell's place in the queue.
    """

    cell: int
    row: int
    weight: float
    t: float
    flag: int
    slot: int


class Pool(NamedTuple):
    """Waiting events as nodes of heaps, one heap a cell, ordered by (time, source, order).

    `free` holds the first free node and how many there are; free nodes are linked by `left`.
    """

    time: Floats
    source: Ints
    order: Ints
    row: Ints
    weight: Floats
    flag: Ints
    left: Ints
    right: Ints
    free: Ints


class Queue(NamedTuple):
    """What waits at some cells, [slot].

    `at` is the time of the movable self-event, `row` and `weight` what it carries; `root` the cell's
    heap in the pool, `sent` how many self-events it has sent, `next` its next arrival of this
    interval. `own` is the time of each connection's event, `node` that of its node in the pool; those
    of row r onto a cell stand at `base[slot]` + r.
    `now[0]` is the step from which on cells are moved: a spike at its very time belongs to the step after it.
    `wrong` is (what, slot) of the first mistake of a receiving kernel, `wrong_at` its time.
    """

    gids: Gids
    seed: int
    grid: Grid
    at: Floats
    row: Ints
    weight: Floats
    root: Ints
    sent: Ints
    next: Ints
    base: Ints
    own: Floats
    node: Floats
    pool: Pool
    now: Ints
    wrong: Ints
    wrong_at: Floats
    out: Outbox


def make_pool(size: int) -> Pool:
    """`size` free nodes."""
    ints = [np.zeros(size, np.int64) for _ in range(4)]
    left = np.arange(1, size + 1)
    left[-1:] = -1
    free = np.array([0 if size else -1, size])
    return Pool(np.zeros(size), ints[0], ints[1], ints[2], np.zeros(size), ints[3], left, ints[3] - 1, free)


def make_queue(gids: Gids, rows: int, seed: int, grid: Grid, out: Outbox) -> Queue:
    """Nothing waits. `rows` is the number of connections when they can have events, else 0."""
    n = gids.size
    return Queue(
        gids=gids, seed=seed, grid=grid,
        at=np.full(n, NEVER), row=np.full(n, -1), weight=np.zeros(n),
        root=np.full(n, -1), sent=np.zeros(n, np.int64), next=np.zeros(n, np.int64),
        base=np.zeros(n, np.int64), own=np.full(rows, NEVER), node=np.full(rows, NEVER), pool=make_pool(NODES),
        now=np.zeros(1, np.int64), wrong=np.zeros(2, np.int64), wrong_at=np.zeros(1), out=out,
    )  # fmt: skip


# ---- what a receiving kernel calls ------------------------------------------------------------------


@inlined
def net_event(q, e, t):
    """The cell fires at `t`, now (`e.t`) or later."""
    if t == e.t:
        fire(q, e.slot, t)
    elif t > e.t:
        _send(q, e, t, FIRE)
    else:
        mistake(q, e, FIRES_BACK)


@inlined
def net_send(q, e, delay, flag):
    """The cell receives this event again after `delay` ms, with a `flag` of at least 1.

    The last that was sent with flag 1 is the one that `net_move` moves.
    """
    t = e.t + delay
    if not t >= e.t:
        mistake(q, e, SENDS_BACK)
    elif flag < 1:
        mistake(q, e, BAD_FLAG)
    elif flag != MOVABLE:
        _send(q, e, t, flag)
    else:
        if q.at[e.slot] < NEVER:  # it is no longer the movable one
            before = Event(e.cell, q.row[e.slot], q.weight[e.slot], e.t, MOVABLE, e.slot)
            _send(q, before, q.at[e.slot], MOVABLE)
        q.at[e.slot] = t
        q.row[e.slot] = e.row
        q.weight[e.slot] = e.weight


@inlined
def net_move(q, e, t):
    """The cell's movable self-event (flag 1) comes at `t`, whether there was one or not; never if inf."""
    q.at[e.slot] = t
    if not t >= e.t:
        q.at[e.slot] = NEVER
        mistake(q, e, MOVES_BACK)


@inlined
def connection_move(q, e, t):
    """The own event (flag 1) of this event's connection comes at `t`, whether there was one or not."""
    if not t >= e.t:
        mistake(q, e, MOVES_BACK)
    elif e.row < 0 or q.own.size == 0:
        mistake(q, e, NO_CONNECTION)
    elif q.pool.free[1] == 0:
        mistake(q, e, TOO_MANY)
    else:
        # A node that comes earlier is put off when its time has come.
        at = q.base[e.slot] + e.row
        q.own[at] = t
        if t < q.node[at]:
            q.node[at] = t
            push(q, e.slot, t, CONNECTION, e.row, e.row, e.weight, MOVABLE)


@inlined
def draw(q, e, count, lane):
    """The cell's `count`-th uniform number in [0, 1) of a lane."""
    return uniform(q.seed, CELL_NOISE, q.gids[e.slot], count, lane)


# ---- what the loops call ----------------------------------------------------------------------------


@inlined
def fire(q, slot, t):
    """A spike: cells on the grid see it at the step that `t` is on, if that has not been taken, or at the next.

    Its time stays as it is, so that it may lie a little after its step: its offset is then below 0.
    """
    step = max(step_of(q.grid, t), q.now[0] + 1)
    emit_at(q.out, slot, step, time_of(q.grid, step) - t)


@inlined
def _send(q, e, t, flag):
    if q.pool.free[1] == 0:
        mistake(q, e, TOO_MANY)
    elif t < NEVER:
        order = q.sent[e.slot]
        q.sent[e.slot] = order + 1
        push(q, e.slot, t, SENT, order, e.row, e.weight, flag)


@lean_kernel
def mistake(q, e, what):
    """Remember the first."""
    if q.wrong[0] == 0:
        q.wrong[0] = what
        q.wrong[1] = e.slot
        q.wrong_at[0] = e.t


@lean_kernel
def push(q, slot, t, source, order, row, weight, flag):
    """Put an event into a cell's heap; there must be a free node."""
    pool = q.pool
    node = pool.free[0]
    pool.free[0] = pool.left[node]
    pool.free[1] -= 1
    pool.time[node], pool.source[node], pool.order[node] = t, source, order
    pool.row[node], pool.weight[node], pool.flag[node] = row, weight, flag
    pool.left[node] = -1
    pool.right[node] = -1
    q.root[slot] = merge(pool, q.root[slot], node)


@lean_kernel
def pop(q, slot):
    """Take the first event out of a cell's heap; its node may be read until the next `push`."""
    pool = q.pool
    node = q.root[slot]
    q.root[slot] = merge(pool, pool.left[node], pool.right[node])
    pool.left[node] = pool.free[0]
    pool.free[0] = node
    pool.free[1] += 1
    return node


@lean_kernel
def merge(pool, a, b):
    """One skew heap of two: along the right edges, each node's children change sides."""
    if a < 0 or b < 0:
        return b if a < 0 else a
    if before(pool, b, a):
        a, b = b, a
    root = a
    while True:
        rest = pool.right[a]
        pool.right[a] = pool.left[a]
        if rest < 0:
            pool.left[a] = b
            return root
        if before(pool, b, rest):
            rest, b = b, rest
        pool.left[a] = rest
        a = rest


@inlined
def before(pool, a, b):
    """Does node a come before node b?"""
    if pool.time[a] != pool.time[b]:
        return pool.time[a] < pool.time[b]
    if pool.source[a] != pool.source[b]:
        return pool.source[a] < pool.source[b]
    return pool.order[a] < pool.order[b]


@lean_kernel
def is_due(q, slot, node):
    """Is what was popped to be received? A connection's event may have been moved; it is then put off."""
    pool = q.pool
    if pool.source[node] != CONNECTION:
        return True
    row, t = pool.row[node], pool.time[node]
    at = q.base[slot] + row
    if q.node[at] != t:  # another node stands for it
        return False
    if q.own[at] == t:
        q.own[at] = NEVER
        q.node[at] = NEVER
        return True
    q.node[at] = q.own[at]
    if q.own[at] < NEVER:
        push(q, slot, q.own[at], CONNECTION, row, row, pool.weight[node], MOVABLE)
    return False


@lean_kernel
def put_off(q, slot):
    """What stands first in a cell's heap for a connection's event that has been moved comes to its time, or goes."""
    pool = q.pool
    while q.root[slot] >= 0 and pool.source[q.root[slot]] == CONNECTION:
        node = q.root[slot]
        at, t = q.base[slot] + pool.row[node], pool.time[node]
        if q.node[at] == t and q.own[at] == t:
            break
        is_due(q, slot, pop(q, slot))
