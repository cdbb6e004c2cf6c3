"""What stimuli on the grid send to cells that hear exact times, where it is no sum by step.

On a page there is room for steps alone, and for one number of all that comes to a cell. So where delays are no whole
steps, or connections keep a state, each row has a place of its own on another page, and what comes to it is an event,
so much later, over that row.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from parsim.arrays import Ints
from parsim.clock import Span, time_of
from parsim.jit import DONE, ROOM, Block, Op, inlined, inner, opened
from parsim.kernels import events as kernels
from parsim.kernels.rows import at_row
from parsim.shard.events.buckets import ring_from, room_in, room_to_send, row_sent

AT_ONCE = 1 << 16  # places of the page: 512 kB


@inlined
def how_often(amount, number):
    """How many events an amount is: over a connection with a number, which has the weight 1, as many as it says."""
    return max(np.int64(amount), 1) if number >= 0 and amount == np.int64(amount) else 1


@inlined
def events_in(part, number):
    """How many events there are on a page."""
    n = 0
    for k in range(part.shape[0]):
        for r in range(part.shape[1]):
            if part[k, r] != 0.0:
                n += how_often(part[k, r], number)
    return n


@cache
def sending_late(drive: Callable[..., None]) -> Callable[..., int]:
    """An op that adds what stimuli send, by the kernel with which they drive a page.

    A page is driven once, for some trains remember what they have sent: `went` is the step from which on the next
    begins, or -1, whether that has been driven, and how many events need room.
    """
    drive = inner(drive)

    def op(at, first, stop, origin):
        params, apart, rows, key, last, number, page, sent, flight_at, buckets_at, went = opened(at)
        if first >= last:
            return DONE
        b, flight = opened(buckets_at), opened(flight_at)
        for begin in range(max(first, went[0]), stop, page.shape[0]):
            end = min(begin + page.shape[0], stop)
            part = page[: end - begin]
            if went[1] == 0:
                part[:] = 0.0
                drive(params, apart, Span(begin, end, begin, np.uint64(0), np.uint64(0)), key, part)
                went[2] = events_in(part, number)
            if went[2] > 0 and went[2] > room_in(flight):
                went[0], went[1] = begin, 1
                return ROOM
            went[1] = n = 0
            for k in range(end - begin):
                time = time_of(b.grid, begin + k + 1)
                for r in range(rows.slot.size):
                    if part[k, r] == 0.0:
                        continue
                    often = how_often(part[k, r], number)
                    weight = part[k, r] if number < 0 else rows.weight[r] * (part[k, r] / often)
                    slot = rows.slot[r]
                    if rows.across > 0:
                        slot = slot % rows.across + (0 if weight > 0.0 else rows.across)
                    port = slot // b.cells
                    for _ in range(often):
                        if n == sent.time.size:
                            add(sent, n, b, origin, flight)
                            n = 0
                        sent.time[n], sent.slot[n] = time + at_row(rows.rest, r), slot - port * b.cells
                        sent.weight[n], sent.row[n] = weight, row_sent(port, number, r, b)
                        n += 1
            add(sent, n, b, origin, flight)
        went[0] = -1
        return DONE

    return op


@inlined
def add(sent, n, b, origin, flight):
    """The first n of what is sent is on its way."""
    kernels.add_all(sent.time[:n], sent.slot[:n], sent.weight[:n], sent.row[:n], ring_from(b, origin), flight)


def _asking(make_room: Callable[[int], None], went: Ints) -> Callable[[], None]:
    return lambda: make_room(int(went[2]))


def late_ops(drive: Any, flight: Block, buckets: Block, make_room: Callable[[int], None]) -> list[Op]:
    """What a drive sends so."""
    n = drive.rows.slot.size
    page = np.zeros((max(1, AT_ONCE // n), n))
    sent, act = room_to_send(page.size), sending_late(drive.source.model.drive)
    ops = []
    for params, rows, key, last in drive.given():
        apart, went = drive.apart(), np.array([-1, 0, 0])
        if drive.numbered:  # then a page counts
            apart = apart._replace(weight=np.ones(n))
        given = params, apart, rows, key, last, drive.number, page, sent, flight, buckets, went
        ops.append(Op(act, *given, make_room=_asking(make_room, went)))
    return ops
