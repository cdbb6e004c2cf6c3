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
from parsim.shard.doses import dose_time, first_dose
from parsim.shard.history import place_in, time_of_spike
from parsim.streams import TRANSMISSIONS

MOST_DRAWS = 1 << 12  # of one connection at one spike
_MOST_ALIKE = 1 << 8  # connections of one pair and statement that draw apart


class Chance(NamedTuple):
    """What the draws of rows are made of: where each leads, and of which statement it is."""

    seed: int
    serial: NDArray[Any]
    gids: Gids
    slot: NDArray[np.int32]


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


class Dose(NamedTuple):
    """A spike of the volume transmitter, at the `time` in ms at which a connection feels it, a delay later.

    `last` and `has_fired` are as in `Spike`.
    """

    time: float
    last: float
    has_fired: bool


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
def draw(spike, r, k):
    """The k-th number in [0, 1) that connection r draws at a spike, k below 4,096: the same on any number of ranks."""
    c, cells = spike.chance, spike.chance.gids.size
    cell, nth = c.slot[r] % cells, 0
    while r - nth > spike.begin and c.slot[r - nth - 1] % cells == cell:
        if at_row(c.serial, r - nth - 1) != at_row(c.serial, r):
            break
        nth += 1
    which = (np.int64(spike.number) * MOST_DRAWS + k) * _MOST_ALIKE + nth % _MOST_ALIKE
    return uniform(c.seed, TRANSMISSIONS + np.int64(at_row(c.serial, r)), c.gids[cell], which, spike.source)


@kernel
def ignore(s, p, r, echo):
    """What a connection does that asks when its target has fired only when its source fires."""


@cache
def feeling(dose: Callable[..., None] | None) -> tuple[Callable[..., int], Callable[..., int]]:
    """begin(h, time): the number of the first dose from a time on, and feel(s, p, h, r, k, until, last, has_fired):
    connection r feels doses from number k on that are before a time. Returns the number behind these.
    """
    if dose is None:

        def none(h, time):
            return 0

        def feel_none(s, p, h, r, k, until, last, has_fired):
            return 0

        return within(none), within(feel_none)
    dose = within(dose)

    def begin(h, time):
        return first_dose(h.doses, time)

    def feel(s, p, h, r, k, until, last, has_fired):
        while k < h.doses.kept[1] and dose_time(h.doses, k) < until:
            dose(s, p, r, Dose(dose_time(h.doses, k), last, has_fired))
            k += 1
        return k

    return within(begin), within(feel)


@cache
def hearing(hear: Callable[..., None] | None, dose: Callable[..., None] | None) -> Callable[..., int]:
    """hear_back(s, p, h, r, cell, last, has_fired, delay, begin, end): connection r hears what its target fired in
    [begin, end), and feels doses until it is back. Returns the number of the target's spike behind these.
    """
    hear, (begin_doses, feel) = within(hear or ignore), feeling(dose)

    def hear_back(s, p, h, r, cell, last, has_fired, delay, begin, end):
        k, first = h.count[cell], h.first[cell]
        while k > first and time_of_spike(h, cell, k - 1) >= end:
            k -= 1
        stop, felt = k, begin_doses(h, begin + delay)
        while k > first and time_of_spike(h, cell, k - 1) >= begin:
            k -= 1
        for i in range(k, stop):
            at = place_in(h, i)
            before = time_of_spike(h, cell, i - 1) if i > first else -np.inf
            is_first = before < last - delay + h.near
            back, minus, triplet = h.spikes[cell, at, 0] + delay, h.spikes[cell, at, 1], h.spikes[cell, at, 2]
            felt = feel(s, p, h, r, felt, back + h.near, last, has_fired)
            hear(s, p, r, Echo(back, last, has_fired, is_first, minus - 1.0, triplet - 1.0))
        feel(s, p, h, r, felt, end + delay, last, has_fired)
        return stop

    return within(hear_back)


@cache
def passing(
    transmit: Callable[..., float],
    hear: Callable[..., None] | None,
    history: bool,
    dose: Callable[..., None] | None = None,
) -> Callable[..., float]:
    """bring(s, p, h, r, spike, cell, delay): what connection r, of a `delay` in ms, brings to a cell for a spike."""
    transmit = within(transmit)
    if not history:

        def bring(s, p, h, r, spike, cell, delay):
            return transmit(s, p, r, spike)

        return within(bring)

    hear_back = hearing(hear, dose)

    def bring_after_hearing(s, p, h, r, spike, cell, delay):
        sent, since = spike.time - delay, spike.last - delay + h.near
        begin = max(since, h.heard[0] - delay + h.near)
        i = hear_back(s, p, h, r, cell, spike.last, spike.has_fired, delay, begin, sent + h.near)
        first = h.first[cell]
        back = i > first and time_of_spike(h, cell, i - 1) >= since
        while i > first and time_of_spike(h, cell, i - 1) >= sent - h.near:
            i -= 1
        if i == first:
            return transmit(s, p, r, spike, Target(0.0, 0.0, 0.0, np.inf, back))
        at = place_in(h, i - 1)
        passed = sent - h.spikes[cell, at, 0]
        nearest = exp_alone(-passed * h.rates[cell, 0])
        triplet = h.spikes[cell, at, 2] * exp_alone(-passed * h.rates[cell, 1])
        return transmit(
            s, p, r, spike, Target(h.spikes[cell, at, 1] * nearest, triplet, nearest, passed, back)
        )

    return within(bring_after_hearing)
