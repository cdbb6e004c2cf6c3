"""A step of a cell that hears and fires between the steps: from one thing that happens to the next.

Its state has `free` and `free_offset`: it is refractory until so many ms before this step.
"""

import numpy as np

from parsim.clock import last_time_of, time_of
from parsim.jit import inlined, shared
from parsim.shard.outbox import emit_at


@inlined
def first_event(events, i, heard):
    """The first event of cell i that is not heard yet, if a call ended inside this interval."""
    e, last = events.start[i], events.start[i + 1]
    while e < last and events.time[e] <= heard:
        e += 1
    return e


@inlined
def fire(s, p, i, k, offset, out):
    """A spike `offset` ms before the end of step k."""
    s.V_m[i] = p.V_reset[i]
    s.free[i], s.free_offset[i] = k + 1 + p.refractory[i], offset
    emit_at(out, i, k + 1, offset)


@inlined
def refractory_for(s, p, i, k, at):
    """How long a cell is still refractory `at` ms from the start of step k, ms."""
    return (s.free[i] - (k + 1)) * p.h[0] - s.free_offset[i] + (p.h[0] - at)


@shared
def step_in_pieces(piece, receive, release, s, p, i, k, e, events, grid, drive, out):
    """Step k from event to event; returns the number of the first event that comes later.

    `piece(s, p, i, k, begin, end, held, drive, out)` takes cell i from `begin` to `end`, in ms from the step's start,
    with nothing arriving: is it refractory, `held`, then? `receive(s, p, i, k, at, weight, held)` takes a spike, and
    `release(s, p, i)` ends refractoriness.
    """
    h, begins, ends = p.h[0], time_of(grid, k), last_time_of(grid, k + 1)
    held, last = s.free[i] > k, events.start[i + 1]
    if not held and s.V_m[i] >= p.V_th[i]:  # it was put there
        fire(s, p, i, k, h * (1.0 - 2.0**-52), out)
        held = True
    free_at = h - s.free_offset[i] if s.free[i] == k + 1 else np.inf
    at, more = 0.0, True
    while more:
        arrives = e < last and events.time[e] <= ends
        until = min(max(events.time[e] - begins, at), h) if arrives else h
        released = free_at <= until
        until = max(free_at, at) if released else until
        if until > at:
            held = piece(s, p, i, k, at, until, held, drive, out)
        at = until
        more = released or arrives
        if released:
            held, free_at = False, np.inf
            s.free[i] = k
            release(s, p, i)
        elif arrives:
            receive(s, p, i, k, at, events.weight[e], held)
            e += 1
        if not held and s.V_m[i] >= p.V_th[i]:
            fire(s, p, i, k, h - at, out)
            held = True
    return e
