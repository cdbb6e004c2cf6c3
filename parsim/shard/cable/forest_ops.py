"""What a forest is made to do, as ops: what concerns one cell is called where something happens to it."""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import last_time_of
from parsim.jit import DONE, FAILED, ROOM, Ops, call, inlined, opened
from parsim.kernels.finite import first_not_finite
from parsim.kernels.levels import advance_levels, begin_levels
from parsim.kernels.tree import begin
from parsim.shard.cable.block_ops import take_steps
from parsim.shard.cable.entries import due_by, hand_over, has_room, keep_rest, look_ahead

# Words: have the cells been taken from their blocks? Do they know what comes next in the interval? Has any received
# something in the step? With which step do they go on, and in which did something go wrong?
AWAY, KNOWING, HEARD, GOES_ON, WRONG, WORDS = range(6)
AT_ONCE = 4  # arrays that an op takes or gives, so that it is compiled once, however many there are


class Held(NamedTuple):
    """An array of a block, of which every `lanes` number from `lane` on is a cell's; that of the forest, and where each
    of these numbers is there.
    """

    own: Floats
    lane: int
    lanes: int
    common: Floats
    at: Ints


class Due(NamedTuple):
    """When the next events are due, of cell k from `start[k]` on as its `Entries` have it; its op is called by then."""

    next: Floats
    start: Ints
    ops: Ops


class Looks(NamedTuple):
    """Where cells look for spikes: [k] the node, the threshold, the voltage before; the op that says when it was."""

    node: Ints
    threshold: Floats
    before: Floats
    ops: Ops


# ---- there and back ----------------------------------------------------------------------------------


def taking(at, first, stop, origin):
    """What a block holds, if anything was set in it since it was last taken."""
    held, settled, seen = opened(at)
    if seen[0] != settled[0]:
        for h in held:
            for k in range(h.at.size):
                h.common[h.at[k]] = h.own[k * h.lanes + h.lane]
    return DONE


def taken(at, first, stop, origin):
    """That it was taken."""
    settled, seen = opened(at)
    seen[0] = settled[0]
    return DONE


def giving(at, first, stop, origin):
    """What has moved, to a block."""
    (held,) = opened(at)
    for h in held:
        for k in range(h.at.size):
            h.own[k * h.lanes + h.lane] = h.common[h.at[k]]
    return DONE


# ---- a step -----------------------------------------------------------------------------------------


def hearing(at, first, stop, origin):
    """Cells to which something comes receive it."""
    due, reach, grid, words = opened(at)
    until = due_by(reach, grid, first)
    status, called = call_due(due, until, first, stop, origin)
    if called:
        words[HEARD] = 1
    return status


@inlined
def call_due(due, until, first, stop, origin):
    """Call the ops of cells to which something comes by a time, up to one that is not done; was any?"""
    called = False
    for k in range(due.start.size):
        if due.next[due.start[k]] <= until:
            status = call(due.ops.function[k], due.ops.at[k], first, stop, origin)
            if status != DONE:
                return status, called
            called = True
    return DONE, called


def hearing_alone(at, first, stop, origin):
    """One of them."""
    ops, queue = opened(at)
    status = take_steps(ops, first, stop, origin)
    if status != DONE:
        return status
    return DONE if opened(queue).wrong[0] == 0 else FAILED


def beginning(at, first, stop, origin):
    """The rows of a step, when events may have set voltages."""
    tree, matrix, volts, words = opened(at)
    if words[HEARD] == 1:
        words[HEARD] = 0
        begin(tree, matrix, volts)
    return DONE


def having_room(at, first, stop, origin):
    """Can all instances of a cell send something by themselves?"""
    entries, queue = opened(at)
    return DONE if has_room(entries, opened(queue)) else ROOM


def handing(at, first, stop, origin):
    """What instances of a cell have sent by themselves waits at it."""
    entries, queue, seat, sent = opened(at)
    hand_over(entries, opened(queue), seat, sent)
    return DONE


def stepping(at, first, stop, origin):
    """Voltages of all cells a step on."""
    levels, tree, matrix, volts = opened(at)
    return DONE if advance_levels(levels, tree, matrix, volts) else FAILED


def looking(at, first, stop, origin):
    """Cells look for spikes, of which those have one that have passed their threshold upwards."""
    looks, volts = opened(at)
    for k in range(looks.node.size):
        now = volts[looks.node[k]]
        if now > looks.threshold[k] and looks.before[k] <= looks.threshold[k]:
            call(looks.ops.function[k], looks.ops.at[k], first, stop, origin)
        looks.before[k] = now
    return DONE


# ---- an interval ------------------------------------------------------------------------------------


def foreseeing(at, first, stop, origin):
    """When the first event of an interval is due at a cell."""
    entries, box, queue = opened(at)
    entries.next[:] = -np.inf
    look_ahead(entries, opened(box).events, opened(queue), -np.inf)
    return DONE


def keeping(at, first, stop, origin):
    """What has come to a cell and is not received yet waits."""
    entries, grid, box, queue = opened(at)
    kept = keep_rest(entries, opened(box).events, opened(queue), last_time_of(grid, stop))
    return DONE if kept else ROOM


def keeping_rest(at, first, stop, origin):
    """The same of all cells, when they have been moved as far as they are to be."""
    due, grid, words = opened(at)
    if words[KNOWING] == 1:
        status, _ = call_due(due, last_time_of(grid, stop), first, stop, origin)
        if status != DONE:
            return status
        words[KNOWING] = 0
    return DONE


def checking(at, first, stop, origin):
    """At an interval's end a state is a number everywhere."""
    column, interval = opened(at)
    return FAILED if stop == origin + interval and first_not_finite(column) >= 0 else DONE


def moving_together(at, first, stop, origin):
    """Steps of a forest."""
    takes, foresees, steps, looks, levels, matrix, volts, words = opened(at)
    if words[AWAY] == 0:
        take_steps(takes, first, first + 1, origin)
        begin_levels(levels, matrix)
        for k in range(looks.node.size):
            looks.before[k] = volts[looks.node[k]]
        words[AWAY] = 1
    if words[KNOWING] == 0:
        take_steps(foresees, first, first + 1, origin)
        words[KNOWING] = 1
    for step in range(max(first, words[GOES_ON]), stop):
        status = take_steps(steps, step, step + 1, origin)
        if status != DONE:
            words[GOES_ON] = step
            if status == FAILED:
                words[WRONG] = step
            return status
    words[GOES_ON] = -1
    return DONE


def coming_home(at, first, stop, origin):
    """All cells go back to their blocks, if they are away."""
    gives, words = opened(at)
    if words[AWAY] == 1:
        take_steps(gives, first, first + 1, origin)
        words[AWAY] = 0
    return DONE
