"""The loop over intervals, compiled: a driver that calls the ops of a program, and returns when only Python can go on.

    forward     begin, move, collect: from an edge, or where a run was cut, to the keys of this rank's spikes
    conclude    order, keep; at an interval's edge clear and deliver
    alone       forward and conclude, again and again: one rank
    with_others     the same among ranks: threads of one process exchange without Python, processes by it

Where it is stands in the cursor. An op that has not done its part (it needs room, or something is wrong) is called
again from there.
"""

from typing import NamedTuple

from parsim.arrays import Ints
from parsim.clock import NEVER
from parsim.comm.place import APART, MET, OUTSIDE, TURN, come
from parsim.comm.place import STAGE as AT
from parsim.jit import DONE, Block, Ops, call, inlined, lean_kernel, opened, seconds
from parsim.shard.found import fill_head, take_heads, total_of_heads


class Program(NamedTuple):
    """The ops of an interval, stage by stage. Move m is cut where the samples [watch[m], watch[m + 1]) fall due."""

    start: Ops
    begin: Ops
    move: Ops
    watch: Ints
    sample: Ops
    every: Ints
    collect: Ops
    order: Ops
    keep: Ops
    clear: Ops
    deliver: Ops
    next_event: Ops
    next: Ints
    found: Block


# Words of the cursor. `NOW` is the step that all cells have reached, `WITHIN` the one that a move has reached, `TOLD`
# counts the spikes so far, `DELIVERED` those of intervals that are past. Where nobody has fired, nothing happens before
# step `NEXT`. `EARLY`: spikes are delivered though the interval is not over. One interval in `EVERY` is timed, the next
# after `LEFT` others. `TOTAL` counts the spikes of the interval on all ranks; Python looks when `TOLD` is `FULL`.
NOW, STAGE, OP, WITHIN, STATUS, TOLD, DELIVERED, ANCHOR, INTERVAL, NEXT, EARLY, EVERY, LEFT = range(13)
TOTAL, FULL, WORDS = range(13, 16)
# Stages. A run that begins with what is due at that very time begins a step earlier, with STARTS.
STARTS, BEGINS, MOVES, COLLECTS, MEETS, ORDERS, KEEPS, CLEARS, DELIVERS = range(9)
# Why the driver returns: the run is at its end; Python wants to look at what it watches, or a buffer will be full; an
# op has not done its part; this rank may have something to tell with its spikes; they are to be exchanged with other
# processes; they have been, and Python sees what came.
AT_END, TO_LOOK, STOPPED, TO_MEET, TO_EXCHANGE, HAVE_MET = range(6)
# What is timed.
DRIVING, INTEGRATING, EXCHANGING, RECORDING, DELIVERING, WAITING, TIMED = range(7)

SELDOM = 16  # intervals between two that are timed, when they are short
SHORT = 2e-5  # seconds: to time it costs less than 1 % of an interval that is longer


@lean_kernel
def each(ops, cursor, first, stop, origin):
    """Call ops from where the cursor is; False when one has not done its part."""
    while cursor[OP] < ops.function.size:
        k = cursor[OP]
        status = call(ops.function[k], ops.at[k], first, stop, origin)
        if status != DONE:
            cursor[STATUS] = status
            return False
        cursor[OP] = k + 1
    cursor[OP] = 0
    return True


