"""What reaches the cells of a group in one interval, as their kernels read it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import Grid


class Events(NamedTuple):
    """What reaches the cells of a group in one interval, cell after cell, each in order of (time, row).

    Cell i has the events from `start[i]` to `start[i + 1]`; `time` is absolute, in ms; `row` is the
    connection's number among those onto the group, below 0 for what stimuli send.

    Where events tell several receptors apart, `port[row]` is the receptor, also of rows below 0, which are counted from
    the end; else it has no dimension.
    """

    start: Ints
    time: Floats
    weight: Floats
    row: NDArray[np.int32]
    port: NDArray[np.int16]


ONE_PORT = np.zeros((), np.int16)  # of rows onto cells of which events do not tell receptors apart
NO_EVENTS = Events(np.zeros(1, np.int64), np.empty(0), np.empty(0), np.empty(0, np.int32), ONE_PORT)


class Inputs(NamedTuple):
    """What reaches the cells of a group in one interval.

    `spikes` is the page [step, port, cell] of summed weights, `current` [step or 1, cell] in pA, with the cells
    once more for each further place where currents enter: it
    has one row as long as nothing drives it, so read row `k % current.shape[0]`. `gids` and `seed`
    are for cells that draw. `grid` gives the times of steps, `time_of(inputs.grid, k)`. Cells of a
    precise model find in `events` what arrives in the interval, spike by spike: for a span that is
    later than `heard_by(grid, first, origin)`, up to `last_time_of(grid, stop)`.
    """

    spikes: Floats
    current: Floats
    gids: Gids
    seed: int
    grid: Grid
    events: Events
