"""A window: a few steps that coupled cells are moved through again and again, until their waveforms fit together.

`relax` is one op that takes an interval window by window, and calls the ops of the cells and of the junctions. What
only Python can do, and what ranks do together, it returns for; it goes on from its phase when called again.
"""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import NEVER
from parsim.jit import DONE, MEETING, ROOM, Ops, call, inlined, lean_kernel, opened, seconds

# Words of a window. It is the steps [BEGIN, END); row k of waveforms is step k + FIRST; sums are in the place TURN of
# two; ANEW: there is nothing to guess from. AT is the step that all have reached, FRESH: the window began there;
# UNTIL and ORIGIN are what the op was called with.
BEGIN, END, FIRST, TURN, ANEW, AT, FRESH, UNTIL, ORIGIN = range(9)
PHASE, SWEEP, PLACE, BROKEN, WINDOWS, TOTAL, MOST, NOT_CONVERGED, WORDS = range(9, 18)
# Numbers: the greatest change of a sweep, here and of all ranks, and of the one before; what is left, and the most of
# that so far; g dt / C, the greatest of all cells; when adding up began, and seconds in it so far.
CHANGE, RESIDUE, EARLIER, LEFT, WORST, PULL, BEGAN, SECONDS, REALS = range(9)
# Phases. `relax` returns in STANDS and WAVES for other ranks' waveforms, in CHANGES for the greatest change of all, in
# PROBED for the strength, in AHEAD and PUT_BACK for inputs beyond the end of the run, in COMPLAINS for words. Python
# moves on from the last three.
RESTS, GUESSES, STANDS, PROBED, AHEAD, SWEEPS, WAVES, CHANGES, COMPLAINS, PUT_BACK, CONVERGED = range(11)

# g dt / C: beyond that waveforms of two cubics a step are too coarse, and no window is called converged. So that
# voltages stay between those of neighbours all the same, waveforms are straight lines there, and what partners add up
# to moves half of the way: two cells that take each other's voltage in each sweep would do so for ever.
STRONGEST = 5.0
STRONG = 1.0  # times the change of a sweep: errors may be more from g t / C = 0.7 on
LONGEST = 2.0  # g t / C: in longer windows sweeps contract slowly, so that two windows take fewer
# How many times more closely than a passive membrane a cell may follow its partners, where it climbs to a spike: so
# the first change may say that no other sweep is needed. Measured: a quarter as closely in two cells, a tenth in 500.
LIVELY = 8.0


class Window(NamedTuple):
    """The ops of a rank's coupled cells and junctions, and when a window has converged.

    `rest[rests[c] : rests[c + 1]]` move the cells of group c that need no sweeps, `whole[c]` moves all of them; it is
    sampled by [watch[c], watch[c + 1]). The error may be `amplified[steps]` times the change of a sweep.
    """

    keep: Ops
    back: Ops
    stand_still: Ops
    probe: Ops
    go_on: Ops
    to_polynomials: Ops
    sweep: Ops
    pack: Ops
    add_up: Ops
    owe: Ops
    rest: Ops
    rests: Ints
    whole: Ops
    watch: Ints
    sample: Ops
    every: Ints
    words: Ints
    reals: Floats
    amplified: Floats
    rows: Floats
    before: Floats  # the rows before the last sweep of all
    owed: Floats
    steps: int
    iterations: int
    tolerance: float
    strict: bool
    lag: bool  # partners stay as they were at the start of a window, which is a step
    alone: bool
    clock: Ints


# Each part of `relax` opens the window by its address. To be given its thirty bundles took a first compilation 20 s;
# this takes 4.


@lean_kernel
def all_of(ops, first, stop, origin):
    """Call all ops, of which none returns before it has done its part."""
    for k in range(ops.function.size):
        call(ops.function[k], ops.at[k], first, stop, origin)


def relax(at, first, stop, origin):
    """The coupled cells through the steps [first, stop) of an interval, window by window."""
    window_at, interval = opened(at)
    p = opened(window_at)
    w = p.words
    if w[PHASE] == RESTS:
        w[AT], w[UNTIL], w[ORIGIN] = first, stop, origin
    while w[AT] < stop and not w[BROKEN]:
        if w[PHASE] == RESTS:
            w[FRESH] = w[AT] >= w[END]
            w[PHASE] = GUESSES if w[FRESH] else CONVERGED
            if w[FRESH]:
                w[BEGIN] = w[AT]
                w[END] = min(window_end(p, w[AT], origin), origin + interval)
        if w[PHASE] != CONVERGED:
            status = converge(window_at, stop, origin)
            if status != DONE:
                return status
        move_on(window_at, min(w[END], stop), origin)
        w[AT] = min(w[END], stop)
        w[PHASE] = RESTS
    w[PHASE] = RESTS
    return DONE


