"""Events with exact times, each in the bucket of the interval in which it arrives."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.clock import Grid, last_time_of, time_of
from parsim.jit import inlined, kernel, lean_kernel
from parsim.kernels.rows import of_row, shared_in
from parsim.kernels.sources import Sources, rows_from

CHUNK = 64  # events that stand together in memory
FINE = 16  # parts of an interval, each with a bucket of its own, so that events come out almost in order
AT_A_TIME = 64  # events of one spike whose buckets are found before they are added
NEAR_EDGE = (
    2e-6  # of an interval, twice `clock.NEAR`: so near to an edge, times are compared with that of the edge
)

_CHUNK, _WORDS, _ONE, _TWO = np.uint64(CHUNK), np.uint64(3), np.uint64(1), np.uint64(2)
_AT_A_TIME = np.uint64(AT_A_TIME)
_ROW_BITS = 32
_ROW = (1 << _ROW_BITS) - 1
_LEAST = 1 << 15  # what has come over no connection has a number from -_LEAST on


class InFlight(NamedTuple):
    """Events on their way: lists of chunks, one list for each bucket.

    `head[bucket]` is the first chunk, -1 if there is none, and `end[bucket]` the place behind the last
    event, a multiple of CHUNK when no chunk has room. `next[chunk]` links chunks; `free` holds the
    first free one and how many there are. The event at place n has three words from 3 n on: time, weight,
    and cell and row in one, so that an event is one line of the cache, not four. `words` and `reals` are the
    same memory.
    """

    head: Ints
    end: NDArray[np.uint64]
    next: Ints
    free: Ints
    words: Ints
    reals: Floats


class EventRows(NamedTuple):
    """Connections onto a group, sorted by source: the columns of a table.

    `delay` is in steps if it is made of integers, else in ms. A column that all rows share has no dimension.
    """

    sources: Sources
    base: int
    slot: NDArray[np.int32]
    weight: Floats
    delay: NDArray[Any]
    cells: int


class Ring(NamedTuple):
    """Where the buckets begin: intervals of `interval` steps from step `anchor` on; `least` is the first to come."""

    grid: Grid
    anchor: int
    interval: int
    intervals: int
    least: int


def none_in_flight(intervals: int) -> InFlight:
    """Nothing is on its way."""
    n, words = intervals * FINE, np.empty(0, np.int64)
    return InFlight(
        np.full(n, -1), np.zeros(n, np.uint64), np.empty(0, np.int64), np.array([-1, 0]),
        words, words.view(np.float64),
    )  # fmt: skip


def with_room(flight: InFlight, n: int) -> InFlight:
    """The same with room for `n` more events, whatever their buckets."""
    need = -(-n // CHUNK) + flight.head.size
    have, free = flight.next.size, int(flight.free[1])
    if free >= need or n == 0:
        return flight
    total = max(2 * have, have + need - free)
    link = np.concatenate([flight.next, np.arange(have + 1, total + 1)])
    link[-1] = flight.free[0]
    words = np.empty(3 * total * CHUNK, np.int64)
    words[: flight.words.size] = flight.words
    return InFlight(
        flight.head, flight.end, link, np.array([have, free + total - have]), words, words.view(np.float64)
    )


@inlined
def interval_of(time, base, x, ring, origin):
    """The interval k of (k interval h, (k + 1) interval h] in which a time lies; x tells how far it is from `base`,
    where interval `origin` begins. A time that is on the last step of an interval is in that.
    """
    k = np.int64(x)
    if x - k < NEAR_EDGE or x - k > 1.0 - NEAR_EDGE:
        while time > last_time_of(ring.grid, ring.anchor + (origin + k + 1) * ring.interval):
            k += 1
        while time <= last_time_of(ring.grid, ring.anchor + (origin + k) * ring.interval):
            k -= 1
    return k


@inlined
def add(flight, bucket, time, cell, weight, row):
    """One event; there must be room."""
    at = flight.end[bucket]
    if at % _CHUNK == 0:
        chunk = flight.free[0]
        flight.free[0] = flight.next[chunk]
        flight.free[1] -= 1
        flight.next[chunk] = -1
        if flight.head[bucket] < 0:
            flight.head[bucket] = chunk
        else:
            flight.next[np.int64(at // _CHUNK) - 1] = chunk
        at = np.uint64(chunk) * _CHUNK
    word = at * _WORDS
    flight.reals[word] = time
    flight.reals[word + _ONE] = weight
    flight.words[word + _TWO] = (np.int64(cell) << _ROW_BITS) | (np.int64(row) + _LEAST)
    flight.end[bucket] = at + _ONE


@inlined
def time_at(flight, at):
    """When the event at a place arrives."""
    return flight.reals[at * _WORDS]


@inlined
def weight_at(flight, at):
    """The weight of the event at a place."""
    return flight.reals[at * _WORDS + _ONE]


@inlined
def cell_at(flight, at):
    """The cell that the event at a place is for."""
    return np.uint64(flight.words[at * _WORDS + _TWO] >> _ROW_BITS)


@inlined
def row_at(flight, at):
    """The connection that the event at a place came over; below 0 if none."""
    return (flight.words[at * _WORDS + _TWO] & _ROW) - _LEAST


class EventColumns(NamedTuple):
    """Events as columns."""

    time: Floats
    cell: Ints
    weight: Floats
    row: NDArray[np.int32]


def columns(flight: InFlight, at: Ints) -> EventColumns:
    """The events at some places."""
    key = flight.words[3 * at + 2]
    row = ((key & _ROW) - _LEAST).astype(np.int32)
    return EventColumns(flight.reals[3 * at], key >> _ROW_BITS, flight.reals[3 * at + 1], row)


@inlined
def bucket_of(k, x, ring, origin):
    """The bucket of a part of interval `origin` + k; x is as above."""
    k = max(k, ring.least - origin)
    part = min(max(np.int64((x - k) * FINE), 0), FINE - 1)
    return np.uint64((origin + k) % ring.intervals * FINE + part)


@lean_kernel
def add_all(time, cell, weight, row, ring, flight):
    """Events whose times are known."""
    per_interval = 1.0 / (ring.interval * ring.grid.dt)
    base = time_of(ring.grid, ring.anchor)
    for j in range(time.size):
        x = (time[j] - base) * per_interval
        k = interval_of(time[j], base, x, ring, 0)
        add(flight, bucket_of(k, x, ring, 0), time[j], cell[j], weight[j], row[j])


@inlined
def arrival_time(grid, step, offset):
    """`offset` ms before a step, and later than all that is on the step before it, which rounding must not reach."""
    time, before = time_of(grid, step) - offset, last_time_of(grid, step - 1)
    return time if time > before else np.nextafter(before, np.inf)


@inlined
def interval_before(ring, step):
    """The interval in which a step ends, the time when it begins, and its first and last step."""
    origin = (step - 1 - ring.anchor) // ring.interval
    first = ring.anchor + origin * ring.interval
    return origin, time_of(ring.grid, first), first + 1, first + ring.interval


@lean_kernel
def deliver(rows, gids, steps, offsets, done, row, most, ring, flight, scratch):
    """Spikes from number `done` on, its rows from `row` on (-1: all), until `most` events are delivered.

    Returns where to go on. A spike over a delay of D steps is as long before step s + D as it was
    before s, or as little after it. `scratch` is for `deliver_exact`.
    """
    left, weight, delay = most, shared_in(rows.weight), shared_in(rows.delay)
    per_interval = 1.0 / (ring.interval * ring.grid.dt)
    origin, base, first, last = interval_before(ring, 0)
    for j in range(done, gids.size):
        begin, behind = rows_from(rows.sources, gids[j])
        if begin == behind:
            continue
        if row >= 0:
            begin = np.uint64(row)
            row = -1
        if not first <= steps[j] <= last:
            origin, base, first, last = interval_before(ring, steps[j])
        inside = 0.0 <= offsets[j] < ring.grid.dt - 2.0 * ring.grid.near  # so it arrives within a step, too
        for r in range(begin, behind):
            if left == 0:
                return j, np.int64(r)
            step = steps[j] + np.int64(of_row(rows.delay, delay, r))
            time = time_of(ring.grid, step) - offsets[j]
            x = (time - base) * per_interval
            if inside:
                k = (step - 1 - ring.anchor) // ring.interval - origin
            else:
                k = interval_of(time, base, x, ring, origin)
            bucket = bucket_of(k, x, ring, origin)
            add(
                flight,
                bucket,
                time,
                rows.slot[r] % rows.cells,
                of_row(rows.weight, weight, r),
                rows.base + np.int64(r),
            )
            left -= 1
    return gids.size, -1


class EventScratch(NamedTuple):
    """Room to work in for some events of one spike: when they arrive, and in which bucket."""

    time: Floats
    bucket: NDArray[np.int32]


def event_scratch() -> EventScratch:
    """Room for `AT_A_TIME` events."""
    return EventScratch(np.empty(AT_A_TIME), np.empty(AT_A_TIME, np.int32))


@lean_kernel
def deliver_exact(rows, gids, steps, offsets, done, row, most, ring, flight, scratch):
    """As `deliver`, with delays in ms.

    Times and buckets in a loop of their own, which vectorizes, and no choice between columns at each event: 5.7 ns
    an event in place of 9.3.
    """
    left, per_interval = most, 1.0 / (ring.interval * ring.grid.dt)
    weight, delay = shared_in(rows.weight), shared_in(rows.delay)
    buckets = np.int32(ring.intervals * FINE)
    origin, base, first, last = interval_before(ring, 0)
    for j in range(done, gids.size):
        begin, behind = rows_from(rows.sources, gids[j])
        if begin == behind:
            continue
        if row >= 0:
            begin = np.uint64(row)
            row = -1
        if not first <= steps[j] <= last:
            origin, base, first, last = interval_before(ring, steps[j])
        sent = time_of(ring.grid, steps[j]) - offsets[j]
        least, turn = np.int32(max(ring.least - origin, 0) * FINE), np.int32(origin % ring.intervals * FINE)
        end = min(behind, begin + np.uint64(left))
        for some in range(begin, end, _AT_A_TIME):
            r, n = some, min(_AT_A_TIME, end - some)
            near = np.int32(0)
            for q in range(n):
                time = sent + of_row(rows.delay, delay, r + q)
                x = (time - base) * per_interval
                rest = x - np.int32(x)
                near += np.int32((rest < NEAR_EDGE) | (rest > 1.0 - NEAR_EDGE))
                bucket = max(np.int32(x * FINE), least) + turn
                scratch.time[q] = time
                scratch.bucket[q] = bucket - buckets if bucket >= buckets else bucket
            if near > 0:
                place_near_edges(n, base, per_interval, ring, origin, scratch)
            for q in range(n):
                number, w = rows.base + np.int64(r + q), of_row(rows.weight, weight, r + q)
                add(flight, np.uint64(scratch.bucket[q]), scratch.time[q], rows.slot[r + q], w, number)
        left -= np.int64(end - begin)
        if end < behind:
            return j, np.int64(end)
    return gids.size, -1


@lean_kernel
def place_near_edges(n, base, per_interval, ring, origin, scratch):
    """The buckets of `n` times, some of which are near the edge of an interval."""
    for q in range(n):
        x = (scratch.time[q] - base) * per_interval
        k = interval_of(scratch.time[q], base, x, ring, origin)
        scratch.bucket[q] = bucket_of(k, x, ring, origin)


@lean_kernel
def intervals_to_next(flight, which, intervals, most):
    """How many intervals after `which` the first has events; `most` where none of them has."""
    for k in range(1, min(intervals, most)):
        begin = (which + k) % intervals * FINE
        for bucket in range(begin, begin + FINE):
            if flight.head[bucket] >= 0:
                return k
    return most


@lean_kernel
def free_interval(flight, which):
    """Forget the events of an interval."""
    for bucket in range(which * FINE, (which + 1) * FINE):
        chunk = flight.head[bucket]
        while chunk >= 0:
            after = flight.next[chunk]
            flight.next[chunk] = flight.free[0]
            flight.free[0] = chunk
            flight.free[1] += 1
            chunk = after
        flight.head[bucket] = -1
        flight.end[bucket] = 0


@inlined
def chunk_begin(chunk):
    """The place of the first event of a chunk."""
    return np.uint64(chunk) * _CHUNK


@inlined
def chunk_end(flight, bucket, chunk):
    """The place behind the last event of a chunk."""
    full = np.uint64(chunk + 1) * _CHUNK
    return flight.end[bucket] if flight.next[chunk] < 0 else full


@kernel
def listed(flight):
    """The places of all events."""
    n = 0
    for fill in range(2):
        found = np.empty(n if fill else 0, np.int64)
        n = 0
        for bucket in range(flight.head.size):
            chunk = flight.head[bucket]
            while chunk >= 0:
                for at in range(chunk_begin(chunk), chunk_end(flight, bucket, chunk)):
                    if fill:
                        found[n] = at
                    n += 1
                chunk = flight.next[chunk]
    return found
