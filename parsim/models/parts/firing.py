"""When a driven leaky membrane reaches 1: bounds that cost little, exact times where they are needed.

    dm/dt = (ib - m)/taum + J(t)        J: a sum of decaying exponentials

While J falls, m is concave where it rises: its tangent reaches 1 before it does. So a cell aims its
self-event at a time before which it cannot fire, which costs a division; most such times are never
reached, for another event comes before. A self-event that does come aims again from there, which
is Newton's method from below, and fires when nothing is left to go. Where J < 0 wanes, m falls and
then rises for good, and its time is searched for between bounds.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from parsim.arrays import Floats
from parsim.jit import inlined, kernel, kernel_over, within
from parsim.kernels import elementary
from parsim.kernels.maths import exp_one, expm1_one
from parsim.shard.events.queue import NEVER, net_move

CLOSE = 1e-13  # ms: a firing time is found when the next step of Newton's method is shorter
NEAR = 2.0**-60  # a gap between two rates that is this part of the rate is as good as none


@inlined
def aim(q, e, m, top, taum):
    """Move the self-event to where m, now rising towards `top` at most, cannot yet have reached 1.

    It divides in any case: whether `top` is above 1 is no branch, which the processor could not foretell.
    """
    rise = top - m if top > 1.0 else 1.0
    t = e.t + taum * (1.0 - m) / rise
    t = t if top > 1.0 else NEVER
    net_move(q, e, t if m < 1.0 else e.t)


@inlined
def has_reached(e, m, top, taum):
    """Is m at 1, or so near that no time is left to go?"""
    if m >= 1.0 or top <= 1.0:
        return m >= 1.0
    step = taum * (1.0 - m) / (top - m)
    return step < CLOSE or e.t + step == e.t


@inlined
def convolved(em, km, k, gap, per_gap, d):
    """exp(-k d) and its convolution with em = exp(-km d), also where the rates meet; gap = |k - km|."""
    x = expm1_one(-gap * d)
    if k >= km:
        return em + em * x, -em * x * per_gap
    ek = exp_one(-k * d)
    return ek, -ek * x * per_gap


@cache
def starting(changed: Callable[..., None]) -> Callable[..., None]:
    """What is done when time begins, where `changed(s, p, e, q)` finds the next spike."""
    changed = within(changed)

    def start(s, p, e, q):
        s.t0[e.cell] = e.t
        changed(s, p, e, q)

    return kernel_over(start)


def gap_of(km: Floats, k: Floats) -> Floats:
    """|k - km|, but never 0: so little that nothing depends on it."""
    return np.maximum(np.abs(k - km), km * NEAR)


@kernel
def driven(ib, m, km, a, ka, b, kb, d):
    """m and its slope after d, driven by J = a exp(-ka d) + b exp(-kb d)."""
    em = exp_one(-km * d)
    gap_a, gap_b = max(abs(ka - km), km * NEAR), max(abs(kb - km), km * NEAR)
    ea, by_a = convolved(em, km, ka, gap_a, 1.0 / gap_a, d)
    eb, by_b = convolved(em, km, kb, gap_b, 1.0 / gap_b, d)
    value = ib + (m - ib) * em + a * by_a + b * by_b
    return value, km * (ib - value) + a * ea + b * eb


@kernel
def rising_time(ib, m, km, a, ka, b, kb, low):
    """When m < 1 reaches 1, not before `low`, from where on J < 0 rises to 0 and ib > 1 lifts m; else never.

    From there on m has at most one minimum and then rises, so it passes 1 once. Newton's method, with a
    bisection where it would leave the bounds.
    """
    high, width = low, 1.0 / km
    value, _ = driven(ib, m, km, a, ka, b, kb, high)
    while value < 1.0:
        low = high
        high = high + width
        width = 2.0 * width
        value, _ = driven(ib, m, km, a, ka, b, kb, high)
        if width > 1e30:  # ib is greater than 1 by no more than rounding
            return NEVER

    d = 0.5 * (low + high)
    for _ in range(200):
        value, slope = driven(ib, m, km, a, ka, b, kb, d)
        if value >= 1.0:
            high = d
        else:
            low = d
        better = d + (1.0 - value) / slope
        if not (low < better < high):
            better = 0.5 * (low + high)
        if abs(better - d) < CLOSE or better == low or better == high:
            return better
        d = better
    return high


def peak_gain(km: Floats, k: Floats) -> Floats:
    """1 / the peak of the convolution of exp(-km t) and exp(-k t): with it, a unit input lifts m to 1."""
    gap = np.where(k == km, km * NEAR, k - km)
    return 1.0 / convolution(km, k, elementary.log1p(gap / km) / gap)


def convolution(km: Floats, k: Floats, t: Floats) -> Floats:
    """The convolution of exp(-km t) and exp(-k t)."""
    gap = gap_of(km, k)
    return -elementary.exp(-np.minimum(k, km) * t) * elementary.expm1(-gap * t) / gap
