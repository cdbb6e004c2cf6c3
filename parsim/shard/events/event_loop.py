"""The loops that move event-driven cells through an interval, made over the receiving kernel of a model."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from parsim.clock import MOST_STEPS, step_of, time_of
from parsim.clock import NEVER as NO_STEP
from parsim.jit import inlined, kernel_over, lean_kernel, one_of, put_back, within
from parsim.shard.events.queue import (
    FIRE,
    MOVABLE,
    NEVER,
    RESERVE,
    TOO_MANY,
    Event,
    fire,
    is_due,
    mistake,
    pop,
)

AT_ONCE = 10_000  # events of its own that a cell may have at one instant
ENDLESS = 7  # what is wrong when it has more


@inlined
def _all_of(bundle, i):
    return bundle


@inlined
def _nothing_back(bundle, held, i):
    """All of it is where it belongs."""


@inlined
def next_of_its_own(q, i):
    """When a cell's next self-event or spike to come is, and its node in the pool; -1 for the movable self-event."""
    node = q.root[i]
    if node >= 0 and q.pool.time[node] < q.at[i]:
        return q.pool.time[node], node
    return q.at[i], -1


def _taking(alone: bool) -> tuple[Any, Any]:
    """How a cell's numbers are taken and put back: `one_of` itself, for its stack is its caller's."""
    return (one_of, put_back) if alone else (within(_all_of), within(_nothing_back))


@cache
def cell_loop(receive: Callable[..., None], alone: bool = False) -> Callable[..., int]:
    """The loop over cells that do not reach each other within an interval.

    loop(s, p, c, events, q, until, begin, end) takes the cells [begin, end) through all that happens
    up to and including the time `until`. It returns `end`, or the first cell that is not done
    because pool or outbox are nearly full; called again with more room from there on, or later for
    another `until`, it goes on where it was. `alone`: `receive` is given its cell's numbers of s and p, not all.
    """
    receive, (held, back) = within(receive), _taking(alone)

    def loop(s, p, c, events, q, until, begin, end):
        for cell in range(begin, end):
            i = np.uint32(cell)
            at, stop = np.uint64(q.next[i]), np.uint64(events.start[i + np.uint32(1)])
            if at >= stop and q.root[i] < 0 and q.at[i] > until:
                continue
            instant, repeats = -NEVER, 0
            mine, own_p, place = held(s, i), held(p, i), np.uint32(0) if alone else i
            while True:
                heard = events.time[at] if at < stop else NEVER
                own, node = next_of_its_own(q, i)
                if min(heard, own) > until:
                    break
                if q.pool.free[1] < RESERVE or q.out.cell.size - q.out.count[0] < RESERVE:
                    q.next[i] = at
                    back(s, mine, i)
                    return cell
                if heard < own:
                    e = Event(place, np.int64(events.row[at]), events.weight[at], heard, 0, i)
                    at += np.uint64(1)
                else:
                    if own == instant:
                        repeats += 1
                        if repeats > AT_ONCE:
                            mistake(q, Event(i, -1, 0.0, own, 0, i), ENDLESS)
                            back(s, mine, i)
                            return end
                    else:
                        instant, repeats = own, 0
                    if node >= 0:
                        node = pop(q, i)
                        if not is_due(q, i, node):
                            continue
                        if q.pool.flag[node] == FIRE:
                            fire(q, i, own)
                            continue
                        e = Event(place, q.pool.row[node], q.pool.weight[node], own, q.pool.flag[node], i)
                    else:
                        q.at[i] = NEVER
                        e = Event(place, q.row[i], q.weight[i], own, MOVABLE, i)
                free = q.pool.free[1]
                receive(mine, own_p, c, e, q)
                if free - q.pool.free[1] > RESERVE:  # whether or not the pool had room for them
                    mistake(q, e, TOO_MANY)
            q.next[i] = at
            back(s, mine, i)
        return end

    return kernel_over(loop)


@cache
def call_loop(function: Callable[..., None]) -> Callable[..., int]:
    """The loop that calls a model's `start` or `changed` for some cells at one time.

    loop(s, p, q, t, cells, slots, begin) returns the place it has come to, as that of `cell_loop`.
    """
    function = within(function)

    def loop(s, p, q, t, cells, slots, begin):
        for j in range(begin, cells.size):
            if q.pool.free[1] < RESERVE or q.out.cell.size - q.out.count[0] < RESERVE:
                return j
            function(s, p, Event(np.uint32(cells[j]), -1, 0.0, t, 0, np.uint32(slots[j])), q)
        return cells.size

    return kernel_over(loop)


@cache
def catch_up_loop(catch_up: Callable[..., None]) -> Callable[..., None]:
    """The loop that brings the states of some cells to one time."""
    catch_up = within(catch_up)

    def loop(s, p, t, cells):
        for j in range(cells.size):
            catch_up(s, p, cells[j], t)

    return kernel_over(loop)


@cache
def trace_loop(trace: Callable[..., float]) -> Callable[..., None]:
    """The loop that evaluates a trace of some cells at one time, into an array."""
    trace = within(trace)

    def loop(s, p, t, cells, into):
        for j in range(cells.size):
            into[j] = trace(s, p, cells[j], t)

    return kernel_over(loop)


@lean_kernel
def earliest(q):
    """When the next event of their own comes at any of the cells."""
    first = NEVER
    for i in range(q.at.size):
        node = q.root[i]
        first = min(first, q.at[i])
        if node >= 0:
            first = min(first, q.pool.time[node])
    return first


@inlined
def step_before(grid, time):
    """The step in which a time lies; `clock.NEVER` for one that cannot be counted."""
    most = min(MOST_STEPS, NO_STEP // grid.numerator)
    return step_of(grid, time) - 1 if time < time_of(grid, most) else NO_STEP
