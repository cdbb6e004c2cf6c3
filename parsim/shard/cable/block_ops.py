"""What a block of cable cells is made to do, as ops: one for a kernel of a mechanism, and those that all blocks have.

So a kernel is compiled once, whatever mechanisms it stands among, and a step is a list of addresses.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from parsim.clock import last_time_of, time_of
from parsim.jit import (
    DONE,
    FAILED,
    ROOM,
    Op,
    addresses,
    call,
    driver,
    inner,
    kernel,
    kernel_over,
    open_inner,
    opened,
    widest,
    within,
)
from parsim.kernels.ions import nernst
from parsim.kernels.tree import advance_voltages, begin, eliminate_unchanging
from parsim.shard.cable.detector import remember
from parsim.shard.cable.entries import (
    due_by,
    hand_over,
    has_room,
    instance_of,
    is_new,
    keep_rest,
    look_ahead,
    pass_on,
    take_weight,
)
from parsim.shard.cable.joints import Joints, bring, note
from parsim.shard.cable.spread import spread, spread_midpoint
from parsim.shard.coupled.window import FIRST
from parsim.shard.events.event_loop import cell_loop
from parsim.shard.events.queue import Event


def act(ops: list[Op], step: int) -> None:
    """Call ops once, for one step, from Python."""
    if ops:
        found = addresses(ops)
        driver(_act, found.function, found.at, 0)(found.function, found.at, step)


def _act(function: Any, at: Any, step: int) -> None:
    for k in range(function.size):
        call(function[k], at[k], step, step + 1, 0)


# ---- kernels of mechanisms --------------------------------------------------------------------------


@cache
def over_runs(function: Callable[..., None]) -> Callable[..., int]:
    """An op that calls a kernel for all instances, `part` of a step after it begins."""
    function = open_inner(function)

    def op(at, first, stop, origin):
        widest()
        before, part, grid, after = opened(at)
        function(*before, time_of(grid, first) + part * grid.dt, grid.dt, *after)
        return DONE

    return op


@cache
def tabulating(function: Callable[..., None]) -> Callable[..., int]:
    """An op that fills the tables of a mechanism."""
    function = inner(function)

    def op(at, first, stop, origin):
        shared, tables, dt = opened(at)
        function(shared, tables, dt)
        return DONE

    return op


@cache
def watching(function: Callable[..., None]) -> Callable[..., int]:
    """An op that lets instances see what they wait for, and takes what they have sent."""
    function = inner(function)

    def op(at, first, stop, origin):
        before, grid, seat, sent, entries, queue = opened(at)
        q = opened(queue)
        if not has_room(entries, q):
            return ROOM
        function(*before, time_of(grid, first), grid.dt, sent)
        hand_over(entries, q, seat, sent)
        return DONE

    return op


@cache
def watching_together(function: Callable[..., None]) -> Callable[..., int]:
    """The same, where it is known that there is room, and others take what was sent."""
    function = inner(function)

    def op(at, first, stop, origin):
        before, grid, sent = opened(at)
        function(*before, time_of(grid, first), grid.dt, sent)
        return DONE

    return op


@cache
def receiving(
    receive: Callable[..., None], connect: Callable[..., None] | None, looks: bool
) -> Callable[..., int]:
    """An op that lets the instances of a mechanism receive what is due before a step; with `looks` all connections of
    an instance are given.
    """
    loop = within(hearing_loop(receive, connect, looks))

    def op(at, first, stop, origin):
        before, grid, seat, entries, rows, box, queue, out = opened(at)
        until = due_by(entries, grid, first)
        if entries.next[0] > until:
            return DONE
        p, c, events, q = entries, opened(rows), opened(box).events, opened(queue)
        q.now[0] = first
        for port in range(p.seat.size):
            if p.seat[port] == seat and p.next[1 + port] <= until:
                begin = port * p.cells + p.first
                end = begin + p.lanes
                done = loop(before, p, c, events, q, until, begin, end)
                pass_on(p, q, opened(out), first)
                if done < end:
                    return ROOM
        return DONE

    return op


def hearing_loop(
    receive: Callable[..., None], connect: Callable[..., None] | None, looks: bool
) -> Callable[..., int]:
    """The loop over slots that receive, of which some connections begin with something."""
    return cell_loop(_one(receive, looks) if connect is None else _one_after(receive, connect, looks))


def _values(c: Any) -> Any:
    return (c.values,)


def _all(c: Any) -> Any:
    return c.values, c


def _one(receive: Callable[..., None], looks: bool) -> Callable[..., None]:
    receive, given = within(receive), within(kernel(_all if looks else _values))

    def hear(before: Any, p: Any, c: Any, e: Any, q: Any) -> None:
        port, lane = instance_of(p, e)
        take_weight(c.values, e)
        receive(*before, p.row[port] * p.lanes + lane, p.node[port] * p.lanes + lane, *given(c), e, q)

    return kernel_over(hear)


def _one_after(
    receive: Callable[..., None], connect: Callable[..., None], looks: bool
) -> Callable[..., None]:
    """The same, where a connection begins with something."""
    receive, connect = within(receive), within(connect)
    given = within(kernel(_all if looks else _values))

    def hear(before: Any, p: Any, c: Any, e: Any, q: Any) -> None:
        port, lane = instance_of(p, e)
        here, at = p.row[port] * p.lanes + lane, p.node[port] * p.lanes + lane
        new = is_new(c.values, e)
        take_weight(c.values, e)
        if new:
            connect(*before, here, at, c.values, Event(e.cell, e.row, e.weight, 0.0, 0, e.slot), q)
        receive(*before, here, at, *given(c), e, q)

    return kernel_over(hear)


# ---- what all blocks do -----------------------------------------------------------------------------


def received(at, first, stop, origin):
    """When the next event is due, after those of this step."""
    grid, entries, box, queue = opened(at)
    heard = due_by(entries, grid, first)
    if entries.next[0] <= heard:
        look_ahead(entries, opened(box).events, opened(queue), heard)
    return DONE


def beginning(at, first, stop, origin):
    """The rows of a step, when events have set voltages."""
    tree, matrix, volts = opened(at)
    begin(tree, matrix, volts)
    return DONE


def settling(at, first, stop, origin):
    """After something was set: what does not change is put into the matrix."""
    tree, matrix, volts = opened(at)
    eliminate_unchanging(tree, matrix)
    begin(tree, matrix, volts)
    return DONE


def reversing(at, first, stop, origin):
    """The reversal potential of an ion, from its concentrations."""
    ion, runs, celsius, valence = opened(at)
    nernst(ion, runs, celsius, valence)
    return DONE


def clearing(at, first, stop, origin):
    """The current of an ion is added up anew."""
    current, runs = opened(at)
    for r in range(runs.shape[0]):
        for a in range(np.uint64(runs[r, 0]), np.uint64(runs[r, 0] + runs[r, 1])):
            current[a] = 0.0
    return DONE


def spreading(at, first, stop, origin):
    """A state diffuses along the cable, for `span[1]` ms."""
    way, x, begin_at, coefficient, volume, span = opened(at)
    spread(way, x, begin_at, coefficient, volume, span[1])
    return DONE


def spreading_midpoint(at, first, stop, origin):
    """The same, in a step of the trapezoidal rule."""
    way, x, begin_at, coefficient, volume, span = opened(at)
    spread_midpoint(way, x, begin_at, coefficient, volume, span[1])
    return DONE


@cache
def stepping(detect: Callable[..., None]) -> Callable[..., int]:
    """An op that takes voltages a step on, and looks whether they are numbers, and for spikes."""
    detect = inner(detect)

    def op(at, first, stop, origin):
        tree, matrix, volts, detector, grid, out, cell, wrong = opened(at)
        remember(detector, volts)
        if not advance_voltages(tree, matrix, volts):
            wrong[0] = first
            return FAILED
        detect(detector, volts, first, grid, opened(out), cell)
        return DONE

    return op


@cache
def detecting(detect: Callable[..., None]) -> Callable[..., int]:
    """An op that looks for spikes in a step that was taken."""
    detect = inner(detect)

    def op(at, first, stop, origin):
        volts, detector, grid, out, cell = opened(at)
        detect(detector, volts, first, grid, opened(out), cell)
        return DONE

    return op


def bringing(at, first, stop, origin):
    """What partners at gap junctions add to a step."""
    tree, matrix, volts, waves_at, words, nodes, cells, cell = opened(at)
    waves = opened(waves_at)
    joints = Joints(waves.drive, waves.wave, words[FIRST], nodes, cells)
    bring(joints, matrix, volts, first, cell, tree.lanes)
    return DONE


def noting(at, first, stop, origin):
    """What partners at gap junctions are shown of a step."""
    tree, volts, waves_at, words, nodes, cells, cell, dt = opened(at)
    waves = opened(waves_at)
    joints = Joints(waves.drive, waves.wave, words[FIRST], nodes, cells)
    note(joints, volts, first, cell, tree.lanes, dt)
    return DONE


# ---- steps of a block -------------------------------------------------------------------------------


@kernel
def take_steps(ops, first, stop, origin):
    """Call all ops of each step, up to one that has not done its part: what that has returned, and DONE."""
    for step in range(first, stop):
        for k in range(ops.function.size):
            status = call(ops.function[k], ops.at[k], step, step + 1, origin)
            if status != DONE:
                return status
    return DONE


def moving(at, first, stop, origin):
    """Steps of a block that hears nothing."""
    (ops,) = opened(at)
    return take_steps(ops, first, stop, origin)


def hearing(at, first, stop, origin):
    """The same of a block to whose mechanisms events come; `place[0]` is the step at which it goes on."""
    ops, grid, place, entries, box, queue = opened(at)
    q = opened(queue)
    if place[0] < 0:
        entries.next[:] = -np.inf
    for step in range(max(first, place[0]), stop):
        status = take_steps(ops, step, step + 1, origin)
        if status != DONE:
            place[0] = step
            return status
    if not keep_rest(entries, opened(box).events, q, last_time_of(grid, stop)):
        place[0] = stop
        return ROOM
    place[0] = -1
    return DONE if q.wrong[0] == 0 else FAILED


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
        before, grid, out = opened(at)
        observe(*before, time_of(grid, stop), grid.dt, out)
        return DONE

    return op
