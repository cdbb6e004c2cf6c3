"""The events of an interval, out of their buckets and in order."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.clock import time_of
from parsim.jit import inlined, lean_kernel
from parsim.kernels.events import FINE, cell_at, chunk_begin, chunk_end, row_at, time_at, weight_at

_ONE = np.uint64(1)


class Gathered(NamedTuple):
    """The events of an interval by (cell, time, row), as large as needed before; `end` and `latest`, scratch for each
    cell: the place behind its events so far, and the last time of them.
    """

    start: Ints
    end: Ints
    time: Floats
    weight: Floats
    row: NDArray[np.int32]
    latest: Floats


def room_to_gather(cells: int, n: int) -> Gathered:
    """Room for `n` events."""
    return Gathered(
        np.zeros(cells + 1, np.int64),
        np.zeros(cells, np.int64),
        np.empty(n),
        np.empty(n),
        np.empty(n, np.int32),
        np.zeros(cells),
    )


@lean_kernel
def gather(flight, which, page, first, grid, receptors, into):
    """The events of interval `which` of the ring and what stands in a page, the first step of which is `first`.

    `page` is [step, port * cells + cell]; what stimuli put in step k arrives at its end, before
    spikes of the same time, as `row_of_stimuli` numbers it. Returns how many there are; when there is no room for them,
    nothing is done but to count.
    """
    n = count_events(flight, which, page, into.start, into.end, into.latest)
    if n <= into.time.size:
        sort_page(page, first, grid, receptors, into)
        sort_events(flight, which, into)
    return n


@lean_kernel
def count_events(flight, which, page, start, end, latest):
    """Where the events of each cell begin, to `start` and `end`, as none were sorted; how many there are in all."""
    cells = end.size
    for i in range(cells + 1):
        start[i] = 0
    for bucket in range(which * FINE, (which + 1) * FINE):
        chunk = flight.head[bucket]
        while chunk >= 0:
            for at in range(chunk_begin(chunk), chunk_end(flight, bucket, chunk)):
                start[cell_at(flight, at) + _ONE] += 1
            chunk = flight.next[chunk]
    for k in range(page.shape[0]):
        for s in range(page.shape[1]):
            start[s % cells + 1] += page[k, s] != 0.0
    for i in range(cells):
        end[i], latest[i] = start[i], -np.inf
        start[i + 1] += start[i]
    return start[cells]


@inlined
def row_of_stimuli(port, receptors):
    """What stands for the row of what stimuli send: from -receptors on, by port, so that the last one has -1.

    Of cells that sort by sign there is one receptor, whatever the port.
    """
    return min(port, receptors - 1) - receptors


@lean_kernel
def sort_page(page, first, grid, receptors, into):
    """What stimuli put in the steps of a page."""
    cells = into.end.size
    for k in range(page.shape[0]):
        for s in range(page.shape[1]):
            if page[k, s] != 0.0:
                row = row_of_stimuli(s // cells, receptors)
                insert(into, np.uint64(s % cells), time_of(grid, first + k + 1), page[k, s], row)


@lean_kernel
def sort_events(flight, which, into):
    """The events of an interval."""
    for bucket in range(which * FINE, (which + 1) * FINE):
        chunk = flight.head[bucket]
        while chunk >= 0:
            for at in range(chunk_begin(chunk), chunk_end(flight, bucket, chunk)):
                insert(
                    into, cell_at(flight, at), time_at(flight, at), weight_at(flight, at), row_at(flight, at)
                )
            chunk = flight.next[chunk]


@inlined
def insert(into, cell, t, w, r):
    """Into a cell's events so far, which are few and mostly come in order: then nothing else of them is looked at."""
    time, weight, row = into.time, into.weight, into.row
    to = np.uint64(into.end[cell])
    into.end[cell] = np.int64(to + _ONE)
    if into.latest[cell] < t:
        into.latest[cell] = t
    else:
        begin = np.uint64(into.start[cell])
        while to > begin and (time[to - _ONE] > t or (time[to - _ONE] == t and row[to - _ONE] > r)):
            time[to], weight[to], row[to] = time[to - _ONE], weight[to - _ONE], row[to - _ONE]
            to -= _ONE
    time[to], weight[to], row[to] = t, w, r
