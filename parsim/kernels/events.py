"""Events with exact times: into the bucket of the interval in which they arrive, and out of it in order."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.clock import Grid, ends_at, time_of
from parsim.jit import kernel


class Bucket(NamedTuple):
    """Events by the interval in which they arrive: `count[bucket]`, the others [bucket, event]."""

    count: Ints  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    time: Floats
    cell: NDArray[np.int32]
    weight: Floats
    row: NDArray[np.int32]


class Rows(NamedTuple):
    """Connections onto a group, sorted by source: the columns of a table (delays in steps)."""

    first: int
    base: int
    start: Ints
    slot: NDArray[np.int32]
    weight: Floats
    delay: NDArray[Any]
    cells: int


class Ring(NamedTuple):
    """Where the buckets begin: intervals of `interval` steps from step `anchor` on."""

    grid: Grid
    anchor: int
    interval: int


def with_room(bucket: Bucket, n: int) -> Bucket:
    """The same with room for `n` more events in every bucket."""
    need, room = int(bucket.count.max()) + n, bucket.time.shape[1]
    if need <= room:
        return bucket
    pad = ((0, 0), (0, max(need, 2 * room) - room))
    wider: Any = (np.pad(column, pad) for column in bucket[1:])
    return Bucket(bucket.count, *wider)


@kernel
def bucket_of(time, ring, buckets):  # type: ignore[no-untyped-def]
    """The bucket of the interval in which step k lies, k h < time <= (k + 1) h."""
    return (ends_at(ring.grid, time) - 1 - ring.anchor) // ring.interval % buckets


@kernel
def add(bucket, which, time, cell, weight, row):  # type: ignore[no-untyped-def]
    """One event; there must be room."""
    at = bucket.count[which]
    bucket.time[which, at] = time
    bucket.cell[which, at] = cell
    bucket.weight[which, at] = weight
    bucket.row[which, at] = row
    bucket.count[which] = at + 1


@kernel
def put(time, cell, weight, row, ring, bucket):  # type: ignore[no-untyped-def]
    """Events whose times are known."""
    for j in range(time.size):
        which = bucket_of(time[j], ring, bucket.count.size)
        add(bucket, which, time[j], cell[j], weight[j], row[j])


@kernel
def arrival_time(grid, step, offset):  # type: ignore[no-untyped-def]
    """`offset` ms before a step, and after the step before it, which rounding must not reach."""
    time, before = time_of(grid, step) - offset, time_of(grid, step - 1)
    return time if time > before else np.nextafter(before, np.inf)


@kernel
def deliver(rows, gids, steps, offsets, done, row, most, ring, bucket):  # type: ignore[no-untyped-def]
    """Spikes from number `done` on, its rows from `row` on (-1: all), until `most` events are delivered.

    Returns where to go on. A spike over a delay of D steps is as long before step s + D as it was
    before s.
    """
    left = most
    for j in range(done, gids.size):
        source = gids[j] - rows.first
        if source < 0 or source >= rows.start.size - 1:
            continue
        begin = rows.start[source] if row < 0 else row
        row = -1
        for r in range(begin, rows.start[source + 1]):
            if left == 0:
                return j, r
            step = steps[j] + np.int64(rows.delay[r if rows.delay.size > 1 else 0])
            which = (step - 1 - ring.anchor) // ring.interval % bucket.count.size
            time = arrival_time(ring.grid, step, offsets[j])
            weight = rows.weight[r if rows.weight.size > 1 else 0]
            add(bucket, which, time, rows.slot[r] % rows.cells, weight, rows.base + r)
            left -= 1
    return gids.size, -1


@kernel
def gather(bucket, which, page, first, stop, origin, cells, grid):  # type: ignore[no-untyped-def]
    """A bucket's events and what stands in a page, by (cell, time, row).

    `page` is [step, port * cells + cell]; what stimuli put in step k arrives at its end, before
    spikes of the same time.
    """
    start = np.zeros(cells + 1, np.int64)
    for j in range(bucket.count[which]):
        start[bucket.cell[which, j] + 1] += 1
    for k in range(first, stop):
        for s in range(page.shape[1]):
            start[s % cells + 1] += page[k - origin, s] != 0.0
    for i in range(cells):
        start[i + 1] += start[i]

    n = start[cells]
    time, weight, row = np.empty(n), np.empty(n), np.empty(n, np.int32)
    end = start[:-1].copy()
    for k in range(first, stop):
        for s in range(page.shape[1]):
            if page[k - origin, s] != 0.0:
                insert(
                    start[s % cells],
                    end,
                    s % cells,
                    time_of(grid, k + 1),
                    page[k - origin, s],
                    -1,
                    time,
                    weight,
                    row,
                )
    for j in range(bucket.count[which]):
        i = bucket.cell[which, j]
        insert(
            start[i],
            end,
            i,
            bucket.time[which, j],
            bucket.weight[which, j],
            bucket.row[which, j],
            time,
            weight,
            row,
        )
    return start, time, weight, row


@kernel
def insert(begin, end, cell, t, w, r, time, weight, row):  # type: ignore[no-untyped-def]
    """Into a cell's events so far, which are few and mostly come in order."""
    at = end[cell]
    while at > begin and (time[at - 1] > t or (time[at - 1] == t and row[at - 1] > r)):
        time[at], weight[at], row[at] = time[at - 1], weight[at - 1], row[at - 1]
        at -= 1
    time[at], weight[at], row[at] = t, w, r
    end[cell] += 1
