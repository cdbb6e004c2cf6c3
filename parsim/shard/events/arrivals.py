"""What will arrive at a group whose cells hear exact times: every event by itself, in buckets of one interval.

A mailbox adds up what arrives in a step. Cells that hear exact times need each event with its own
time, so their group has both: the mailbox for stimuli on the grid, and this for spikes.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints, picked
from parsim.clock import Grid, Span
from parsim.jit import DONE, ROOM, Block, Op, inner, opened
from parsim.kernels import events as kernels
from parsim.kernels import gathering
from parsim.kernels.events import EventColumns, Ring
from parsim.shard.events.buckets import Buckets, bucket_at, ring_from, room_in, room_to_send, row_sent
from parsim.shard.events.late import late_ops
from parsim.shard.events.waiting import are_gone, renumbered
from parsim.shard.inbox import AbstractInbox
from parsim.shard.inputs import ONE_PORT, Events
from parsim.shard.mailbox import Mailbox, clear, page_at
from parsim.shard.saved import AbstractSaved, AbstractSaving
from parsim.shard.stages import Stages

BATCH = 1 << 16  # events delivered between two looks at the room that is left
SENT = 64  # events of stimuli in an interval that find room at first


def gather(at, first, stop, origin):
    """What reaches cells in the interval, and what stimuli on the grid have sent to the span's steps, in order."""
    flight_at, room_at, box_at, buckets_at, need = opened(at)
    b, box = opened(buckets_at), opened(box_at)
    k = page_at(box, origin) + first - origin
    page = box.flat[k : k + (stop - first if b.driven else 0)]
    flight, room = opened(flight_at), opened(room_at)
    need[0] = gathering.gather(flight, bucket_at(b, origin), page, first, b.grid, b.receptors, room)
    return DONE if need[0] <= room.time.size else ROOM


@cache
def delivering(deliver: Callable[..., Any]) -> Callable[..., int]:
    """An op that takes the interval's spikes through the rows of a table, each to its own time."""

    def op(at, first, stop, origin):
        rows_at, flight_at, buckets_at, found_at, scratch, done = opened(at)
        b, flight, found = opened(buckets_at), opened(flight_at), opened(found_at)
        n, most = found.count[0], room_in(flight)
        if most <= 0:
            return ROOM
        done[0], done[1] = deliver(
            opened(rows_at), found.gids[:n], found.steps[:n], found.offsets[:n], done[0], done[1], most,
            ring_from(b, origin + b.interval), flight, scratch,
        )  # fmt: skip
        if done[0] < n:
            return ROOM
        done[0], done[1] = 0, -1
        return DONE

    return op


@cache
def sending(events: Callable[..., int]) -> Callable[..., int]:
    """An op that adds what stimuli send at exact times, by a model's kernel. Where rows have numbers, each has a place
    of its own, and `slots` are where they end.
    """
    events = inner(events)

    def op(at, first, stop, origin):
        params, rows, key, last, slots, number, sending_at, flight_at, buckets_at, need = opened(at)
        if first >= last:
            return DONE
        b, flight, sent = opened(buckets_at), opened(flight_at), opened(sending_at)
        span = Span(first, stop, origin, np.uint64(0), np.uint64(0))
        n = events(params, rows, span, key, b.grid, sent.time, sent.slot, sent.weight)
        need[0] = n
        if n > sent.time.size or (n > 0 and n > room_in(flight)):
            return ROOM
        for j in range(n):
            r = sent.slot[j]
            slot = slots[r] if number >= 0 else r
            port = slot // b.cells
            sent.slot[j], sent.row[j] = slot - port * b.cells, row_sent(port, number, r, b)
        kernels.add_all(
            sent.time[:n], sent.slot[:n], sent.weight[:n], sent.row[:n], ring_from(b, origin), flight
        )
        return DONE

    return op


def next_arrival(at, first, stop, origin):
    """The beginning of the interval in which the next event after this one arrives, if that is the first."""
    flight_at, buckets_at, following = opened(at)
    b = opened(buckets_at)
    most = max(following[0] - origin, 0) // b.interval + 1
    k = kernels.intervals_to_next(opened(flight_at), bucket_at(b, origin), b.intervals, most)
    if k < most:
        following[0] = min(following[0], origin + k * b.interval)
    return DONE


def free_buckets(at, first, stop, origin):
    """Forget the events of the interval that is past, and what the cells have sent."""
    flight_at, buckets_at, out_at = opened(at)
    kernels.free_interval(opened(flight_at), bucket_at(opened(buckets_at), origin))
    opened(out_at).count[0] = 0
    return DONE


