"""What will arrive at a group whose cells hear exact times: every event by itself, in buckets of one interval.

A mailbox adds up what arrives in a step. Cells that hear exact times need each event with its own
time, so their group has both: the mailbox for stimuli on the grid, and this for spikes.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.clock import Grid
from parsim.kernels import events as kernels
from parsim.kernels.events import Bucket, Ring, Rows

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
        self.bucket = _empty(1, 0)

    def lay_out(self, cells: int, now: int, interval: int, longest: int) -> None:
        """Buckets for intervals of `interval` steps from `now` on and delays up to `longest`.

        What has passed is gone.
        """
        old = self.pending(now)
        self.cells, self.anchor, self.interval = cells, now, interval
        self.bucket = _empty(-(-longest // interval) + 2, 64)
        self.put(*old)

    def pending(self, now: int) -> tuple[Floats, Ints, Floats, Any]:
        """Times, cells, weights and rows of what arrives after step `now`, in no order."""
        b = self.bucket
        held = np.arange(b.time.shape[1]) < b.count[:, None]
        held &= b.time > self.grid.time(now)
        return b.time[held], b.cell[held].astype(np.int64), b.weight[held], b.row[held]

    def put(self, time: Floats, cell: Ints, weight: Floats, row: Any) -> None:
        """Add events that arrive after the anchor."""
        for begin in range(0, time.size, BATCH):
            part = slice(begin, begin + BATCH)
            self.bucket = kernels.with_room(self.bucket, time[part].size)
            kernels.put(time[part], cell[part], weight[part], row[part], self._ring, self.bucket)

    @property
    def _ring(self) -> Ring:
        return Ring(self.grid, self.anchor, self.interval)

    def deliver(self, rows: Rows, gids: Ints, steps: Ints, offsets: Floats) -> None:
        """Spikes through rows of connections, each to its own time."""
        done, at = 0, -1
        while done < gids.size:
            self.bucket = kernels.with_room(self.bucket, BATCH)
            done, at = kernels.deliver(rows, gids, steps, offsets, done, at, BATCH, self._ring, self.bucket)

    def gather(self, page: Floats, first: int, stop: int, origin: int) -> Events:
        """The events of the interval that begins at `origin`, with what stimuli put in a page's steps [first, stop)."""
        which = (origin - self.anchor) // self.interval % self.bucket.count.size
        return Events(*kernels.gather(self.bucket, which, page, first, stop, origin, self.cells, self.grid))

    def clear(self, origin: int) -> None:
        """Forget the interval that is past, so that its bucket can be used again."""
        self.bucket.count[(origin - self.anchor) // self.interval % self.bucket.count.size] = 0


def _empty(buckets: int, room: int) -> Bucket:
    shape = (buckets, room)
    return Bucket(
        np.zeros(buckets, np.int64),
        np.zeros(shape),
        np.zeros(shape, np.int32),
        np.zeros(shape),
        np.zeros(shape, np.int32),
    )