@lean_kernel
def move_all(at, cursor, first, stop, origin, timings, clock):
    """Each move through its steps, stopping where one of its cells is to be sampled; False as in `each`."""
    p = opened(at)
    while cursor[OP] < p.move.function.size:
        m = cursor[OP]
        begin, end = p.watch[m], p.watch[m + 1]
        now = max(cursor[WITHIN], first)
        while now < stop:
            cut = stop
            for w in range(begin, end):
                cut = min(cut, (now // p.every[w] + 1) * p.every[w])
            status = call(p.move.function[m], p.move.at[m], now, cut, origin)
            if status != DONE:
                cursor[STATUS], cursor[WITHIN] = status, now
                return False
            if end > begin:
                take_samples(at, begin, end, cursor, now, cut, origin, timings, clock)
            now = cut
        cursor[OP], cursor[WITHIN] = m + 1, 0
    cursor[OP] = 0
    return True


@lean_kernel
def take_samples(at, begin, end, cursor, first, stop, origin, timings, clock):
    """Those that are due at `stop`; the time is that of recording."""
    p = opened(at)
    began = seconds(clock) if cursor[LEFT] == 0 else 0.0
    for w in range(begin, end):
        if stop % p.every[w] == 0:
            call(p.sample.function[w], p.sample.at[w], first, stop, origin)
    now = lap(RECORDING, began, cursor, timings, clock)
    timings[INTEGRATING] -= (now - began) * cursor[EVERY]


@inlined
def lap(what, began, cursor, timings, clock):
    """Count the time since `began`, as that of all intervals that are not timed; the time now."""
    if cursor[LEFT] > 0:
        return began
    now = seconds(clock)
    timings[what] += (now - began) * cursor[EVERY]
    return now


@lean_kernel
def forward(at, cursor, stop, timings, clock):
    """All cells to the end of the interval or of the run, and their spikes to keys; False as in `each`."""
    p = opened(at)
    now, interval = cursor[NOW], cursor[INTERVAL]
    origin = now - (now - cursor[ANCHOR]) % interval
    until = min(stop, origin + interval)
    began = seconds(clock) if cursor[LEFT] == 0 else 0.0
    if cursor[STAGE] == STARTS:
        if not each(p.start, cursor, now, until, origin):
            return False
        opened(p.found).count[0] = 0
        cursor[STAGE] = COLLECTS
    if cursor[STAGE] == BEGINS:
        if not each(p.begin, cursor, now, until, origin):
            return False
        cursor[STAGE] = MOVES
        began = lap(DRIVING, began, cursor, timings, clock)
    if cursor[STAGE] == MOVES:
        if not move_all(at, cursor, now, until, origin, timings, clock):
            lap(INTEGRATING, began, cursor, timings, clock)  # it goes on from here
            return False
        opened(p.found).count[0] = 0
        cursor[STAGE] = COLLECTS
        began = lap(INTEGRATING, began, cursor, timings, clock)
    if not each(p.collect, cursor, now, until, origin):
        return False
    cursor[NEXT] = until
    if p.next_event.function.size > 0 and opened(p.found).count[0] == 0:
        p.next[0] = NEVER
        each(p.next_event, cursor, now, until, origin)
        cursor[NEXT] = p.next[0]
    cursor[NOW], cursor[STAGE], cursor[TOTAL] = until, MEETS, opened(p.found).count[0]
    lap(EXCHANGING, began, cursor, timings, clock)
    return True


@inlined
def take_total(cursor, total):
    """The spikes of the interval are here; on all ranks there were so many."""
    cursor[TOTAL], cursor[TOLD] = total, cursor[DELIVERED] + total
    cursor[STAGE] = ORDERS


@inlined
def rest(cursor, stop):
    """On to the interval in which the next thing happens on any rank."""
    intervals = (cursor[NEXT] - cursor[NOW]) // cursor[INTERVAL]
    cursor[NOW] = min(stop, cursor[NOW] + intervals * cursor[INTERVAL])


@lean_kernel
def conclude(at, cursor, stop, timings, clock):
    """Put the spikes of all ranks in order; keep them; deliver them at an interval's edge. False as in `each`."""
    p = opened(at)
    now, interval = cursor[NOW], cursor[INTERVAL]
    origin = (now - 1) - (now - 1 - cursor[ANCHOR]) % interval
    found = opened(p.found)
    began = seconds(clock) if cursor[LEFT] == 0 else 0.0
    if cursor[STAGE] == ORDERS:
        if not each(p.order, cursor, origin, now, origin):
            return False
        cursor[STAGE] = KEEPS
        began = lap(EXCHANGING, began, cursor, timings, clock)
    if cursor[STAGE] == KEEPS:
        if found.count[0] > 0 and not each(p.keep, cursor, origin, now, origin):
            return False
        cursor[STAGE] = CLEARS
        began = lap(RECORDING, began, cursor, timings, clock)
    if now == origin + interval or cursor[EARLY]:
        if cursor[STAGE] == CLEARS:
            if not cursor[EARLY] and not each(p.clear, cursor, origin, now, origin):
                return False
            cursor[DELIVERED] = cursor[TOLD]
            cursor[STAGE] = DELIVERS
        if found.count[0] > 0 and not each(p.deliver, cursor, origin, now, origin):
            return False
        lap(DELIVERING, began, cursor, timings, clock)
        if cursor[TOTAL] == 0 and cursor[NEXT] > now:
            rest(cursor, stop)
    cursor[STAGE] = BEGINS
    return True


@inlined
def next_to_time(cursor, began, clock):
    """An interval is over that began at `began`, if it was timed: when will one be timed again? The time, if known."""
    if cursor[LEFT] > 0:
        cursor[LEFT] -= 1
        return began
    now = seconds(clock)
    cursor[EVERY] = SELDOM if now - began < SHORT else 1
    cursor[LEFT] = cursor[EVERY] - 1
    return now


def alone(at, cursor, stop, patience, room, timings, clock):
    """Intervals one after another: to the end of the run, the step `room`, or until `patience` (s) is at its end."""
    began = edge = seconds(clock)
    while cursor[NOW] < stop or cursor[STAGE] != BEGINS:
        if cursor[LEFT] == 0:
            edge = seconds(clock)
        if cursor[STAGE] < MEETS and not forward(at, cursor, stop, timings, clock):
            return STOPPED
        if cursor[STAGE] == MEETS:
            take_total(cursor, cursor[TOTAL])
        if not conclude(at, cursor, stop, timings, clock):
            return STOPPED
        edge = next_to_time(cursor, edge, clock)
        if cursor[NOW] >= room or edge - began >= patience:
            return TO_LOOK
    return AT_END


def with_others(at, place_at, cursor, stop, patience, room, timings, clock):
    """Intervals one after another among ranks; takes what `alone` takes.

    It is back as soon as some rank has something to say, and for each exchange with other processes. When it is called
    again, an exchange may be under way.
    """
    p, place = opened(at), opened(place_at)
    began = edge = seconds(clock)
    while True:
        if cursor[LEFT] == 0:
            edge = seconds(clock)
        if cursor[STAGE] >= ORDERS and not conclude(at, cursor, stop, timings, clock):
            return STOPPED
        if cursor[STAGE] == BEGINS:
            if cursor[NOW] >= stop:
                return AT_END
            if cursor[NOW] >= room or cursor[TOLD] >= cursor[FULL]:
                return TO_LOOK
        if cursor[STAGE] < MEETS and not forward(at, cursor, stop, timings, clock):
            return STOPPED
        found, own = opened(p.found), place.own
        if own[AT] == APART:
            if cursor[NOW] >= stop or edge - began >= patience:
                return TO_MEET
            mine = place.rows[own[TURN] % 2, place.first + place.thread]
            fill_head(found.keys, found.count[0] * words_of_one(found), 0, cursor[NEXT], mine)
        before = seconds(clock) if cursor[LEFT] == 0 else 0.0
        why = come(place)
        lap(WAITING, before, cursor, timings, clock)
        if why != MET:
            return TO_EXCHANGE if why == OUTSIDE else TO_MEET
        heads = place.rows[(own[TURN] - 1) % 2]
        words, note, cursor[NEXT] = total_of_heads(heads)
        if words < 0 or words > found.keys.size or note != 0:
            return HAVE_MET
        take_heads(heads, found.keys)
        found.count[0] = words // words_of_one(found)
        take_total(cursor, found.count[0])
        edge = next_to_time(cursor, edge, clock)


@inlined
def words_of_one(found):
    """Words of the key of a spike."""
    return found.keys.size // found.gids.size