class Arrivals(AbstractInbox):
    """Events on their way to `cells` cells: a ring of buckets, one an interval from `anchor` on.

    What stimuli on the grid send is in the `mailbox`, until the interval comes. Events tell `receptors` of them apart
    by the row over which they come: see `Events.port`. Or cells have `places` at which events end, each of which is to
    what follows a cell of its own: place * cells + cell.
    """

    names_rows: ClassVar[bool] = True

    def __init__(self, mailbox: Mailbox, grid: Grid, receptors: int = 1, places: int = 1) -> None:
        self.mailbox, self.receptors, self.places = mailbox, receptors, places
        self.port = ONE_PORT if receptors == 1 else np.arange(receptors, dtype=np.int16)
        self.grid, self.cells = grid, 0
        self.anchor, self.interval = 0, 1
        self.intervals = 1
        self.flight = kernels.none_in_flight(1)
        self.room = gathering.room_to_gather(0, 0)
        self._scratch = kernels.event_scratch()
        self._sending = room_to_send(SENT)

    @property
    def gathered(self) -> Events:
        """With more room than there are events."""
        return Events(self.room.start, self.room.time, self.room.weight, self.room.row, self.port)

    def add_rows(self, port: NDArray[np.int16]) -> None:
        """Connections behind those that lead here already, and the port of each."""
        if self.receptors > 1:
            rows, stimuli = self.port[: -self.receptors], self.port[-self.receptors :]
            self.port = np.concatenate([rows, port, stimuli])

    def lay_out(self, cells: int, now: int, interval: int, longest: int) -> None:
        """Buckets for intervals of `interval` steps from `now` on and delays up to `longest`.

        What has passed is gone.
        """
        old = self.pending(now)
        place, cell = self._apart(old.cell)
        old = old._replace(cell=place * cells + cell)
        self.mailbox.lay_out(cells, now, interval, longest)
        self.cells, self.anchor, self.interval = cells * self.places, now, interval
        self.intervals = -(-longest // interval) + 3
        self.flight = kernels.none_in_flight(self.intervals)
        self.room = gathering.room_to_gather(self.cells, 2 * old.time.size)
        self.put(*old)

    def pending(self, now: int) -> EventColumns:
        """What cells have not heard when they have come to step `now`, in no order.

        At an interval's edge that is all that is here, also what is on the edge and was sent too late for the interval
        before it.
        """
        if (self.flight.head < 0).all():  # most often nothing is, and then nothing need be compiled
            return kernels.columns(self.flight, np.zeros(0, np.int64))
        at = kernels.listed(self.flight)
        if (now - self.anchor) % self.interval != 0:
            at = at[self.flight.reals[3 * at] > self.grid.last_time(now)]
        return kernels.columns(self.flight, at)

    def renumber(self, new: Ints, now: int, forget: NDArray[np.bool_]) -> Ints:
        """What is on its way comes over connections with other numbers, or over none; or it is forgotten."""
        old, keep = self.pending(now), new >= 0
        if self.receptors > 1:
            rows, stimuli = self.port[: -self.receptors], self.port[-self.receptors :]
            new = np.where(keep, new, rows.astype(np.int64) - self.receptors)
            self.port = np.concatenate([rows[keep], stimuli])
        if forget.any():
            old = picked(old, ~(forget[old.cell] & are_gone(keep, old.row)))
        self.flight = kernels.none_in_flight(self.intervals)
        self.put(old.time, old.cell, old.weight, renumbered(new, old.row).astype(np.int32))
        return new

    def _apart(self, cell: Ints) -> tuple[Ints, Ints]:
        """Places and cells."""
        cells = max(self.cells // self.places, 1)
        return cell // cells, cell % cells

    def put(self, time: Floats, cell: Ints, weight: Floats, row: Any) -> None:
        """Add events that arrive after the anchor."""
        if time.size == 0:
            return
        self.flight = kernels.with_room(self.flight, time.size)
        ring = Ring(self.grid, self.anchor, self.interval, self.intervals, 0)
        kernels.add_all(time, cell, weight, row, ring, self.flight)

    def sent(self) -> Any:
        """All events that are on their way."""
        columns = {name: column.copy() for name, column in self.flight._asdict().items()}
        return kernels.InFlight(**columns | {"reals": columns["words"].view(np.float64)})

    def put_back(self, sent: Any) -> None:
        """On their way are those events again."""
        self.flight = sent

    # ---- a checkpoint ----------------------------------------------------------------------------

    def columns(self, now: int) -> dict[str, Any]:
        """What stimuli on the grid have sent, if there are any."""
        return self.mailbox.columns(now) if self.mailbox.driven else {}

    def begin_at(self, origin: int) -> None:
        """Nothing is on its way, and an interval begins at step `origin`."""
        self.mailbox.begin_at(origin)
        self.anchor = origin
        self.flight = kernels.none_in_flight(self.intervals)

    def put_columns(self, cells: Ints, columns: dict[str, Any], now: int) -> None:
        """The reverse of `columns`, for some cells."""
        self.mailbox.put_columns(cells, columns, now)

    def save(self, saving: AbstractSaving) -> None:
        """Collective: the events that are on their way."""
        time, cell, weight, row = self.pending(saving.now)
        place, cell = self._apart(cell)
        columns = {"time": time, "weight": weight, "row": saving.names_of(row, cell)}
        saving.put_loose("events", cell, columns | ({"place": place} if self.places > 1 else {}))

    def restore(self, saved: AbstractSaved) -> None:
        """The reverse of `save`."""
        for cell, event in saved.loose("events"):
            row = saved.rows_of(event["row"], cell).astype(np.int32)
            place = event.get("place", 0) * (self.cells // self.places)
            self.put(event["time"], cell + place, event["weight"], row)

    # ---- as ops ----------------------------------------------------------------------------------

    def expect(self, tables: list[Any]) -> None:
        """Whatever they are."""

    def begin_ops(self, stages: Stages) -> None:
        """Blocks that the other ops share."""
        self._flight = stages.follow(lambda: self.flight)
        self._buckets = stages.follow(self._where)

    def _where(self) -> Buckets:
        driven = self.mailbox.driven
        cells, receptors = self.cells, self.receptors
        return Buckets(self.grid, self.anchor, self.interval, self.intervals, cells, receptors, driven)

    def gather_ops(self, stages: Stages, box: Block) -> None:
        """Lay out the putting in order."""
        need = np.zeros(1, np.int64)

        def make_room() -> None:
            self.room = gathering.room_to_gather(self.cells, 2 * int(need[0]))
            stages.refresh()

        room = stages.follow(lambda: self.room)
        stages.begin.append(Op(gather, self._flight, room, box, self._buckets, need, make_room=make_room))

    def drive_ops(self, stages: Stages, drive: Any, box: Block) -> None:
        """Lay out the driving."""
        if drive.is_late:
            stages.begin += late_ops(drive, self._flight, self._buckets, partial(self._make_room, stages))
            return
        if drive.model.events is None:
            drive.page_ops(stages, box)
            return
        act, need = sending(drive.model.events), np.zeros(1, np.int64)

        def make_room() -> None:
            if need[0] > self._sending.time.size:
                self._sending = room_to_send(2 * int(need[0]))
            self._make_room(stages, int(need[0]))

        sent = stages.follow(lambda: self._sending)
        for params, rows, key, last in drive.given():
            given = params, drive.apart() if drive.numbered else rows, key, last, rows.slot, drive.number
            op = Op(act, *given, sent, self._flight, self._buckets, need, make_room=make_room)
            stages.begin.append(op)

    def deliver_ops(self, stages: Stages, table: Any, box: Block) -> None:
        """Lay out the delivery over the rows of a table."""

        def make_room() -> None:
            self._make_room(stages, BATCH)

        if table.transmission is not None:
            table.transmission.exact_ops(stages, table, self._flight, self._buckets, make_room)
            return
        rows = table.for_events()
        act = delivering(kernels.deliver_exact if rows.delay.dtype == np.float64 else kernels.deliver)
        given = stages.follow(table.for_events), self._flight, self._buckets, stages.found, self._scratch
        stages.deliver.append(Op(act, *given, np.array([0, -1]), make_room=make_room))

    def _make_room(self, stages: Stages, n: int) -> None:
        self.flight = kernels.with_room(self.flight, n)
        stages.refresh()

    def clear_ops(self, stages: Stages, box: Block, out: Block) -> None:
        """Lay out the forgetting of the interval that is past, and of what the cells have sent in it."""
        if self.mailbox.driven:
            stages.clear.append(Op(clear, box, out))
        stages.clear.append(Op(free_buckets, self._flight, self._buckets, out))

    def next_ops(self, stages: Stages) -> None:
        """Lay out the look for what arrives next."""
        stages.next_event.append(Op(next_arrival, self._flight, self._buckets, stages.next))