@inlined
def window_end(p, begin, origin):
    """Where a window ends that begins at a step: shorter than said where junctions are strong."""
    pull = p.reals[PULL]
    steps = p.steps if pull * p.steps <= LONGEST else max(1, int(LONGEST / pull))
    return origin + ((begin - origin) // steps + 1) * steps


@lean_kernel
def converge(window_at, stop, origin):
    """Sweep the window until it converges, and leave cells at its end; DONE, or what must be done before it goes on."""
    p = opened(window_at)
    w, x = p.words, p.reals
    if p.lag:
        return follow(window_at, origin)
    if w[PHASE] <= STANDS:
        status = guess(window_at, origin)
        if status != DONE:
            return status
    if w[PHASE] == PROBED:
        w[END] = min(w[END], window_end(p, w[BEGIN], origin))
        w[PHASE], w[SWEEP], x[EARLIER] = AHEAD, 0, 0.0
    if w[PHASE] == AHEAD:
        if w[END] > stop:
            return ROOM
        w[PHASE] = SWEEPS
    while w[PHASE] <= CHANGES:
        status = sweep(window_at, origin)
        if status != DONE:
            return status
    if w[PHASE] == COMPLAINS:
        return MEETING
    if w[PHASE] == PUT_BACK and w[END] > stop:
        return ROOM
    w[PHASE] = CONVERGED
    return DONE


@lean_kernel
def guess(window_at, origin):
    """What partners add up to, to begin with: as it went on, or from nothing, where all voltages stay."""
    p = opened(window_at)
    w = p.words
    begin, end = w[BEGIN], w[END]
    if w[PHASE] == GUESSES:
        if not w[ANEW]:
            all_of(p.go_on, begin, end, origin)
            w[FIRST], w[PHASE] = begin, PROBED
            return DONE
        if stand(window_at, origin) != DONE:
            return MEETING
    p.reals[PULL] = 0.0
    all_of(p.add_up, begin, begin + p.steps, origin)
    w[FIRST], w[ANEW] = begin, 0
    all_of(p.keep, begin, end, origin)
    for raised in range(2):
        all_of(p.to_polynomials, begin, begin + 1, origin)
        w[SWEEP] = raised
        all_of(p.probe, begin, begin + 1, origin)
        all_of(p.sweep, begin, begin + 1, origin)
        all_of(p.back, begin, end, origin)
    w[SWEEP], w[PHASE] = 2, PROBED
    all_of(p.probe, begin, begin + 1, origin)
    return MEETING


@lean_kernel
def stand(window_at, origin):
    """Waveforms of voltages that stay as they are; MEETING where other ranks' are wanted, too."""
    p = opened(window_at)
    w = p.words
    all_of(p.stand_still, w[BEGIN], w[END], origin)
    p.owed[:] = 0.0
    all_of(p.pack, w[BEGIN], w[END], origin)
    w[PHASE] = STANDS
    return DONE if p.alone else MEETING


@lean_kernel
def follow(window_at, origin):
    """A window of one step in which partners stay as they were at its start, so that one sweep is all."""
    p = opened(window_at)
    w, x = p.words, p.reals
    if w[PHASE] == GUESSES and stand(window_at, origin) != DONE:
        return MEETING
    if w[PHASE] == STANDS:
        all_of(p.add_up, w[BEGIN], w[END], origin)
        w[FIRST], x[PULL], x[RESIDUE] = w[BEGIN], 0.0, 0.0
        all_of(p.to_polynomials, w[BEGIN], w[END], origin)
        all_of(p.sweep, w[BEGIN], w[END], origin)
        w[WINDOWS] += 1
        w[TOTAL] += 1
        w[MOST] = 1
        w[PHASE] = CHANGES
        if not p.alone:  # a rank that fails is to be heard of
            return MEETING
    w[PHASE] = CONVERGED
    return DONE


@lean_kernel
def sweep(window_at, origin):
    """Once more through the window with what partners did the last time; then, has it converged?"""
    p = opened(window_at)
    w, x = p.words, p.reals
    begin, end = w[BEGIN], w[END]
    if w[PHASE] == SWEEPS:
        w[SWEEP] += 1
        # Kept here, for inputs beyond the end of the run may have needed room.
        all_of(p.back if w[SWEEP] > 1 else p.keep, begin, end, origin)
        all_of(p.to_polynomials, begin, end, origin)
        all_of(p.sweep, begin, end, origin)
        x[BEGAN] = seconds(p.clock)
        if w[SWEEP] == p.iterations and may_complain(p):
            remember(p.rows, p.before)
        all_of(p.pack, begin, end, origin)
        w[PHASE] = WAVES
        if not p.alone:
            return MEETING
    if w[PHASE] == WAVES:
        all_of(p.add_up, begin, end, origin)
        x[RESIDUE], w[PHASE] = x[CHANGE], CHANGES
        if not p.alone:
            return MEETING
    x[SECONDS] += seconds(p.clock) - x[BEGAN]
    judge(p, origin)
    return DONE


@lean_kernel
def remember(rows, before):
    """Copy the rows, number by number: one array into another would need numba's memory."""
    for c in range(rows.shape[0]):
        for x in range(rows.shape[1]):
            before[c, x] = rows[c, x]


@inlined
def may_complain(p):
    """Would somebody hear it? Warnings are given once."""
    return p.strict or p.words[NOT_CONVERGED] == 0


@inlined
def judge(p, origin):
    """On to the next sweep, or has the window converged, or is it given up?"""
    w, x, begin, end = p.words, p.reals, p.words[BEGIN], p.words[END]
    residue, earlier, amplified = x[RESIDUE], x[EARLIER], p.amplified[end - begin]
    # A change that does not shrink tells nothing. Before the first there is none, but the cells' own inertia.
    shrinks = residue / earlier if earlier > 0.0 else LIVELY * amplified / (1.0 + amplified)
    left = residue * min(1.0, shrinks)
    if x[PULL] > STRONGEST:
        gives_up, left = left <= p.tolerance, np.inf
    else:
        gives_up, left = False, max(left, residue * amplified) if amplified > STRONG else left
    converged = left <= p.tolerance
    x[LEFT], x[EARLIER] = left, residue
    if not (converged or gives_up) and np.isfinite(residue) and w[SWEEP] < p.iterations:
        w[PHASE] = SWEEPS
        return
    complains = not converged and np.isfinite(residue) and may_complain(p)
    w[WINDOWS] += 1
    w[TOTAL] += w[SWEEP]
    w[MOST] = max(w[MOST], w[SWEEP])
    w[NOT_CONVERGED] += not converged
    x[WORST] = max(x[WORST], left)
    # What the last sweep lacked in charge is brought in the next window, so that errors do not add up. Where a cell
    # follows its partners within a window, it has forgotten by then.
    if converged and amplified <= STRONG:
        all_of(p.owe, begin, end, origin)
    else:
        p.owed[:] = 0.0
    w[PHASE] = COMPLAINS if complains else PUT_BACK


@lean_kernel
def move_on(window_at, stop, origin):
    """All groups to `stop`: as the last sweep has left them, or once more where that is cut."""
    p = opened(window_at)
    w = p.words
    now = w[AT]
    for c in range(p.whole.function.size):
        begin, end = p.watch[c], p.watch[c + 1]
        if w[FRESH] and stop == w[END] and next_sample(p, begin, end, now) >= stop:
            for k in range(p.rests[c], p.rests[c + 1]):
                call(p.rest.function[k], p.rest.at[k], now, stop, origin)
            take_samples(window_at, begin, end, now, stop, origin)
            continue
        if w[FRESH]:
            call(p.back.function[c], p.back.at[c], now, stop, origin)
        step = now
        while step < stop:
            cut = min(stop, next_sample(p, begin, end, step))
            call(p.whole.function[c], p.whole.at[c], step, cut, origin)
            take_samples(window_at, begin, end, step, cut, origin)
            step = cut


@inlined
def next_sample(p, begin, end, now):
    """The first step after `now` at which one of these samples is due."""
    due = NEVER
    for s in range(begin, end):
        due = min(due, (now // p.every[s] + 1) * p.every[s])
    return due


@lean_kernel
def take_samples(window_at, begin, end, first, stop, origin):
    """Those of these that are due at `stop`."""
    p = opened(window_at)
    for s in range(begin, end):
        if stop % p.every[s] == 0:
            call(p.sample.function[s], p.sample.at[s], first, stop, origin)
