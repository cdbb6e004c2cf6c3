"""A spike at one connection that has a kernel of its own: what the kernel is given, and what comes before it."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Gids
from parsim.jit import inlined, kernel, within
from parsim.kernels.maths import exp_alone
from parsim.kernels.rows import at_row
from parsim.rng import uniform
from parsim.shard.rows.doses import dose_time, first_dose
from parsim.shard.rows.history import CLOSE, RECENT, recent_time, recent_trace, tie, time_back, trace_back
from parsim.streams import TRANSMISSIONS

MOST_DRAWS = 1 << 12  # of one connection at one spike
_MOST_ALIKE = 1 << 8  # connections of one pair and statement that draw apart


class Chance(NamedTuple):
    """What the draws of rows are made of: where each leads, and of which statement it is."""

    seed: int
    serial: NDArray[Any]
    gids: Gids
    slot: NDArray[np.int32]
    nth: NDArray[
        np.uint8
    ]  # the how manyth of its pair and statement each row is, once some are gone; else no dimension


class Spike(NamedTuple):
    """A spike, as a connection hears of it: when its source fired, in ms, and how long before the end of which step.

    `last` is when the source fired before, in ms; where it `has_fired` not yet, since when the connection is there.
    """

    time: float
    step: int
    offset: float
    last: float
    has_fired: bool
    source: int
    number: int
    begin: int
    chance: Chance
    shared: int  # see `shared_at`


class Echo(NamedTuple):
    """A spike of the target, at the `time` in ms at which it has come back to the connection, a delay later.

    `last` and `has_fired` are as in `Spike`; is it the `first` that came back after that? `minus` and `triplet` are the
    target's traces just before the spike.
    """

    time: float
    last: float
    has_fired: bool
    first: bool
    minus: float
    triplet: float
    shared: int


class Dose(NamedTuple):
    """A spike of the volume transmitter, at the `time` in ms at which a connection feels it, a delay later.

    `last` and `has_fired` are as in `Spike`.
    """

    time: float
    last: float
    has_fired: bool
    shared: int


class Target(NamedTuple):
    """The target's spikes that had come back to the connection before the source fired, not at that very time.

    `minus` and `triplet` are the traces that all of them have left, with time constants `tau_minus` and
    `tau_minus_triplet` of the target, `nearest` that of the last alone; `since` is for how many ms that was back, inf
    if there is none. Has one come `back` after the source fired last, be it at this very time?
    """

    minus: float
    triplet: float
    nearest: float
    since: float
    back: bool


@inlined
def nth_of_pair(serial, slot, known, cells, r, begin):
    """The how manyth row r is of its pair and statement; the rows of its source begin at `begin`."""
    if known.ndim == 1:
        return np.int64(at_row(known, r))
    cell, nth = slot[r] % cells, 0
    while r - nth > begin and slot[r - nth - 1] % cells == cell:
        if at_row(serial, r - nth - 1) != at_row(serial, r):
            break
        nth += 1
    return nth


@kernel
def count_pairs(serial, slot, known, cells, start, nth):
    """`nth_of_pair` of all rows, of which those of source k begin at `start[k]`, as draws take it."""
    for k in range(start.size - 1):
        for r in range(start[k], start[k + 1]):
            nth[r] = nth_of_pair(serial, slot, known, cells, r, start[k]) % _MOST_ALIKE


@inlined
def draw(spike, r, k):
    """The k-th number in [0, 1) that connection r draws at a spike, k below 4,096: the same on any number of ranks."""
    c, cells = spike.chance, spike.chance.gids.size
    cell, nth = c.slot[r] % cells, nth_of_pair(c.serial, c.slot, c.nth, cells, r, spike.begin)
    which = (np.int64(spike.number) * MOST_DRAWS + k) * _MOST_ALIKE + nth % _MOST_ALIKE
    return uniform(c.seed, TRANSMISSIONS + np.int64(at_row(c.serial, r)), c.gids[cell], which, spike.source)


@kernel
def ignore(s, p, r, echo):
    """What a connection does that asks when its target has fired only when its source fires."""


@cache
def feeling(dose: Callable[..., None] | None) -> tuple[Callable[..., int], Callable[..., int]]:
    """begin(h, time): the number of the first dose from a time on, and feel(s, p, h, r, k, until, last, has_fired,
    shared): connection r feels doses from number k on that are before a time. Returns the number behind these.
    """
    if dose is None:

        def none(h, time):
            return 0

        def feel_none(s, p, h, r, k, until, last, has_fired, shared):
            return 0

        return within(none), within(feel_none)
    dose = within(dose)

    def begin(h, time):
        return first_dose(h.doses, time)

    def feel(s, p, h, r, k, until, last, has_fired, shared):
        while k < h.doses.kept[1] and dose_time(h.doses, k) < until:
            dose(s, p, r, Dose(dose_time(h.doses, k), last, has_fired, shared))
            k += 1
        return k

    return within(begin), within(feel)


@cache
def hearing(
    hear: Callable[..., None] | None, dose: Callable[..., None] | None, recent: bool = False
) -> Callable[..., int]:
    """hear_back(s, p, h, r, cell, last, has_fired, shared, delay, begin, end): connection r hears what its target fired
    in [begin, end), and feels doses until it is back. Returns how many spikes the target has fired from `end` on. Where
    only `recent` spikes are looked at, one of them must be before `begin` and `end`.
    """
    hear, (begin_doses, feel) = within(hear or ignore), feeling(dose)
    time_at, trace_at = _looking_at(recent)

    def hear_back(s, p, h, r, cell, last, has_fired, shared, delay, begin, end):
        q = 0
        while time_at(h, cell, q) >= end:
            q += 1
        stop, felt = q, begin_doses(h, begin + delay)
        while time_at(h, cell, q) >= begin:
            q += 1
        for i in range(q - 1, stop - 1, -1):
            is_first = time_at(h, cell, i + 1) < last - delay + tie(h, delay)
            back, minus, triplet = (
                time_at(h, cell, i) + delay,
                trace_at(h, cell, i, 1),
                trace_at(h, cell, i, 2),
            )
            felt = feel(s, p, h, r, felt, back + h.near, last, has_fired, shared)
            hear(s, p, r, Echo(back, last, has_fired, is_first, minus - 1.0, triplet - 1.0, shared))
        feel(s, p, h, r, felt, end + delay, last, has_fired, shared)
        return stop

    return within(hear_back)


@cache
def _looking_at(recent: bool) -> tuple[Callable[..., float], Callable[..., float]]:
    """Where times and traces of spikes are found."""
    return (within(recent_time), within(recent_trace)) if recent else (within(time_back), within(trace_back))


@cache
def aiming(
    hear: Callable[..., None] | None, dose: Callable[..., None] | None, recent: bool
) -> Callable[..., tuple[float, float, float, bool]]:
    """hear_and_aim(s, p, h, r, spike, cell, delay, begin, since, sent): connection r hears what came back to it.

    Returns when the last spike of the target was that did not come back just now, its traces, and whether any has come
    since the source fired last.
    """
    hear_back, (time_at, trace_at) = hearing(hear, dose, recent), _looking_at(recent)

    def hear_and_aim(s, p, h, r, spike, cell, delay, begin, since, sent):
        end = sent + tie(h, delay)
        q = hear_back(s, p, h, r, cell, spike.last, spike.has_fired, spike.shared, delay, begin, end)
        back = time_at(h, cell, q) >= since
        while time_at(h, cell, q) >= sent - h.near:
            q += 1
        return time_at(h, cell, q), trace_at(h, cell, q, 1), trace_at(h, cell, q, 2), back

    return within(hear_and_aim)


@cache
def _leaving(
    transmit: Callable[..., float], history: bool, leave: Callable[..., None]
) -> Callable[..., float]:
    """A `transmit` after which the spike leaves something to a connection that shares nothing of it with others."""
    transmit, leave = within(transmit), within(leave)
    if not history:

        def transmit_and_leave(s, p, r, spike):
            brought = transmit(s, p, r, spike)
            if spike.shared < 0:
                leave(s, p, r, spike)
            return brought

        return within(transmit_and_leave)

    def transmit_with_target(s, p, r, spike, target):
        brought = transmit(s, p, r, spike, target)
        if spike.shared < 0:
            leave(s, p, r, spike)
        return brought

    return within(transmit_with_target)


@cache
def leaving_to_all(leave: Callable[..., None] | None) -> Callable[..., None]:
    """leave_to_all(s, p, begin, spike): a spike leaves once what the rows of its source share, from `begin` on."""
    if leave is None:

        def leave_nothing(s, p, begin, spike):
            pass

        return within(leave_nothing)
    leave = within(leave)

    def leave_to_all(s, p, begin, spike):
        if spike.shared >= 0:
            leave(s, p, begin, spike)

    return within(leave_to_all)


@cache
def passing(
    transmit: Callable[..., float],
    hear: Callable[..., None] | None,
    history: bool,
    dose: Callable[..., None] | None = None,
    leave: Callable[..., None] | None = None,
) -> Callable[..., float]:
    """bring(s, p, h, r, spike, cell, delay): what connection r, of a `delay` in ms, brings to a cell for a spike."""
    transmit = _leaving(transmit, history, leave) if leave else within(transmit)
    if not history:

        def bring(s, p, h, r, spike, cell, delay):
            return transmit(s, p, r, spike)

        return within(bring)

    among_recent, among_all = aiming(hear, dose, True), aiming(hear, dose, False)

    def bring_after_hearing(s, p, h, r, spike, cell, delay):
        late = tie(h, delay)
        sent, since = spike.time - delay, spike.last - delay + late
        begin = max(since, h.heard[0] - delay + late)
        before = min(begin, sent - h.near)
        if recent_time(h, cell, CLOSE - 1) < before or recent_time(h, cell, RECENT - 1) < before:
            at, minus, triplet, back = among_recent(s, p, h, r, spike, cell, delay, begin, since, sent)
        else:
            at, minus, triplet, back = among_all(s, p, h, r, spike, cell, delay, begin, since, sent)
        passed = sent - at  # inf, and no trace is left, where there is none
        nearest = exp_alone(-passed * h.rates[cell, 0])
        triplet *= exp_alone(-passed * h.rates[cell, 1])
        return transmit(s, p, r, spike, Target(minus * nearest, triplet, nearest, passed, back))

    return within(bring_after_hearing)
