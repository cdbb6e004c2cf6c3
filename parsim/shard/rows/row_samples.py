"""Where samples of connections go, what spikes over them leave behind, and the ops for both."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.clock import time_of
from parsim.jit import DONE, ROOM, opened
from parsim.kernels.rows import at_row
from parsim.kernels.sources import Sources, rows_from


class RowSamples(NamedTuple):
    """Rows of the buffer from step `place[0]` on, one each `every` steps; `columns` are those of `rows`."""

    buffer: Floats
    place: Ints
    rows: Ints
    columns: Ints
    every: int


def sample_rows(at, first, stop, origin):
    """What connections have, for the samples after step `first` up to `stop`, until which they hear of no spike."""
    column_at, into_at = opened(at)
    (column,), into = opened(column_at), opened(into_at)
    step = (first // into.every + 1) * into.every
    while step <= stop:
        row = (step - into.place[0]) // into.every
        for j in range(into.rows.size):
            into.buffer[row, into.columns[j]] = at_row(column, into.rows[j])
        step += into.every
    return DONE


def hear_before_samples(at, first, stop, origin):
    """Where a sample is due, let connections first hear all that has come back to them by the interval's beginning."""
    every, heard = opened(at)
    if (first // every + 1) * every <= stop and heard[0] != origin:
        heard[1] = origin
        return ROOM
    return DONE


class Transmitted(NamedTuple):
    """`count[0]` spikes over connections: when they were sent, over which of the recorded ones, what they bring."""

    times: Floats
    which: Ints
    weights: Floats
    count: Ints  # type: ignore[assignment]  # hides tuple.count, which nobody asks


def no_transmissions(room: int) -> Transmitted:
    """None yet, and room for so many."""
    return Transmitted(np.empty(room), np.empty(room, np.int64), np.empty(room), np.zeros(1, np.int64))


class Watched(NamedTuple):
    """Rows of a table whose spikes are recorded: `which` says as the how manyth, -1 where not at all."""

    sources: Sources
    weight: Any
    which: NDArray[np.int64]


def note_transmissions(at, first, stop, origin):
    """Note the interval's spikes that go over watched rows of connections that bring their weight."""
    watched_at, noted_at, found_at, grid, done = opened(at)
    watched, noted, found = opened(watched_at), opened(noted_at), opened(found_at)
    for j in range(done[0], found.count[0]):
        begin, end = rows_from(watched.sources, found.gids[j])
        n = noted.count[0]
        if n + np.int64(end - begin) > noted.times.size:
            done[0], done[1] = j, np.int64(end - begin)
            return ROOM
        for row in range(begin, end):
            if watched.which[row] >= 0:
                noted.times[n] = time_of(grid, found.steps[j]) - found.offsets[j]
                noted.which[n] = watched.which[row]
                noted.weights[n] = at_row(watched.weight, row)
                n += 1
        noted.count[0] = n
    done[0] = 0
    return DONE
