"""The loops over spikes and rows of connections that have a kernel of their own, made over it, and their ops."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.clock import time_of
from parsim.jit import DONE, ROOM, inlined, inner, kernel_over, lean_kernel, opened, read_once, within
from parsim.kernels.events import add, bucket_of, interval_before, interval_of
from parsim.kernels.rows import of_row, shared_in
from parsim.kernels.sources import Sources, number_of
from parsim.shard.events.arrivals import ring_from, room_in
from parsim.shard.rows.history import recent_time, tie
from parsim.shard.rows.passing import Chance, Spike, hearing, leaving_to_all, passing

_ONE = np.uint64(1)
_AT_A_TIME = np.uint64(64)  # rows whose targets' last spikes are fetched before they are asked for
NO_TIME = -1.0  # less the time since which rows are there: in place of when their source has fired


class Walk(NamedTuple):
    """What is walked for a spike: the rows of its source, where each leads and how late; as in `Table`.

    Source k has fired last at `last[k]` ms, `fired[k]` times since the rows are there. Where targets count spikes
    (`counts`), each is 1, whatever it weighs. `base` is the number of the first row. Exact times are heard in `places`,
    of which there is one for each of the `cells`, or several. Are the rows of a source `alike`, and a state per source
    kept once for them?
    """

    sources: Sources
    slot: NDArray[np.int32]
    delay: NDArray[Any]
    last: Floats
    fired: Ints
    cells: int
    places: int
    counts: bool
    base: int
    chance: Chance
    alike: bool


@inlined
def rows_of(walk, k):
    """The first row of source k, and the one behind its last; the same where there is no such source."""
    last = np.uint64(walk.sources.start.size - 1)
    return np.uint64(walk.sources.start[k]), np.uint64(walk.sources.start[min(k + _ONE, last)])


@inlined
def last_of(walk, k):
    """When source k fired last, or since when its rows are there; and whether it has fired."""
    last = walk.last[k]
    has_fired = last >= 0.0
    return last if has_fired else NO_TIME - last, has_fired


@inlined
def shared_by(walk, k):
    """Where rows of source k find what they share, or -1 where each has its own."""
    return np.int64(k) if walk.alike else np.int64(-1)


@inlined
def spike_of(walk, k, begin, gid, time, step, offset):
    """A spike of source k, as its rows hear of it."""
    last, has_fired = last_of(walk, k)
    shared = shared_by(walk, k)
    return Spike(time, step, offset, last, has_fired, gid, walk.fired[k], begin, walk.chance, shared)


@inlined
def cell_of(walk, row):
    """The target of a row; most cells have few ports, and the first is the one that most rows lead to."""
    slot = np.uint32(walk.slot[row])
    return np.uint64(slot if slot < np.uint32(walk.cells) else slot % np.uint32(walk.cells))


@inlined
def place_of(walk, row):
    """Where it is heard at exact times."""
    slot = np.uint32(walk.slot[row])
    return np.uint64(slot if slot < np.uint32(walk.places) else slot % np.uint32(walk.places))


@lean_kernel
def fetch_nothing(walk, history, begin, end):
    """Rows that ask for no history."""


@lean_kernel
def fetch_histories(walk, h, begin, end):
    """The last spikes of the targets of some rows, from wherever they are in memory, many at a time.

    Row by row, what a row does would wait for them: whether there is anything to hear is known only then.
    """
    last = 0.0
    for row in range(begin, end):
        cell = cell_of(walk, row)
        last = max(last, recent_time(h, cell, 0))
    h.fetched[0] = last


@cache
def transmitting(
    transmit: Callable[..., float], hear: Any, history: bool, dose: Any = None, leave: Any = None
) -> Callable[..., None]:
    """The loop that adds what each row brings to a mailbox, where the step in which it is read will find it.

    Spikes are in order of (time, gid), so a row meets those of its source in order of time. What is no number is
    nothing.
    """
    bring, leave_to_all = passing(transmit, hear, history, dose, leave), leaving_to_all(leave)
    fetch = within(fetch_histories if history else fetch_nothing)

    def loop(walk, state, params, history, gids, steps, offsets, grid, anchor, ring):
        params = read_once(params)
        n, d = np.uint64(ring.shape[0]), shared_in(walk.delay)
        for j in range(gids.size):
            k = number_of(walk.sources, gids[j])
            begin, end = rows_of(walk, k)
            if begin == end:
                continue
            base = np.uint64((steps[j] - 1 - anchor) % ring.shape[0])
            time = time_of(grid, steps[j]) - offsets[j]
            spike = spike_of(walk, k, begin, gids[j], time, steps[j], offsets[j])
            for some in range(begin, end, _AT_A_TIME):
                behind = np.uint64(min(end, some + _AT_A_TIME))
                fetch(walk, history, some, behind)
                for row in range(some, behind):
                    delay = of_row(walk.delay, d, row)
                    brought = bring(
                        state, params, history, row, spike, cell_of(walk, row), time_of(grid, delay)
                    )
                    if brought == brought:
                        at = base + np.uint64(delay)
                        weight = 1.0 if walk.counts else brought
                        ring[at if at < n else at - n, np.uint64(walk.slot[row])] += weight
            leave_to_all(state, params, begin, spike)
            walk.last[k] = time
            walk.fired[k] += 1

    return kernel_over(loop)


@cache
def transmitting_exactly(
    transmit: Callable[..., float], hear: Any, history: bool, dose: Any, leave: Any, in_steps: bool
) -> Callable[..., Any]:
    """As `events.deliver`: spikes from number `done` on, its rows from `row` on, until `most` events are delivered."""
    bring, leave_to_all = passing(transmit, hear, history, dose, leave), leaving_to_all(leave)

    def loop(walk, state, params, history, gids, steps, offsets, done, row, most, ring, flight):
        params = read_once(params)
        left, d, per_interval = most, shared_in(walk.delay), 1.0 / (ring.interval * ring.grid.dt)
        for j in range(done, gids.size):
            k = number_of(walk.sources, gids[j])
            begin, end = rows_of(walk, k)
            if begin == end:
                continue
            time = time_of(ring.grid, steps[j]) - offsets[j]
            spike = spike_of(walk, k, begin, gids[j], time, steps[j], offsets[j])
            origin, base, _, _ = interval_before(ring, steps[j])
            for r in range(np.uint64(row) if row >= 0 else begin, end):
                if left == 0:
                    return j, np.int64(r)
                delay = of_row(walk.delay, d, r)
                if in_steps:
                    arrives = time_of(ring.grid, steps[j] + np.int64(delay)) - offsets[j]
                    takes = time_of(ring.grid, delay)
                else:
                    arrives, takes = time + delay, np.float64(delay)
                brought = bring(state, params, history, r, spike, cell_of(walk, r), takes)
                if brought == brought:
                    x = (arrives - base) * per_interval
                    bucket = bucket_of(interval_of(arrives, base, x, ring, origin), x, ring, origin)
                    weight = 1.0 if walk.counts else brought
                    add(flight, bucket, arrives, place_of(walk, r), weight, walk.base + np.int64(r))
                    left -= 1
            row = -1
            leave_to_all(state, params, begin, spike)
            walk.last[k] = time
            walk.fired[k] += 1
        return gids.size, -1

    return kernel_over(loop)


@cache
def catching_up(hear: Any, dose: Any, in_steps: bool) -> Callable[..., None]:
    """The loop over all rows that lets each hear what has come back to it up to a time, and feel doses."""
    hear_back = hearing(hear, dose)

    def loop(walk, state, params, h, grid, until):
        params = read_once(params)
        d = shared_in(walk.delay)
        for k in range(np.uint64(walk.sources.start.size - 1)):
            begin, end = rows_of(walk, k)
            last, has_fired = last_of(walk, k)
            after, shared = max(last, h.heard[0]), shared_by(walk, k)
            for row in range(begin, end):
                delay = of_row(walk.delay, d, row)
                takes = time_of(grid, delay) if in_steps else np.float64(delay)
                since, end_of_it = after - takes + tie(h, takes), until - takes + tie(h, takes)
                hear_back(
                    state,
                    params,
                    h,
                    row,
                    cell_of(walk, row),
                    last,
                    has_fired,
                    shared,
                    takes,
                    since,
                    end_of_it,
                )

    return kernel_over(loop)


@cache
def transmitting_op(
    transmit: Callable[..., float], hear: Any, history: bool, dose: Any, leave: Any
) -> Callable[..., int]:
    """An op that takes the interval's spikes through the rows of a table."""
    loop = inner(transmitting(transmit, hear, history, dose, leave))

    def op(at, first, stop, origin):
        walk_at, state, params, history, grid, box_at, found_at = opened(at)
        box, found = opened(box_at), opened(found_at)
        n = found.count[0]
        loop(
            opened(walk_at), opened(state), opened(params), opened(history), found.gids[:n], found.steps[:n],
            found.offsets[:n], grid, box.anchor, box.flat,
        )  # fmt: skip
        return DONE

    return op


@cache
def transmitting_exactly_op(
    transmit: Callable[..., float], hear: Any, history: bool, dose: Any, leave: Any, in_steps: bool
) -> Callable[..., int]:
    """The same to cells that hear exact times."""
    loop = inner(transmitting_exactly(transmit, hear, history, dose, leave, in_steps))

    def op(at, first, stop, origin):
        walk_at, state, params, history, flight_at, buckets_at, found_at, done = opened(at)
        b, flight, found = opened(buckets_at), opened(flight_at), opened(found_at)
        n, most = found.count[0], room_in(flight)
        if most <= 0:
            return ROOM
        done[0], done[1] = loop(
            opened(walk_at), opened(state), opened(params), opened(history), found.gids[:n], found.steps[:n],
            found.offsets[:n], done[0], done[1], most, ring_from(b, origin + b.interval), flight,
        )  # fmt: skip
        if done[0] < n:
            return ROOM
        done[0], done[1] = 0, -1
        return DONE

    return op
