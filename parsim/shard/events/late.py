"""What stimuli on the grid send to cells that hear exact times, over delays that are no whole steps.

On a page there is room for steps alone. So each row has a place of its own on another page, and what comes to it is an
event, so much later.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from parsim.clock import Span, time_of
from parsim.jit import DONE, ROOM, Block, Op, inner, opened
from parsim.kernels import events as kernels
from parsim.kernels.gathering import row_of_stimuli
from parsim.shard.drive import DriveRows, drive_rows
from parsim.shard.events.buckets import ring_from, room_in, room_to_send

AT_ONCE = 1 << 16  # places of the page: 512 kB


@cache
def sending_late(drive: Callable[..., None]) -> Callable[..., int]:
    """An op that adds what stimuli send, by the kernel with which they drive a page."""
    drive = inner(drive)

    def op(at, first, stop, origin):
        params, apart, rows, key, last, page, sent, flight_at, buckets_at, need = opened(at)
        if first >= last:
            return DONE
        b, flight = opened(buckets_at), opened(flight_at)
        need[0] = rows.slot.size * (stop - first)
        if need[0] > room_in(flight):
            return ROOM
        for begin in range(first, stop, page.shape[0]):
            end = min(begin + page.shape[0], stop)
            part = page[: end - begin]
            part[:] = 0.0
            drive(params, apart, Span(begin, end, begin, np.uint64(0), np.uint64(0)), key, part)
            n = 0
            for k in range(end - begin):
                time = time_of(b.grid, begin + k + 1)
                for r in range(rows.slot.size):
                    if part[k, r] != 0.0:
                        slot = rows.slot[r]
                        if rows.across > 0:
                            slot = slot % rows.across + (0 if part[k, r] > 0.0 else rows.across)
                        port = slot // b.cells
                        sent.time[n], sent.slot[n] = time + rows.rest[r], slot - port * b.cells
                        sent.weight[n], sent.row[n] = part[k, r], row_of_stimuli(port, b.receptors)
                        n += 1
            kernels.add_all(
                sent.time[:n], sent.slot[:n], sent.weight[:n], sent.row[:n], ring_from(b, origin), flight
            )
        return DONE

    return op


def apart(rows: DriveRows) -> DriveRows:
    """The same rows, each with a place of its own."""
    places = np.arange(rows.slot.size)
    alone = drive_rows(places, rows.stimulus, rows.gid, rows.lane, rows.weight, rows.delay, across=0)
    return alone._replace(state=rows.state)


def late_ops(drive: Any, flight: Block, buckets: Block, make_room: Callable[[int], None]) -> list[Op]:
    """What a drive sends so."""
    n = drive.rows.slot.size
    page = np.zeros((max(1, AT_ONCE // n), n))
    need = np.zeros(1, np.int64)
    more = page, room_to_send(page.size), flight, buckets, need
    act = sending_late(drive.source.model.drive)
    return [
        Op(act, params, apart(rows), rows, key, last, *more, make_room=lambda: make_room(int(need[0])))
        for params, rows, key, last in drive.given()
    ]
