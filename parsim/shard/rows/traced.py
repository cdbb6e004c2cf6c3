"""Traces of a group's spikes as they are at a time: from what its history has, and what was fired since."""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import time_of
from parsim.jit import DONE, kernel, opened
from parsim.kernels.maths import exp_alone
from parsim.shard.rows.history import time_back, trace_back


class TracedCells(NamedTuple):
    """Cells of which one of the traces is asked for, and scratch."""

    cells: Ints
    which: int
    at: Ints  # [cell]: where it is among `cells`, or -1
    last: Floats  # of each of `cells`, when its last spike was
    trace: Floats  # just after that


def wanted(cells: Ints, which: int, n: int) -> TracedCells:
    """One trace of some of `n` cells."""
    at = np.full(n, -1)
    at[cells] = np.arange(cells.size)
    return TracedCells(cells, which, at, np.zeros(cells.size), np.zeros(cells.size))


@kernel
def trace_at(h, out, w, grid, t, into):
    """The trace of each cell at time t: of all its spikes up to t, one at that very time too.

    Spike by spike, as the history keeps it, so no bit of it hangs on which spikes that has already.
    """
    for j in range(w.cells.size):
        i, q = w.cells[j], 0
        while time_back(h, i, q) > t:
            q += 1
        w.last[j], w.trace[j] = time_back(h, i, q), trace_back(h, i, q, w.which + 1)
    for k in range(out.count[0]):
        i = out.cell[k]
        j = w.at[i]
        when = time_of(grid, out.step[k]) - out.offset[k]
        if j >= 0 and when <= t and not h.at_once[i]:
            w.trace[j] = w.trace[j] * exp_alone((w.last[j] - when) * h.rates[i, w.which]) + 1.0
            w.last[j] = when
    for j in range(w.cells.size):
        into[j] = w.trace[j] * exp_alone((w.last[j] - t) * h.rates[w.cells[j], w.which])


def sample_trace(at, first, stop, origin):
    """A trace as it is at the end of step `stop`."""
    history_at, out_at, some, into_at, grid = opened(at)
    into = opened(into_at)
    row = into.buffer[(stop - into.place[0]) // into.every]
    values = row[into.column : into.column + into.cells.size]
    trace_at(opened(history_at), opened(out_at), some, grid, time_of(grid, stop), values)
    return DONE
