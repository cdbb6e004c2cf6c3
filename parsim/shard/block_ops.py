"""Blocks of cable cells as ops: they are moved, sampled and observed."""

from collections.abc import Callable
from functools import cache

import numpy as np

from parsim.clock import last_time_of
from parsim.jit import DONE, FAILED, ROOM, inner, opened
from parsim.shard.entries import Heard, keep_rest


@cache
def moving(advance: Callable[..., int]) -> Callable[..., int]:
    """An op that moves a block that hears nothing, by the kernel that was made for its mechanisms."""
    advance = inner(advance)

    def op(at, first, stop, origin):
        block, out, grid, cell, wrong = opened(at)
        came = advance(opened(block), first, stop, grid, opened(out), cell, None)
        if came < stop:
            wrong[0] = came
        return DONE if came == stop else FAILED

    return op


@cache
def hearing(advance: Callable[..., int]) -> Callable[..., int]:
    """The same of a block to whose mechanisms events come; `place[0]` is the step at which it goes on."""
    advance = inner(advance)

    def op(at, first, stop, origin):
        block, out, grid, cell, wrong, place, entries, rows, box, queue, sent = opened(at)
        q = opened(queue)
        if place[0] < 0:
            entries.next[0] = -np.inf
        h = Heard(entries, opened(rows)[0], opened(box).events, q, sent)
        came = advance(opened(block), max(first, place[0]), stop, grid, opened(out), cell, h)
        if came < 0:
            place[0] = -1 - came
            return ROOM
        if came < stop:
            wrong[0] = came
            return FAILED
        if not keep_rest(h, last_time_of(grid, stop)):
            place[0] = stop
            return ROOM
        place[0] = -1
        return DONE if q.wrong[0] == 0 else FAILED

    return op


def sample_lanes(at, first, stop, origin):
    """A row of a block's array, at some lanes, as it is at the end of step `stop`."""
    (row,), lanes, columns, into_at = opened(at)
    into = opened(into_at)
    k = (stop - into.place[0]) // into.every
    for j in range(lanes.size):
        into.buffer[k, into.column + columns[j]] = row[lanes[j]]
    return DONE


@cache
def observing(observe: Callable[..., None]) -> Callable[..., int]:
    """An op that lets a mechanism of a block compute what it can show, at the end of step `stop`."""
    observe = inner(observe)

    def op(at, first, stop, origin):
        block, grid, out = opened(at)
        observe(opened(block), grid.numerator * stop / grid.denominator, grid.dt, out)
        return DONE

    return op
