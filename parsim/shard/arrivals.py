"""What will arrive at a group whose cells hear exact times: every event by itself, in buckets of one interval.

A mailbox adds up what arrives in a step. Cells that hear exact times need each event with its own
time, so their group has both: the mailbox for stimuli on the grid, and this for spikes.
"""

from typing import Any, ClassVar

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import Grid, Span
from parsim.jit import entry_point
from parsim.kernels import events as kernels
from parsim.kernels import gathering
from parsim.kernels.events import Listed, Ring, Rows
from parsim.shard.inbox import AbstractInbox
from parsim.shard.inputs import NO_EVENTS, Events
from parsim.shard.mailbox import Mailbox

BATCH = 1 << 16  # events delivered between two looks at the room that is left


class Arrivals(AbstractInbox):
    """Events on their way to `cells` cells: a ring of buckets, one an interval from `anchor` on.

    What stimuli on the grid send is in the `mailbox`, until the interval comes.
    """

    names_rows: ClassVar[bool] = True

    def __init__(self, mailbox: Mailbox, grid: Grid) -> None:
        self.mailbox = mailbox
        self.grid, self.cells = grid, 0
        self.anchor, self.interval = 0, 1
        self.intervals = 1
        self.ring = Ring(grid, 0, 1, 1, 0)
        self.flight = kernels.no_flight(1)
        self._room, self.nothing = gathering.room_to_gather(0, 0), NO_EVENTS
        self._aimed = kernels.room_to_aim()
        self._kernels: dict[Any, Any] = {}
        self._gather: Any = None
        self._free: Any = None

    def lay_out(self, cells: int, now: int, interval: int, longest: int) -> None:
        """Buckets for intervals of `interval` steps from `now` on and delays up to `longest`.

        What has passed is gone.
        """
        old = self.pending(now)
        self.mailbox.lay_out(cells, now, interval, longest)
        self.cells, self.anchor, self.interval = cells, now, interval
        self.intervals = -(-longest // interval) + 3
        self.ring = Ring(self.grid, now, interval, self.intervals, 0)
        self.flight = kernels.no_flight(self.intervals)
        self._room = gathering.room_to_gather(cells, 2 * old.time.size)
        self.nothing = NO_EVENTS._replace(start=np.zeros(cells + 1, np.int64))
        self.put(*old)

    def forget(self) -> None:
        """Nothing is on its way any more."""
        self.flight = kernels.no_flight(self.intervals)

    def pending(self, now: int) -> Listed:
        """What arrives after step `now`, in no order."""
        at = kernels.listed(self.flight)
        return kernels.columns(self.flight, at[self.flight.reals[3 * at] > self.grid.last_time(now)])

    def put(self, time: Floats, cell: Ints, weight: Floats, row: Any) -> None:
        """Add events that arrive after the anchor."""
        if time.size == 0:
            return
        self.flight = kernels.with_room(self.flight, time.size)
        kernels.put(time, cell, weight, row, self.ring, self.flight)

    def deliver(self, table: Any, gids: Gids, steps: Ints, offsets: Floats) -> None:
        """Each spike through each of its rows to its own time."""
        self.deliver_rows(table.for_events(), gids, steps, offsets)

    def deliver_rows(self, rows: Rows, gids: Gids, steps: Ints, offsets: Floats) -> None:
        """As `deliver`."""
        done, at, ring = 0, -1, self.ring
        act: Any = kernels.deliver
        more: tuple[Any, ...] = ()
        if rows.delay.dtype == np.float64:
            act, more = kernels.deliver_exact, (self._aimed,)
        while done < gids.size:
            self.flight = kernels.with_room(self.flight, BATCH)
            given = rows, gids, steps, offsets, done, at, BATCH, ring, self.flight, *more
            done, at = self._compiled(act, *given)(*given)

    def _compiled(self, kernel: Any, rows: Rows, *given: Any) -> Any:
        """The kernel compiled for these bundles, which differ only in how weights and delays are kept."""
        key = kernel, rows.delay.dtype.num, rows.delay.ndim, rows.weight.ndim
        if key not in self._kernels:
            self._kernels[key] = entry_point(kernel, rows, *given)
        return self._kernels[key]

    def drive(self, model: Any, params: Any, rows: Any, span: Span, key: Any) -> None:
        """Each spike by itself, to its own time, where a stimulus says so; else add it to the page."""
        if model.events is None:
            self.mailbox.drive(model, params, rows, span, key)
            return
        n = size = 64
        while n >= size:
            size = n + 1
            time, slot, weight = np.empty(size), np.empty(size, np.int64), np.empty(size)
            n = model.events(params, rows, span, key, self.grid, time, slot, weight)
        cell = slot[:n] % max(self.cells, 1)
        self.put(time[:n], cell, weight[:n], np.full(n, -1, np.int32))

    def events(self, span: Span) -> Events:
        """The events of the interval, and what stimuli on the grid have sent to arrive in the span's steps."""
        page = self.mailbox.ring[:0]
        if self.mailbox.driven:
            page = self.mailbox.page(span.origin)[span.first - span.origin : span.stop - span.origin]
        return self.gather(page, span.first, span.origin)

    def gather(self, page: Floats, first: int, origin: int) -> Events:
        """The events of the interval that begins at `origin`, and what stimuli put in a page, steps from `first` on.

        They are there until the next call.
        """
        if self.idle and page.size == 0:
            return self.nothing
        which = (origin - self.anchor) // self.interval % self.intervals
        given = self.flight, which, page, first, self.grid
        if self._gather is None:
            self._gather = entry_point(gathering.gather, *given, self._room)
        n = self._gather(*given, self._room)
        if n > self._room.time.size:
            self._room = gathering.room_to_gather(self.cells, 2 * n)
            self._gather(*given, self._room)
        start, _, time, weight, row = self._room
        return Events(start, time[:n], weight[:n], row[:n])

    @property
    def idle(self) -> bool:
        """Has nothing ever been on its way?"""
        return self.flight.next.size == 0

    def earliest(self) -> float:
        """When the next event arrives, in ms; inf when none is on its way."""
        return float(kernels.earliest(self.flight))

    def clear(self, origin: int) -> None:
        """Forget the interval that is past, so that its buckets can be used again."""
        if self.mailbox.driven:
            self.mailbox.clear(origin)
        which = (origin - self.anchor) // self.interval
        self.ring = Ring(self.grid, self.anchor, self.interval, self.intervals, which + 1)
        if not self.idle:
            if self._free is None:
                self._free = entry_point(kernels.free_interval, self.flight, which)
            self._free(self.flight, which % self.intervals)
