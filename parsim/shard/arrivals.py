"""What will arrive at a group whose cells hear exact times: every event by itself, in buckets of one interval.

A mailbox adds up what arrives in a step. Cells that hear exact times need each event with its own
time, so their group has both: the mailbox for stimuli on the grid, and this for spikes.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.clock import Grid
from parsim.jit import entry_point
from parsim.kernels import events as kernels
from parsim.kernels.events import Ring, Rows

BATCH = 1 << 16  # events delivered between two looks at the room that is left


class Events(NamedTuple):
    """What reaches the cells of a group in one interval, cell after cell, each in order of (time, row).

    Cell i has the events from `start[i]` to `start[i + 1]`; `time` is absolute, in ms; `row` is the
    connection's number among those onto the group, -1 for what stimuli send on the grid.
    """

    start: Ints
    time: Floats
    weight: Floats
    row: NDArray[np.int32]


NO_EVENTS = Events(np.zeros(1, np.int64), np.empty(0), np.empty(0), np.empty(0, np.int32))


class Arrivals:
    """Events on their way to `cells` cells: a ring of buckets, one an interval from `anchor` on."""

    def __init__(self, grid: Grid) -> None:
        self.grid, self.cells = grid, 0
        self.anchor, self.interval = 0, 1
        self.intervals, self.least = 1, 0
        self.flight = kernels.no_flight(1)
        self._kernels: dict[Any, Any] = {}

    def lay_out(self, cells: int, now: int, interval: int, longest: int) -> None:
        """Buckets for intervals of `interval` steps from `now` on and delays up to `longest`.

        What has passed is gone.
        """
        old = self.pending(now)
        self.cells, self.anchor, self.interval = cells, now, interval
        self.intervals, self.least = -(-longest // interval) + 3, 0
        self.flight = kernels.no_flight(self.intervals)
        self.put(*old)

    def pending(self, now: int) -> tuple[Floats, Ints, Floats, Any]:
        """Times, cells, weights and rows of what arrives after step `now`, in no order."""
        at, held = kernels.listed(self.flight), self.flight
        at = at[held.time[at] > self.grid.time(now)]
        return held.time[at], held.cell[at].astype(np.int64), held.weight[at], held.row[at]

    def put(self, time: Floats, cell: Ints, weight: Floats, row: Any) -> None:
        """Add events that arrive after the anchor."""
        self.flight = kernels.with_room(self.flight, time.size)
        kernels.put(time, cell, weight, row, self._ring, self.flight)

    @property
    def _ring(self) -> Ring:
        return Ring(self.grid, self.anchor, self.interval, self.intervals, self.least)

    def deliver(self, rows: Rows, gids: Ints, steps: Ints, offsets: Floats) -> None:
        """Spikes through rows of connections, each to its own time."""
        done, at, ring = 0, -1, self._ring
        act = kernels.deliver_exact if rows.delay.dtype == np.float64 else kernels.deliver
        while done < gids.size:
            self.flight = kernels.with_room(self.flight, BATCH)
            given = rows, gids, steps, offsets, done, at, BATCH, ring, self.flight
            done, at = self._compiled(act, *given)(*given)

    def _compiled(self, kernel: Any, rows: Rows, *given: Any) -> Any:
        """The kernel compiled for these bundles, which differ only in how delays are kept."""
        key = kernel, rows.delay.dtype
        if key not in self._kernels:
            self._kernels[key] = entry_point(kernel, rows, *given)
        return self._kernels[key]

    def gather(self, page: Floats, first: int, stop: int, origin: int) -> Events:
        """The events of the interval that begins at `origin`, with what stimuli put in a page's steps [first, stop)."""
        which = (origin - self.anchor) // self.interval % self.intervals
        return Events(*kernels.gather(self.flight, which, page, first, stop, origin, self.cells, self.grid))

    def earliest(self) -> float:
        """When the next event arrives, in ms; inf when none is on its way."""
        at = kernels.listed(self.flight)
        return float(self.flight.time[at].min()) if at.size else np.inf

    def clear(self, origin: int) -> None:
        """Forget the interval that is past, so that its buckets can be used again."""
        which = (origin - self.anchor) // self.interval
        kernels.free_interval(self.flight, which % self.intervals)
        self.least = which + 1
